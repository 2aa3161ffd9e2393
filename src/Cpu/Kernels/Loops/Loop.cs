using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A loop with the buffers that it goes over. Any stretch of its elements can be run, or any block.</summary>
/// <remarks>Short rows over which small operands are repeated, as the channels of an image [n, h, w, 10], would make
/// short loops with a ragged end. Such rows are joined: the small operands are written out a few times into scratch
/// memory, so that each joined row is made of whole registers.</remarks>
internal sealed unsafe class Loop
{
    // A joined row has at least a few registers, and the written-out operands stay small.
    private const int LeastColumns = 64;
    private const int MostColumns = 2048;

    private readonly LoopCode code;
    private readonly Space space;
    private readonly ImmutableArray<Operand> operands;
    private readonly ImmutableArray<Fold> folds;
    private readonly int patterns;

    /// <summary>A loop.</summary>
    /// <param name="code">What is done.</param>
    /// <param name="space">The elements.</param>
    /// <param name="operands">The sources, then the results.</param>
    /// <param name="mayJoin">Whether rows may be joined.</param>
    public Loop(LoopCode code, Space space, ImmutableArray<Operand> operands, bool mayJoin)
    {
        (this.code, this.space, this.operands, folds) = (code, space, operands, code.Body.Folds);
        Joined = mayJoin ? JoinedRows(space, operands, folds) : 1;
        patterns = Joined > 1 ? operands.Count(operand => operand.IsPattern) : 0;
    }

    /// <summary>What is done to each element.</summary>
    public LoopBody Body => code.Body;

    /// <summary>The sources, then the results.</summary>
    public ImmutableArray<Operand> Operands => operands;

    /// <summary>The elements.</summary>
    public Space Space => space;

    /// <summary>How many folds there are.</summary>
    public int Folds => folds.Length;

    /// <summary>How many rows are joined to one.</summary>
    public int Joined { get; }

    /// <summary>The elements of a joined row.</summary>
    public long Columns => space.Columns * Joined;

    /// <summary>The joined rows of a plane; the last may be shorter.</summary>
    public long Rows => (space.Plane + Columns - 1) / Math.Max(1, Columns);

    /// <summary>The floats of scratch memory that a run needs.</summary>
    public int Scratch => PatternSize * patterns + code.Scratch;

    private int PatternSize => (int)Columns;

    /// <summary>Runs the elements first … end − 1 of a loop without folds.</summary>
    public void RunRange(float** buffers, long first, long end, float* scratch)
    {
        var arguments = stackalloc nint[code.Body.Arguments];
        var origins = stackalloc float*[code.Body.Operands];
        var run = new Running(arguments, origins, 0);
        while (first < end)
        {
            var (plane, start) = Math.DivRem(first, space.Plane);
            var length = Math.Min(space.Plane - start, end - first);
            Begin(buffers, plane, run, null, scratch);
            RunPlane(run, start, length, scratch + PatternSize * patterns);
            first += length;
        }
    }

    /// <summary>Runs a block of joined rows.</summary>
    /// <param name="buffers">The address of each buffer.</param>
    /// <param name="block">The block.</param>
    /// <param name="given">Where the operand lies that has no buffer: one float a row, or a row.</param>
    /// <param name="sums">Where the first row's sum of each fold goes, or the row of sums.</param>
    /// <param name="sumStep">The distance from row to row there.</param>
    /// <param name="scratch">Scratch memory.</param>
    public void RunBlock(float** buffers, Block block, float* given, float** sums, long sumStep, float* scratch)
    {
        var arguments = stackalloc nint[code.Body.Arguments];
        var origins = stackalloc float*[code.Body.Operands];
        var run = new Running(arguments, origins, sumStep);
        Begin(buffers, block.Plane, run, given, scratch);
        for (var i = 0; i < operands.Length; i++)
        {
            if (operands[i] is { Buffer: Operand.Given, View: { } view })
            {
                run.Origins[i] = given - block.Row * view.Row - block.Column * view.Column;
            }
        }

        for (var i = 0; i < folds.Length; i++)
        {
            var across = folds[i].Kind == FoldKind.Across;
            run.Origins[operands.Length + i] = sums[i] - (across ? block.Column : block.Row * sumStep);
        }

        var whole = Math.Clamp(space.Plane / Columns - block.Row, 0, block.Rows);
        scratch += PatternSize * patterns;
        if (whole > 0)
        {
            RunRows(run, block.Row, block.Column, whole, block.Columns, scratch);
        }

        if (whole < block.Rows)
        {
            RunRows(run, block.Row + whole, 0, 1, space.Plane % Columns, scratch);
        }
    }

