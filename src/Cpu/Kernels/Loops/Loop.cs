using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>An operand of a loop: a buffer with its place in the loop's space, or a number.</summary>
internal readonly record struct Operand(int Buffer, View? View, float Number)
{
    /// <summary>A value.</summary>
    public static Operand Of(int buffer, View view) => new(buffer, view, 0);

    /// <summary>A number.</summary>
    public static Operand Of(float number) => new(-1, null, number);

    /// <summary>How the loop's body reads it.</summary>
    public SourceKind Kind => View switch
    {
        null => SourceKind.Number,
        { Column: 0 } => SourceKind.Fixed,
        _ => SourceKind.Dense,
    };
}

/// <summary>A loop with the buffers that it goes over. Any stretch of its elements can be run.</summary>
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
    private readonly int joined;
    private readonly int patterns;

    /// <summary>A loop.</summary>
    /// <param name="code">What is done.</param>
    /// <param name="space">The elements.</param>
    /// <param name="operands">The sources, then the results.</param>
    public Loop(LoopCode code, Space space, ImmutableArray<Operand> operands)
    {
        (this.code, this.space, this.operands) = (code, space, operands);
        joined = Joined(space, operands);
        patterns = joined > 1 ? operands.Count(IsPattern) : 0;
    }

    /// <summary>The number of elements.</summary>
    public long Elements => space.Planes * space.Plane;

    /// <summary>The elements of a row, or of several where rows are joined.</summary>
    public long Columns => space.Columns * joined;

    /// <summary>The floats of scratch memory that a run needs.</summary>
    public int Scratch => PatternSize * patterns + code.Scratch;

    private int PatternSize => (int)Columns;

    /// <summary>Runs the elements first … end − 1.</summary>
    public void RunRange(float** buffers, long first, long end, float* scratch)
    {
        var arguments = stackalloc nint[code.Body.Arguments];
        var origins = stackalloc float*[operands.Length];
        while (first < end)
        {
            var (plane, start) = Math.DivRem(first, space.Plane);
            var length = Math.Min(space.Plane - start, end - first);
            Begin(buffers, plane, origins, arguments, scratch);
            RunPlane(origins, arguments, start, length, scratch + PatternSize * patterns);
            first += length;
        }
    }

    /// <summary>Where each operand begins in a plane; patterns are written out.</summary>
    private void Begin(float** buffers, long plane, float** origins, nint* arguments, float* scratch)
    {
        for (var i = 0; i < operands.Length; i++)
        {
            var (buffer, view, number) = operands[i];
            if (view is null)
            {
                *(float*)(arguments + LoopBody.FirstArgument + 2 * i) = number;
                continue;
            }

            origins[i] = buffers[buffer] + space.Offset(view, plane);
            if (joined > 1 && IsPattern(operands[i]))
            {
                var pattern = new ReadOnlySpan<float>(origins[i], (int)space.Columns);
                origins[i] = scratch;
                for (var time = 0; time < joined; time++, scratch += space.Columns)
                {
                    pattern.CopyTo(new Span<float>(scratch, pattern.Length));
                }
            }
        }
    }

    /// <summary>A stretch within a plane: the end of a row, whole rows, the beginning of a row.</summary>
    private void RunPlane(float** origins, nint* arguments, long start, long length, float* scratch)
    {
        var (row, column) = Math.DivRem(start, Columns);
        if (column > 0)
        {
            var rest = Math.Min(Columns - column, length);
            RunRows(origins, arguments, row++, column, 1, rest, scratch);
            length -= rest;
        }

        var (rows, last) = Math.DivRem(length, Columns);
        if (rows > 0)
        {
            RunRows(origins, arguments, row, 0, rows, Columns, scratch);
        }

        if (last > 0)
        {
            RunRows(origins, arguments, row + rows, 0, 1, last, scratch);
        }
    }

    private void RunRows(float** origins, nint* arguments, long row, long column, long rows, long columns,
        float* scratch)
    {
        arguments[0] = (nint)rows;
        arguments[1] = (nint)(columns * sizeof(float));
        for (var i = 0; i < operands.Length; i++)
        {
            if (operands[i].View is { } view)
            {
                var step = view.Row * joined;
                arguments[LoopBody.FirstArgument + 2 * i] = (nint)(origins[i] + row * step + column * view.Column);
                arguments[LoopBody.FirstArgument + 2 * i + 1] = (nint)step;
            }
        }

        code.Run(arguments, scratch);
    }

    /// <summary>How many rows are joined to one.</summary>
    private static int Joined(Space space, ImmutableArray<Operand> operands)
    {
        if (space.Rows == 1 || space.Columns >= LeastColumns && space.Columns % Lanes.Count == 0
            || operands.Any(operand => operand.View is { Row: not 0 } view && view != space.Dense))
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

    private static bool IsPattern(Operand operand) => operand.View is { Row: 0, Column: 1 };

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
