namespace AutoDiffCnn;

/// <summary>Ops that read or write where an index says. An axis is seen as [outer, size, inner].</summary>
internal static unsafe class IndexSteps
{
    /// <summary>A shape with one axis singled out.</summary>
    public readonly record struct Along(long Outer, long Size, long Inner)
    {
        public static Along Of(Shape shape, int axis) =>
            new(shape[..axis].Elements, shape[axis], shape[(axis + 1)..].Elements);
    }

    /// <summary>The largest element along an axis and its place; a buffer below 0 is not wanted.</summary>
    public static Step Max(object text, Along along, int x, int y, int places) =>
        new RangeStep(text, along.Outer * along.Inner, along.Size, (buffers, first, end) =>
        {
            for (var item = first; item < end; item++)
            {
                var source = buffers[x] + item / along.Inner * along.Size * along.Inner + item % along.Inner;
                var place = 0L;
                for (var k = 1L; k < along.Size; k++)
                {
                    var (value, best) = (source[k * along.Inner], source[place * along.Inner]);
                    place = value > best || float.IsNaN(value) && !float.IsNaN(best) ? k : place;
                }

                if (y >= 0)
                {
                    buffers[y][item] = source[place * along.Inner];
                }

                if (places >= 0)
                {
                    ((int*)buffers[places])[item] = (int)place;
                }
            }
        });

    /// <summary>y[o, j, i] = x[o, index[j], i], 0 outside.</summary>
    public static Step Gather(object text, Along x, long count, int source, int index, int target) =>
        new RangeStep(text, x.Outer * count, x.Inner, (buffers, first, end) =>
        {
            for (var item = first; item < end; item++)
            {
                var at = ((uint*)buffers[index])[item % count];
                var row = new Span<float>(buffers[target] + item * x.Inner, (int)x.Inner);
                if (at < x.Size)
                {
                    new ReadOnlySpan<float>(buffers[source] + (item / count * x.Size + at) * x.Inner, (int)x.Inner)
                        .CopyTo(row);
                }
                else
                {
                    row.Clear();
                }
            }
        });

    /// <summary>y[o, index[j], i] += x[o, j, i] into zeros, in the order of j.</summary>
    public static Step ScatterAdd(object text, Along y, long count, int source, int index, int target) =>
        new RangeStep(text, y.Outer, (count + y.Size) * y.Inner, (buffers, first, end) =>
        {
            for (var outer = first; outer < end; outer++)
            {
                var block = buffers[target] + outer * y.Size * y.Inner;
                new Span<float>(block, (int)(y.Size * y.Inner)).Clear();
                for (var j = 0L; j < count; j++)
                {
                    var at = ((uint*)buffers[index])[j];
                    for (var i = 0L; at < y.Size && i < y.Inner; i++)
                    {
                        block[at * y.Inner + i] += buffers[source][(outer * count + j) * y.Inner + i];
                    }
                }
            }
        });

    /// <summary>y[o, 0, i] = x[o, index[o, 0, i], i], 0 outside.</summary>
    public static Step Take(object text, Along x, int source, int index, int target) =>
        new RangeStep(text, x.Outer * x.Inner, 2, (buffers, first, end) =>
        {
            for (var item = first; item < end; item++)
            {
                var at = ((uint*)buffers[index])[item];
                buffers[target][item] = at < x.Size
                    ? buffers[source][(item / x.Inner * x.Size + at) * x.Inner + item % x.Inner] : 0;
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

    /// <summary>⌊x⌋ as an index; 2³² − 1 where that is none.</summary>
    public static Step ToIndex(object text, long count, int x, int target) =>
        new RangeStep(text, count, 1, (buffers, first, end) =>
        {
            for (var i = first; i < end; i++)
            {
                var value = buffers[x][i];
                ((uint*)buffers[target])[i] = value is >= 0 and < 4294967296f ? (uint)value : uint.MaxValue;
            }
        });
}
