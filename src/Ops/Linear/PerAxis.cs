using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>A number for all spatial axes, or one for each: <c>3</c> or <c>[1, 7]</c>. Whether it fits is asked where a
/// layer is applied.</summary>
/// <example><code>
/// var net = Conv2D(8, [1, 7], Same, stride: 2);
/// net // Conv2D(8, [1, 7], Same, stride: 2)
/// net.Build([1, 3, 28, 28]).Output.Shape // [1, 8, 14, 14]
/// </code></example>
[CollectionBuilder(typeof(PerAxis), nameof(Of))]
public readonly struct PerAxis : IReadOnlyList<int>, IEquatable<PerAxis>
{
    private readonly ImmutableArray<int> numbers;

    private PerAxis(ImmutableArray<int> numbers) => this.numbers = numbers;

    /// <summary>One number for each axis.</summary>
    public static PerAxis Of(params ReadOnlySpan<int> numbers) => new([.. numbers]);

    /// <summary>The same number for all axes.</summary>
    public static implicit operator PerAxis(int number) => new([number]);

    /// <summary>How many numbers there are.</summary>
    public int Count => Numbers.Length;

    /// <summary>A number.</summary>
    public int this[int index] => Numbers[index];

    private ImmutableArray<int> Numbers => numbers.IsDefault ? [] : numbers;

    /// <summary>A number for each of so many axes.</summary>
    /// <param name="rank">How many axes.</param>
    /// <param name="place">Where, for the message.</param>
    /// <exception cref="ShapeError">There are neither one nor so many numbers, or one is negative.</exception>
    internal Shape Along(int rank, string place) =>
        Count == 1 ? Shape.Repeat(this[0], rank)
        : Count == rank ? Shape.From(Numbers)
        : throw new ShapeError(place, $"{this} needs one number or {rank}, one a spatial axis", [$"{Of([.. Shape.Repeat(1, rank)])}"]);

    /// <summary>The smallest number; 1 if there is none.</summary>
    internal int Least => Numbers.IsEmpty ? 1 : Numbers.Aggregate(Math.Min);

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)Numbers).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(PerAxis other) => Numbers.SequenceEqual(other.Numbers);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PerAxis other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Numbers.Aggregate(29, HashCode.Combine);

    /// <summary>Whether both are the same numbers.</summary>
    public static bool operator ==(PerAxis left, PerAxis right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(PerAxis left, PerAxis right) => !left.Equals(right);

    /// <summary>As it is written in C#: <c>3</c> or <c>[1, 7]</c>.</summary>
    public override string ToString()
    {
        var texts = Numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)).ToArray();
        return texts is [var one] ? one : $"[{string.Join(", ", texts)}]";
    }
}
