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
    private readonly int results = (int)grid.Partial(kept).To.Elements;
    private readonly int[] targets = Targets(grid, kept);
    private readonly float[] counts = Counts(grid);

    public override int Scratch => 4 * results + Lanes.Count;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var means = buffers[parts.Means];
        var rests = buffers[parts.Rests];
        var deviations = buffers[parts.Squares];
        var totals = (double*)scratch;
        var sums = totals + results;
        new Span<double>(totals, 2 * results).Clear();
        for (var i = 0; i < targets.Length; i++)
        {
            totals[targets[i]] += counts[i] * (double)means[i] + rests[i];
        }

        for (var i = 0; i < targets.Length; i++)
        {
            var rest = rests[i] / (double)counts[i];
            var apart = means[i] + rest - totals[targets[i]] / terms;
            sums[targets[i]] += deviations[i] + counts[i] * (apart * apart - rest * rest);
        }

        for (var i = 0; i < results; i++)
        {
            buffers[sum][i] = (float)totals[i];
            buffers[squares][i] = (float)sums[i];
        }
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
            var columns = grid.IsAcross ? Math.Min(block.Columns, grid.Space.Columns) : 1;
            for (var row = 0; row < rows; row++)
            {
                var first = (int)(grid.Offset(block) + row * grid.ColumnBlocks);
                terms.AsSpan(first, (int)columns).Fill(grid.Terms(block));
            }
        }

        return terms;
    }
}
