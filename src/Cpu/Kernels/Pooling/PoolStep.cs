namespace AutoDiffCnn;

/// <summary>Computes rows first … end − 1 of the targets.</summary>
/// <param name="memory">The tensors.</param>
/// <param name="first">The first row.</param>
/// <param name="end">The row behind the last one.</param>
internal delegate void PoolBody(PoolMemory memory, long first, long end);

/// <summary>A pool or its transpose, cut into rows of targets.</summary>
/// <param name="text">What is done.</param>
/// <param name="walk">The walk.</param>
/// <param name="body">The work.</param>
/// <param name="buffers">The tensors.</param>
internal sealed unsafe class PoolStep(object text, PoolWalk walk, PoolBody body, PoolBuffers buffers)
    : Step(text)
{
    private const long PieceCost = 1 << 15;

    // What is larger has left even a large cache before anybody reads it.
    private const long StreamedFloats = 1 << 25;

    private readonly long perPiece = Math.Clamp(PieceCost / Math.Max(1, walk.RowCost), 1, Math.Max(1, walk.TargetRows));

    /// <summary>How many rows of targets there are.</summary>
    public long Rows => walk.TargetRows;

    /// <summary>From the sources of one row of targets to those of the next, in rows.</summary>
    public int RowStep => walk.Rows.Targets > 1 ? Math.Max(1, walk.Rows.First[1] - walk.Rows.First[0]) : 1;

    public override int Pieces => (int)((Rows + perPiece - 1) / perPiece);

    internal override (long First, long End)? Stretch(int piece, int stretch) => buffers.Places >= 0
        ? null
        : (piece * perPiece * walk.RowFloats, Math.Min(Rows, (piece + 1) * perPiece) * walk.RowFloats);

    /// <summary>The same with means in place of sums.</summary>
    /// <param name="scale">What sums are multiplied with.</param>
    /// <param name="loop">The loop that would do so.</param>
    /// <param name="y">Where the means are written.</param>
    /// <param name="streams">Whether past the caches.</param>
    public PoolStep Scaled(Scale scale, Step loop, int y, bool streams) =>
        new(new Both(this, loop), walk, body, buffers with { Y = y, Streams = streams, Scale = scale });

    public override void Run(float** buffers, int piece, float* scratch) =>
        Run(buffers, piece * perPiece, Math.Min(Rows, (piece + 1) * perPiece));

    /// <summary>The rows of targets whose sources all lie among the elements first … end − 1.</summary>
    public (long First, long End) RowsWithin(long first, long end)
    {
        var floats = (long)walk.Columns.Sources * walk.Channels;
        var (low, high) = ((first + floats - 1) / floats, end / floats);
        var row = low / walk.Rows.Sources * walk.Rows.Targets;
        while (row < Rows && walk.RowsOf(row).First < low)
        {
            row++;
        }

        var from = row;
        while (row < Rows && walk.RowsOf(row).End <= high)
        {
            row++;
        }

        return (from, row);
    }

    /// <summary>Computes rows first … end − 1.</summary>
    public void Run(float** all, long first, long end) => body(
        new PoolMemory(
            all[buffers.X],
            buffers.From < 0 ? null : (int*)all[buffers.From],
            buffers.Y < 0 ? null : all[buffers.Y],
            buffers.Places < 0 ? null : (int*)all[buffers.Places],
            (buffers.Streams || Rows * walk.RowFloats >= StreamedFloats) && buffers.Y >= 0 && walk.Channels % Lanes.Count == 0,
            buffers.Scale ?? Scale.None),
        first, end);
}

/// <summary>Which buffers a pool works on; one below 0 is not there.</summary>
/// <param name="X">The sources.</param>
/// <param name="From">The places that come with them.</param>
/// <param name="Y">The targets.</param>
/// <param name="Places">The places of the sources that won.</param>
/// <param name="Streams">Whether targets are written past the caches even if they are not large, if they are whole vectors of
/// channels: a plain store first reads what it overwrites.</param>
/// <param name="Scale">What sums are multiplied with; null for nothing.</param>
internal readonly record struct PoolBuffers(int X, int From, int Y, int Places, bool Streams, Scale? Scale = null);
