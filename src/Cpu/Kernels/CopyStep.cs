using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>Copies 4-byte elements from one regular arrangement to another: transposes, slices,
/// reversals, placements.</summary>
internal static unsafe class CopyStep
{
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
        var (inner, outer) = (axes[^1], axes.RemoveAt(axes.Length - 1));
        var rows = outer.Aggregate(1L, (product, axis) => product * axis.Size);
        return new RangeStep(text, inner.Size == 0 ? 0 : rows, inner.Size, (buffers, first, end) =>
        {
            var source = buffers[x] + from;
            var target = buffers[y] + to;
            var at = stackalloc long[outer.Length];
            Start(outer, first, at, ref source, ref target);
            for (var row = first; row < end; row++)
            {
                Row(source, target, inner);
                Next(outer, at, ref source, ref target);
            }
        });
    }

    /// <summary>The position of a row on the outer axes, and where it lies.</summary>
    private static void Start(ImmutableArray<Axis> outer, long row, long* at, ref float* source, ref float* target)
    {
        for (var axis = outer.Length - 1; axis >= 0; axis--)
        {
            (row, at[axis]) = Math.DivRem(row, outer[axis].Size);
            source += at[axis] * outer[axis].From;
            target += at[axis] * outer[axis].To;
        }
    }

    /// <summary>On to the next row: rows may be short, and divisions take as long as copying one.</summary>
    private static void Next(ImmutableArray<Axis> outer, long* at, ref float* source, ref float* target)
    {
        for (var axis = outer.Length - 1; axis >= 0; axis--)
        {
            source += outer[axis].From;
            target += outer[axis].To;
            if (++at[axis] < outer[axis].Size)
            {
                return;
            }

            source -= outer[axis].Size * outer[axis].From;
            target -= outer[axis].Size * outer[axis].To;
            at[axis] = 0;
        }
    }

    /// <summary>Fills a buffer with zeros.</summary>
    public static Step Clear(object text, long count, int y) => new RangeStep(text, count, 1, (buffers, first, end) =>
        new Span<float>(buffers[y] + first, (int)(end - first)).Clear());

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Row(float* source, float* target, Axis axis)
    {
        if (axis is { From: 1, To: 1 })
        {
            System.Buffer.MemoryCopy(source, target, axis.Size * sizeof(float), axis.Size * sizeof(float));
            return;
        }

        for (var i = 0L; i < axis.Size; i++)
        {
            target[i * axis.To] = source[i * axis.From];
        }
    }

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
