using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Sums up to each element along an axis, in double precision, so that the last of many is as good as the
/// first.</summary>
internal static unsafe class ScanStep
{
    public static Step Of(object text, IndexSteps.Along along, bool fromEnd, int source, int target) =>
        along.Inner == 1 ? Rows(text, along, fromEnd, source, target) : Beside(text, along, fromEnd, source, target);

    // Fewer are summed faster one after the other than turned.
    private const int LeastTurned = 4;

    /// <summary>Along rows: sixteen of them are turned, so that their sums go side by side.</summary>
    private static Step Rows(object text, IndexSteps.Along along, bool fromEnd, int source, int target) =>
        new RangeStep(text, along.Outer, along.Size, (buffers, first, end) =>
        {
            var size = (nint)along.Size;
            for (; first < end; first += Lanes.Count)
            {
                var rows = (int)Math.Min(Lanes.Count, end - first);
                var x = buffers[source] + first * size;
                var y = buffers[target] + first * size;
                if (rows >= LeastTurned)
                {
                    Sum(x, y, rows, size, fromEnd);
                    continue;
                }

                for (var row = 0; row < rows; row++)
                {
                    Sum(x + row * size, y + row * size, size, fromEnd);
                }
            }
        });

    private static void Sum(float* x, float* y, nint size, bool fromEnd)
    {
        var sum = 0.0;
        for (nint k = 0; k < size; k++)
        {
            var at = fromEnd ? size - 1 - k : k;
            sum += x[at];
            y[at] = (float)sum;
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Sum(float* x, float* y, int rows, nint size, bool fromEnd)
    {
        var columns = stackalloc Vector512<float>[Lanes.Count];
        var turned = stackalloc Vector512<float>[Lanes.Count];
        var (lower, upper) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (nint done = 0; done < size; done += Lanes.Count)
        {
            var count = (int)nint.Min(Lanes.Count, size - done);
            var at = fromEnd ? size - done - count : done;
            Square.Transpose(x + at, size, rows, count, columns);
            for (var k = 0; k < count; k++)
            {
                var column = columns + (fromEnd ? count - 1 - k : k);
                var (low, high) = Doubles.Widen(*column);
                (lower, upper) = (lower + low, upper + high);
                *column = Doubles.Narrow(lower, upper);
            }

            Square.Transpose((float*)columns, Lanes.Count, count, rows, turned);
            for (var row = 0; row < rows; row++)
            {
                Tail.Store(turned[row], y + row * size + at, count);
            }
        }
    }

    /// <summary>Along another axis: what lies side by side is summed side by side.</summary>
    private static Step Beside(object text, IndexSteps.Along along, bool fromEnd, int source, int target) =>
        new RangeStep(text, along.Outer * along.Inner, along.Size, (buffers, first, end) =>
        {
            var (start, step) = fromEnd ? ((along.Size - 1) * along.Inner, -along.Inner) : (0, along.Inner);
            foreach (var (outer, from, to) in new Stretches(first, end, along.Inner))
            {
                var x = buffers[source] + outer * along.Size * along.Inner + start;
                var y = buffers[target] + outer * along.Size * along.Inner + start;
                for (var i = from; i < to; i += Lanes.Count)
                {
                    Column(x + i, y + i, (nint)along.Size, (nint)step, (int)Math.Min(Lanes.Count, to - i));
                }
            }
        }, together: along.Together(Lanes.Count));

    /// <summary>Up to sixteen sums side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Column(float* x, float* y, nint size, nint step, int count)
    {
        var (lower, upper) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (nint k = 0; k < size; k++, x += step, y += step)
        {
            var (low, high) = Doubles.Widen(Tail.LoadMostly(x, count));
            (lower, upper) = (lower + low, upper + high);
            Tail.StoreMostly(Doubles.Narrow(lower, upper), y, count);
        }
    }
}
