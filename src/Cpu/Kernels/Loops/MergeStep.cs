using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The sum and the squared deviations of all from those of blocks, in the order of the blocks and in double
/// precision: Σ(x − m)² = Σᵦ (Σ(x − mᵦ)² + countᵦ · (mᵦ − m)²), after each block's mean has been corrected by what is
/// left of its deviations.</summary>
/// <param name="grid">The blocks.</param>
/// <param name="kept">The place of the results in the loop's space.</param>
/// <param name="parts">The blocks' results.</param>
/// <param name="terms">How many terms each result has.</param>
/// <param name="sum">The buffer of the sum.</param>
/// <param name="squares">The buffer of the squared deviations.</param>
/// <remarks>T. Chan, G. Golub, R. LeVeque, Algorithms for Computing the Sample Variance, The American Statistician 37,
/// 1983.</remarks>
internal sealed unsafe class MergeStep(FoldGrid grid, View kept, MomentsBuffers parts, long terms, int sum, int squares)
    : Step($"merge {grid.Count} moments")
{
    // Eight sums in double precision are a vector.
    private const int Side = 8;
    private const int ColumnsPerPiece = 8 * Side;

    private readonly int results = (int)grid.Partial(kept).To.Elements;

    // Columns that are kept lie side by side in each row of blocks.
    private readonly int columns = grid.IsAcross && kept.Column != 0 ? (int)grid.Sums.Inner : 1;
    private readonly int[] targets = Targets(grid, kept);
    private readonly float[] counts = Counts(grid);

    public override int Pieces => (columns + ColumnsPerPiece - 1) / ColumnsPerPiece;

    public override int Scratch => 4 * results + Lanes.Count;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (first, end) = (piece * ColumnsPerPiece, Math.Min(columns, (piece + 1) * ColumnsPerPiece));
        var totals = (double*)scratch;
        var sums = totals + results;
        new Span<double>(totals, 2 * results).Clear();
        for (var i = 0; i < targets.Length; i += columns)
        {
            Add(buffers[parts.Means] + i, buffers[parts.Rests] + i, counts[i], totals + targets[i], first, end);
        }

        for (var i = 0; i < targets.Length; i += columns)
        {
            AddSquares(buffers[parts.Means] + i, buffers[parts.Rests] + i, buffers[parts.Squares] + i, counts[i],
                totals + targets[i], sums + targets[i], first, end);
        }

        for (var i = 0; i < results; i += columns)
        {
            for (var column = first; column < end; column++)
            {
                buffers[sum][i + column] = (float)totals[i + column];
                buffers[squares][i + column] = (float)sums[i + column];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* means, float* rests, double count, double* totals, int first, int end)
    {
        var i = first;
        for (; i + Side <= end; i += Side)
        {
            (Vector512.Load(totals + i) + (count * Doubles(means + i) + Doubles(rests + i))).Store(totals + i);
        }

        for (; i < end; i++)
        {
            totals[i] += count * means[i] + rests[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddSquares(float* means, float* rests, float* deviations, double count, double* totals, double* sums, int first, int end)
    {
        var i = first;
        for (; i + Side <= end; i += Side)
        {
            var rest = Doubles(rests + i) / Vector512.Create(count);
            var apart = Doubles(means + i) + rest - Vector512.Load(totals + i) / Vector512.Create((double)terms);
            (Vector512.Load(sums + i) + (Doubles(deviations + i) + count * (apart * apart - rest * rest))).Store(sums + i);
        }

        for (; i < end; i++)
        {
            var rest = rests[i] / count;
            var apart = means[i] + rest - totals[i] / terms;
            sums[i] += deviations[i] + count * (apart * apart - rest * rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Doubles(float* source)
    {
        var (low, high) = Vector256.Widen(Vector256.Load(source));
        return Vector512.Create(low, high);
    }

    /// <summary>For each partial sum the result to which it belongs.</summary>
    private static int[] Targets(FoldGrid grid, View kept)
    {
        var (from, to) = grid.Partial(kept);
        var target = Broadcast.Map(to, from);
        return [.. Enumerable.Range(0, (int)from.Elements).Select(target)];
    }

    /// <summary>For each partial sum the number of its terms.</summary>
    private static float[] Counts(FoldGrid grid)
    {
        var terms = new float[grid.Space.Planes * grid.Sums.Outer * grid.Sums.Inner];
        for (var i = 0; i < grid.Count; i++)
        {
            var block = grid[i];
            var rows = grid.IsAcross ? 1 : block.Rows;
            var width = grid.IsAcross ? Math.Min(block.Columns, grid.Space.Columns) : 1;
            for (var row = 0; row < rows; row++)
            {
                var first = (int)(grid.Offset(block) + row * grid.ColumnBlocks);
                terms.AsSpan(first, (int)width).Fill(grid.Terms(block));
            }
        }

        return terms;
    }
}
