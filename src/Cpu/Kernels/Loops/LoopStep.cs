namespace AutoDiffCnn;

/// <summary>A chain of elementwise ops as one pass over memory.</summary>
internal sealed unsafe class LoopStep : Step
{
    private const long PieceElements = 1 << 14;

    private readonly Loop loop;
    private readonly long perPiece;

    public LoopStep(object text, Loop loop)
        : base(text)
    {
        this.loop = loop;

        // Whole rows, if they are not too long.
        perPiece = loop.Columns <= PieceElements
            ? PieceElements / Math.Max(1, loop.Columns) * loop.Columns
            : PieceElements;
    }

    /// <summary>The loop.</summary>
    public Loop Loop => loop;

    public override int Pieces => (int)((loop.Space.Elements + perPiece - 1) / Math.Max(1, perPiece));

    public override int Scratch => loop.Scratch;

    public override void Run(float** buffers, int piece, float* scratch) =>
        RunRange(buffers, piece * perPiece, Math.Min(loop.Space.Elements, (piece + 1) * perPiece), scratch);

    /// <summary>Runs the elements first … end − 1: right behind the step that made them, say.</summary>
    public void RunRange(float** buffers, long first, long end, float* scratch) =>
        loop.RunRange(buffers, first, end, scratch);
}
