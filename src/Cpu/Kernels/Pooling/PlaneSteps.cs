namespace AutoDiffCnn;

/// <summary>Planes with an index into each, as floats in memory: [outer, places, inner], where inner is 1 or, with the
/// channels last, their number.</summary>
/// <param name="Outer">How many planes there are, or images with the channels last.</param>
/// <param name="Size">How many places a plane has.</param>
/// <param name="Count">How many of them each index names.</param>
/// <param name="Inner">How many planes lie woven into one another.</param>
internal readonly record struct PlaneShape(long Outer, long Size, long Count, int Inner)
{
    /// <summary>The planes of an image and of what is put there or taken from there, both in their order in
    /// memory.</summary>
    public static PlaneShape Of(Shape image, Shape index, bool channelsLast) => channelsLast
        ? new(image[0], image[1..^1].Elements, index[1..^1].Elements, image[^1])
        : new((long)image[0] * image[1], image[2..].Elements, index[2..].Elements, 1);
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
                var at = (uint*)buffers[index] + outer * count * inner;
                var y = buffers[target] + outer * count * inner;
                for (var p = from; inner == 1 && p < to; p++)
                {
                    y[p] = at[p] < size ? plane[at[p]] : 0;
                }

                for (var p = from * inner; inner > 1 && p < to * inner; p += inner)
                {
                    for (var c = 0; c < inner; c++)
                    {
                        y[p + c] = at[p + c] < size ? plane[at[p + c] * inner + c] : 0;
                    }
                }
            }
        });

    /// <summary>y[plane, index[plane, p]] += x[plane, p] into zeros, in the order of p.</summary>
    public static Step Put(object text, PlaneShape shape, int source, int index, int target) =>
        new RangeStep(text, shape.Outer, (shape.Size + shape.Count) * shape.Inner, (buffers, first, end) =>
        {
            var x = buffers[source];
            var at = (uint*)buffers[index];
            var inner = shape.Inner;
            for (var outer = first; outer < end; outer++)
            {
                var plane = buffers[target] + outer * shape.Size * inner;
                new Span<float>(plane, (int)(shape.Size * inner)).Clear();
                for (var i = outer * shape.Count * inner; i < (outer + 1) * shape.Count * inner; i += inner)
                {
                    for (var c = 0; c < inner; c++)
                    {
                        if (at[i + c] < shape.Size)
                        {
                            plane[at[i + c] * inner + c] += x[i + c];
                        }
                    }
                }
            }
        });
}
