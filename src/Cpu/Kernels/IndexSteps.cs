using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Ops that read or write where an index says. An axis is seen as [outer, size, inner].</summary>
internal static unsafe class IndexSteps
{
    // From so many on, work is cut between rows and not within them.
    private const long ManyRows = 16;
    private const long ShortRow = 256;

    // An element from anywhere is a cache line, and often a page.
    private const long TakeCost = 64;

    /// <summary>A shape with one axis singled out.</summary>
    public readonly record struct Along(long Outer, long Size, long Inner)
    {
        // Many short rows of elements side by side are not divided.
        private const long Many = 8;
        private const long Short = 256;

        /// <summary>Of how many elements beside the axis a piece should have a multiple, if so many go side by side.</summary>
        public long Together(long sideBySide) => Inner == 1 ? 1 : Outer >= Many && Inner <= Short ? Inner : Math.Min(Inner, sideBySide);

        public static Along Of(Shape shape, int axis) =>
            new(shape[..axis].Elements, shape[axis], shape[(axis + 1)..].Elements);
    }

    /// <summary>y[o, j, i] = x[o, index[j], i], 0 outside.</summary>
    public static Step Gather(object text, Along x, long count, int source, int index, int target)
    {
        var each = GatherEach(text, x, count, source, index, target);
        return x.Outer < ManyRows ? each : new RangeStep(text, x.Outer, count * x.Inner, (buffers, first, end) =>
        {
            if (!IndexRuns.Gather(buffers[source] + first * x.Size * x.Inner, buffers[target] + first * count * x.Inner,
                (uint*)buffers[index], count, x.Size, x.Inner, end - first))
            {
                each.Run(buffers, first * count, end * count);
            }
        });
    }

    private static RangeStep GatherEach(object text, Along x, long count, int source, int index, int target) =>
        new(text, x.Outer * count, x.Inner, (buffers, first, end) =>
        {
            var at = (uint*)buffers[index];
            var (size, inner) = (x.Size, x.Inner);
            foreach (var (outer, from, to) in new Stretches(first, end, count))
            {
                var whole = buffers[source] + outer * size * inner;
                var y = buffers[target] + outer * count * inner;
                for (var j = from; inner == 1 && j < to; j++)
                {
                    y[j] = at[j] < size ? whole[at[j]] : 0;
                }

                if (inner is >= Lanes.Count and <= ShortRow && size > 0)
                {
                    ShortRows(whole, size, at, y, from, to, (nint)inner);
                    continue;
                }

                for (var j = from; inner > 1 && j < to; j++)
                {
                    var row = new Span<float>(y + j * inner, (int)inner);
                    if (at[j] < size)
                    {
                        new ReadOnlySpan<float>(whole + at[j] * inner, (int)inner).CopyTo(row);
                    }
                    else
                    {
                        row.Clear();
                    }
                }
            }
        });

    /// <summary>Rows so short that a call would cost more than the copy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ShortRows(float* x, long size, uint* index, float* y, long from, long to, nint inner)
    {
        var last = inner - Lanes.Count;
        for (var j = from; j < to; j++)
        {
            var isInside = index[j] < size;
            var (source, target) = (isInside ? index[j] * inner : 0, (nint)j * inner);
            var keep = isInside ? Vector512<float>.AllBitsSet : Vector512<float>.Zero;
            for (nint i = 0; i < last; i += Lanes.Count)
            {
                (Vector512.Load(x + source + i) & keep).Store(y + target + i);
            }

            (Vector512.Load(x + source + last) & keep).Store(y + target + last);
        }
    }

    /// <summary>y[o, index[j], i] += x[o, j, i] into zeros, in the order of j.</summary>
    public static Step ScatterAdd(object text, Along y, long count, int source, int index, int target) =>
        new RangeStep(text, y.Outer, (count + y.Size) * y.Inner, (buffers, first, end) =>
        {
            var at = (uint*)buffers[index];
            var inner = y.Inner;
            if (IndexRuns.ScatterAdd(buffers[source] + first * count * inner, buffers[target] + first * y.Size * inner,
                at, count, y.Size, inner, end - first))
            {
                return;
            }

            for (var outer = first; outer < end; outer++)
            {
                var block = buffers[target] + outer * y.Size * inner;
                var x = buffers[source] + outer * count * inner;
                new Span<float>(block, (int)(y.Size * inner)).Clear();
                for (var j = 0L; j < count; j++, x += inner)
                {
                    var row = block + at[j] * inner;
                    var i = at[j] < y.Size ? 0 : inner;
                    for (; i + Lanes.Count <= inner; i += Lanes.Count)
                    {
                        (Lanes.Load(row + i) + Lanes.Load(x + i)).Store(row + i);
                    }

                    for (; i < inner; i++)
                    {
                        row[i] += x[i];
                    }
                }
            }
        });

