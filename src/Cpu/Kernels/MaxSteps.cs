using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Along = AutoDiffCnn.IndexSteps.Along;

namespace AutoDiffCnn;

/// <summary>The largest element along an axis and its place. A buffer below 0 is not wanted.</summary>
internal static unsafe class MaxSteps
{
    // Of short rows sixteen are turned, so that they go side by side.
    private const int ShortRow = 64;

    // Where there are few results, each is looked for in shares, so that several threads have something to do.
    private const long FewResults = 16;
    private const long ShareSize = 1 << 14;
    private const long MostShares = 64;

    /// <summary>The steps.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="along">The axis.</param>
    /// <param name="x">The values.</param>
    /// <param name="y">Where the largest go.</param>
    /// <param name="places">Where their places go.</param>
    /// <param name="workspace">A buffer of so many floats.</param>
    public static IEnumerable<Step> Of(object text, Along along, int x, int y, int places, Func<long, int> workspace)
    {
        var (results, shares) = (along.Outer * along.Inner, Math.Min(MostShares, along.Size / ShareSize));
        if (results >= FewResults || shares < 2)
        {
            return [All(text, along, x, y, places)];
        }

        var (values, at) = (workspace(results * shares), workspace(results * shares));
        return
        [
            new RangeStep(text, results * shares, along.Size / shares, (buffers, first, end) =>
            {
                foreach (var (result, from, to) in new Stretches(first, end, shares))
                {
                    var source = buffers[x] + result / along.Inner * along.Size * along.Inner + result % along.Inner;
                    for (var share = from; share < to; share++)
                    {
                        var (begin, behind) = (share * along.Size / shares, (share + 1) * along.Size / shares);
                        var place = begin + LargestAlong.In(source + begin * along.Inner, behind - begin, along.Inner);
                        buffers[values][result * shares + share] = source[place * along.Inner];
                        ((int*)buffers[at])[result * shares + share] = (int)place;
                    }
                }
            }),
            new RangeStep($"the largest of {shares} shares", results, shares, (buffers, first, end) =>
            {
                for (var result = first; result < end; result++)
                {
                    var share = result * shares + LargestAlong.In(buffers[values] + result * shares, shares, 1);
                    Store(buffers, result, buffers[values][share], ((int*)buffers[at])[share]);
                }
            }),
        ];

        void Store(float** buffers, long result, float value, int place)
        {
            if (y >= 0)
            {
                buffers[y][result] = value;
            }

            if (places >= 0)
            {
                ((int*)buffers[places])[result] = place;
            }
        }
    }

    private static Step All(object text, Along along, int x, int y, int places) =>
        new RangeStep(text, along.Outer * along.Inner, along.Size, (buffers, first, end) =>
        {
            var values = y < 0 ? null : buffers[y];
            var at = places < 0 ? null : (int*)buffers[places];
            for (; along is { Inner: 1, Size: <= ShortRow } && first < end; first += Lanes.Count)
            {
                ShortRows(buffers[x] + first * along.Size, (nint)along.Size, (int)Math.Min(Lanes.Count, end - first),
                    values == null ? null : values + first, at == null ? null : at + first);
            }

            foreach (var (outer, from, to) in new Stretches(first, end, along.Inner))
            {
                var source = buffers[x] + outer * along.Size * along.Inner;
                var (i, results) = (from, outer * along.Inner);
                for (; i < to && to - from >= Lanes.Count; i += Lanes.Count)
                {
                    // The last ones may come a second time.
                    i = Math.Min(i, to - Lanes.Count);
                    var (largest, place) = LargestAlong.Beside(source + i, along.Size, along.Inner);
                    if (values != null)
                    {
                        largest.Store(values + results + i);
                    }

                    if (at != null)
                    {
                        place.Store(at + results + i);
                    }
                }

                for (; i < to; i++)
                {
                    var place = LargestAlong.In(source + i, along.Size, along.Inner);
                    if (values != null)
                    {
                        values[results + i] = source[place * along.Inner + i];
                    }

                    if (at != null)
                    {
                        at[results + i] = (int)place;
                    }
                }
            }
        }, together: along.Together(Lanes.Count));

    [SkipLocalsInit]
    private static void ShortRows(float* x, nint size, int rows, float* values, int* at)
    {
        var columns = stackalloc Vector512<float>[ShortRow];
        for (nint column = 0; column < size; column += Lanes.Count)
        {
            Square.Transpose(x + column, size, rows, (int)nint.Min(Lanes.Count, size - column), columns + column);
        }

        var (largest, place) = LargestAlong.Beside((float*)columns, size, Lanes.Count);
        if (values != null)
        {
            Tail.Store(largest, values, rows);
        }

        if (at != null)
        {
            Tail.Store(place.AsSingle(), (float*)at, rows);
        }
    }
}
