namespace AutoDiffCnn;

/// <summary>An immutable array of reals or indices: a shape and contiguous memory, outermost axis first.</summary>
/// <remarks>Values are held in double or, for data and weights, in single precision; that is a matter of storage only,
/// and equality compares values. Indices are whole numbers.</remarks>
/// <example><code>
/// var image = Tensor.Of([[1, 2], [3, 4]]);
/// image[1, 0] // 3
/// image.Map(pixel => pixel / 4) // [[0.25, 0.5], [0.75, 1]]
/// (1 - image / 4).Value // [[0.75, 0.5], [0.25, 0]]
/// </code></example>
[TypeFormatterSource("AutoDiffCnn.TensorFormatters, AutoDiffCnn")]
public sealed partial class Tensor : IEquatable<Tensor>
{
    private readonly double[]? doubles;
    private readonly float[]? singles;
    private readonly int start;

    private Tensor(Shape shape, double[]? doubles, float[]? singles, int start)
    {
        (Shape, this.doubles, this.singles, this.start) = (shape, doubles, singles, start);
    }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>The number of elements.</summary>
    public int Count => (int)Shape.Elements;

    /// <summary>Whether the values are stored in single precision.</summary>
    public bool IsSingle => singles is not null;

    /// <summary>A scalar.</summary>
    public static Tensor Of(double value) => new([], [value], null, 0);

    /// <summary>A vector.</summary>
    public static Tensor Of(double[] values) => Of([values.Length], values.AsSpan());

    /// <summary>A matrix from its rows.</summary>
    /// <exception cref="ShapeError">The rows differ in length.</exception>
    public static Tensor Of(double[][] rows) => Stack(rows, Of);

    /// <summary>A tensor of rank 3 from its matrices.</summary>
    /// <exception cref="ShapeError">The parts differ in shape.</exception>
    public static Tensor Of(double[][][] parts) => Stack(parts, Of);

    /// <summary>A tensor of rank 4 from its parts of rank 3.</summary>
    /// <exception cref="ShapeError">The parts differ in shape.</exception>
    public static Tensor Of(double[][][][] parts) => Stack(parts, Of);

    /// <summary>A tensor of any shape from its elements, innermost axis fastest; the values are copied.</summary>
    /// <exception cref="ShapeError">The number of values is not the number of elements of the shape.</exception>
    public static Tensor Of(Shape shape, ReadOnlySpan<double> values)
    {
        CheckCount(shape, values.Length);
        return new(shape, values.ToArray(), null, 0);
    }

    /// <summary>A tensor of any shape in single precision, innermost axis fastest; the values are copied.</summary>
    /// <exception cref="ShapeError">The number of values is not the number of elements of the shape.</exception>
    public static Tensor Of(Shape shape, ReadOnlySpan<float> values)
    {
        CheckCount(shape, values.Length);
        return new(shape, null, values.ToArray(), 0);
    }

    /// <summary>A tensor whose elements are computed from their flat position.</summary>
    public static Tensor From(Shape shape, Func<int, double> value)
    {
        var values = new double[CheckCount(shape, shape.Elements)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(i);
        }

        return new(shape, values, null, 0);
    }

    /// <summary>A tensor of one value throughout.</summary>
    public static Tensor Fill(Shape shape, double value) => From(shape, _ => value);

    /// <summary>Equal shapes stacked along a new first axis.</summary>
    /// <exception cref="ShapeError">The parts differ in shape, or there is none.</exception>
    public static Tensor Stack(IReadOnlyList<Tensor> parts)
    {
        if (parts.Count == 0)
        {
            throw new ShapeError("Tensor.Stack on nothing", "an empty list has no shape", ["at least one tensor"]);
        }

        var shape = parts[0].Shape;
        if (parts.FirstOrDefault(part => part.Shape != shape) is { } odd)
        {
            throw new ShapeError("Tensor.Stack", $"parts differ in shape: {shape} and {odd.Shape}",
                [$"parts that all have {shape}"]);
        }

        var values = new double[parts.Count * (int)shape.Elements];
        for (var i = 0; i < parts.Count; i++)
        {
            parts[i].CopyTo(values.AsSpan(i * (int)shape.Elements));
        }

        return new([parts.Count, .. shape], values, null, 0);
    }

    /// <summary>Takes a double array as it is, for the results of a computation that nobody else holds.</summary>
    internal static Tensor Wrap(Shape shape, double[] values)
    {
        CheckCount(shape, values.Length);
        return new(shape, values, null, 0);
    }

    /// <summary>Takes a single-precision array as it is, for results that nobody else holds.</summary>
    internal static Tensor Wrap(Shape shape, float[] values)
    {
        CheckCount(shape, values.Length);
        return new(shape, null, values, 0);
    }

    /// <summary>One element by its position on each axis.</summary>
    /// <exception cref="ShapeError">The position has the wrong number of axes or lies outside.</exception>
    public double this[params ReadOnlySpan<int> position]
    {
        get
        {
            var flat = 0L;
            for (var axis = 0; axis < position.Length && position.Length == Shape.Rank; axis++)
            {
                flat = (uint)position[axis] < (uint)Shape[axis] && flat >= 0 ? flat * Shape[axis] + position[axis] : -1;
            }

            return position.Length == Shape.Rank && flat >= 0
                ? At((int)flat)
                : throw new ShapeError(
                    $"Position [{string.Join(", ", position.ToArray())}] in {Shape}", "it lies outside",
                    Count == 0 ? [] : [$"{Shape.Select((size, _) => size - 1)} for the last element"]);
        }
    }

