namespace AutoDiffCnn;

/// <summary>Computes rows first … end − 1 of the targets. Up to <see cref="PoolStep.Slack"/> floats behind the last one
/// may be written if they are within the room.</summary>
/// <param name="memory">The tensors.</param>
/// <param name="first">The first row.</param>
/// <param name="end">The row behind the last one.</param>
/// <param name="room">How many floats behind the last row may be written.</param>
internal delegate void PoolBody(PoolMemory memory, long first, long end, int room);

/// <summary>A pool or its transpose, cut into rows of targets.</summary>
/// <remarks>Results too large for the caches are computed a few rows at a time where they are in the nearest one, and
/// from there written past all caches: so memory is not first read that is about to be overwritten.</remarks>
/// <param name="text">What is done.</param>
/// <param name="walk">The walk.</param>
/// <param name="body">The work.</param>
/// <param name="buffers">The tensors.</param>
/// <param name="streams">Whether results go past the caches.</param>
internal sealed unsafe class PoolStep(object text, PoolWalk walk, PoolBody body, PoolBuffers buffers, bool streams)
    : Step(text)
{
    /// <summary>The most floats that a vector reaches beyond the last target.</summary>
    public const int Slack = 4 * Lanes.Count;

    private const long PieceCost = 1 << 15;
    private const long ChunkFloats = 1 << 13;

    private readonly long perPiece = Math.Clamp(PieceCost / Math.Max(1, walk.RowCost), 1, Math.Max(1, walk.TargetRows));
    private readonly long perChunk = Math.Clamp(ChunkFloats / Math.Max(1, walk.RowFloats), 1, walk.Rows.Targets);

    /// <summary>How many rows of targets there are.</summary>
    public long Rows => walk.TargetRows;

    /// <summary>From the sources of one row of targets to those of the next, in rows.</summary>
    public int RowStep => walk.Rows.Targets > 1 ? Math.Max(1, walk.Rows.First[1] - walk.Rows.First[0]) : 1;

    public override int Pieces => (int)((Rows + perPiece - 1) / perPiece);

    public override int Scratch => streams ? 2 * ChunkSize : 0;

    internal override (long First, long End)? Stretch(int piece, int stretch) => buffers.Places >= 0
        ? null
        : (piece * perPiece * walk.RowFloats, Math.Min(Rows, (piece + 1) * perPiece) * walk.RowFloats);

    private int ChunkSize => Whole(checked((int)(perChunk * walk.RowFloats))) + Slack;

    public override void Run(float** buffers, int piece, float* scratch) =>
        Run(buffers, piece * perPiece, Math.Min(Rows, (piece + 1) * perPiece), scratch);

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
    public void Run(float** all, long first, long end, float* scratch)
    {
        var memory = new PoolMemory(
            all[buffers.X],
            buffers.From < 0 ? null : (int*)all[buffers.From],
            buffers.Y < 0 ? null : all[buffers.Y],
            buffers.Places < 0 ? null : (int*)all[buffers.Places]);
        if (!streams)
        {
            body(memory, first, end, 0);
            return;
        }

        for (var row = first; row < end; row += perChunk)
        {
            Stream(memory, row, Math.Min(end, row + perChunk), scratch);
        }
    }

    private void Stream(PoolMemory memory, long first, long end, float* scratch)
    {
        var (target, count) = (first * walk.RowFloats, (end - first) * walk.RowFloats);
        var places = scratch + ChunkSize;
        body(memory.At(scratch - target, (int*)places - target), first, end, Slack);
        if (memory.Y != null)
        {
            Aside.Stream(scratch, memory.Y + target, count);
        }

        if (memory.Places != null)
        {
            Aside.Stream(places, (float*)memory.Places + target, count);
        }
    }
}

/// <summary>Which buffers a pool works on; one below 0 is not there.</summary>
/// <param name="X">The sources.</param>
/// <param name="From">The places that come with them.</param>
/// <param name="Y">The targets.</param>
/// <param name="Places">The places of the sources that won.</param>
internal readonly record struct PoolBuffers(int X, int From, int Y, int Places);
