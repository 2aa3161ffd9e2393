using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Sums up to each element along an axis, in double precision, so that the last of many is as good as the
/// first.</summary>
internal static unsafe class ScanStep
{
    public static Step Of(object text, IndexSteps.Along along, bool fromEnd, int source, int target) =>
        new RangeStep(text, along.Outer * along.Inner, along.Size, (buffers, first, end) =>
        {
            var (start, step) = fromEnd ? ((along.Size - 1) * along.Inner, -along.Inner) : (0, along.Inner);
            foreach (var (outer, from, to) in new Stretches(first, end, along.Inner))
            {
                var x = buffers[source] + outer * along.Size * along.Inner + start;
                var y = buffers[target] + outer * along.Size * along.Inner + start;
                var i = from;
                for (; i + Lanes.Count <= to; i += Lanes.Count)
                {
                    var (lower, upper) = (Vector512<double>.Zero, Vector512<double>.Zero);
                    for (var k = 0L; k < along.Size; k++)
                    {
                        var (low, high) = Vector512.Widen(Vector512.Load(x + k * step + i));
                        (lower, upper) = (lower + low, upper + high);
                        Vector512.Narrow(lower, upper).Store(y + k * step + i);
                    }
                }

                for (; i < to; i++)
                {
                    var sum = 0.0;
                    for (var k = 0L; k < along.Size; k++)
                    {
                        sum += x[k * step + i];
                        y[k * step + i] = (float)sum;
                    }
                }
            }
        });
}
