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
}

/// <summary>One formula within a loop's body, with the places of its operands among the body's values.</summary>
internal readonly record struct Instruction(Formula Formula, int A, int B, int C);

/// <summary>What a loop does to each element: operands are read, formulas computed, some of the values stored. It is
/// all structure, no address and no size, so that equal loops share their code; <see cref="LoopEmitter"/> and
/// <see cref="LoopInterpreter"/> run it.</summary>
/// <param name="Sources">The operands, the first values.</param>
/// <param name="Instructions">The formulas; each gives the next value.</param>
/// <param name="Stored">The values that are written.</param>
/// <remarks>A loop goes over rows of elements. Its arguments: the rows, the bytes of a row; then for each source and
/// each stored value an address and the distance from row to row in floats; for a number the number itself.</remarks>
internal sealed record LoopBody(
    ImmutableArray<SourceKind> Sources, ImmutableArray<Instruction> Instructions, ImmutableArray<int> Stored)
{
    /// <summary>The arguments before those of the first source.</summary>
    public const int FirstArgument = 2;

    /// <summary>How many values there are.</summary>
    public int Values => Sources.Length + Instructions.Length;

    /// <summary>How many arguments there are.</summary>
    public int Arguments => FirstArgument + 2 * (Sources.Length + Stored.Length);

    /// <summary>About how many instructions an element's vector needs.</summary>
    public int Effort => Instructions.Sum(instruction => instruction.Formula.Effort);

    /// <inheritdoc/>
    public bool Equals(LoopBody? other) => other is not null
        && Sources.AsSpan().SequenceEqual(other.Sources.AsSpan())
        && Instructions.AsSpan().SequenceEqual(other.Instructions.AsSpan())
        && Stored.AsSpan().SequenceEqual(other.Stored.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Sources.Length);
        foreach (var instruction in Instructions)
        {
            hash.Add(instruction);
        }

        foreach (var value in Stored)
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
