namespace AutoDiffCnn;

/// <summary>The steps of pools, for both layouts.</summary>
internal static class PoolSteps
{
    /// <summary>The largest element of each window, its place among the image's spatial places, or both: a buffer below
    /// 0 is not wanted.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="x">The image.</param>
    /// <param name="y">The largest elements.</param>
    /// <param name="places">Their places.</param>
    /// <param name="streams">Whether y is written past the caches.</param>
    public static PoolStep Max(object text, PoolShape pool, int x, int y, int places, bool streams = false) =>
        places < 0
        ? Of<Largest>(text, pool.Forward(), new(x, -1, y, -1, streams))
        : Of<LargestAndWhere>(text, pool.Forward(), new(x, -1, y, places, streams));

    /// <summary>Sends dy back to the places that a max pool found: dx[q] = Σ dy[p] over the windows p on q with
    /// places[p] = q. The places must come from this very pool.</summary>
    public static PoolStep MaxInput(object text, PoolShape pool, int dy, int places, int dx, bool streams = false) =>
        Of<SumOfMine>(text, pool.Backward(), new(dy, places, dx, -1, streams));

    /// <summary>The sum of each window.</summary>
    public static PoolStep Sum(object text, PoolShape pool, int x, int y, bool streams = false) =>
        Of<SumOf>(text, pool.Forward(), new(x, -1, y, -1, streams));

    /// <summary>Its transpose: dx[q] = Σ dy[p] over the windows p on q.</summary>
    public static PoolStep SumInput(object text, PoolShape pool, int dy, int dx, bool streams = false) =>
        Of<SumOf>(text, pool.Backward(), new(dy, -1, dx, -1, streams));

    private static PoolStep Of<R>(object text, PoolWalk walk, PoolBuffers buffers)
        where R : struct, IReduction => new(text, walk, Body<R>(walk), buffers);

    private static PoolBody Body<R>(PoolWalk walk)
        where R : struct, IReduction
    {
        var table = TapTable.Of(walk);
        return walk switch
        {
            { Channels: > 1 } => (memory, first, end) => PoolPixels.Run<R>(walk, table, memory, first, end),
            { Columns.Jump: 1 } => Rows<R, Dense>(walk, table),
            { Columns.Jump: 2 } => Rows<R, EverySecond>(walk, table),
            _ => Rows<R, EveryFew>(walk, table),
        };
    }

    private static PoolBody Rows<R, L>(PoolWalk walk, TapTable table)
        where R : struct, IReduction
        where L : struct, ISpread
    {
        var blocks = RowBlocks.Of(walk.Columns);
        return (memory, first, end) => PoolRows.Run<R, L>(walk, table, blocks, memory, first, end);
    }
}
