using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Axis = AutoDiffCnn.CopyStep.Axis;

namespace AutoDiffCnn;

/// <summary>An index as runs of positions that follow one another: the index of a border, say, is a long one between
/// short ones. Each is moved at once, for many rows.</summary>
internal static unsafe class IndexRuns
{
    private const int Most = 64;
    private const int LeastLength = 3;
    private const long BlockSize = 1 << 12;

    /// <summary>Positions j … j + length − 1 of the index, which hold at … at + length − 1.</summary>
    private readonly record struct IndexRun(long J, long At, long Length);

    /// <summary>y[o, j, i] = x[o, index[j], i] for rows o, if the index is worth it.</summary>
    [SkipLocalsInit]
    public static bool Gather(float* x, float* y, uint* index, long count, long size, long inner, long rows)
    {
        var runs = stackalloc IndexRun[Most];
        var found = Find(index, count, size, runs);
        var block = Math.Max(1, BlockSize / Math.Max(1, count * inner));
        for (var row = 0L; found > 0 && row < rows; row += block)
        {
            var height = Math.Min(block, rows - row);
            for (var k = 0; k < found; k++)
            {
                CopyRows.Run(x + (row * size + runs[k].At) * inner, y + (row * count + runs[k].J) * inner,
                    new(height, size * inner, count * inner), new(runs[k].Length * inner, 1, 1));
            }
        }

        return found > 0;
    }

    /// <summary>y[o, index[j], i] += x[o, j, i] into zeros for rows o, in the order of j, if the index is worth
    /// it.</summary>
    [SkipLocalsInit]
    public static bool ScatterAdd(float* x, float* y, uint* index, long count, long size, long inner, long rows)
    {
        var runs = stackalloc IndexRun[Most];
        var found = Find(index, count, size, runs);
        var block = Math.Max(1, BlockSize / Math.Max(1, count * inner));
        for (var row = 0L; found > 0 && row < rows; row += block)
        {
            var height = Math.Min(block, rows - row);
            new Span<float>(y + row * size * inner, (int)(height * size * inner)).Clear();
            for (var k = 0; k < found; k++)
            {
                Add(x + (row * count + runs[k].J) * inner, y + (row * size + runs[k].At) * inner,
                    new(height, count * inner, size * inner), (nint)(runs[k].Length * inner));
            }
        }

        return found > 0;
    }

    /// <summary>The runs; none if they are short, or if a position lies outside.</summary>
    private static int Find(uint* index, long count, long size, IndexRun* runs)
    {
        var found = 0;
        for (var j = 0L; j < count;)
        {
            long at = index[j], length = 1;
            while (j + length < count && index[j + length] == at + length)
            {
                length++;
            }

            if (found == Most || at + length > size)
            {
                return 0;
            }

            runs[found++] = new(j, at, length);
            j += length;
        }

        return found * LeastLength <= count ? found : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Add(float* source, float* target, Axis rows, nint width)
    {
        var (count, from, to) = ((nint)rows.Size, (nint)rows.From, (nint)rows.To);
        for (nint row = 0; row < count; row++, source += from, target += to)
        {
            nint i = 0;
            for (; i + Lanes.Count <= width; i += Lanes.Count)
            {
                (Vector512.Load(target + i) + Vector512.Load(source + i)).Store(target + i);
            }

            for (; i + 4 <= width; i += 4)
            {
                (Vector128.Load(target + i) + Vector128.Load(source + i)).Store(target + i);
            }

            for (; i < width; i++)
            {
                target[i] += source[i];
            }
        }
    }
}
