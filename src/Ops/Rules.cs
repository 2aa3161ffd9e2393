namespace AutoDiffCnn;

/// <summary>What is known about shape ops, and the pass that applies all that is known.</summary>
/// <example><code>
/// var x = Variable("x", [3]);
/// new Graph(Reshape(Reshape(2 * x, [3, 1]), [3])).Simplify().Print()
/// // x : [3]
/// // %0 = Multiply(2, x) : [3]
/// // return %0
/// </code></example>
public static class Rules
{
    /// <summary>The graph with functions inlined, common subexpressions merged, constants computed and algebra applied.
    /// It computes the same values; derive gradients before, because what only stops them is gone afterwards.</summary>
    public static Graph Simplify(this Graph graph) =>
        Rewrite.Apply(Inlined(graph), Rewrite.Algebra, Shapes, Rewrite.Fold);

    /// <summary>The graph with functions in the place of the ops that mean them, to any depth. What only their rules
    /// said of derivatives is gone.</summary>
    internal static Graph Inlined(Graph graph)
    {
        while (graph.Nodes.Any(node => node.Op is BodyOp))
        {
            graph = Rewrite.Apply(graph, node => (node.Op as BodyOp)?.Inlined(node.Inputs));
        }

        return graph;
    }

    /// <summary>Shape ops that undo each other or do nothing.</summary>
    public static Node? Shapes(Node node) => node switch
    {
        { Op: Reshape r, Inputs: [{ Op: Reshape, Inputs: [var x] }] } => Functions.Reshape(x, r.Shape),
        { Op: Reshape r, Inputs: [var x] } when x.Shape == r.Shape => x,
        { Op: Transpose t, Inputs: [{ Op: Transpose u, Inputs: [var x] }] } =>
            new Transpose(Shape.From(t.Axes.Select(i => u.Axes[i]))).Of(x),
        { Op: Transpose t, Inputs: [var x] } when KeepsOrder(t.Axes, x.Shape) => Functions.Reshape(x, node.Shape),
        { Op: Reverse r, Inputs: [{ Op: Reverse s, Inputs: [var x] }] } when r == s => x,
        { Op: Slice or Place, Inputs: [var x] } when x.Shape == node.Shape => x,
        { Op: StopGradient, Inputs: [var x] } => x,
        { Op: IElementwise, Inputs: var inputs } when inputs.Any(x => x.Op is Broadcast) && inputs.All(x => NumberIn(x) is not null) =>
            Broadcast.To(Constant.Leaf(node.Op.ReferenceAll([.. inputs.Select(x => NumberIn(x)!)])), node.Shape),
        _ => null,
    };

    /// <summary>The number that all elements are, if it is known.</summary>
    private static Tensor? NumberIn(Node node) => node switch
    {
        { Op: Constant { Value: var number }, Shape.Rank: 0 } => number,
        { Op: Broadcast, Inputs: [var x] } => NumberIn(x),
        _ => null,
    };

    /// <summary>Whether the elements stay in their order: only axes of size 1 move.</summary>
    internal static bool KeepsOrder(Shape axes, Shape x)
    {
        var last = -1;
        foreach (var axis in axes.AsSpan())
        {
            if (x[axis] != 1 && axis < last)
            {
                return false;
            }

            last = x[axis] != 1 ? axis : last;
        }

        return true;
    }
}
