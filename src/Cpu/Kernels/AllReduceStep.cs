namespace AutoDiffCnn;

/// <summary>A copy, which the session then adds up over the ranks: a plan knows none.</summary>
internal sealed unsafe class AllReduceStep(object text, int count, int source, int target) : Step(text)
{
    public override void Run(float** buffers, int piece, float* scratch) =>
        new ReadOnlySpan<float>(buffers[source], count).CopyTo(Values(buffers));

    /// <summary>What is added up.</summary>
    public Span<float> Values(float** buffers) => new(buffers[target], count);
}
