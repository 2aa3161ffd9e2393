using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>How an operand of a loop is read.</summary>
internal enum SourceKind
{
    /// <summary>One float for each element of a row.</summary>
    Dense,

    /// <summary>One float for each row.</summary>
    Fixed,

    /// <summary>One number for the whole loop.</summary>
    Number,

    /// <summary>One index for each row: 1 in the column of that number, 0 elsewhere.</summary>
    Hot,
}

/// <summary>One formula within a loop's body, with the places of its operands among the body's values.</summary>
internal sealed record Instruction(Formula Formula, int A, int B, int C);

/// <summary>How a loop sums a value, or takes its largest.</summary>
internal enum FoldKind
{
    /// <summary>The sum along each row, one float a row.</summary>
    Along,

    /// <summary>The sum across the rows: each is added to the same row of sums.</summary>
    Across,

    /// <summary>The largest of each row; NaN if there is one.</summary>
    Largest,
}

/// <summary>A sum, or a largest element, of one of the values of a loop's body.</summary>
internal sealed record Fold(int Value, FoldKind Kind)
{
    /// <summary>How many registers share the sum along a row: each vector goes to the next of them in turn. In the end
    /// the two that were written longest ago are added, the other two, and both sums.</summary>
    public const int Ways = 4;
}

/// <summary>What a loop does to each element: operands are read, formulas computed, some of the values stored. It is
/// all structure, no address and no size, so that equal loops share their code; <see cref="LoopEmitter"/> and
/// <see cref="LoopInterpreter"/> run it.</summary>
/// <param name="Sources">The operands, the first values.</param>
/// <param name="Instructions">The formulas; each gives the next value.</param>
/// <param name="Stored">The values that are written.</param>
/// <param name="Folds">The values that are summed.</param>
/// <param name="Streams">Whether what is stored goes past the caches, because nobody reads it soon.</param>
/// <remarks>A loop goes over rows of elements. Its arguments: the rows, the bytes of a row, the number of its
/// first column; then for each source, stored value and fold an address and the distance from row to row in floats; for
/// a number the number itself. The sums across rows are added to what is there.</remarks>
internal sealed record LoopBody(
    ImmutableArray<SourceKind> Sources, ImmutableArray<Instruction> Instructions, ImmutableArray<int> Stored,
    ImmutableArray<Fold> Folds, bool Streams = false)
{
    /// <summary>The arguments before those of the first source.</summary>
    public const int FirstArgument = 3;

    /// <summary>How many values there are.</summary>
    public int Values => Sources.Length + Instructions.Length;

    /// <summary>How many addresses it works on.</summary>
    public int Operands => Sources.Length + Stored.Length + Folds.Length;

    /// <summary>How many arguments there are.</summary>
    public int Arguments => FirstArgument + 2 * Operands;

    /// <summary>About how many instructions an element's vector needs.</summary>
    public int Effort => Instructions.Sum(instruction => instruction.Formula.Effort);

    /// <summary>About how much code the formulas of one vector are: each makes about three variables and its functions
    /// more.</summary>
    public int Size => 3 * Instructions.Length + Effort / 3;

    /// <inheritdoc/>
    public bool Equals(LoopBody? other) => other is not null
        && Sources.AsSpan().SequenceEqual(other.Sources.AsSpan())
        && Instructions.AsSpan().SequenceEqual(other.Instructions.AsSpan())
        && Stored.AsSpan().SequenceEqual(other.Stored.AsSpan())
        && Folds.AsSpan().SequenceEqual(other.Folds.AsSpan())
        && Streams == other.Streams;

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Sources.Length);
        hash.Add(Streams);
        foreach (var instruction in Instructions)
        {
            hash.Add(instruction);
        }

        foreach (var value in Stored)
        {
            hash.Add(value);
        }

        foreach (var fold in Folds)
        {
            hash.Add(fold);
        }

        return hash.ToHashCode();
    }
}
