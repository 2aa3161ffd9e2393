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
        var (inner, outer) = (merged[^1], merged.RemoveAt(merged.Length - 1));
        var rows = outer.Aggregate(1L, (product, axis) => product * axis.Size);
        return new RangeStep(text, inner.Size == 0 ? 0 : rows, inner.Size, (buffers, first, end) =>
        {
            for (var row = first; row < end; row++)
            {
                var (source, target, rest) = (from, to, row);
                for (var axis = outer.Length - 1; axis >= 0; axis--)
                {
                    var at = rest % outer[axis].Size;
                    rest /= outer[axis].Size;
                    source += at * outer[axis].From;
                    target += at * outer[axis].To;
                }

                Row(buffers[x] + source, buffers[y] + target, inner);
            }
        });
    }

    /// <summary>Fills a buffer with zeros.</summary>
    public static Step Clear(object text, long count, int y) => new RangeStep(text, count, 1, (buffers, first, end) =>
        new Span<float>(buffers[y] + first, (int)(end - first)).Clear());

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
