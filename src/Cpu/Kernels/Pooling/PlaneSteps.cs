using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>Planes with an index into each, as floats in memory: [outer, places, inner], where inner is 1 or, with the
/// channels last, their number.</summary>
/// <param name="Outer">How many planes there are, or images with the channels last.</param>
/// <param name="Size">How many places a plane has.</param>
/// <param name="Count">How many of them each index names.</param>
/// <param name="Inner">How many planes lie woven into one another.</param>
/// <param name="Sharing">How many planes, or images, in a row have one index.</param>
/// <param name="InnerIndices">How many indices lie woven into one another: as many as planes, or one for all of them.</param>
internal readonly record struct PlaneShape(long Outer, long Size, long Count, int Inner, long Sharing, int InnerIndices)
{
    /// <summary>From the index of a plane to that of the next one woven into it.</summary>
    public int IndexStep => InnerIndices == Inner ? 1 : 0;

    /// <summary>The planes of an image and of what is put there or taken from there, all in their order in
    /// memory.</summary>
    public static PlaneShape Of(Shape image, Shape parts, bool channelsLast, Shape index) => channelsLast
        ? new(image[0], image[1..^1].Elements, parts[1..^1].Elements, image[^1], parts[0] / Math.Max(1, index[0]), index[^1])
        : new((long)image[0] * image[1], image[2..].Elements, parts[2..].Elements, 1, parts[1] / Math.Max(1, index[1]), 1);
}

/// <summary>Reads and writes where an index into each plane says; see <see cref="PlaneTake"/>.</summary>
internal static unsafe class PlaneSteps
{
    /// <summary>y[plane, p] = x[plane, index[plane, p]], 0 outside.</summary>
    public static Step Take(object text, PlaneShape shape, int source, int index, int target) =>
        new RangeStep(text, shape.Outer * shape.Count, 2L * shape.Inner, (buffers, first, end) =>
        {
            var (size, count, inner) = (shape.Size, shape.Count, shape.Inner);
            foreach (var (outer, from, to) in new Stretches(first, end, count))
            {
                var plane = buffers[source] + outer * size * inner;
                var at = (uint*)buffers[index] + outer / shape.Sharing * count * shape.InnerIndices;
                var y = buffers[target] + outer * count * inner;
                for (var p = inner == 1 ? Gathered(plane, size, at, y, from, to) : to; p < to; p++)
                {
                    y[p] = at[p] < size ? plane[at[p]] : 0;
                }

                for (var p = from; inner > 1 && p < to; p++)
                {
                    var places = at + p * shape.InnerIndices;
                    for (var c = 0; c < inner; c++, places += shape.IndexStep)
                    {
                        y[p * inner + c] = *places < size ? plane[*places * inner + c] : 0;
                    }
                }
            }
        });

    /// <summary>y[plane, index[plane, p]] += x[plane, p] into zeros, in the order of p.</summary>
    public static Step Put(object text, PlaneShape shape, int source, int index, int target) =>
        new RangeStep(text, shape.Outer, (shape.Size + shape.Count) * shape.Inner, (buffers, first, end) =>
        {
            var x = buffers[source];
            var inner = shape.Inner;
            for (var outer = first; outer < end; outer++)
            {
                var at = (uint*)buffers[index] + outer / shape.Sharing * shape.Count * shape.InnerIndices;
                var plane = buffers[target] + outer * shape.Size * inner;
                var part = x + outer * shape.Count * inner;
                new Span<float>(plane, (int)(shape.Size * inner)).Clear();
                for (var p = 0L; p < shape.Count; p++)
                {
                    var places = at + p * shape.InnerIndices;
                    for (var c = 0; c < inner; c++, places += shape.IndexStep)
                    {
                        if (*places < shape.Size)
                        {
                            plane[*places * inner + c] += part[p * inner + c];
                        }
                    }
                }
            }
        });

    /// <summary>As many elements as go eight at a time; where it went on from.</summary>
    private static long Gathered(float* plane, long size, uint* at, float* y, long p, long to)
    {
        for (; Avx2.IsSupported && size < int.MaxValue && p + Vector256<float>.Count <= to; p += Vector256<float>.Count)
        {
            var places = Vector256.Load(at + p);
            var isInside = Vector256.LessThan(places, Vector256.Create((uint)size)).AsSingle();
            Avx2.GatherMaskVector256(Vector256<float>.Zero, plane, places.AsInt32(), isInside, sizeof(float)).Store(y + p);
        }

        return p;
    }
}
