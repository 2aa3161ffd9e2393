namespace AutoDiffCnn;

/// <summary>The work of a step on items first … end − 1.</summary>
internal unsafe delegate void RangeBody(float** buffers, long first, long end);

/// <summary>A step over independent items, cut into pieces of about the same work.</summary>
/// <param name="text">What is done.</param>
/// <param name="items">How many items there are.</param>
/// <param name="cost">The work of one item, in floats touched.</param>
/// <param name="body">The work.</param>
/// <param name="preparedFrom">The buffer on which alone the result depends, if it is made anew only when that changes.
/// </param>
/// <param name="together">Of how many items a piece has a multiple: of those that are worked on side by side.</param>
internal sealed unsafe class RangeStep(object text, long items, long cost, RangeBody body, int preparedFrom = -1, long together = 1)
    : Step(text)
{
    private const long PieceCost = 1 << 15;

    private readonly long perPiece = (Math.Clamp(PieceCost / Math.Max(1, cost), 1, Math.Max(1, items)) + together - 1) / together * together;

    public override int PreparedFrom => preparedFrom;

    public override int Pieces => (int)((items + perPiece - 1) / perPiece);

    /// <summary>How many items there are.</summary>
    public long Items => items;

    public override void Run(float** buffers, int piece, float* scratch) =>
        Run(buffers, piece * perPiece, Math.Min(items, (piece + 1) * perPiece));

    /// <summary>Does the work of items first … end − 1.</summary>
    public void Run(float** buffers, long first, long end) => body(buffers, first, end);
}
