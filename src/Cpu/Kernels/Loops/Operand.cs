namespace AutoDiffCnn;

/// <summary>An operand of a loop: a buffer with its place in the loop's space, or a number.</summary>
/// <param name="Buffer">The buffer; <see cref="Given"/> if whoever runs the loop says where it is.</param>
/// <param name="View">Its place; null for a number.</param>
/// <param name="Number">The number.</param>
/// <param name="IsIndex">Whether it is an index for each row, read as 1 in the column of that number and 0 elsewhere.
/// </param>
internal sealed record Operand(int Buffer, View? View, float Number = 0, bool IsIndex = false)
{
    /// <summary>Stands for the buffer of what is not in a buffer: what a block computes for itself.</summary>
    public const int Given = -1;

    /// <summary>How the loop's body reads it.</summary>
    public SourceKind Kind => View switch
    {
        null => SourceKind.Number,
        _ when IsIndex => SourceKind.Hot,
        { Column: 0 } => SourceKind.Fixed,
        _ => SourceKind.Dense,
    };

    /// <summary>Whether it is one row, repeated for each row.</summary>
    public bool IsPattern => View is { Row: 0, Column: 1 } && Buffer != Given;
}

/// <summary>A part of a plane: some columns of some rows.</summary>
internal readonly record struct Block(long Plane, long Row, long Rows, long Column, long Columns);