    /// <summary>Where each operand begins in a plane; patterns are written out.</summary>
    private void Begin(float** buffers, long plane, Running run, float* given, float* scratch)
    {
        for (var i = 0; i < operands.Length; i++)
        {
            var (buffer, view, number, _) = operands[i];
            if (view is null)
            {
                *(float*)(run.Arguments + LoopBody.FirstArgument + 2 * i) = number;
                continue;
            }

            run.Origins[i] = buffer == Operand.Given ? given : buffers[buffer] + space.Offset(view, plane);
            if (Joined > 1 && operands[i].IsPattern)
            {
                var pattern = new ReadOnlySpan<float>(run.Origins[i], (int)space.Columns);
                run.Origins[i] = scratch;
                for (var time = 0; time < Joined; time++, scratch += space.Columns)
                {
                    pattern.CopyTo(new Span<float>(scratch, pattern.Length));
                }
            }
        }
    }

    /// <summary>A stretch within a plane: the end of a row, whole rows, the beginning of a row.</summary>
    private void RunPlane(Running run, long start, long length, float* scratch)
    {
        var (row, column) = Math.DivRem(start, Columns);
        if (column > 0)
        {
            var rest = Math.Min(Columns - column, length);
            RunRows(run, row++, column, 1, rest, scratch);
            length -= rest;
        }

        var (rows, last) = Math.DivRem(length, Columns);
        if (rows > 0)
        {
            RunRows(run, row, 0, rows, Columns, scratch);
        }

        if (last > 0)
        {
            RunRows(run, row + rows, 0, 1, last, scratch);
        }
    }

    private void RunRows(Running run, long row, long column, long rows, long columns, float* scratch)
    {
        var arguments = run.Arguments;
        arguments[0] = (nint)rows;
        arguments[1] = (nint)(columns * sizeof(float));
        arguments[2] = (nint)column;
        arguments += LoopBody.FirstArgument;
        for (var i = 0; i < operands.Length; i++, arguments += 2)
        {
            if (operands[i].View is { } view)
            {
                var step = view.Row * Joined;
                arguments[0] = (nint)(run.Origins[i] + row * step + column * view.Column);
                arguments[1] = (nint)step;
            }
        }

        for (var i = 0; i < folds.Length; i++, arguments += 2)
        {
            var across = folds[i].Kind == FoldKind.Across;
            arguments[0] = (nint)(run.Origins[operands.Length + i] + (across ? column : row * run.SumStep));
            arguments[1] = (nint)(across ? 0 : run.SumStep);
        }

        code.Run(run.Arguments, scratch);
    }

    /// <summary>How many rows can be joined: only operands that are dense or one row, no sums of single rows.</summary>
    private static int JoinedRows(Space space, ImmutableArray<Operand> operands, ImmutableArray<Fold> folds)
    {
        if (space.Rows == 1 || space.Columns >= LeastColumns && space.Columns % Lanes.Count == 0
            || operands.Any(operand => operand.View is { Row: not 0 } view && view != space.Dense)
            || folds.Any(fold => fold.Kind != FoldKind.Across))
        {
            return 1;
        }

        var times = Lanes.Count / Gcd(space.Columns, Lanes.Count);
        while (times * space.Columns < LeastColumns)
        {
            times *= 2;
        }

        return times * space.Columns <= MostColumns ? (int)times : 1;
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);

    /// <summary>What a run fills in: arguments, and where operands and sums begin.</summary>
    private readonly struct Running(nint* arguments, float** origins, long sumStep)
    {
        public readonly nint* Arguments = arguments;

        public readonly float** Origins = origins;

        public readonly long SumStep = sumStep;
    }
}
