namespace AutoDiffCnn;

/// <summary>Sums x down to a smaller shape: over the axes that the shape lacks and those where it has size 1. Linear;
/// the transpose of <see cref="Broadcast"/>, and the one sum from which all others are made.</summary>
/// <param name="Shape">The shape to reach; it must be broadcastable to x.</param>
/// <example><code>
/// var dy = Tensor.Of([[1, 2, 3], [4, 5, 6]]);
/// new SumTo([3]).Of(dy) // [5, 7, 9]
/// </code></example>
public sealed record SumTo(Shape Shape) : Op1
{
    /// <summary>What axes are called as indices: an image's are n, c, i, j.</summary>
    private static readonly string[] Names = ["i", "nk", "nci", "ncij", "ncijk"];

    /// <inheritdoc/>
    public override Shape Infer(Shape x)
    {
        try
        {
            new Broadcast(x).Infer(Shape);
            return Shape;
        }
        catch (ShapeError error)
        {
            throw Rejects($"{Shape} must be broadcastable to {x}, but {error.Reason}", [$"{Shape.Repeat(1, x.Rank)}"],
                x);
        }
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var target = Broadcast.Map(Shape, x.Shape);
        var sums = new double[Shape.Elements];
        for (var i = 0; i < x.Count; i++)
        {
            sums[target(i)] += x.At(i);
        }

        return Tensor.Wrap(Shape, sums);
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => Broadcast.To(dy, x.Shape);

    /// <summary>x summed to a shape; x itself if it has that shape.</summary>
    public static Node Of(Node x, Shape shape) => x.Shape == shape ? x : new SumTo(shape).Of(x);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs)
    {
        var (x, missing) = (y.Inputs[0].Shape, y.Inputs[0].Shape.Rank - Shape.Rank);
        var over = Arrays.Range(0, x.Rank).Where(axis => axis < missing || Shape[axis - missing] != x[axis]);
        return Shape.Elements == 1 || x.Rank > Names.Length ? inputs[0].Sum()
            : inputs[0].Sum(string.Join(",", over.Select(axis => Names[x.Rank - 1][axis])));
    }

    /// <inheritdoc/>
    public override string ChainRule(int input) => "sum: the same error for each term";
}