    /// <summary>y[o, 0, i] = x[o, index[o, 0, i], i], 0 outside.</summary>
    public static Step Take(object text, Along x, int source, int index, int target) =>
        new RangeStep(text, x.Outer * x.Inner, TakeCost, (buffers, first, end) =>
        {
            var at = (uint*)buffers[index];
            var y = buffers[target];
            var (outer, inner) = Math.DivRem(first, x.Inner);
            var block = buffers[source] + outer * x.Size * x.Inner;
            for (var item = first; item < end; item++)
            {
                y[item] = at[item] < x.Size ? block[at[item] * x.Inner + inner] : 0;
                if (++inner == x.Inner)
                {
                    block += x.Size * x.Inner;
                    inner = 0;
                }
            }
        });

    /// <summary>y[o, index[o, 0, i], i] = x[o, 0, i] into zeros.</summary>
    public static Step Put(object text, Along y, int source, int index, int target) =>
        new RangeStep(text, y.Outer, y.Size * y.Inner, (buffers, first, end) =>
        {
            for (var outer = first; outer < end; outer++)
            {
                var block = buffers[target] + outer * y.Size * y.Inner;
                new Span<float>(block, (int)(y.Size * y.Inner)).Clear();
                for (var i = 0L; i < y.Inner; i++)
                {
                    var at = ((uint*)buffers[index])[outer * y.Inner + i];
                    if (at < y.Size)
                    {
                        block[at * y.Inner + i] = buffers[source][outer * y.Inner + i];
                    }
                }
            }
        });

    /// <summary>y[i, k] = 1 if index[i] is k, else 0.</summary>
    public static Step OneHot(object text, long count, int classes, int index, int target) =>
        new RangeStep(text, count, classes, (buffers, first, end) =>
        {
            for (var i = first; i < end; i++)
            {
                var row = new Span<float>(buffers[target] + i * classes, classes);
                row.Clear();
                if (((uint*)buffers[index])[i] is var at && at < classes)
                {
                    row[(int)at] = 1;
                }
            }
        });

    /// <summary>y[i] = 1 if index[i] is below a count, else 0.</summary>
    public static Step Below(object text, long all, int count, int index, int target) =>
        new RangeStep(text, all, 1, (buffers, first, end) =>
        {
            var at = (uint*)buffers[index];
            for (; first + Lanes.Count <= end; first += Lanes.Count)
            {
                var isBelow = Vector512.LessThan(Vector512.Load(at + first), Vector512.Create((uint)count)).AsSingle();
                (isBelow & Vector512<float>.One).Store(buffers[target] + first);
            }

            for (; first < end; first++)
            {
                buffers[target][first] = at[first] < count ? 1 : 0;
            }
        });

    /// <summary>⌊x⌋ as an index; 2³² − 1 where that is none.</summary>
    public static Step ToIndex(object text, long count, int x, int target) =>
        new RangeStep(text, count, 1, (buffers, first, end) =>
        {
            var source = buffers[x];
            var y = (uint*)buffers[target];
            for (; first + Lanes.Count <= end; first += Lanes.Count)
            {
                var values = Vector512.Load(source + first);
                var isIndex = Vector512.GreaterThanOrEqual(values, Vector512<float>.Zero)
                    & Vector512.LessThan(values, Vector512.Create(4294967296f));
                Vector512.ConditionalSelect(isIndex.AsUInt32(), Vector512.ConvertToUInt32(values),
                    Vector512<uint>.AllBitsSet).Store(y + first);
            }

            for (; first < end; first++)
            {
                y[first] = source[first] is >= 0 and < 4294967296f ? (uint)source[first] : uint.MaxValue;
            }
        });
}
