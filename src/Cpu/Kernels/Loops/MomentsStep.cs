namespace AutoDiffCnn;

/// <summary>Where blocks put what they know of their moments.</summary>
/// <param name="Means">About the mean of a block.</param>
/// <param name="Rests">The sum of the deviations from it: what it lacks, as it is rounded.</param>
/// <param name="Squares">The sum of the squared deviations from it.</param>
internal readonly record struct MomentsBuffers(int Means, int Rests, int Squares);

/// <summary>Σx and Σ(x − mean)² in one pass over memory: each block is summed, and then, still in the cache, its
/// deviations from its own mean and their squares. <see cref="MergeStep"/> makes those of all out of them.</summary>
/// <param name="text">What is done.</param>
/// <param name="sum">The loop of the sum.</param>
/// <param name="deviations">The loop of the deviations from a given mean and of their squares.</param>
/// <param name="grid">The blocks.</param>
/// <param name="parts">The blocks' results.</param>
internal sealed unsafe class MomentsStep(object text, Loop sum, Loop deviations, FoldGrid grid, MomentsBuffers parts)
    : Step(text)
{
    private readonly int rowSize = sum.Joined > 1 ? Whole((int)sum.Columns) : 0;
    private readonly int meanSize = Whole((int)(grid.IsAcross ? grid.ColumnsPerBlock : grid.RowsPerBlock));

    public override int Pieces => grid.Count;

    public override int Scratch => 2 * rowSize + meanSize + Math.Max(sum.Scratch, deviations.Scratch);

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var block = grid[piece];
        var offset = grid.Offset(block);
        var mean = scratch + 2 * rowSize;
        var first = stackalloc float*[] { buffers[parts.Means] + offset };
        Fold(sum, block, buffers, null, first, scratch);
        Means(first[0], block, mean);
        var second = stackalloc float*[] { buffers[parts.Rests] + offset, buffers[parts.Squares] + offset };
        Fold(deviations, block, buffers, mean, second, scratch);
    }

    /// <summary>Runs a loop over a block. Where rows are joined its sums are, too, and are added up in the
    /// end.</summary>
    private void Fold(Loop loop, Block block, float** buffers, float* given, float** targets, float* scratch)
    {
        var sums = stackalloc float*[loop.Folds];
        for (var i = 0; i < loop.Folds; i++)
        {
            sums[i] = rowSize > 0 ? scratch + i * rowSize : targets[i];
        }

        FoldStep.Run(loop, grid, block, buffers, given, sums, scratch + 2 * rowSize + meanSize);
        for (var i = 0; rowSize > 0 && i < loop.Folds; i++)
        {
            FoldStep.AddJoined(sums[i], loop, targets[i]);
        }
    }

    /// <summary>Divides sums by their count, and writes the means out as the second loop reads them: one a column, or
    /// one a row.</summary>
    private void Means(float* source, Block block, float* mean)
    {
        var count = (float)grid.Terms(block);
        var columns = grid.IsAcross ? (int)Math.Min(block.Columns, sum.Space.Columns) : 1;
        var (length, step) = grid.IsAcross ? (columns, 1) : ((int)block.Rows, (int)grid.ColumnBlocks);
        for (var i = 0; i < length; i++)
        {
            mean[i] = source[i * step] /= count;
        }

        for (var i = length; grid.IsAcross && i < block.Columns; i++)
        {
            mean[i] = mean[i - columns];
        }
    }
}
