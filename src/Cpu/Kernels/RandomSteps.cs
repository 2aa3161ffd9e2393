namespace AutoDiffCnn;

/// <summary>Random ops. The numbers are <see cref="Key"/>'s own, so both executors give the same.</summary>
internal static unsafe class RandomSteps
{
    public static Step Uniform(object text, long count, int key, int target) =>
        new RangeStep(text, count, 8, (buffers, first, end) =>
    {
        var source = Read(buffers[key]);
        for (var i = first; i < end; i++)
        {
            buffers[target][i] = (float)source.Uniform((uint)i);
        }
    });

    public static Step Normal(object text, long count, int key, int target) =>
        new RangeStep(text, count, 16, (buffers, first, end) =>
    {
        var source = Read(buffers[key]);
        for (var i = first; i < end; i++)
        {
            buffers[target][i] = (float)source.Normal((uint)i);
        }
    });

    public static Step Permutation(object text, int count, int key, int target) =>
        new RangeStep(text, 1, count, (buffers, _, _) => Read(buffers[key]).Permute(new Span<int>(buffers[target], count)));

    public static Step FoldIn(object text, uint purpose, int key, int target) =>
        new RangeStep(text, 1, 1, (buffers, _, _) =>
    {
        var (high, low) = Read(buffers[key]).FoldIn(purpose);
        ((uint*)buffers[target])[0] = high;
        ((uint*)buffers[target])[1] = low;
    });

    private static Key Read(float* key) => new(((uint*)key)[0], ((uint*)key)[1]);
}
