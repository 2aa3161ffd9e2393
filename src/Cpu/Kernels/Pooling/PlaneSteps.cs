using System.Runtime.CompilerServices;
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
    /// <summary>The planes of an image and of what is put there or taken from there, all in their order in
    /// memory.</summary>
    public static PlaneShape Of(Shape image, Shape parts, bool channelsLast, Shape index) => channelsLast
        ? new(image[0], image[1..^1].Elements, parts[1..^1].Elements, image[^1], parts[0] / Math.Max(1, index[0]), index[^1])
        : new((long)image[0] * image[1], image[2..].Elements, parts[2..].Elements, 1, parts[1] / Math.Max(1, index[1]), 1);
}

/// <summary>Reads and writes where an index into each plane says; see <see cref="PlaneTake"/>.</summary>
internal static unsafe class PlaneSteps
{
    private const int Together = 4;

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

                for (var p = from; inner > 1 && shape.InnerIndices == 1 && p < to; p++)
                {
                    var row = new Span<float>(y + p * inner, inner);
                    if (at[p] < size)
                    {
                        new ReadOnlySpan<float>(plane + at[p] * (long)inner, inner).CopyTo(row);
                    }
                    else
                    {
                        row.Clear();
                    }
                }

                for (var p = from; shape.InnerIndices > 1 && p < to; p++)
                {
                    var places = at + p * shape.InnerIndices;
                    for (var c = 0; c < inner; c++, places++)
                    {
                        y[p * inner + c] = *places < size ? plane[*places * inner + c] : 0;
                    }
                }
            }
        });

    /// <summary>y[plane, index[plane, p]] += x[plane, p] into zeros, in the order of p. Planes that have one index go
    /// together, so that it is read once and their sums do not wait for one another.</summary>
    public static Step Put(object text, PlaneShape shape, int source, int index, int target) =>
        new RangeStep(text, shape.Outer, (shape.Size + shape.Count) * shape.Inner, (buffers, first, end) =>
        {
            var (size, count) = (shape.Size * shape.Inner, shape.Count * shape.Inner);
            for (var outer = first; outer < end;)
            {
                var together = shape.Inner > 1 || shape.Sharing - outer % shape.Sharing < Together || end - outer < Together ? 1 : Together;
                var at = (uint*)buffers[index] + outer / shape.Sharing * shape.Count * shape.InnerIndices;
                var (planes, parts) = (outer * size, outer * count);
                new Span<float>(buffers[target] + planes, (int)(together * size)).Clear();
                if (together > 1)
                {
                    PutFour(buffers[source] + parts, at, shape.Count, buffers[target] + planes, shape.Size);
                }
                else if (shape.InnerIndices == 1)
                {
                    PutRows(buffers[source] + parts, at, shape.Count, buffers[target] + planes, shape.Size, shape.Inner);
                }
                else
                {
                    PutEach(buffers[source] + parts, at, shape, buffers[target] + planes);
                }

                outer += together;
            }
        });

    /// <summary>Four planes with one index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void PutFour(float* x, uint* at, long count, float* y, long size)
    {
        for (var p = 0L; p < count; p++)
        {
            if (at[p] < size)
            {
                var target = y + at[p];
                target[0] += x[p];
                target[size] += x[p + count];
                target[2 * size] += x[p + 2 * count];
                target[3 * size] += x[p + 3 * count];
            }
        }
    }

    /// <summary>Planes that lie woven into one another and have one index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void PutRows(float* x, uint* at, long count, float* y, long size, int inner)
    {
        for (var p = 0L; p < count; p++, x += inner)
        {
            var (row, c) = (at[p] * (long)inner, at[p] < size ? 0 : inner);
            for (; c + Lanes.Count <= inner; c += Lanes.Count)
            {
                (Vector512.Load(y + row + c) + Vector512.Load(x + c)).Store(y + row + c);
            }

            for (; c < inner; c++)
            {
                y[row + c] += x[c];
            }
        }
    }

    /// <summary>Planes that lie woven into one another, each with its own index.</summary>
    private static void PutEach(float* x, uint* at, PlaneShape shape, float* y)
    {
        for (var p = 0L; p < shape.Count; p++)
        {
            for (var c = 0; c < shape.Inner; c++)
            {
                var place = at[p * shape.InnerIndices + c];
                if (place < shape.Size)
                {
                    y[place * shape.Inner + c] += x[p * shape.Inner + c];
                }
            }
        }
    }

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
