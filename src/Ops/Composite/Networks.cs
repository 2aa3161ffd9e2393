namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>The matrix product of the last two axes; leading axes are batches and are broadcast.</summary>
    public static Node MatMul(Node a, Node b)
    {
        if (a.Shape.Rank < 2 || b.Shape.Rank < 2)
        {
            return new MatMul().Of(a, b);
        }

        var batch = Batch(a.Shape, b.Shape);
        return new MatMul()
            .Of(Broadcast.To(a, [.. batch, .. a.Shape[^2..]]), Broadcast.To(b, [.. batch, .. b.Shape[^2..]]));
    }

    private static Shape Batch(Shape a, Shape b)
    {
        try
        {
            return Broadcast.Common(new MatMul(), a[..^2], b[..^2]);
        }
        catch (ShapeError error)
        {
            throw new ShapeError($"MatMul on {a} and {b}",
                $"the batches {a[..^2]} and {b[..^2]} have no common shape, {error.Reason}",
                [$"one batch for both, such as {Shape.From([.. a[..^2], .. b[^2..]])} for {b}"]);
        }
    }

    /// <summary>y = x wᵀ + b: a fully connected layer.</summary>
    /// <param name="x">Rows [n, in].</param>
    /// <param name="w">Weights [out, in], as in PyTorch.</param>
    /// <param name="b">Biases [out], or none.</param>
    /// <exception cref="ShapeError">w is for another number of inputs.</exception>
    public static Node Dense(Node x, Node w, Node? b = null)
    {
        if (x.Shape is [.., _, var inputs] && w.Shape is [.., _, var each] && x.Shape.Rank == w.Shape.Rank && inputs != each)
        {
            throw new ShapeError($"Dense on {x.Shape} and {w.Shape}", $"w [out, in] is for {each} inputs, x has {inputs}",
                [$"w of {w.Shape.With(w.Shape.Rank - 1, inputs)}"]);
        }

        var y = new MatMul(TransposeB: true).Of(x, w);
        return b is null ? y : y + b;
    }
}
