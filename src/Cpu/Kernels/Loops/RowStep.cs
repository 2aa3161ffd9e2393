using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>One loop of a row program.</summary>
/// <param name="Loop">The loop over all rows.</param>
/// <param name="RowElements">Its elements in a row.</param>
/// <param name="Sums">For each of its folds the buffer of one number a row, or of one row a block.</param>
/// <param name="IsAcross">Whether its sums go over rows.</param>
internal sealed record RowPart(Loop Loop, long RowElements, ImmutableArray<int> Sums, bool IsAcross = false);

/// <summary>A value in a row program.</summary>
/// <param name="Buffer">The plan's buffer, or <see cref="Own"/>.</param>
/// <param name="RowFloats">The floats of a row.</param>
internal sealed record RowBuffer(int Buffer, int RowFloats)
{
    /// <summary>Stands for the buffer of what a block keeps to itself.</summary>
    public const int Own = -1;

    /// <summary>Whether a block keeps it to itself.</summary>
    public bool IsOwn => Buffer == Own;
}

/// <summary>Loops that run together row by row: some rows go through all of them before the next rows come.</summary>
/// <param name="text">What is done.</param>
/// <param name="parts">The loops, whose buffers are counted within the program.</param>
/// <param name="values">The program's buffers.</param>
/// <param name="rows">How many rows there are.</param>
/// <param name="rowsPerBlock">How many go together.</param>
internal sealed unsafe class RowStep(
    object text, ImmutableArray<RowPart> parts, ImmutableArray<RowBuffer> values, long rows, long rowsPerBlock)
    : Step(text)
{
    private readonly int own =
        values.Where(value => value.IsOwn).Sum(value => Whole((int)rowsPerBlock * value.RowFloats));

    public override int Pieces => (int)((rows + rowsPerBlock - 1) / rowsPerBlock);

    public override int Scratch => Whole(2 * values.Length) + own + parts.Max(part => part.Loop.Scratch);

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var first = piece * rowsPerBlock;
        var count = Math.Min(rowsPerBlock, rows - first);
        var at = (float**)scratch;
        var room = scratch + Whole(2 * values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            // Rows keep their numbers: the block's own ones begin where row 0 would be.
            at[i] = values[i].IsOwn ? room - first * values[i].RowFloats : buffers[values[i].Buffer];
            room += values[i].IsOwn ? Whole((int)rowsPerBlock * values[i].RowFloats) : 0;
        }

        foreach (var part in parts.AsSpan())
        {
            Run(part, at, piece, first, count, room);
        }
    }

    private static void Run(RowPart part, float** at, int piece, long first, long count, float* scratch)
    {
        if (part.Sums.IsEmpty)
        {
            part.Loop.RunRange(at, first * part.RowElements, (first + count) * part.RowElements, scratch);
            return;
        }

        var sums = stackalloc float*[part.Sums.Length];
        for (var i = 0; i < part.Sums.Length; i++)
        {
            sums[i] = at[part.Sums[i]] + (part.IsAcross ? piece * part.RowElements : first);
            if (part.IsAcross)
            {
                new Span<float>(sums[i], (int)part.RowElements).Clear();
            }
        }

        part.Loop.RunBlock(at, new Block(0, first, count, 0, part.RowElements), null, sums, 1, scratch);
    }
}
