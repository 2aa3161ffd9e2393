namespace AutoDiffCnn;

// Arithmetic on nodes. Shapes are broadcast as in NumPy: aligned at the last axis, a size of 1 is repeated.
public sealed partial class Node
{
    /// <summary>A number as a scalar node.</summary>
    public static implicit operator Node(double value) => Constant.Leaf(value);

    /// <summary>A tensor as a constant node.</summary>
    public static implicit operator Node(Tensor value) => Constant.Leaf(value);

    /// <summary>a + b, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator +(Node a, Node b) => Broadcast.Pair(new Add(), a, b);

    /// <summary>a − b, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator -(Node a, Node b) => Broadcast.Pair(new Subtract(), a, b);

    /// <summary>a · b elementwise, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator *(Node a, Node b) => Broadcast.Pair(new Multiply(), a, b);

    /// <summary>a / b elementwise, broadcast.</summary>
    /// <exception cref="ShapeError">The shapes cannot be broadcast to one.</exception>
    public static Node operator /(Node a, Node b) => Broadcast.Pair(new Divide(), a, b);

    /// <summary>−a.</summary>
    public static Node operator -(Node a) => new Negate().Of(a);

    // With a number on one side: C# would find the conversion by itself, F# does not.

    /// <summary>a + b, broadcast.</summary>
    public static Node operator +(Node a, double b) => a + Constant.Leaf(b);

    /// <summary>a + b, broadcast.</summary>
    public static Node operator +(double a, Node b) => Constant.Leaf(a) + b;

    /// <summary>a − b, broadcast.</summary>
    public static Node operator -(Node a, double b) => a - Constant.Leaf(b);

    /// <summary>a − b, broadcast.</summary>
    public static Node operator -(double a, Node b) => Constant.Leaf(a) - b;

    /// <summary>a · b, broadcast.</summary>
    public static Node operator *(Node a, double b) => a * Constant.Leaf(b);

    /// <summary>a · b, broadcast.</summary>
    public static Node operator *(double a, Node b) => Constant.Leaf(a) * b;

    /// <summary>a / b, broadcast.</summary>
    public static Node operator /(Node a, double b) => a / Constant.Leaf(b);

    /// <summary>a / b, broadcast.</summary>
    public static Node operator /(double a, Node b) => Constant.Leaf(a) / b;
}
