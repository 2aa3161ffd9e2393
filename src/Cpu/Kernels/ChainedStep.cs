namespace AutoDiffCnn;

/// <summary>A step and a loop over what it makes: each piece of the step is followed by the loop over the stretches
/// that it wrote, which are still in the cache.</summary>
/// <param name="maker">The step.</param>
/// <param name="loop">The loop.</param>
/// <param name="aside">Set if nobody else reads what the step makes, and it need not be in memory.</param>
internal sealed unsafe class ChainedStep(Step maker, LoopStep loop, Aside? aside = null)
    : Step(new Both(maker, loop))
{
    private readonly int makerScratch = Whole(maker.Scratch) + (aside?.Scratch ?? 0);

    public override int Pieces => maker.Pieces;

    public override int Scratch => makerScratch + loop.Scratch;

    internal override int StretchesOfPiece => maker.StretchesOfPiece;

    /// <summary>Both as one step, or as they are if the first one does not write stretches.</summary>
    /// <param name="maker">The step.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="aside">Where what the step makes is put instead of memory.</param>
    public static IEnumerable<Step> Of(Step maker, LoopStep loop, Aside? aside = null)
    {
        for (var piece = 0; piece < maker.Pieces; piece++)
        {
            if (maker.Stretch(piece, 0) is null)
            {
                return [maker, loop];
            }
        }

        return maker.Pieces == 0 ? [maker, loop] : [new ChainedStep(maker, loop, aside)];
    }

    internal override (long First, long End)? Stretch(int piece, int stretch) => maker.Stretch(piece, stretch);

    internal override Step Together(int rows) => aside is null ? new ChainedStep(maker.Together(rows), loop) : this;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var own = aside is null
            ? buffers
            : aside.Put(buffers, maker.Stretch(piece, 0)!.Value.First, scratch + Whole(maker.Scratch));
        maker.Run(own, piece, scratch);
        for (var i = 0; i < maker.StretchesOfPiece; i++)
        {
            var (first, end) = maker.Stretch(piece, i)!.Value;
            loop.RunRange(own, first, end, scratch + makerScratch);
        }
    }
}
