using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>A mix along rows, sixteen results at a time: their first terms, then their second ones and so on, each time from
/// two registers of neighbours. Nothing is turned.</summary>
/// <param name="size">The length of a row of x.</param>
/// <param name="results">The length of a row of y.</param>
/// <param name="ends">For each sixteen results where their terms end.</param>
/// <param name="starts">For each term where its neighbours begin.</param>
/// <param name="places">For each term which of the neighbours each result takes; below 0 if it has fewer terms.</param>
/// <param name="weights">For each term the weight of each result.</param>
/// <param name="isTaking">Whether each result is an element as it is.</param>
internal sealed unsafe class MixWindows(int size, int results, int[] ends, int[] starts, int[] places, float[] weights, bool isTaking)
{
    private const int Width = 2 * Lanes.Count;

    // What sixteen rows cost, in cycles: a term of a window, an element that is turned, a term of what is turned.
    private const int WindowCost = 48;
    private const int TurnCost = 10;
    private const int TermCost = 2;

    /// <summary>The matrix so; null if neighbours take from too far apart, or if turning sixteen rows is faster.</summary>
    public static MixWindows? Of(MixMatrix matrix, bool isTaking)
    {
        var (ends, starts, places, weights) = (new List<int>(), new List<int>(), new List<int>(), new List<float>());
        for (var first = 0; Avx512F.IsSupported && first < matrix.Rows; first += Lanes.Count)
        {
            var rows = Enumerable.Range(first, Lanes.Count)
                .Select(row => row < matrix.Rows ? matrix.Row(row).ToArray() : []).ToArray();
            for (var term = 0; term < rows.Max(row => row.Length); term++)
            {
                var columns = rows.Where(row => row.Length > term).Select(row => row[term].Column);
                var start = Math.Clamp(columns.Min(), 0, Math.Max(0, matrix.Columns - Width));
                if (columns.Max() - start >= Width)
                {
                    return null;
                }

                starts.Add(start);
                places.AddRange(rows.Select(row => row.Length > term ? row[term].Column - start : -1));
                weights.AddRange(rows.Select(row => row.Length > term ? (float)row[term].Weight : 0));
            }

            ends.Add(starts.Count);
        }

        return Avx512F.IsSupported
            && WindowCost * (long)starts.Count <= TurnCost * ((long)matrix.Columns + matrix.Rows) + TermCost * (long)matrix.Terms
                ? new(matrix.Columns, matrix.Rows, [.. ends], [.. starts], [.. places], [.. weights], isTaking)
                : null;
    }

    /// <summary>Some rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Run(float* x, float* y, long rows)
    {
        fixed (int* end = ends, start = starts, place = places)
        fixed (float* weight = weights)
        {
            for (var row = 0L; row < rows; row++, x += size, y += results)
            {
                var (low, high) = (Tail.Load512(x, size), Tail.Load512(x + Lanes.Count, size - Lanes.Count));
                var term = 0;
                for (var block = 0; block < ends.Length; block++)
                {
                    var sum = Vector512<float>.Zero;
                    for (; term < end[block]; term++)
                    {
                        if (size > Width)
                        {
                            (low, high) = (Vector512.Load(x + start[term]), Vector512.Load(x + start[term] + Lanes.Count));
                        }

                        var at = Vector512.Load(place + term * Lanes.Count);
                        var taken = Avx512F.PermuteVar16x32x2(low, at, high);
                        sum = isTaking ? taken : Vector512.ConditionalSelect(
                            Vector512.GreaterThanOrEqual(at, Vector512<int>.Zero).AsSingle(),
                            Numerics.Fma(taken, Vector512.Load(weight + term * Lanes.Count), sum), sum);
                    }

                    Tail.Store(sum, y + block * Lanes.Count, Math.Min(Lanes.Count, results - block * Lanes.Count));
                }
            }
        }
    }
}
