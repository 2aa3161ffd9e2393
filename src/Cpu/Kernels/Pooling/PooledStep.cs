namespace AutoDiffCnn;

/// <summary>A step and a pool of what it makes: each piece of the step is followed by the windows that lie in the
/// stretches that it wrote, which are still in the cache.</summary>
internal sealed unsafe class PooledStep : Step
{
    // With fewer pieces threads would wait for each other longer than a pool takes.
    private const int FewestPieces = 12;

    private readonly Step maker;
    private readonly PoolStep pool;
    private readonly (long First, long End)[] rows;

    private PooledStep(Step maker, PoolStep pool, (long First, long End)[] rows)
        : base(new Both(maker, pool)) => (this.maker, this.pool, this.rows) = (maker, pool, rows);

    public override int Pieces => maker.Pieces;

    public override int Scratch => maker.Scratch;

    /// <summary>Both as one step, or as they are if some window does not lie in one stretch.</summary>
    /// <param name="maker">The step.</param>
    /// <param name="pool">The pool.</param>
    public static IEnumerable<Step> Of(Step maker, PoolStep pool)
    {
        var together = maker.Together(pool.RowStep);
        return together.Pieces >= FewestPieces && Rows(together, pool) is { } found
            ? [new PooledStep(together, pool, found)]
            : [maker, pool];
    }

    /// <summary>The same with means in place of the pool's sums.</summary>
    public PooledStep Scaled(Scale scale, Step loop, int y, bool streams) => new(maker, pool.Scaled(scale, loop, y, streams), rows);

    public override void Run(float** buffers, int piece, float* scratch)
    {
        maker.Run(buffers, piece, scratch);
        var stretches = maker.StretchesOfPiece;
        foreach (var (first, end) in rows.AsSpan().Slice(piece * stretches, stretches))
        {
            pool.Run(buffers, first, end);
        }
    }

    /// <summary>The pool's rows that follow each stretch, if those are all.</summary>
    private static (long First, long End)[]? Rows(Step maker, PoolStep pool)
    {
        var found = new (long First, long End)[maker.Pieces * maker.StretchesOfPiece];
        var count = 0L;
        for (var piece = 0; piece < maker.Pieces; piece++)
        {
            for (var i = 0; i < maker.StretchesOfPiece; i++)
            {
                if (maker.Stretch(piece, i) is not { } stretch)
                {
                    return null;
                }

                var (first, end) = found[piece * maker.StretchesOfPiece + i] = pool.RowsWithin(stretch.First, stretch.End);
                count += end - first;
            }
        }

        return count == pool.Rows ? found : null;
    }
}
