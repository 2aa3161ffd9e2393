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
        return TransposeStep.Of(text, merged, x, from, y, to) ?? Rows(text, merged, x, from, y, to);
    }

    private static RangeStep Rows(object text, ImmutableArray<Axis> axes, int x, long from, int y, long to)
    {
        // A long row is cut, so that there is work for all threads. What is left over at its end is a row of its own.
        var inner = axes[^1];
        var (chunks, chunk) = inner.Size > 2 * MostColumns ? ((inner.Size + MostColumns - 1) / MostColumns, MostColumns) : (1, inner.Size);
        var (row, outer) = chunks > 1 ? (new Axis(chunks, chunk * inner.From, chunk * inner.To), axes[..^1])
            : axes.Length > 1 ? (axes[^2], axes[..^2]) : (new Axis(1, 0, 0), []);
        var rows = outer.Aggregate(row.Size, (product, axis) => product * axis.Size);
        return new RangeStep(text, inner.Size == 0 ? 0 : rows, chunk, (buffers, first, end) =>
        {
            foreach (var (block, start, stop) in new Stretches(first, end, row.Size))
            {
                var source = buffers[x] + from + start * row.From;
                var target = buffers[y] + to + start * row.To;
                Advance(outer, block, ref source, ref target);
                var whole = stop * chunk <= inner.Size || chunks == 1 ? stop - start : stop - start - 1;
                CopyRows.Run(source, target, row with { Size = whole }, inner with { Size = chunk });
                if (whole < stop - start)
                {
                    CopyRows.Run(source + whole * row.From, target + whole * row.To, row with { Size = 1 },
                        inner with { Size = inner.Size - (stop - 1) * chunk });
                }
            }
        });
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

    private static ImmutableArray<Axis> Merge(IEnumerable<Axis> axes)
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
