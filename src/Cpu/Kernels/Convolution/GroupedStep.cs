using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A convolution of channels-last images in narrow groups, or its transpose in the image: some neighbouring targets
/// of a row at a time, all their channels. With a group for each channel it is bound by memory: each source should be read
/// where the target before has left it in the cache, and in its order. At the borders taps that lie outside are left out.
/// Sums run over the kernel's depth and height, then over a group's sources, then over the kernel's width.</summary>
internal sealed unsafe class GroupedStep : PhasedStep
{
    // Some ten microseconds of one core: enough to share out, little enough to keep the data near.
    private const double PieceCost = 1 << 19;

    // Where pieces meet rows are read twice: a piece is so many times as high as the kernel, if there are so many pieces then.
    private const int Heights = 8;
    private const int FewestPieces = 16;

    private const int MostRows = 7;

    private readonly DirectShape shape;
    private readonly bool streams;
    private readonly int together;
    private readonly Epilogue? epilogue;

    /// <summary>The step.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="shape">What is walked.</param>
    /// <param name="x">The sources.</param>
    /// <param name="w">The weights w[k, source of a group, target of all].</param>
    /// <param name="y">The targets.</param>
    /// <param name="streams">Whether they go past the caches.</param>
    /// <param name="together">A multiple of how many rows a piece has.</param>
    /// <param name="epilogue">A loop over the targets that is done before they are written.</param>
    public GroupedStep(object text, DirectShape shape, int x, int w, int y, bool streams, int together = 1, Epilogue? epilogue = null)
        : base(text, x, w, y)
    {
        (this.shape, this.streams, this.together, this.epilogue) = (shape, streams, together, epilogue);
        Phases = [.. shape.Phases.Select(walks => new Phase(this, walks))];
    }

    public override int Scratch => IsCrowded ? shape.Depth * WeightStep : 0;

    /// <summary>Whether sources and weights of one channel push each other out of the first cache. Weights are moved then.</summary>
    private bool IsCrowded => Caches.AreCrowded(shape.AllTargets);

    /// <summary>From weight to weight of a channel.</summary>
    private int WeightStep => shape.AllTargets + (IsCrowded ? Lanes.Count : 0);

    /// <summary>From element to element of the kernel.</summary>
    private int KernelStep => shape.Sources * WeightStep;

    /// <summary>Some rows cut into strips of nearly equal lengths, whose sums fit the registers of any machine.</summary>
    /// <param name="count">How many rows.</param>
    /// <param name="most">The most of a strip.</param>
    public static IEnumerable<(int From, int End)> Strips(int count, int most = MostRows)
    {
        var parts = (count + most - 1) / most;
        return Arrays.Range(0, parts).Select(i => ((int)((long)count * i / parts), (int)((long)count * (i + 1) / parts)));
    }

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var targets = shape.AllTargets;
        for (var k = 0; IsCrowded && k < shape.Depth; k++)
        {
            new ReadOnlySpan<float>(buffers[W] + (nint)k * targets, targets).CopyTo(new Span<float>(scratch + (nint)k * WeightStep, targets));
        }

