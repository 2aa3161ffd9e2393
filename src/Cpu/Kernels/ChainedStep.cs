namespace AutoDiffCnn;

/// <summary>A step and a loop over what it makes: each piece of the step is followed by the loop over the stretches
/// that it wrote, which are still in the cache.</summary>
internal sealed unsafe class ChainedStep(Step maker, LoopStep loop) : Step($"{maker.Text}, then {loop.Text}")
{
    private readonly int makerScratch = Whole(maker.Scratch);

    public override int Pieces => maker.Pieces;

    public override int Scratch => makerScratch + loop.Scratch;

    /// <summary>Both as one step, or as they are if the first one does not write stretches.</summary>
    public static IEnumerable<Step> Of(Step maker, LoopStep loop)
    {
        for (var piece = 0; piece < maker.Pieces; piece++)
        {
            if (maker.Stretch(piece, 0) is null)
            {
                return [maker, loop];
            }
        }

        return maker.Pieces == 0 ? [maker, loop] : [new ChainedStep(maker, loop)];
    }

    public override void Run(float** buffers, int piece, float* scratch)
    {
        maker.Run(buffers, piece, scratch);
        for (var i = 0; i < maker.StretchesOfPiece; i++)
        {
            var (first, end) = maker.Stretch(piece, i)!.Value;
            loop.RunRange(buffers, first, end, scratch + makerScratch);
        }
    }
}
