using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Axis = AutoDiffCnn.CopyStep.Axis;

namespace AutoDiffCnn;

/// <summary>Copies where neighbours in the source are not neighbours in the target: y[s · to + t] = x[t · from + s],
/// for each position on the other axes. Quads are transposed in registers, so that whole cache lines are written
/// whatever the distances are, and what is read of a line is read before it is gone.</summary>
/// <param name="along">The axis on which neighbours lie together in the source.</param>
/// <param name="across">The axis on which neighbours lie together in the target.</param>
/// <param name="outer">The others, outermost first.</param>
internal sealed unsafe class TransposeStep(Axis along, Axis across, ImmutableArray<Axis> outer)
{
    private const int Side = Lanes.Count;

    // Measured: long rows in the source suit the prefetcher, more lines in the target than these fall out of the
    // nearest cache before they are full.
    private const int ChunkAlong = 256;
    private const int ChunkAcross = 64;
    private const int ChunkNarrow = 1024;

    private readonly long chunksAlong = Chunks(along, across, ChunkAlong);
    private readonly long chunksAcross = Chunks(across, along, ChunkAcross);

    /// <summary>The copy, or null if it is none that is faster in squares.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="axes">The axes, outermost first, none of size 1.</param>
    /// <param name="x">The source buffer.</param>
    /// <param name="from">The place of the first element in the source.</param>
    /// <param name="y">The target buffer.</param>
    /// <param name="to">The place of the first element in the target.</param>
    public static Step? Of(object text, ImmutableArray<Axis> axes, int x, long from, int y, long to)
    {
        var (along, across) = (axes.FirstOrDefault(axis => axis.From == 1), axes.FirstOrDefault(axis => axis.To == 1));
        if (along == across || Math.Min(along.Size, across.Size) < 2 || Math.Max(along.Size, across.Size) < Side)
        {
            return null;
        }

        var step = new TransposeStep(along, across, axes.Remove(along).Remove(across));
        var chunks = step.chunksAlong * step.chunksAcross;
        var items = axes.Aggregate(1L, (product, axis) => product * axis.Size) / (along.Size * across.Size) * chunks;
        return new RangeStep(text, items, along.Size * across.Size / chunks, (buffers, first, end) =>
        {
            for (var item = first; item < end; item++)
            {
                step.Run(buffers[x] + from, buffers[y] + to, item);
            }
        });
    }

    private static long Chunks(Axis axis, Axis other, int size) =>
        Math.Max(1, axis.Size / (other.Size < Side ? ChunkNarrow : size));

    private void Run(float* source, float* target, long item)
    {
        var (rest, numberAlong) = Math.DivRem(item, chunksAlong);
        (rest, var numberAcross) = Math.DivRem(rest, chunksAcross);
        for (var axis = outer.Length - 1; axis >= 0; axis--)
        {
            (rest, var at) = Math.DivRem(rest, outer[axis].Size);
            source += at * outer[axis].From;
            target += at * outer[axis].To;
        }

        // Chunks are as equal as can be: none of a long side is smaller than a vector, and none overlaps another.
        var (s, t) = (numberAlong * along.Size / chunksAlong, numberAcross * across.Size / chunksAcross);
        var width = (nint)((numberAlong + 1) * along.Size / chunksAlong - s);
        var height = (nint)((numberAcross + 1) * across.Size / chunksAcross - t);
        source += t * across.From + s;
        target += s * along.To + t;
        var (from, to) = ((nint)across.From, (nint)along.To);
        switch (width, height)
        {
            case ( >= 4, >= Side):
                ToLines(source, from, target, to, width, height);
                break;
            case (_, >= 4 and < Side):
                ToRows(source, from, target, to, width, height);
                break;
            case (_, >= Side):
                FromShortRows(source, from, target, to, (int)width, height);
                break;
            default:
                ToShortRows(source, from, target, to, width, (int)height);
                break;
        }
    }

    /// <summary>Both sides hold a quad; the last ones overlap those before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ToLines(float* source, nint from, float* target, nint to, nint width, nint height)
    {
        for (nint i = 0; i < height; i += Side)
        {
            var t = nint.Min(i, height - Side);
            for (nint k = 0; k < width; k += 4)
            {
                var s = nint.Min(k, width - 4);
                Quads.ToLines(source + t * from + s, from, target + s * to + t, to);
            }
        }
    }

    /// <summary>Rows in the target are shorter than a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ToRows(float* source, nint from, float* target, nint to, nint width, nint height)
    {
        for (nint k = 0; k < width; k += Side)
        {
            var s = nint.Min(k, width - Side);
            for (nint i = 0; i < height; i += 4)
            {
                var t = nint.Min(i, height - 4);
                var x = source + t * from + s;
                Quads.ToRows(x, x + from, x + 2 * from, x + 3 * from, target + s * to + t, to);
            }
        }
    }

    /// <summary>Rows of two or three in the target: pixels of few channels. Each row's surplus is overwritten by the
    /// next, the last one's is room on the stack.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ToShortRows(float* source, nint from, float* target, nint to, nint width, int height)
    {
        var packed = stackalloc float[4 * Side];
        for (nint k = 0; k < width; k += Side)
        {
            var s = nint.Min(k, width - Side);
            var x = source + s;
            Quads.ToRows(x, x + from, x + (height - 1) * from, x + (height - 1) * from, packed, height);
            CopyRows(packed, height, target + s * to, to, height);
        }
    }

    /// <summary>Rows of two or three in the source.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void FromShortRows(float* source, nint from, float* target, nint to, int width, nint height)
    {
        var packed = stackalloc float[4 * Side];
        var lines = stackalloc float[4 * Side];
        for (nint i = 0; i < height; i += Side)
        {
            var t = nint.Min(i, height - Side);
            CopyRows(source + t * from, from, packed, width, width);
            Quads.ToLines(packed, width, lines, Side);
            for (var s = 0; s < width; s++)
            {
                Vector512.Load(lines + s * Side).Store(target + s * to + t);
            }
        }
    }

    /// <summary>Sixteen rows of two or three.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRows(float* source, nint from, float* target, nint to, int count)
    {
        if (from == count && to == count)
        {
            for (var i = 0; i < count; i++)
            {
                Vector512.Load(source + i * Side).Store(target + i * Side);
            }

            return;
        }

        for (var row = 0; row < Side; row++, source += from, target += to)
        {
            for (var i = 0; i < count; i++)
            {
                target[i] = source[i];
            }
        }
    }
}
