using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The sum and the squared deviations of all from those of blocks, in the order of the blocks and in double
/// precision: Σ(x − m)² = Σᵦ (Σ(x − mᵦ)² + countᵦ · (mᵦ − m)²), after each block's mean has been corrected by what is
/// left of its deviations.</summary>
/// <remarks>T. Chan, G. Golub, R. LeVeque, Algorithms for Computing the Sample Variance, The American Statistician 37,
/// 1983.</remarks>
internal sealed unsafe class MergeStep : Step
{
    private const int ResultsPerPiece = 64;

    private readonly MomentsBuffers parts;
    private readonly double terms;
    private readonly int sum;
    private readonly int squares;
    private readonly int results;

    // Blocks' results lie in runs of neighbours that have as many terms and go to neighbours.
    private readonly int length;
    private readonly (int Target, double Count)[] runs;

    /// <summary>The step.</summary>
    /// <param name="grid">The blocks.</param>
    /// <param name="kept">The place of the results in the loop's space.</param>
    /// <param name="parts">The blocks' results.</param>
    /// <param name="terms">How many terms each result has.</param>
    /// <param name="sum">The buffer of the sum.</param>
    /// <param name="squares">The buffer of the squared deviations.</param>
    public MergeStep(FoldGrid grid, View kept, MomentsBuffers parts, long terms, int sum, int squares)
        : base($"merge {grid.Count} moments")
    {
        (this.parts, this.terms, this.sum, this.squares) = (parts, terms, sum, squares);
        var (from, to) = grid.Partial(kept);
        var areRows = !grid.IsAcross && grid.ColumnBlocks == 1 && kept.Row != 0;
        results = (int)to.Elements;
        length = grid.IsAcross && kept.Column != 0 ? from[^1] : areRows ? from[^2] : 1;
        var (target, counts) = (Broadcast.Map(to, from), Counts(grid));
        runs = [.. Arrays.Range(0, (int)from.Elements / length)
            .Select(run => (target(run * length), (double)counts[run * length]))];
    }

    public override int Pieces => (length + ResultsPerPiece - 1) / ResultsPerPiece;

    public override int Scratch => 4 * results + Lanes.Count;

    /// <summary>Some neighbours of each run.</summary>
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (first, end) = (piece * ResultsPerPiece, Math.Min(length, (piece + 1) * ResultsPerPiece));
        var totals = (double*)scratch;
        var sums = totals + results;
        new Span<double>(totals, 2 * results).Clear();
        var means = buffers[parts.Means];
        var rests = buffers[parts.Rests];
        for (var run = 0; run < runs.Length; run++)
        {
            AddSums(means + run * length, rests + run * length, runs[run].Count, totals + runs[run].Target, first, end);
        }

        for (var result = 0; result < results; result += length)
        {
            for (var i = result + first; i < result + end; i++)
            {
                buffers[sum][i] = (float)totals[i];
                totals[i] /= terms;
            }
        }

        for (var run = 0; run < runs.Length; run++)
        {
            var (target, count) = runs[run];
            AddSquares(means + run * length, rests + run * length, buffers[parts.Squares] + run * length, count,
                totals + target, sums + target, first, end);
        }

        for (var result = 0; result < results; result += length)
        {
            for (var i = result + first; i < result + end; i++)
            {
                buffers[squares][i] = (float)sums[i];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddSums(float* means, float* rests, double count, double* totals, int first, int end)
    {
        var i = first;
        for (; i + Vector512<double>.Count <= end; i += Vector512<double>.Count)
        {
            var total = Vector512.Load(totals + i) + (Wide(means + i) * Vector512.Create(count) + Wide(rests + i));
            total.Store(totals + i);
        }

        for (; i < end; i++)
        {
            totals[i] += means[i] * count + rests[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddSquares(float* means, float* rests, float* squaresOfBlock, double count,
        double* mean, double* sums, int first, int end)
    {
        var i = first;
        for (; i + Vector512<double>.Count <= end; i += Vector512<double>.Count)
        {
            var rest = Wide(rests + i) / Vector512.Create(count);
            var apart = Wide(means + i) + rest - Vector512.Load(mean + i);
            var square = Wide(squaresOfBlock + i) + (apart * apart - rest * rest) * Vector512.Create(count);
            (Vector512.Load(sums + i) + square).Store(sums + i);
        }

        for (; i < end; i++)
        {
            var rest = rests[i] / count;
            var apart = means[i] + rest - mean[i];
            sums[i] += squaresOfBlock[i] + (apart * apart - rest * rest) * count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Wide(float* source)
    {
        var (lower, upper) = Vector256.Widen(Vector256.Load(source));
        return Vector512.Create(lower, upper);
    }

    /// <summary>For each partial result the number of its terms.</summary>
    private static float[] Counts(FoldGrid grid)
    {
        var counts = new float[grid.Space.Planes * grid.Sums.Outer * grid.Sums.Inner];
        for (var i = 0; i < grid.Count; i++)
        {
            var block = grid[i];
            var rows = grid.IsAcross ? 1 : block.Rows;
            var columns = grid.IsAcross ? Math.Min(block.Columns, grid.Space.Columns) : 1;
            for (var row = 0; row < rows; row++)
            {
                var first = (int)(grid.Offset(block) + row * grid.ColumnBlocks);
                counts.AsSpan(first, (int)columns).Fill(grid.Terms(block));
            }
        }

        return counts;
    }
}