        Run(buffers, IsCrowded ? scratch : buffers[W], piece);
    }

    internal override Step? With(LoopStep then, int y, bool past) =>
        epilogue is null && shape.AllTargets % Lanes.Count == 0 && shape.IsShallow
        && Epilogue.Of(then.Loop, Y, shape.AllTargets, shape.Depth, 2 * MostRows) is { } found
            ? new GroupedStep(new Both(this, then), shape, X, W, y, past, together, found)
            : null;

    internal override Step Together(int rows) => new GroupedStep(Text, shape, X, W, Y, streams, rows, epilogue);

    /// <summary>The most rows of a strip; crowded ones have sums of two registers each.</summary>
    private int RowsOf(Walk width) => IsCrowded && shape.Targets == 1
        ? Math.Clamp(Math.Min(Code.Registers / 4, (MostRows + 1) / width.SourceStep), 1, MostRows)
        : MostRows;

    /// <summary>The targets that one choice of walks reaches.</summary>
    private sealed class Phase : IPhase
    {
        private readonly GroupedStep step;
        private readonly Walk depth;
        private readonly Walk height;
        private readonly Walk width;
        private readonly ImmutableArray<Span> spans;
        private readonly int rowsPerPiece;

        public Phase(GroupedStep step, ImmutableArray<Walk> walks)
        {
            (this.step, depth, height, width) = (step, walks[0], walks[1], walks[2]);
            spans = [.. Strips(width.Count, step.RowsOf(width)).Select(strip => SpanOf(strip.From, strip.End))];
            var rowCost = (double)depth.Taps.Length * height.Taps.Length * width.Taps.Length * width.Count * step.shape.Sources * step.shape.AllTargets;
            var rows = Math.Max(PieceCost / Math.Max(1, rowCost), Math.Min(Heights * height.Taps.Length, Rows / FewestPieces));
            rowsPerPiece = (int)Math.Clamp(rows, 1, Math.Max(1, Rows));
            rowsPerPiece = Parts(rowsPerPiece, step.together) * step.together;
        }

        public int Pieces => Parts(Rows, rowsPerPiece);

        private int Rows => width.Count == 0 ? 0 : step.shape.Images * depth.Count * height.Count;

        /// <summary>The elements that a piece writes, if they lie together.</summary>
        public (long First, long End)? Stretch(int piece, int stretch)
        {
            var row = (long)width.Count * step.shape.AllTargets;
            return (depth.Step, height.Step, width.Step) == (1, 1, 1)
                ? (piece * (long)rowsPerPiece * row, Math.Min(Rows, (piece + 1L) * rowsPerPiece) * row)
                : null;
        }

        public void Run(float** buffers, float* w, int piece)
        {
            var x = buffers[step.X];
            var y = buffers[step.Y];
            var ending = stackalloc nint[step.epilogue?.Form.Sources.Length ?? 0];
            step.epilogue?.Fill(ending, buffers, y);

            for (var row = piece * rowsPerPiece; row < Math.Min(Rows, (piece + 1) * rowsPerPiece); row++)
            {
                RunRow(x, w, y, ending, row);
            }
        }

        private void RunRow(float* x, float* w, float* y, nint* ending, int row)
        {
            var shape = step.shape;
            var (sources, targets) = ((nint)shape.AllSources, (nint)shape.AllTargets);
            var (slice, th) = Math.DivRem(row, height.Count);
            var (n, td) = Math.DivRem(slice, depth.Count);
            var (firstD, countD) = depth.Inside(td);
            var (firstH, countH) = height.Inside(th);
            var (kernelRow, sourceRow) = (shape.Kernel[2] * (nint)step.KernelStep, shape.Source[2] * sources);
            y += (((n * shape.Target[0] + depth.Start + td * depth.Step) * (nint)shape.Target[1] + height.Start + th * height.Step)
                * shape.Target[2] + width.Start) * targets;
            if (countD == 0 || countH == 0)
            {
                (firstD, countD, firstH, countH) = (0, 1, 0, 0);
            }

            for (var d = firstD; d < firstD + countD; d++)
            {
                var a = x;
                var b = w;
                if (countH > 0)
                {
                    var (tapD, tapH) = (depth.Taps[d], height.Taps[firstH]);
                    var source = n * shape.Source[0] + td * depth.SourceStep + tapD.Offset;
                    a += (source * (nint)shape.Source[1] + th * height.SourceStep + tapH.Offset) * sourceRow;
                    b += (tapD.K * shape.Kernel[1] + tapH.K) * kernelRow;
                }

                foreach (ref readonly var span in spans.AsSpan())
                {
                    (d == firstD ? span.First : span.More).Run(a + span.From * width.SourceStep * sources, b,
                        y + span.From * width.Step * targets, countH, Math.Max(1, height.OffsetStep) * sourceRow, height.KernelStep * kernelRow, ending);
                }
            }
        }

        private Span SpanOf(int from, int end)
        {
            var shape = step.shape;
            var taps = ImmutableArray.CreateBuilder<Tap>();
            foreach (var tap in width.Taps)
            {
                var (first, stop) = width.Where(tap, from, end);
                if (stop > first)
                {
                    taps.Add(new((long)tap.Offset * shape.AllSources, (long)tap.K * step.KernelStep, first - from, stop - from));
                }
            }

            var groups = new NarrowGroups(shape.AllTargets, shape.Sources, shape.Targets, step.WeightStep);
            var strip = new Strip(end - from, groups, (long)width.SourceStep * shape.AllSources, (long)width.Step * shape.AllTargets,
                taps.ToImmutable(), Streams: step.streams && depth.Taps.Length <= 1, Epilogue: step.epilogue?.Form,
                AsksA: shape.IsFar ? height.SourceStep : 0);
            return new(from, StripCode.Of(strip), StripCode.Of(strip with { Add = true }));
        }

        private static int Parts(int whole, int part) => (whole + part - 1) / part;
    }

    /// <summary>Some targets of a row: the first, their code for the first of the kernel's depth and for the others.</summary>
    private readonly record struct Span(int From, StripCode First, StripCode More);
}
