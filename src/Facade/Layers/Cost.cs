namespace AutoDiffCnn;

/// <summary>What a graph costs, read off the graph: so it holds for gradients and training steps as well.</summary>
/// <example><code>
/// var (a, b) = (Variable("a", [2, 3]), Variable("b", [3, 4]));
/// Cost.MultiplyAdds(new Graph(MatMul(a, b))) // 24
/// </code></example>
public static class Cost
{
    /// <summary>The multiply-adds of all convolutions and matrix products of a graph.</summary>
    public static long MultiplyAdds(Graph graph) => Rules.Inlined(graph).Nodes.Sum(MultiplyAdds);

    /// <summary>The multiply-adds of one node: output elements times kernel elements of one filter for a convolution
    /// and its transposes (padding counts like the image), m·k·n for a matrix product, 0 for anything else.</summary>
    public static long MultiplyAdds(Node node) => (node.Op, node.Inputs) switch
    {
        (Convolution, [_, var w]) => node.Shape.Elements * w.Shape[1..].Elements,
        (ConvolutionInput, [var dy, var w]) => dy.Shape.Elements * w.Shape[1..].Elements,
        (ConvolutionKernel, [_, var dy]) => dy.Shape.Elements * node.Shape[1..].Elements,
        (MatMul product, [var a, var b]) => node.Shape.Elements * product.Matrices(a.Shape, b.Shape).K,
        _ => 0,
    };
}
