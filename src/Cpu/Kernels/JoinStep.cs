using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Axis = AutoDiffCnn.CopyStep.Axis;

namespace AutoDiffCnn;

/// <summary>Copies into a target from several places, a stretch of the target at a time: what lies side by side comes
/// while it is in the nearest cache, however narrow the parts are.</summary>
internal static unsafe class JoinStep
{
    // Longer rows are written one part after the other as fast.
    private const long MostColumns = 1 << 13;
    private const long StretchSize = 1 << 12;
    private const int MostSingles = 64;

    /// <summary>A box that is copied.</summary>
    /// <param name="Axes">Its axes, outermost first; the outer ones are those of the target.</param>
    /// <param name="X">The source buffer.</param>
    /// <param name="From">The place of the box's first element in the source.</param>
    /// <param name="To">Its place in the target.</param>
    public sealed record Part(ImmutableArray<Axis> Axes, int X, long From, long To);

    /// <summary>The copies one after the other, or at once where that is faster.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="parts">What is copied.</param>
    /// <param name="outer">How many rows the target has, of which each part has a piece.</param>
    /// <param name="width">How long such a row is.</param>
    /// <param name="y">The target buffer.</param>
    /// <param name="clear">Whether there are zeros between the parts.</param>
    public static IEnumerable<Step> Of(object text, IReadOnlyList<Part> parts, long outer, long width, int y, bool clear = false)
    {
        if (parts.Count == width && width is > 1 and <= MostSingles && outer >= Lanes.Count
            && parts.All(part => CopyStep.Merge(part.Axes) is [{ From: 1 } axis] && axis.Size == outer && axis.To == width))
        {
            return [new RangeStep(text, outer, 2 * width, (buffers, first, end) => Singles(parts, buffers, first, end, y))];
        }

        RangeBody?[] copies = [.. parts.Select(part => Rows(part, outer, y))];
        if (outer < 2 || width > MostColumns || copies.Contains(null) || copies.Length < 2 && !clear)
        {
            Step[] before = clear ? [CopyStep.Clear($"clear {text}", outer * width, y)] : [];
            return [.. before, .. parts.Select(part => CopyStep.Of(text, part.Axes, part.X, part.From, y, part.To))];
        }

        var stretch = Math.Max(1, StretchSize / Math.Max(1, width));
        return [new RangeStep(text, outer, width, (buffers, first, end) =>
        {
            for (; first < end; first += stretch)
            {
                var next = Math.Min(end, first + stretch);
                if (clear)
                {
                    new Span<float>(buffers[y] + first * width, (int)((next - first) * width)).Clear();
                }

                foreach (var copy in copies)
                {
                    copy!(buffers, first, next);
                }
            }
        })];
    }

    /// <summary>The copy of a part of some of the target's rows; null if they are not the part's outer axes, or if it is
    /// a transpose, which has its own order.</summary>
    private static RangeBody? Rows(Part part, long outer, int y)
    {
        var (axes, x, from, to) = (CopyStep.Merge(part.Axes), part.X, part.From, part.To);
        var (inner, rows) = (axes[^1], axes[..^1].Aggregate(1L, (product, axis) => product * axis.Size));
        if (TransposeStep.Of("", axes, x, from, y, to) is not null)
        {
            return null;
        }

        if (axes.Length == 1 && inner.Size == outer)
        {
            return (buffers, first, end) => CopyRows.Run(buffers[x] + from + first * inner.From, buffers[y] + to + first * inner.To,
                new(1, 0, 0), inner with { Size = end - first });
        }

        var copy = CopyStep.Rows(axes, x, from, y, to);
        return rows % outer == 0 ? (buffers, first, end) => copy(buffers, first * (rows / outer), end * (rows / outer)) : null;
    }

    /// <summary>Parts of one element in each row, sixteen rows at a time: two woven together, more of them four by
    /// four.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Singles(IReadOnlyList<Part> parts, float** buffers, long first, long end, int y)
    {
        var (width, rows) = (parts.Count, (nint)(end - first));
        var target = buffers[y] + first * width;
        var x = stackalloc float*[width];
        for (var i = 0; i < width; i++)
        {
            x[i] = buffers[parts[i].X] + parts[i].From + first;
        }

        var packed = stackalloc float[4 * Lanes.Count];
        for (nint row = 0; rows >= Lanes.Count && row < rows; row += Lanes.Count)
        {
            var at = nint.Min(row, rows - Lanes.Count);
            if (width == 2)
            {
                Interleave.Store(Vector512.Load(x[0] + at), Vector512.Load(x[1] + at), target + at * 2);
            }
            else if (width == 3)
            {
                // Each row's surplus is overwritten by the next, the last one's is room on the stack.
                Quads.ToRows(x[0] + at, x[1] + at, x[2] + at, x[2] + at, packed, 3);
                for (var i = 0; i < 3; i++)
                {
                    Vector512.Load(packed + i * Lanes.Count).Store(target + at * 3 + i * Lanes.Count);
                }
            }

            for (var i = 0; width > 3 && i < width; i += 4)
            {
                var t = Math.Min(i, width - 4);
                Quads.ToRows(x[t] + at, x[t + 1] + at, x[t + 2] + at, x[t + 3] + at, target + at * width + t, width);
            }
        }

        for (nint row = 0; rows < Lanes.Count && row < rows; row++)
        {
            for (var i = 0; i < width; i++)
            {
                target[row * width + i] = x[i][row];
            }
        }
    }
}
