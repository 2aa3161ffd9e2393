using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The place of the largest of some floats: of equal ones the first, of numbers and NaN the first NaN.
/// </summary>
internal static unsafe class LargestAlong
{
    /// <summary>Its place among elements so far apart.</summary>
    public static long In(float* x, long count, long apart)
    {
        if (apart > 1 || count < 2 * Lanes.Count)
        {
            return OneByOne(x, count, apart);
        }

        // The largest is found first, in any order, and then the first that equals it; Max gives NaN if there is one.
        var (last, at) = (Vector512.Load(x + count - Lanes.Count), 0L);
        var (a, b, c, d) = (last, last, last, last);
        for (; at + 4 * Lanes.Count <= count; at += 4 * Lanes.Count)
        {
            a = Vector512.Max(a, Vector512.Load(x + at));
            b = Vector512.Max(b, Vector512.Load(x + at + Lanes.Count));
            c = Vector512.Max(c, Vector512.Load(x + at + 2 * Lanes.Count));
            d = Vector512.Max(d, Vector512.Load(x + at + 3 * Lanes.Count));
        }

        for (; at + Lanes.Count <= count; at += Lanes.Count)
        {
            a = Vector512.Max(a, Vector512.Load(x + at));
        }

        var most = Vector512.Max(Vector512.Max(a, b), Vector512.Max(c, d));
        var largest = most[0];
        for (var i = 1; i < Lanes.Count; i++)
        {
            largest = MathF.Max(largest, most[i]);
        }

        return float.IsNaN(largest)
            ? OneByOne(x, count, apart)
            : First(x, count, largest);
    }

    private static long OneByOne(float* x, long count, long apart)
    {
        var place = 0L;
        for (var k = 1L; k < count; k++)
        {
            var (value, best) = (x[k * apart], x[place * apart]);
            place = value > best || float.IsNaN(value) && !float.IsNaN(best) ? k : place;
        }

        return place;
    }

    /// <summary>Sixteen rows side by side, whose elements are so far apart: each row's largest element, and its
    /// place.</summary>
    public static (Vector512<float> Value, Vector512<int> Place) Beside(float* x, long count, long apart)
    {
        var (largest, place) = (Vector512.Load(x), Vector512<int>.Zero);
        for (var k = 1L; k < count; k++)
        {
            var value = Vector512.Load(x + k * apart);
            var isNumber = Vector512.Equals(largest, largest);
            var better = Vector512.GreaterThan(value, largest) | Vector512.AndNot(isNumber, Vector512.Equals(value, value));
            largest = Vector512.ConditionalSelect(better, value, largest);
            place = Vector512.ConditionalSelect(better.AsInt32(), Vector512.Create((int)k), place);
        }

        return (largest, place);
    }

    private static long First(float* x, long count, float value)
    {
        var k = 0L;
        while (k + Lanes.Count <= count && !Vector512.EqualsAny(Vector512.Load(x + k), Vector512.Create(value)))
        {
            k += Lanes.Count;
        }

        while (x[k] != value)
        {
            k++;
        }

        return k;
    }
}
