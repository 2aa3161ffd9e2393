namespace AutoDiffCnn;

/// <summary>Random ops. The numbers are <see cref="Key"/>'s own, so both executors give the same.</summary>
internal static unsafe class RandomSteps
{
    private const int Block = 256;

    private delegate void Draw(Key key, uint first, Span<float> numbers);

    public static Step Uniform(object text, long count, int key, int target) =>
        Blocks(text, count, 2, key, target, (source, first, numbers) => source.Uniform(first, numbers));

    public static Step Normal(object text, long count, int key, int target) =>
        Blocks(text, count, 16, key, target, (source, first, numbers) => source.Normal(first, numbers));

    public static Step Permutation(object text, int count, int key, int target) =>
        new RangeStep(text, 1, count, (buffers, _, _) => Read(buffers[key]).Permute(new Span<int>(buffers[target], count)));

    public static Step FoldIn(object text, uint purpose, int key, int target) =>
        new RangeStep(text, 1, 1, (buffers, _, _) =>
    {
        var (high, low) = Read(buffers[key]).FoldIn(purpose);
        ((uint*)buffers[target])[0] = high;
        ((uint*)buffers[target])[1] = low;
    });

    private static RangeStep Blocks(object text, long count, int cost, int key, int target, Draw draw) =>
        new(text, (count + Block - 1) / Block, cost * Block, (buffers, first, end) =>
        {
            var source = Read(buffers[key]);
            for (var i = first * Block; i < Math.Min(count, end * Block); i += Block)
            {
                draw(source, (uint)i, new Span<float>(buffers[target] + i, (int)Math.Min(Block, count - i)));
            }
        });

    private static Key Read(float* key) => new(((uint*)key)[0], ((uint*)key)[1]);
}
