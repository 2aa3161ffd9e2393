namespace AutoDiffCnn;

// Arithmetic on tensors is that on constant nodes: C# looks for operators among the types of the operands only, and finds
// no conversion of both.
public sealed partial class Tensor
{
    /// <summary>a + b as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator +(Tensor a, Tensor b) => Constant.Leaf(a) + Constant.Leaf(b);

    /// <summary>a + b as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator +(Tensor a, Node b) => Constant.Leaf(a) + b;

    /// <summary>a + b as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator +(Node a, Tensor b) => a + Constant.Leaf(b);

    /// <summary>a + b as a node, broadcast.</summary>
    public static Node operator +(Tensor a, double b) => Constant.Leaf(a) + b;

    /// <summary>a + b as a node, broadcast.</summary>
    public static Node operator +(double a, Tensor b) => a + Constant.Leaf(b);

    /// <summary>a − b as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator -(Tensor a, Tensor b) => Constant.Leaf(a) - Constant.Leaf(b);

    /// <summary>a − b as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator -(Tensor a, Node b) => Constant.Leaf(a) - b;

    /// <summary>a − b as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator -(Node a, Tensor b) => a - Constant.Leaf(b);

    /// <summary>a − b as a node, broadcast.</summary>
    public static Node operator -(Tensor a, double b) => Constant.Leaf(a) - b;

    /// <summary>a − b as a node, broadcast.</summary>
    public static Node operator -(double a, Tensor b) => a - Constant.Leaf(b);

    /// <summary>a · b elementwise as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator *(Tensor a, Tensor b) => Constant.Leaf(a) * Constant.Leaf(b);

    /// <summary>a · b elementwise as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator *(Tensor a, Node b) => Constant.Leaf(a) * b;

    /// <summary>a · b elementwise as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator *(Node a, Tensor b) => a * Constant.Leaf(b);

    /// <summary>a · b elementwise as a node, broadcast.</summary>
    public static Node operator *(Tensor a, double b) => Constant.Leaf(a) * b;

    /// <summary>a · b elementwise as a node, broadcast.</summary>
    public static Node operator *(double a, Tensor b) => a * Constant.Leaf(b);

    /// <summary>a / b elementwise as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator /(Tensor a, Tensor b) => Constant.Leaf(a) / Constant.Leaf(b);

    /// <summary>a / b elementwise as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator /(Tensor a, Node b) => Constant.Leaf(a) / b;

    /// <summary>a / b elementwise as a node, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator /(Node a, Tensor b) => a / Constant.Leaf(b);

    /// <summary>a / b elementwise as a node, broadcast.</summary>
    public static Node operator /(Tensor a, double b) => Constant.Leaf(a) / b;

    /// <summary>a / b elementwise as a node, broadcast.</summary>
    public static Node operator /(double a, Tensor b) => a / Constant.Leaf(b);

    /// <summary>−a as a node.</summary>
    public static Node operator -(Tensor a) => -Constant.Leaf(a);
}
