namespace AutoDiffCnn;

/// <summary>What a padded border holds.</summary>
/// <example><code>
/// Node x = Tensor.Of([1, 2, 3]);
/// Pad(x, [1], [2], PadMode.Constant) // [0, 1, 2, 3, 0, 0]
/// Pad(x, [1], [2], PadMode.Edge) // [1, 1, 2, 3, 3, 3]
/// Pad(x, [1], [2], PadMode.Reflect) // [2, 1, 2, 3, 2, 1]
/// Pad(x, [1], [2], PadMode.Circular) // [3, 1, 2, 3, 1, 2]
/// </code></example>
public enum PadMode
{
    /// <summary>A constant.</summary>
    Constant,

    /// <summary>The nearest element of the edge.</summary>
    Edge,

    /// <summary>The image mirrored at its edge element, which is not repeated.</summary>
    Reflect,

    /// <summary>The image continued from the other side.</summary>
    Circular,
}

public static partial class Functions
{
    /// <summary>The same elements under another shape.</summary>
    public static Node Reshape(Node x, Shape shape) => x.Shape == shape ? x : new Reshape(shape).Of(x);

    /// <summary>All axes but the first made one: [n, …] to [n, product].</summary>
    public static Node Flatten(Node x) => x.Shape is [var n, .. var rest]
        ? Reshape(x, [n, Shape.Fit(rest.Elements, $"Flatten on {x.Shape}")])
        : throw new ShapeError("Flatten on []", "a scalar has no first axis", ["Reshape to [1, 1]"]);

    /// <summary>x repeated to a larger shape.</summary>
    public static Node BroadcastTo(Node x, Shape shape) => Broadcast.To(x, shape);

    /// <summary>Axes exchanged: axis i of the result is axis axes[i] of x.</summary>
    public static Node Transpose(Node x, Shape axes) => new Transpose(axes).Of(x);

    /// <summary>The last two axes exchanged.</summary>
    public static Node Transpose(Node x) => x.Shape.Rank is >= 2 and var rank
        ? Transpose(x, Shape.From([.. Arrays.Range(0, rank - 2), rank - 1, rank - 2]))
        : throw new ShapeError($"Transpose on {x.Shape}", "a matrix has two axes", [$"Reshape {x.Shape} to [1, {x.Shape.Elements}]"]);

    /// <summary>Tensors joined along an axis.</summary>
    public static Node Concat(int axis, params ReadOnlySpan<Node> parts) =>
        new Concat(parts.Length == 0 ? axis : parts[0].Shape.Axis(axis)).Of(parts);

    /// <summary>Part of x: on each axis <paramref name="size"/> elements from <paramref name="start"/> on.</summary>
    public static Node Slice(Node x, Shape start, Shape size) => Slice(x, start, size, Shape.Repeat(1, x.Shape.Rank));

    /// <summary>Part of x: on each axis <paramref name="size"/> elements from <paramref name="start"/> on,
    /// <paramref name="step"/> apart.</summary>
    public static Node Slice(Node x, Shape start, Shape size, Shape step) => new Slice(start, size, step).Of(x);

    /// <summary>Part of x along one axis.</summary>
    public static Node Part(Node x, int axis, int start, int size) =>
        Slice(x, Shape.Repeat(0, x.Shape.Rank).With(x.Shape.Axis(axis), start), x.Shape.With(x.Shape.Axis(axis), size));

    /// <summary>Some axes turned around.</summary>
    public static Node Reverse(Node x, Shape axes) => new Reverse(axes).Of(x);

    /// <summary>Each kernel turned by 180 degrees: all axes from <paramref name="firstAxis"/>
    /// on turned around.</summary>
    /// <exception cref="ShapeError">There is no such axis.</exception>
    public static Node Rotate180(Node w, int firstAxis)
    {
        var first = w.Shape.Axis(firstAxis);
        return Reverse(w, Shape.From(Arrays.Range(first, w.Shape.Rank - first)));
    }

