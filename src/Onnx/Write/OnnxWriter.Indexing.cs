using static AutoDiffCnn.Protocol.TensorProto.Types;

namespace AutoDiffCnn;

// What an index says. Where it lies outside, an operator would fail and an op gives 0: unless it is known to lie inside, it is
// brought inside first, and what it took or put is left out.
internal sealed partial class OnnxWriter
{
    private string? Indexing(Node node) => node switch
    {
        { Op: Gather op, Inputs: [var x, var index] } => Gathered(op, x, index),
        { Op: ScatterAdd op, Inputs: [var x, var index] } =>
            Put(Of(x), Along(Of(index), op.Axis, x.Shape), Most(index), x.Shape.With(op.Axis, op.Size), op.Axis),
        { Op: TakeAlong op, Inputs: [var x, var index] } => Take(Of(x), Of(index), Most(index), x.Shape[op.Axis], op.Axis, node.Shape),
        { Op: PutAlong op, Inputs: [var x, var index] } => Put(Of(x), Of(index), Most(index), node.Shape, op.Axis),
        { Op: OneHot op, Inputs: [{ Shape.Rank: 0 } index] } => Reshaped(Rows(Reshaped(Of(index), [1]), op.Classes), node.Shape),
        { Op: OneHot op, Inputs: [var index] } => Rows(Of(index), op.Classes),
        { Op: ToIndex, Inputs: [var x] } => Index(Of(x)),
        _ => null,
    };

    /// <summary>The largest position that an index can say.</summary>
    private static long Most(Node index) => index switch
    {
        { Op: Constant { Value: var value } } => value.Count == 0 ? 0 : (long)value.ToDoubles().Max(),
        { Op: ArgMax op, Inputs: [var x] } => x.Shape[op.Axis] - 1,
        { Op: MaxPoolIndices, Inputs: [var x] } => x.Shape[2..].Elements - 1,
        _ => uint.MaxValue,
    };

    private string Gathered(Gather op, Node x, Node index)
    {
        var size = x.Shape[op.Axis];
        if (size == 0)
        {
            return Zeros(x.Shape.With(op.Axis, index.Shape[0]));
        }

        var (inside, at) = Inside(Of(index), Most(index), size);
        var taken = Emit("Gather", [Of(x), at], Attribute("axis", op.Axis));
        return inside is null ? taken
            : Emit("Where", [Reshaped(inside, Shape.Repeat(1, x.Shape.Rank).With(op.Axis, index.Shape[0])), taken, Number(0)]);
    }

    /// <summary>The elements of x at an index of the result's shape.</summary>
    private string Take(string x, string index, long most, int size, int axis, Shape shape)
    {
        if (size == 0)
        {
            return Zeros(shape);
        }

        var (inside, at) = Inside(index, most, size);
        var taken = Emit("GatherElements", [x, at], Attribute("axis", axis));
        return inside is null ? taken : Emit("Where", [inside, taken, Number(0)]);
    }

    /// <summary>Elements added to zeros at an index of their shape. What lies outside goes to one place more, which is cut
    /// off.</summary>
    private string Put(string x, string index, long most, Shape shape, int axis)
    {
        var size = shape[axis];
        var isInside = most < size;
        var at = isInside ? index : Emit("Min", [index, Whole(size)]);
        var zeros = Zeros(shape.With(axis, isInside ? size : size + 1));
        var put = Emit("ScatterElements", [zeros, at, x], Attribute("axis", axis), Text("reduction", "add"));
        return isInside ? put : Sliced(put, [0], [size], [axis], [1]);
    }

    /// <summary>One-hot rows; of an index that lies outside, zeros.</summary>
    private string Rows(string index, int classes) => Emit("OneHot", [index, Whole(classes), Constant(Tensor.Of([0, 1]), Kind.Real)]);

    /// <summary>Where an index lies inside, null if everywhere, and the index brought there.</summary>
    private (string? Inside, string At) Inside(string index, long most, int size) => most < size ? (null, index)
        : (Emit("Less", [index, Whole(size)]), Emit("Min", [index, Whole(size - 1)]));

    /// <summary>A vector that lies along an axis, repeated to a shape.</summary>
    private string Along(string vector, int axis, Shape shape) =>
        Expanded(Reshaped(vector, Shape.Repeat(1, shape.Rank).With(axis, shape[axis])), shape);

    private static Shape Planes(Shape image) => [.. image[..2], (int)image[2..].Elements];

    /// <summary>An index within planes, for each of them.</summary>
    private string InPlanes(Node index, Shape y) => index.Shape == y
        ? Reshaped(Of(index), Planes(y))
        : Expanded(Reshaped(Of(index), Planes(index.Shape)), Planes(y));

    private string Index(string x)
    {
        var floor = Emit("Floor", [x]);
        var inside = Emit("And", [Emit("LessOrEqual", [Number(0), floor]), Emit("Less", [floor, Number(1L << 32)])]);
        var whole = Emit("Cast", [Emit("Where", [inside, floor, Number(0)])], Attribute("to", (long)DataType.Int64));
        return Emit("Where", [inside, whole, Whole(uint.MaxValue)]);
    }

    /// <summary>A pool by the positions that each window looks at, for windows that the operator does not have: padding is
    /// one place more, with −∞.</summary>
    private string[] Chosen(Node node, Node x, Shape kernel, Window window)
    {
        var (y, plane, size) = (node.Shape, (int)x.Shape[2..].Elements, (int)kernel.Elements);
        var places = Enumerable.Repeat((double)plane, (int)y[2..].Elements * size).ToArray();
        foreach (var (p, k, q) in window.Meetings(y[2..], kernel, x.Shape[2..]))
        {
            places[p * size + k] = q;
        }

        Shape windows = [(int)y[2..].Elements, size];
        var map = Constant(Tensor.Of(windows, places), Kind.Index);
        var padded = Emit("Pad", [Reshaped(Of(x), Planes(x.Shape)), Whole(0, 0, 0, 0, 0, 1), Number(double.NegativeInfinity)]);
        var seen = Emit("Gather", [padded, map], Attribute("axis", 2));
        var best = Emit("ArgMax", [seen], Attribute("axis", 3), Attribute("keepdims", 1));
        var at = Emit("GatherElements", [Expanded(map, [.. x.Shape[..2], .. windows]), best], Attribute("axis", 3));
        return [Reshaped(Emit("GatherElements", [seen, best], Attribute("axis", 3)), y), Reshaped(at, y)];
    }
}
