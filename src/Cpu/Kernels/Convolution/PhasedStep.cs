using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A convolution, or its transpose in the image, whose targets are reached by one choice of walks after the
/// other: with steps of two, say, every other row and column has other taps.</summary>
/// <param name="text">What is done.</param>
/// <param name="x">The sources.</param>
/// <param name="w">The weights.</param>
/// <param name="y">The targets.</param>
internal abstract unsafe class PhasedStep(object text, int x, int w, int y) : Step(text)
{
    public override int Pieces => Phases.Sum(phase => phase.Pieces);

    /// <summary>The sources' buffer.</summary>
    protected int X => x;

    /// <summary>The weights' buffer.</summary>
    protected int W => w;

    /// <summary>The targets' buffer.</summary>
    protected int Y => y;

    /// <summary>What each choice of walks reaches.</summary>
    protected ImmutableArray<IPhase> Phases { get; init; }

    internal override (long First, long End)? Stretch(int piece, int stretch) =>
        Phases.Length == 1 ? Phases[0].Stretch(piece, stretch) : null;

    public override void Run(float** buffers, int piece, float* scratch) => Run(buffers, buffers[W], piece);

    /// <summary>Does one piece with weights from anywhere.</summary>
    protected void Run(float** buffers, float* weights, int piece)
    {
        foreach (var phase in Phases)
        {
            if (piece < phase.Pieces)
            {
                phase.Run(buffers, weights, piece);
                return;
            }

            piece -= phase.Pieces;
        }
    }

    /// <summary>The targets that one choice of walks reaches.</summary>
    protected interface IPhase
    {
        /// <summary>How many pieces they are.</summary>
        int Pieces { get; }

        /// <summary>The elements that a piece writes, if they lie in stretches.</summary>
        (long First, long End)? Stretch(int piece, int stretch);

        /// <summary>Does one piece.</summary>
        void Run(float** buffers, float* w, int piece);
    }
}
