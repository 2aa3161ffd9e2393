namespace AutoDiffCnn;

/// <summary>A pool and how its tensors lie in memory: [n, c, spatial…], or with the channels last,
/// [n, spatial…, c].</summary>
/// <param name="Kernel">The window's size along each spatial axis.</param>
/// <param name="Window">How the window walks.</param>
/// <param name="X">The shape of the image, in its order in memory.</param>
/// <param name="Y">The shape of the result, in its order in memory.</param>
/// <param name="ChannelsLast">Whether the channels are the last axis.</param>
internal sealed record PoolShape(Shape Kernel, Window Window, Shape X, Shape Y, bool ChannelsLast)
{
    private Shape Image => Spatial(X);

    private Shape Positions => Spatial(Y);

    /// <summary>The walk of the pool: targets are positions, sources elements of the image.</summary>
    public PoolWalk Forward() => Walk(Reach.OfPositions);

    /// <summary>The walk of its transpose: targets are elements of the image, sources positions.</summary>
    public PoolWalk Backward() => Walk(Reach.OfImage);

    private Shape Spatial(Shape shape) => ChannelsLast ? shape[1..^1] : shape[2..];

    private PoolWalk Walk(Func<Window, Shape, Shape, Shape, int, Reach> reach)
    {
        var axes = Arrays.Range(0, Window.Rank)
            .Select(axis => reach(Window, Kernel, Image, Positions, axis));
        var (images, channels) = ChannelsLast ? (X[0], X[^1]) : ((long)X[0] * X[1], 1);
        return new(images, channels, RowReach.Of(axes[..^1]), axes[^1]);
    }
}

/// <summary>Everything about a pool, or its transpose, that is not a tensor.</summary>
/// <param name="Images">How many images there are; where channels come first, each plane is one.</param>
/// <param name="Channels">How many neighbours in memory go the same way: the channels, if they are last.</param>
/// <param name="Rows">The rows of an image.</param>
/// <param name="Columns">The places in a row.</param>
internal sealed record PoolWalk(long Images, int Channels, RowReach Rows, Reach Columns)
{
    /// <summary>How many places an image of sources has.</summary>
    public long SourcePlaces => (long)Rows.Sources * Columns.Sources;

    /// <summary>How many floats the sources are.</summary>
    public long SourceFloats => Images * SourcePlaces * Channels;

    /// <summary>How many rows of targets there are in all images.</summary>
    public long TargetRows => Images * Rows.Targets;

    /// <summary>How many floats a row of targets is.</summary>
    public long RowFloats => (long)Columns.Targets * Channels;

    /// <summary>The rows of sources, of all images, from the first that a row of targets takes to the last.</summary>
    public (long First, long End) RowsOf(long target)
    {
        var (image, row) = Math.DivRem(target, Rows.Targets);
        var (list, first) = (Rows.List[(int)row], image * Rows.Sources + Rows.First[(int)row]);
        var end = Rows.Start[list + 1];
        return (first, end == Rows.Start[list] ? first : first + Rows.Offsets[end - 1] + 1);
    }

    /// <summary>The floats touched for a row of targets, on average.</summary>
    public long RowCost => RowFloats + (TargetRows == 0 ? 0 : SourceFloats / TargetRows);
}
