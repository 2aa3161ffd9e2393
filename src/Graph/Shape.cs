using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>The sizes of a tensor's axes, outermost first; <c>[]</c> is a scalar. Also used for other short lists of
/// non-negative numbers (axes, starts, steps), because it has value equality and list patterns.</summary>
/// <example><code>
/// Shape shape = [32, 1, 28, 28];
/// shape.Elements // 25088
/// shape[1..] // [1, 28, 28]
/// shape is [32, .., var width] ? width : 0 // 28
/// </code></example>
[CollectionBuilder(typeof(Shape), nameof(Of))]
[TypeFormatterSource]
public readonly struct Shape : IReadOnlyList<int>, IEquatable<Shape>
{
    private readonly int[]? sizes;

    private Shape(int[] sizes) => this.sizes = sizes;

    private int[] Sizes => sizes ?? [];

    /// <summary>The shape with these sizes.</summary>
    /// <exception cref="ShapeError">A size is negative, or the number of elements does not fit 63 bits.</exception>
    public static Shape Of(params ReadOnlySpan<int> sizes)
    {
        var product = 1L;
        foreach (var size in sizes)
        {
            if (size < 0)
            {
                throw new ShapeError($"Shape {Text(sizes)}", string.Create(CultureInfo.InvariantCulture, $"size {size} is negative"), ["a size of at least 0"]);
            }

            product = size == 0 ? 0 : product * size / size == product ? product * size : -1;
            if (product < 0)
            {
                throw new ShapeError($"Shape {Text(sizes)}", "the number of elements exceeds 2⁶³ − 1", ["sizes whose product stays below 2⁶³"]);
            }
        }

        return new Shape(sizes.ToArray());
    }

    /// <summary>The number of axes.</summary>
    public int Count => Sizes.Length;

    /// <summary>The number of axes; 0 for a scalar.</summary>
    public int Rank => Sizes.Length;

    /// <summary>The number of elements, the product of the sizes; 1 for a scalar.</summary>
    public long Elements
    {
        get
        {
            var product = 1L;
            foreach (var size in Sizes)
            {
                product *= size;
            }

            return product;
        }
    }

    /// <summary>The size of an axis.</summary>
    public int this[int axis] => Sizes[axis];

    /// <summary>The sizes from <paramref name="start"/> on; makes range patterns such as <c>[_, .. var rest]</c>
    /// work.</summary>
    public Shape Slice(int start, int length) => new(Sizes[start..(start + length)]);

    /// <summary>The sizes as a span.</summary>
    public ReadOnlySpan<int> AsSpan() => Sizes;

    /// <summary>This shape with one axis changed.</summary>
    public Shape With(int axis, int size)
    {
        int[] copy = [.. Sizes];
        copy[axis] = size;
        return Of(copy);
    }

    /// <summary>Each size put through a function that also gets the axis.</summary>
    public Shape Select(Func<int, int, int> size)
    {
        var results = new int[Rank];
        for (var axis = 0; axis < results.Length; axis++)
        {
            results[axis] = size(Sizes[axis], axis);
        }

        return Of(results);
    }

    /// <summary>The distance in elements between neighbours along each axis, of a contiguous tensor.</summary>
    public long[] Strides()
    {
        var strides = new long[Rank];
        var step = 1L;
        for (var axis = Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = step;
            step *= Sizes[axis];
        }

        return strides;
    }

    /// <summary>An axis counted from the end when negative, as in Python, checked against the rank.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="function">Whose argument it is, for the message: the caller, if nothing is said.</param>
    /// <exception cref="ShapeError">The axis is outside [−rank, rank).</exception>
    public int Axis(int axis, [CallerMemberName] string function = "")
    {
        var rank = Rank;
        return axis >= -rank && axis < rank
            ? axis < 0 ? axis + rank : axis
            : throw new ShapeError(
                string.Create(CultureInfo.InvariantCulture, $"{function}(axis: {axis}) on {this}"),
                rank == 0 ? "a scalar has no axis"
                    : string.Create(CultureInfo.InvariantCulture, $"axis {axis} must lie in {-rank}..{rank - 1}"),
                [rank == 0 ? "Reshape [] to [1]" : $"axis {rank - 1}"]);
    }

    /// <summary>A computed size as the size of one axis.</summary>
    /// <param name="size">The size.</param>
    /// <param name="place">Where it is computed, for the message.</param>
    /// <exception cref="ShapeError">It does not fit 31 bits.</exception>
    internal static int Fit(long size, string place) => size <= int.MaxValue
        ? (int)size
        : throw new ShapeError(place, $"a size of {size} exceeds {int.MaxValue}, the most of one axis", [$"a size of at most {int.MaxValue}"]);

    /// <summary>A sequence of numbers as a shape-like list.</summary>
    public static Shape From(IEnumerable<int> sizes) => Of([.. sizes]);

    /// <summary>The same size <paramref name="rank"/> times.</summary>
    public static Shape Repeat(int size, int rank) => From(Arrays.Repeat(size, rank));

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)Sizes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Shape other) => Sizes.AsSpan().SequenceEqual(other.Sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var size in Sizes)
        {
            hash.Add(size);
        }

        return hash.ToHashCode();
    }

    /// <summary>Whether two shapes have the same sizes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The shape as it is written in C#: <c>[32, 1, 28, 28]</c>.</summary>
    public override string ToString() => Text(Sizes);

    // A negative size is only ever seen in an error.
    private static string Text(ReadOnlySpan<int> sizes) =>
        $"[{string.Join(", ", sizes.ToArray().Select(size => size.ToString(CultureInfo.InvariantCulture)))}]";
}
