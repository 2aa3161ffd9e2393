namespace AutoDiffCnn;

/// <summary>Products of matrices take and give their matrices either way, so nothing is turned for them: not the last
/// images of a network whose batch is last, for the dense layer behind them, nor the gradient that goes back.</summary>
internal static class ProductAlgebra
{
    /// <summary>A product of what is turned for it reads it unturned.</summary>
    public static Node? Rule(Node node) => node switch
    {
        { Op: MatMul op, Inputs: [var a, var b] } when Turned(a) is { } unturned =>
            new MatMul(!op.TransposeA, op.TransposeB).Of(unturned, b),
        { Op: MatMul op, Inputs: [var a, var b] } when Turned(b) is { } unturned =>
            new MatMul(op.TransposeA, !op.TransposeB).Of(a, unturned),
        _ => null,
    };

    /// <summary>The graph in which a product that is only turned is made turned: (AB)ᵀ = BᵀAᵀ.</summary>
    public static Graph GiveTurned(Graph graph)
    {
        var users = new Users(graph);
        var outputs = graph.Outputs.ToHashSet();
        var made = new Dictionary<Node, Node>(graph.Nodes.Length);
        foreach (var node in graph.Nodes)
        {
            var product = TurnedProduct(node, x => users[x].Length == 1 && !outputs.Contains(x));
            made[node] = product is { Op: MatMul op, Inputs: [var a, var b] }
                ? Functions.Reshape(new MatMul(!op.TransposeB, !op.TransposeA).Of(made[b], made[a]), node.Shape)
                : node.With([.. node.Inputs.Select(input => made[input])]);
            if (made[node] != node)
            {
                Node.Mark(made[node], [.. node.Inputs.Select(input => made[input])], node.Origin ?? new Origin(""));
            }
        }

        return new Graph([.. graph.Outputs.Select(output => made[output])]);
    }

    /// <summary>The matrix of which a matrix is the transpose, if that is in memory.</summary>
    private static Node? Turned(Node matrix) =>
        (matrix.Op is Reshape ? matrix.Inputs[0] : matrix) is { Op: Transpose turn, Inputs: [var x] } turned
        && matrix.Shape.Rank == 2 && Rotation(turn) is { } axes && turned.Shape[..axes].Elements == matrix.Shape[0]
            ? Functions.Reshape(x, [matrix.Shape[1], matrix.Shape[0]])
            : null;

    /// <summary>The product of which a node is the transpose, if nobody else reads it.</summary>
    private static Node? TurnedProduct(Node node, Func<Node, bool> isReadOnce) =>
        node is { Op: Transpose turn, Inputs: [var x] } && isReadOnce(x)
        && (x.Op is Reshape ? x.Inputs[0] : x) is { Op: MatMul, Shape.Rank: 2 } product && isReadOnce(product)
        && Rotation(turn) is { } axes && x.Shape[..(x.Shape.Rank - axes)].Elements == product.Shape[0]
            ? product
            : null;

    /// <summary>How many of the last axes go to the front, the others behind them, all in their order; null if it is
    /// another exchange.</summary>
    private static int? Rotation(Transpose turn)
    {
        var first = turn.Axes[0];
        return first > 0 && Arrays.Range(0, turn.Axes.Rank).All(i => turn.Axes[i] == (first + i) % turn.Axes.Rank)
            ? turn.Axes.Rank - first
            : null;
    }
}