    /// <summary>One element by its flat position, innermost axis fastest.</summary>
    public double At(int flat) => doubles is not null ? doubles[start + flat] : singles![start + flat];

    /// <summary>The value of a tensor with one element.</summary>
    /// <exception cref="ShapeError">There is more than one element, or none.</exception>
    public double Scalar => Count == 1
        ? At(0)
        : throw new ShapeError($"Scalar of {Shape}", $"it has {Count} elements, not 1",
            Count == 0 ? [] : ["At(0) for the first element"]);

    /// <summary>The elements in double precision, innermost axis fastest;
    /// a copy if they are stored in single.</summary>
    public ReadOnlySpan<double> Doubles => doubles is not null ? doubles.AsSpan(start, Count) : ToDoubles();

    /// <summary>The elements in single precision; a rounded copy if they are stored in double.</summary>
    public ReadOnlySpan<float> Singles => singles is not null ? singles.AsSpan(start, Count) : ToSingles();

    /// <summary>A copy of the elements in double precision.</summary>
    public double[] ToDoubles()
    {
        var copy = new double[Count];
        CopyTo(copy);
        return copy;
    }

    /// <summary>A copy of the elements, rounded to single precision.</summary>
    public float[] ToSingles()
    {
        var copy = new float[Count];
        CopyTo(copy);
        return copy;
    }

    /// <summary>Writes the elements in double precision.</summary>
    public void CopyTo(Span<double> target)
    {
        if (doubles is not null)
        {
            doubles.AsSpan(start, Count).CopyTo(target);
            return;
        }

        for (var i = 0; i < Count; i++)
        {
            target[i] = singles![start + i];
        }
    }

    /// <summary>Writes the elements, rounded to single precision.</summary>
    public void CopyTo(Span<float> target)
    {
        if (singles is not null)
        {
            singles.AsSpan(start, Count).CopyTo(target);
            return;
        }

        for (var i = 0; i < Count; i++)
        {
            target[i] = (float)doubles![start + i];
        }
    }

    /// <summary>The same elements under another shape, without a copy.</summary>
    /// <exception cref="ShapeError">The shapes differ in their number of elements.</exception>
    public Tensor Reshape(Shape shape)
    {
        CheckCount(shape, Count);
        return new(shape, doubles, singles, start);
    }

    /// <summary>Parts <paramref name="first"/> and following of the first axis, without a copy.</summary>
    /// <exception cref="ShapeError">The range lies outside the first axis.</exception>
    public Tensor Slice(int first, int count)
    {
        if (Shape.Rank == 0 || first < 0 || count < 0 || (long)first + count > Shape[0])
        {
            throw new ShapeError($"Slice {first}..{(long)first + count} of {Shape}", "it lies outside the first axis",
                [Shape.Rank == 0 ? "Reshape to [1]" : $"a range within 0..{Shape[0]}"]);
        }

        var size = Shape[0] == 0 ? 0 : Count / Shape[0];
        return new(Shape.With(0, count), doubles, singles, start + first * size);
    }

    /// <summary>Part <paramref name="index"/> of the first axis, without that axis and without a copy.</summary>
    public Tensor Part(int index) => Slice(index, 1).Reshape(Shape[1..]);

    /// <summary>A function of each element.</summary>
    public Tensor Map(Func<double, double> function)
    {
        var values = ToDoubles();
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = function(values[i]);
        }

        return new(Shape, values, null, 0);
    }

    /// <inheritdoc/>
    public bool Equals(Tensor? other) => other is not null && Shape == other.Shape
        && (ReferenceEquals(this, other) || SameValues(other));

    private bool SameValues(Tensor other)
    {
        for (var i = 0; i < Count; i++)
        {
            // Equals and not ==, so that NaN equals itself: a tensor must equal its own copy. −0 differs from 0 by its
            // bits, because 1/x tells them apart and merging them would change what a graph means.
            if (BitConverter.DoubleToInt64Bits(At(i)) != BitConverter.DoubleToInt64Bits(other.At(i))
                && !(double.IsNaN(At(i)) && double.IsNaN(other.At(i))))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Tensor);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Shape, Count > 0 ? At(0) : 0, Count > 0 ? At(Count / 2) : 0, Count > 0 ? At(Count - 1) : 0);

    private static Tensor Stack<T>(T[] parts, Func<T, Tensor> make) => Stack([.. parts.Select(make)]);

    private static int CheckCount(Shape shape, long count) =>
        shape.Elements != count
            ? throw new ShapeError($"Tensor {shape}", $"it has {shape.Elements} elements, {count} values came",
                [$"[{count}]"])
            : count > Array.MaxLength
                ? throw new ShapeError($"Tensor {shape}",
                    $"{count} elements exceed what one array holds, {Array.MaxLength}",
                    [$"at most {Array.MaxLength} elements"])
                : (int)count;
}