    /// <summary>Zeros put between the elements of each axis: <paramref name="step"/> apart.</summary>
    /// <exception cref="ShapeError">There is not one step of at least 1 for each axis.</exception>
    public static Node Dilate(Node x, Shape step) => step.Rank == x.Shape.Rank
        ? new Place(Shape.Repeat(0, x.Shape.Rank), step, x.Shape.Select((size, axis) =>
            Math.Max(0, Shape.Fit((size - 1L) * step[axis] + 1, $"Dilate on {x.Shape}")))).Of(x)
        : throw new ShapeError($"Dilate on {x.Shape}", $"the steps {step} need {x.Shape.Rank} numbers, one an axis",
            [$"steps of {Shape.Repeat(2, x.Shape.Rank)}"]);

    /// <summary>A border around x.</summary>
    /// <param name="x">The input.</param>
    /// <param name="before">How much on each axis before the first element.</param>
    /// <param name="after">How much on each axis after the last element.</param>
    /// <param name="mode">What the border holds.</param>
    /// <param name="value">The constant of <see cref="PadMode.Constant"/>.</param>
    /// <exception cref="ShapeError">A mirrored or continued border is wider than the image offers.</exception>
    public static Node Pad(Node x, Shape before, Shape after, PadMode mode = PadMode.Constant, double value = 0)
    {
        if (before.Rank != x.Shape.Rank || after.Rank != x.Shape.Rank)
        {
            throw new ShapeError($"Pad on {x.Shape}",
                $"before {before} and after {after} need {x.Shape.Rank} numbers each",
                [$"before {Shape.Repeat(1, x.Shape.Rank)}"]);
        }

        return mode == PadMode.Constant
            ? PadConstant(x, before, after, value)
            : Arrays.Range(0, x.Shape.Rank)
                .Aggregate(x, (padded, axis) => PadAxis(padded, axis, before[axis], after[axis], mode));
    }

    /// <summary>The same border on both sides of the last two axes.</summary>
    public static Node Pad2D(Node x, int border, PadMode mode = PadMode.Constant, double value = 0)
    {
        var borders = x.Shape.Select((_, axis) => axis >= x.Shape.Rank - 2 ? border : 0);
        return Pad(x, borders, borders, mode, value);
    }

    /// <summary>Parts of x along an axis: y[…, i, …] = x[…, index[i], …].</summary>
    public static Node Gather(Node x, Node index, int axis) => new Gather(x.Shape.Axis(axis)).Of(x, index);

    /// <summary>A row of 0 and 1 for each index: 1 at the index.</summary>
    public static Node OneHot(Node index, int classes) => new OneHot(classes).Of(index);

    private static Node PadConstant(Node x, Shape before, Shape after, double value)
    {
        var shape = x.Shape.Select((size, axis) =>
            Shape.Fit((long)before[axis] + size + after[axis], $"Pad on {x.Shape}"));
        var place = new Place(before, Shape.Repeat(1, x.Shape.Rank), shape);
        return value == 0 ? place.Of(x) : Where(place.Of(Ones(x.Shape)), place.Of(x), value);
    }

    private static Node PadAxis(Node x, int axis, int before, int after, PadMode mode)
    {
        if (before == 0 && after == 0)
        {
            return x;
        }

        var size = x.Shape[axis];
        var most = mode switch
        {
            PadMode.Reflect => size - 1,
            PadMode.Circular => size,
            _ => size > 0 ? int.MaxValue : 0,
        };
        if (Math.Max(before, after) > most)
        {
            throw new ShapeError($"Pad({mode}) on {x.Shape}",
                $"axis {axis}: a border of {Math.Max(before, after)} exceeds {most}, all that size {size} offers",
                [$"a border of at most {Math.Max(0, most)}", "PadMode.Constant"]);
        }

        return Taken(x, axis, Shape.Fit((long)before + size + after, $"Pad({mode}) on {x.Shape}"), i => (mode, i - before) switch
        {
            (PadMode.Edge, var at) => Math.Clamp(at, 0, size - 1),
            (PadMode.Reflect, var at) => size - 1 - Math.Abs(size - 1 - Math.Abs(at)),
            (_, var at) => (at + size) % size,
        });
    }
}
