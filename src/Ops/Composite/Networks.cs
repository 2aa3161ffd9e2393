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
    public static Node Dense(Node x, Node w, Node? b = null) =>
        new MatMul(TransposeB: true).Of(x, w) is var y && b is null ? y : y + b;

    /// <summary>(x − mean) / √(variance + ε) · scale + shift for each channel (axis 1). In training the mean and
    /// variance are the batch's own (<see cref="Moments"/> over all other axes), in use the running ones.</summary>
    /// <param name="x">Values [n, c, …].</param>
    /// <param name="mean">Means, broadcastable to x: [1, c, 1, 1].</param>
    /// <param name="variance">Variances, likewise.</param>
    /// <param name="scale">γ, likewise.</param>
    /// <param name="shift">β, likewise.</param>
    /// <param name="epsilon">ε, keeps the root away from 0.</param>
    /// <remarks>S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015.</remarks>
    public static Node BatchNorm(Node x, Node mean, Node variance, Node scale, Node shift, double epsilon = 1e-5) =>
        (x - mean) * Rsqrt(variance + epsilon) * scale + shift;

    /// <summary>The mean of −Σₖ targetₖ · ln softmax(logits)ₖ over the rows.</summary>
    /// <param name="logits">Scores [n, classes].</param>
    /// <param name="labels">Either class indices [n] or target distributions [n, classes].</param>
    public static Node SoftmaxCrossEntropy(Node logits, Node labels) => CrossEntropy(LogSoftmax(logits), labels);

    /// <summary>The mean of −Σₖ targetₖ · ln pₖ over the rows, from logarithms of probabilities.</summary>
    /// <param name="logProbabilities">ln p [n, classes].</param>
    /// <param name="labels">Either class indices [n] or target distributions [n, classes].</param>
    public static Node CrossEntropy(Node logProbabilities, Node labels)
    {
        if (logProbabilities.Shape is not [var rows, var classes])
        {
            throw new ShapeError($"CrossEntropy on {logProbabilities.Shape}", "scores need rank 2: [n, classes]",
                [$"Reshape to [1, {logProbabilities.Shape.Elements}]"]);
        }

        // Chosen, not multiplied: a class that is not the label may have the probability 0, and 0 · −∞ is not a number.
        var isIndex = labels.Kind == Kind.Index;
        var targets = isIndex ? OneHot(labels, classes) : labels;
        return targets.Shape == logProbabilities.Shape
            ? -Sum(isIndex ? Where(targets, logProbabilities, 0) : targets * logProbabilities) / rows
            : throw new ShapeError($"CrossEntropy on {logProbabilities.Shape} and {labels.Shape}",
                $"labels need the shape [{rows}] if they are indices, [{rows}, {classes}] if they are distributions",
                [$"labels of shape [{rows}]"]);
    }

    /// <summary>The mean of (y − target)² over all elements.</summary>
    public static Node MeanSquaredError(Node y, Node target) => Mean(Square(y - target));
}
