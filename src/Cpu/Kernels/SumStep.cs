using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Sums over some axes. The order of additions is fixed by the shape: along a summed innermost axis sixteen
/// running sums, combined at the end; over outer axes one after the other.</summary>
internal sealed unsafe class SumStep : Step
{
    private const long PieceCost = 1 << 15;
    private const int Width = 256;

    private readonly int x;
    private readonly int y;
    private readonly bool innerIsSummed;
    private readonly long inner;
    private readonly ImmutableArray<(long Size, long Step)> kept;
    private readonly ImmutableArray<(long Size, long Step)> summed;
    private readonly long rows;
    private readonly long items;
    private readonly long perPiece;

    public SumStep(object text, Shape from, Shape to, int x, int y)
        : base(text)
    {
        (this.x, this.y) = (x, y);
        var axes = Merge(from, to);
        innerIsSummed = axes[0].IsSummed;
        inner = axes[0].Size;
        kept = axes[1..].Where(axis => !axis.IsSummed).Select(axis => (axis.Size, axis.Step));
        summed = axes[1..].Where(axis => axis.IsSummed).Select(axis => (axis.Size, axis.Step));

        // An item is one sum, or where the innermost axis stays a stretch of neighbouring sums.
        var outer = Count(kept);
        items = innerIsSummed ? outer : outer * Stretches;
        rows = Count(summed);
        var cost = rows * (innerIsSummed ? inner : Math.Min(inner, Width));
        perPiece = Math.Clamp(PieceCost / Math.Max(1, cost), 1, Math.Max(1, items));
    }

    public override int Pieces => (int)((items + perPiece - 1) / perPiece);

    private long Stretches => (inner + Width - 1) / Width;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        for (var item = piece * perPiece; item < Math.Min(items, (piece + 1) * perPiece); item++)
        {
            if (innerIsSummed)
            {
                buffers[y][item] = SumRows(buffers[x] + Offset(kept, item));
            }
            else
            {
                var (row, stretch) = Math.DivRem(item, Stretches);
                var first = stretch * Width;
                AddRows(buffers[x] + Offset(kept, row) + first, buffers[y] + row * inner + first,
                    (int)Math.Min(Width, inner - first));
            }
        }
    }

    /// <summary>The sum of one kept element: all its rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private float SumRows(float* source)
    {
        Vector512<float> sum0 = default, sum1 = default;
        var tail = 0f;
        for (var r = 0L; r < rows; r++)
        {
            var row = source + Offset(summed, r);
            var i = 0L;
            for (; i + 2 * Lanes.Count <= inner; i += 2 * Lanes.Count)
            {
                sum0 += Vector512.Load(row + i);
                sum1 += Vector512.Load(row + i + Lanes.Count);
            }

            for (; i < inner; i++)
            {
                tail += row[i];
            }
        }

        return Micro.Sum(sum0 + sum1) + tail;
    }

    /// <summary>The sums of neighbouring kept elements, row added to row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void AddRows(float* source, float* target, int width)
    {
        new Span<float>(target, width).Clear();
        for (var r = 0L; r < rows; r++)
        {
            var row = source + Offset(summed, r);
            var i = 0;
            for (; i + Lanes.Count <= width; i += Lanes.Count)
            {
                (Vector512.Load(target + i) + Vector512.Load(row + i)).Store(target + i);
            }

            for (; i < width; i++)
            {
                target[i] += row[i];
            }
        }
    }

    private static long Count(ImmutableArray<(long Size, long Step)> axes)
    {
        var count = 1L;
        foreach (var (size, _) in axes)
        {
            count *= size;
        }

        return count;
    }

    private static long Offset(ImmutableArray<(long Size, long Step)> axes, long index)
    {
        var offset = 0L;
        foreach (var (size, step) in axes)
        {
            offset += index % size * step;
            index /= size;
        }

        return offset;
    }

    /// <summary>The axes from the innermost outwards, neighbours of one kind merged, axes of size 1 left out.</summary>
    private static ImmutableArray<Axis> Merge(Shape from, Shape to)
    {
        var axes = new List<Axis>();
        var (missing, step) = (from.Rank - to.Rank, 1L);
        for (var axis = from.Rank - 1; axis >= 0; axis--)
        {
            var size = (long)from[axis];
            var isSummed = axis < missing || to[axis - missing] == 1;
            if (size != 1)
            {
                if (axes.Count > 0 && axes[^1].IsSummed == isSummed)
                {
                    axes[^1] = axes[^1] with { Size = axes[^1].Size * size };
                }
                else
                {
                    axes.Add(new(size, isSummed, step));
                }
            }

            step *= size;
        }

        return axes.Count > 0 ? [.. axes] : [new(1, true, 1)];
    }

    private sealed record Axis(long Size, bool IsSummed, long Step);
}
