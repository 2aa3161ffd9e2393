namespace AutoDiffCnn;

// From many elements to few.
internal sealed partial class OnnxWriter
{
    private string? Reducing(Node node) => node switch
    {
        { Op: Idiom { Title: var title }, Inputs: [var x] } => Emit(title, [Of(x)], Attribute("axis", SoftmaxAxis(node)!.Value)),
        { Op: Divide, Inputs: [{ Op: SumTo op, Inputs: [var x] }, var count] }
            when AutoDiffCnn.Constant.NumberIn(count) == (double)x.Shape.Elements / op.Shape.Elements => Summed("ReduceMean", x, op.Shape),
        { Op: SumTo op, Inputs: [var x] } => Summed("ReduceSum", x, op.Shape),
        { Op: Max op, Inputs: [var x] } => Emit("ReduceMax", [Of(x)], Attribute("axes", [op.Axis])),
        { Op: Prod op, Inputs: [var x] } => Emit("ReduceProd", [Of(x)], Attribute("axes", [op.Axis])),
        { Op: ArgMax op, Inputs: [var x] } => Emit("ArgMax", [Of(x)], Attribute("axis", op.Axis)),
        { Op: CumSum op, Inputs: [var x] } => Emit("CumSum", [Of(x), Whole(op.Axis)], Attribute("reverse", op.FromEnd ? 1 : 0)),
        _ => null,
    };

    /// <summary>Over the axes that the shape lacks and those where it has size 1.</summary>
    private string Summed(string type, Node x, Shape shape)
    {
        var missing = x.Shape.Rank - shape.Rank;
        long[] kept = [.. Enumerable.Range(missing, shape.Rank).Where(axis => shape[axis - missing] != x.Shape[axis])
            .Select(axis => (long)axis)];
        long[] axes = [.. Axes(missing), .. kept];
        var keeps = Attribute("keepdims", kept.Length > 0 ? 1 : 0);
        var reduced = type == "ReduceSum" ? Emit(type, [Of(x), Whole(axes)], keeps) : Emit(type, [Of(x)], Attribute("axes", axes), keeps);
        return missing > 0 && kept.Length > 0 ? Reshaped(reduced, shape) : reduced;
    }

    /// <summary>A softmax, or its logarithm, as one op: found while its maximum, which is a constant to derivatives, is
    /// still marked as that.</summary>
    private static Node? Softmaxes(Node node) => Idioms.Find(node) is { } found && SoftmaxAxis(found) is not null ? found : null;

    /// <summary>The axis of a softmax; null if it is none.</summary>
    private static int? SoftmaxAxis(Node node) => node is { Op: Idiom { Title: "Softmax" or "LogSoftmax", Body: var body }, Inputs: [var x] }
        && new Graph(body.Result).Nodes is var nodes && nodes.Select(inner => inner.Op).OfType<Max>().ToArray() is [{ Axis: var axis }]
        && nodes.Select(inner => inner.Op).OfType<SumTo>().All(sum => sum.Shape == x.Shape.With(axis, 1)) ? axis : null;
}
