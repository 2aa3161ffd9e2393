namespace AutoDiffCnn;

/// <summary>The steps of pools, for both layouts. A buffer below 0 is not wanted.</summary>
internal static unsafe class PoolSteps
{
    /// <summary>The largest element of each window, its place among the image's spatial places, or both.</summary>
    public static Step Max(object text, PoolShape pool, int x, int y, int places) => places < 0
        ? Of<Largest>(text, pool.Forward(), x, -1, y, -1)
        : Of<LargestAndWhere>(text, pool.Forward(), x, -1, y, places);

    /// <summary>Sends dy back to the places that a max pool found: dx[q] = Σ dy[p] over the windows p on q with
    /// places[p] = q. The places must come from this very pool.</summary>
    public static Step MaxInput(object text, PoolShape pool, int dy, int places, int dx) =>
        Of<SumOfMine>(text, pool.Backward(), dy, places, dx, -1);

    /// <summary>The sum of each window.</summary>
    public static Step Sum(object text, PoolShape pool, int x, int y) =>
        Of<SumOf>(text, pool.Forward(), x, -1, y, -1);

    /// <summary>Its transpose: dx[q] = Σ dy[p] over the windows p on q.</summary>
    public static Step SumInput(object text, PoolShape pool, int dy, int dx) =>
        Of<SumOf>(text, pool.Backward(), dy, -1, dx, -1);

    private static RangeStep Of<R>(object text, PoolWalk walk, int x, int from, int y, int places)
        where R : struct, IReduction => walk switch
        {
            { Channels: > 1 } => Pixels<R>(text, walk, x, from, y, places),
            { Columns.Jump: 1 } => Rows<R, Dense>(text, walk, x, from, y, places),
            { Columns.Jump: 2 } => Rows<R, EverySecond>(text, walk, x, from, y, places),
            _ => Rows<R, EveryFew>(text, walk, x, from, y, places),
        };

    private static RangeStep Pixels<R>(object text, PoolWalk walk, int x, int from, int y, int places)
        where R : struct, IReduction
    {
        var table = TapTable.Of(walk);
        return new(text, walk.TargetRows, walk.RowCost, (buffers, first, end) =>
            PoolPixels.Run<R>(walk, table, Memory(buffers, x, from, y, places), first, end));
    }

    private static RangeStep Rows<R, L>(object text, PoolWalk walk, int x, int from, int y, int places)
        where R : struct, IReduction
        where L : struct, ISpread
    {
        var (table, blocks) = (TapTable.Of(walk), RowBlocks.Of(walk.Columns));
        return new(text, walk.TargetRows, walk.RowCost, (buffers, first, end) =>
            PoolRows.Run<R, L>(walk, table, blocks, Memory(buffers, x, from, y, places), first, end));
    }

    private static PoolMemory Memory(float** buffers, int x, int from, int y, int places) => new(
        buffers[x],
        from < 0 ? null : (int*)buffers[from],
        y < 0 ? null : buffers[y],
        places < 0 ? null : (int*)buffers[places]);
}
