using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Copies 4-byte elements from one regular arrangement to another: transposes, slices,
/// reversals, placements.</summary>
internal static unsafe class CopyStep
{
    private const long MostColumns = 1 << 13;

    /// <summary>An axis of a copy: its size and both arrangements' distances between neighbours.</summary>
    public readonly record struct Axis(long Size, long From, long To);

    /// <summary>The copy of a box.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="axes">The box's axes, outermost first.</param>
    /// <param name="x">The source buffer.</param>
    /// <param name="from">The place of the box's first element in the source.</param>
    /// <param name="y">The target buffer.</param>
    /// <param name="to">The place of the box's first element in the target.</param>
    public static Step Of(object text, IEnumerable<Axis> axes, int x, long from, int y, long to)
    {
        var merged = Merge(axes);
        return TransposeStep.Of(text, merged, x, from, y, to) ?? Cut(text, merged, x, from, y, to);
    }

    /// <summary>A copy by rows. A long row is cut, so that there is work for all threads; what is left over at its end
    /// is a row of its own.</summary>
    private static RangeStep Cut(object text, ImmutableArray<Axis> axes, int x, long from, int y, long to)
    {
        var inner = axes[^1];
        var (chunks, chunk) = inner.Size > 2 * MostColumns ? ((inner.Size + MostColumns - 1) / MostColumns, MostColumns) : (1, inner.Size);
        if (chunks == 1)
        {
            var rows = axes[..^1].Aggregate(1L, (product, axis) => product * axis.Size);
            return new RangeStep(text, inner.Size == 0 ? 0 : rows, chunk, Rows(axes, x, from, y, to));
        }

        var outer = axes[..^1];
        return new RangeStep(text, outer.Aggregate(chunks, (product, axis) => product * axis.Size), chunk, (buffers, first, end) =>
        {
            foreach (var (block, start, stop) in new Stretches(first, end, chunks))
            {
                var source = buffers[x] + from + start * chunk * inner.From;
                var target = buffers[y] + to + start * chunk * inner.To;
                Advance(outer, block, ref source, ref target);
                CopyRows.Run(source, target, new(1, 0, 0), inner with { Size = Math.Min(stop * chunk, inner.Size) - start * chunk });
            }
        });
    }

    /// <summary>A copy of some rows, the positions on all axes but the last.</summary>
    public static RangeBody Rows(ImmutableArray<Axis> axes, int x, long from, int y, long to)
    {
        var inner = axes[^1];
        var (row, outer) = axes.Length > 1 ? (axes[^2], axes[..^2]) : (new Axis(1, 0, 0), []);
        return (buffers, first, end) =>
        {
            foreach (var (block, start, stop) in new Stretches(first, end, row.Size))
            {
                var source = buffers[x] + from + start * row.From;
                var target = buffers[y] + to + start * row.To;
                Advance(outer, block, ref source, ref target);
                CopyRows.Run(source, target, row with { Size = stop - start }, inner);
            }
        };
    }

    /// <summary>To where a position on some axes lies.</summary>
    private static void Advance(ImmutableArray<Axis> axes, long position, ref float* source, ref float* target)
    {
        for (var axis = axes.Length - 1; axis >= 0; axis--)
        {
            (position, var at) = Math.DivRem(position, axes[axis].Size);
            source += at * axes[axis].From;
            target += at * axes[axis].To;
        }
    }

    /// <summary>Fills a buffer with zeros.</summary>
    public static Step Clear(object text, long count, int y) => new RangeStep(text, count, 1, (buffers, first, end) =>
        new Span<float>(buffers[y] + first, (int)(end - first)).Clear());

    /// <summary>The axes that are left when those are one along which both arrangements go on alike.</summary>
    public static ImmutableArray<Axis> Merge(IEnumerable<Axis> axes)
    {
        var merged = new List<Axis>();
        foreach (var axis in axes.Where(axis => axis.Size != 1))
        {
            if (merged.Count > 0 && merged[^1].From == axis.From * axis.Size && merged[^1].To == axis.To * axis.Size)
            {
                merged[^1] = axis with { Size = merged[^1].Size * axis.Size };
            }
            else
            {
                merged.Add(axis);
            }
        }

        return merged.Count > 0 ? [.. merged] : [new Axis(1, 1, 1)];
    }
}
