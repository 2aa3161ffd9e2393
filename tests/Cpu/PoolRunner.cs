using System.Runtime.InteropServices;

namespace AutoDiffCnn.Tests;

/// <summary>Runs a pool's step on its own: cut anywhere and from the last piece to the first, so that whoever writes
/// beyond a piece spoils one that is done; and with memory after each buffer that must stay as it is.</summary>
/// <param name="channelsLast">Whether the buffers have their channels last; all tensors here have them first.</param>
/// <param name="seed">Where to cut.</param>
/// <param name="inputs">What the buffers from 0 on hold.</param>
internal sealed class PoolRunner(bool channelsLast, int seed, params Tensor[] inputs)
{
    private const int Guard = 64;
    private const float Untouched = 12345;

    /// <summary>The result of a step, which is given the number of its buffer; the next one is as large.</summary>
    public unsafe Tensor Run(Shape shape, Func<int, Step> make, Kind kind = Kind.Real)
    {
        var step = make(inputs.Length);
        var sizes = inputs.Select(input => input.Count).Concat([(int)shape.Elements, (int)shape.Elements]).ToArray();
        var memory = sizes.Select(Allocate).ToArray();
        var buffers = stackalloc float*[sizes.Length];
        for (var i = 0; i < sizes.Length; i++)
        {
            buffers[i] = (float*)memory[i];
            if (i < inputs.Length)
            {
                MeaningStep.Write(InMemory(inputs[i]), i == 2 ? Kind.Index : Kind.Real, buffers[i]);
            }
        }

        var random = new Random(seed);
        for (var end = Items(step); end > 0;)
        {
            var first = end - random.NextInt64(1, end + 1);
            Run(step, buffers, first, end);
            end = first;
        }

        for (var i = 0; i < sizes.Length; i++)
        {
            var behind = new ReadOnlySpan<float>(buffers[i] + sizes[i], Guard);
            Assert.True(behind.IndexOfAnyExcept(Untouched) < 0, $"written behind the end of buffer {i} of {sizes[i]}");
        }

        var result = MeaningStep.Read(buffers[inputs.Length], Variable("y", InMemory(shape, channelsLast), kind));
        foreach (var block in memory)
        {
            NativeMemory.AlignedFree((void*)block);
        }

        return channelsLast ? Transpose(result, [0, shape.Rank - 1, .. Enumerable.Range(1, shape.Rank - 2)]) : result;
    }

    /// <summary>A shape [n, c, spatial…] in its order in memory.</summary>
    public static Shape InMemory(Shape shape, bool channelsLast) =>
        channelsLast ? [shape[0], .. shape[2..], shape[1]] : shape;

    private static long Items(Step step) => step is PoolStep pool ? pool.Rows : ((RangeStep)step).Items;

    private static unsafe void Run(Step step, float** buffers, long first, long end)
    {
        if (step is PoolStep pool)
        {
            pool.Run(buffers, first, end);
        }
        else
        {
            ((RangeStep)step).Run(buffers, first, end);
        }
    }

    private Tensor InMemory(Tensor value) =>
        channelsLast ? Transpose(value, [0, .. Enumerable.Range(2, value.Shape.Rank - 2), 1]) : value;

    private static Tensor Transpose(Tensor value, Shape axes) => new Transpose(axes).Reference(value);

    private static unsafe nint Allocate(int count)
    {
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)(count + Guard) * sizeof(float), 64);
        new Span<float>(memory, count + Guard).Fill(Untouched);
        return (nint)memory;
    }
}
