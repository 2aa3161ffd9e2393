namespace AutoDiffCnn;

/// <summary>The functions that nodes are made with; meant for <c>using static AutoDiffCnn.Functions</c>. Primitives are
/// given their usual names here, composites have no rule of their own:
/// their gradient follows from their parts.</summary>
/// <example><code>
/// var (x, w) = (Variable("x", [1, 1, 4, 4]), Variable("w", [1, 1, 3, 3]));
/// var loss = Sum(Square(Relu(Conv2D(x, w))));
/// loss.Shape // []
/// </code></example>
public static partial class Functions
{
    /// <summary>A named input.</summary>
    /// <param name="name">Its name, unique in the graph.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="kind">Reals or indices.</param>
    public static Node Variable(string name, Shape shape, Kind kind = Kind.Real) =>
        new Variable(name, shape, kind).Of();

    /// <summary>A constant; a tensor also becomes one by itself where a node is expected.</summary>
    public static Node Constant(Tensor value) => AutoDiffCnn.Constant.Leaf(value);

    /// <summary>A constant of indices: labels, positions.</summary>
    /// <exception cref="BindingError">A value is not a whole number from 0 to 2³² − 1.</exception>
    public static Node Indices(Tensor values)
    {
        var node = AutoDiffCnn.Constant.Leaf(values, Kind.Index);
        Reference.CheckBinding(node, values);
        return node;
    }

    /// <summary>A constant of one value throughout.</summary>
    public static Node Fill(Shape shape, double value) => AutoDiffCnn.Constant.Fill(shape, value);

    /// <summary>Zeros.</summary>
    public static Node Zeros(Shape shape) => Fill(shape, 0);

    /// <summary>Ones.</summary>
    public static Node Ones(Shape shape) => Fill(shape, 1);

    /// <summary>x, but as a constant: no gradient passes.</summary>
    public static Node StopGradient(Node x) => new StopGradient().Of(x);
}
