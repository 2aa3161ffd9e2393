using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A chain of elementwise ops that ends in sums, as one pass over memory. Each block writes partial sums,
/// which a <see cref="SumStep"/> adds up, or the sums themselves if a block has all of their terms.</summary>
/// <param name="text">What is done.</param>
/// <param name="loop">The loop, all of whose folds are of one kind.</param>
/// <param name="grid">Its blocks.</param>
/// <param name="targets">A buffer for each fold's partial sums.</param>
internal sealed unsafe class FoldStep(object text, Loop loop, FoldGrid grid, ImmutableArray<int> targets) : Step(text)
{
    // Where rows are joined, a row of sums is several: they are added up in scratch memory.
    private readonly int rowSize = loop.Joined > 1 ? (int)loop.Columns : 0;

    public override int Pieces => grid.Count;

    public override int Scratch => rowSize * targets.Length + loop.Scratch;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var block = grid[piece];
        var sums = stackalloc float*[targets.Length];
        for (var i = 0; i < targets.Length; i++)
        {
            sums[i] = rowSize > 0 ? scratch + i * rowSize : buffers[targets[i]] + grid.Offset(block);
        }

        Run(loop, grid, block, buffers, null, sums, scratch + rowSize * targets.Length);
        for (var i = 0; rowSize > 0 && i < targets.Length; i++)
        {
            AddJoined(sums[i], loop, buffers[targets[i]] + grid.Offset(block));
        }
    }

    /// <summary>Runs a block, with sums that begin at 0.</summary>
    public static void Run(Loop loop, FoldGrid grid, Block block, float** buffers, float* given, float** sums,
        float* scratch)
    {
        for (var i = 0; grid.IsAcross && i < loop.Folds; i++)
        {
            new Span<float>(sums[i], (int)block.Columns).Clear();
        }

        loop.RunBlock(buffers, block, given, sums, grid.Sums.Inner, scratch);
    }

    /// <summary>Adds the rows that were joined to one, in their order.</summary>
    public static void AddJoined(float* joined, Loop loop, float* target)
    {
        var columns = (int)loop.Space.Columns;
        new ReadOnlySpan<float>(joined, columns).CopyTo(new Span<float>(target, columns));
        for (var time = 1; time < loop.Joined; time++)
        {
            for (var column = 0; column < columns; column++)
            {
                target[column] += joined[time * columns + column];
            }
        }
    }
}
