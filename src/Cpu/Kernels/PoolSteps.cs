using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>Which image elements each window covers, as a table made once a plan:
/// Items[Start[p] … Start[p + 1]] for p.</summary>
internal sealed record Cover(int[] Start, int[] Items)
{
    /// <summary>The image elements of each position.</summary>
    public static Cover OfPositions(Window window, Shape kernel, Shape image, Shape positions) =>
        Of((int)positions.Elements,
            window.Meetings(positions, kernel, image).Select(meeting => (meeting.P, meeting.Q)));

    /// <summary>The positions that cover each image element.</summary>
    public static Cover OfImage(Window window, Shape kernel, Shape image, Shape positions) =>
        Of((int)image.Elements, window.Meetings(positions, kernel, image).Select(meeting => (meeting.Q, meeting.P)));

    private static Cover Of(int count, IEnumerable<(int Key, int Item)> pairs)
    {
        var sorted = pairs.OrderBy(pair => pair.Key).ToArray();
        var start = new int[count + 1];
        foreach (var (key, _) in sorted)
        {
            start[key + 1]++;
        }

        for (var i = 0; i < count; i++)
        {
            start[i + 1] += start[i];
        }

        return new(start, [.. sorted.Select(pair => pair.Item)]);
    }
}

/// <summary>Pools, plane by plane.</summary>
internal static unsafe class PoolSteps
{
    /// <summary>y[p] = Σ x[q] over the elements that p covers; both a sum pool and,
    /// with the other table, its transpose.</summary>
    public static Step Sum(object text, long planes, Cover cover, int sourceSize, int x, int y) =>
        new RangeStep(text, planes, sourceSize + cover.Items.Length, (buffers, first, end) =>
            SumPlanes(buffers[x], buffers[y], first, end, cover.Start, cover.Items, sourceSize));

    /// <summary>The largest element of each window, its place in the plane,
    /// or both (a buffer below 0 is not wanted).</summary>
    public static Step Max(object text, long planes, Cover cover, int sourceSize, int x, int y, int places) =>
        new RangeStep(text, planes, sourceSize + cover.Items.Length, (buffers, first, end) =>
            MaxPlanes(
                buffers[x], y < 0 ? null : buffers[y], places < 0 ? null : (int*)buffers[places],
                first, end, cover.Start, cover.Items, sourceSize));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumPlanes(float* x, float* y, long first, long end, int[] start, int[] items, int size)
    {
        var positions = start.Length - 1;
        for (var plane = first; plane < end; plane++)
        {
            var from = x + plane * size;
            var to = y + plane * positions;
            for (var p = 0; p < positions; p++)
            {
                var sum = 0f;
                for (var i = start[p]; i < start[p + 1]; i++)
                {
                    sum += from[items[i]];
                }

                to[p] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MaxPlanes(float* x, float* y, int* places, long first, long end,
        int[] start, int[] items, int size)
    {
        var positions = start.Length - 1;
        for (var plane = first; plane < end; plane++)
        {
            var from = x + plane * size;
            for (var p = 0; p < positions; p++)
            {
                var place = items[start[p]];
                var best = from[place];
                for (var i = start[p] + 1; i < start[p + 1]; i++)
                {
                    var value = from[items[i]];

                    // A NaN is larger than all: it is taken, and then nothing compares as larger.
                    if (value > best || float.IsNaN(value) && !float.IsNaN(best))
                    {
                        (best, place) = (value, items[i]);
                    }
                }

                if (y != null)
                {
                    y[plane * positions + p] = best;
                }

                if (places != null)
                {
                    places[plane * positions + p] = place;
                }
            }
        }
    }
}
