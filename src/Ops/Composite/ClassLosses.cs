namespace AutoDiffCnn;

// Losses of scores or probabilities against classes. Names, formulas and reductions are PyTorch's.
public static partial class Functions
{
    /// <summary>The mean of −Σₖ targetₖ · ln softmax(logits)ₖ over the rows, or over the pixels of all images.</summary>
    /// <param name="logits">Scores [n, classes, …].</param>
    /// <param name="labels">Either class indices [n, …] or target distributions [n, classes, …].</param>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    public static Node SoftmaxCrossEntropy(Node logits, Node labels) => CrossEntropy(LogSoftmax(logits, ClassAxis(logits)), labels);

    /// <summary>The mean of −Σₖ targetₖ · ln pₖ over the rows, or over the pixels of all images, from logarithms of
    /// probabilities.</summary>
    /// <param name="logProbabilities">ln p [n, classes, …].</param>
    /// <param name="labels">Either class indices [n, …] or target distributions [n, classes, …].</param>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    public static Node CrossEntropy(Node logProbabilities, Node labels) => logProbabilities.Shape is [var rows, var classes]
        ? OfRows(logProbabilities, labels, rows, classes)
        : CrossEntropy(logProbabilities, labels, weight: null);

    private static Node OfRows(Node logProbabilities, Node labels, int rows, int classes)
    {
        // Chosen, not multiplied: a class that is not the label may have the probability 0, and 0 · −∞ is not a number.
        var isIndex = labels.Kind == Kind.Index;
        var targets = isIndex ? OneHot(labels, classes) : labels;
        return targets.Shape == logProbabilities.Shape
            ? -Sum(isIndex ? Where(targets, logProbabilities, 0) : targets * logProbabilities) / rows
            : throw new ShapeError($"CrossEntropy on {logProbabilities.Shape} and {labels.Shape}",
                $"labels need the shape [{rows}] if they are indices, [{rows}, {classes}] if they are distributions",
                [.. labels is { Op: Variable { Name: var name }, Kind: Kind.Real, Shape: [var count] } && count == rows
                    ? [$"Variable(\"{name}\", [{rows}], Kind.Index)"] : Array.Empty<string>(),
                    isIndex ? $"labels of shape [{rows}]" : $"labels of shape [{rows}, {classes}]"]);
    }

    /// <summary>Softmax cross-entropy with weights, smoothing, ignored labels and any reduction, also for each pixel:
    /// <see cref="CrossEntropy(Node, Node, Node, double, int?, Reduction)"/> of ln softmax(logits), PyTorch's
    /// cross_entropy.</summary>
    /// <param name="logits">Scores [n, classes, …].</param>
    /// <param name="labels">Either class indices [n, …] or target distributions [n, classes, …].</param>
    /// <param name="weight">A weight for each class [classes], or none.</param>
    /// <param name="smoothing">ε in [0, 1]: the targets become (1 − ε) · target + ε/classes.</param>
    /// <param name="ignore">A label that counts for nothing.</param>
    /// <param name="reduction">What becomes of the single losses [n, …].</param>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    public static Node SoftmaxCrossEntropy(Node logits, Node labels, Node? weight = null, double smoothing = 0,
        int? ignore = null, Reduction reduction = Reduction.Mean) =>
        CrossEntropy(LogSoftmax(logits, ClassAxis(logits)), labels, weight, smoothing, ignore, reduction);

    /// <summary>−Σₖ weightₖ · targetₖ · ln pₖ for each row or pixel, from logarithms of probabilities: PyTorch's
    /// nll_loss, with what its cross_entropy knows besides.</summary>
    /// <param name="logProbabilities">ln p [n, classes, …].</param>
    /// <param name="labels">Either class indices [n, …] or target distributions [n, classes, …].</param>
    /// <param name="weight">A weight for each class [classes], or none.</param>
    /// <param name="smoothing">ε in [0, 1]: the targets become (1 − ε) · target + ε/classes.</param>
    /// <param name="ignore">A label that counts for nothing; so does any that is not a class.</param>
    /// <param name="reduction">What becomes of the single losses [n, …]. As in PyTorch the mean of losses by index is
    /// divided by the weights of their labels (NaN if all are ignored), that by distribution by their number.</param>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    public static Node CrossEntropy(Node logProbabilities, Node labels, Node? weight = null, double smoothing = 0,
        int? ignore = null, Reduction reduction = Reduction.Mean)
    {
        var axis = ClassAxis(logProbabilities);
        var (shape, classes) = (logProbabilities.Shape, logProbabilities.Shape[axis]);
        Shape rows = [shape[0], .. shape[2..]];
        var isIndex = labels.Kind == Kind.Index;
        if (labels.Shape != (isIndex ? rows : shape) || weight is not null && weight.Shape != [classes])
        {
            throw new ShapeError($"CrossEntropy on {shape} and {labels.Shape}" + (weight is null ? "" : $" with weights {weight.Shape}"),
                $"labels need the shape {rows} if they are indices, {shape} if they are distributions, weights [{classes}]",
                [labels.Shape != (isIndex ? rows : shape) ? $"labels of shape {(isIndex ? rows : shape)}" : $"weights of [{classes}]"]);
        }

        var weights = PerChannel("CrossEntropy", logProbabilities, weight ?? Ones([1]));
        if (!isIndex)
        {
            var targets = (1 - smoothing) * labels + smoothing / classes;
            return Reduce(-Sum(weights * targets * logProbabilities, [axis]), reduction);
        }

        // Chosen, not multiplied, for 0 · −∞ is not a number. An ignored label is one that hits no class.
        var hot = OneHot(labels, classes);
        var hits = ClassesSecond(ignore is null ? hot : hot * Tensor.From([classes], k => k == ignore ? 0 : 1));
        var counts = Sum(hits, [axis], keepDims: true);
        var losses = -(1 - smoothing) * Sum(Where(hits, weights * logProbabilities, 0), [axis]);
        losses = smoothing == 0 ? losses
            : losses - smoothing / classes * Sum(Where(counts, weights * logProbabilities, 0), [axis]);
        return reduction == Reduction.Mean ? Sum(losses) / Sum(hits * weights) : Reduce(losses, reduction);
    }

    /// <summary>−(target · ln p + (1 − target) · ln(1 − p)), reduced. As in PyTorch a logarithm is at least −100; where
    /// it is cut off, its slope is 0.</summary>
    /// <param name="p">Probabilities in [0, 1].</param>
    /// <param name="target">Targets in [0, 1].</param>
    /// <param name="weight">A weight for each loss, broadcastable, or none.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node BinaryCrossEntropy(Node p, Node target, Node? weight = null, Reduction reduction = Reduction.Mean)
    {
        CheckSame("BinaryCrossEntropy", p, target);
        return Reduce(Weighted(-(target * ClampedLog(p) + (1 - target) * ClampedLog(1 - p)), weight), reduction);
    }

    /// <summary>Binary cross-entropy of p = sigmoid(logits), without overflow:
    /// (1 − target) · x + (1 + (positive − 1) · target) · ln(1 + e⁻ˣ).</summary>
    /// <param name="logits">Scores.</param>
    /// <param name="target">Targets in [0, 1].</param>
    /// <param name="weight">A weight for each loss, broadcastable, or none.</param>
    /// <param name="positive">A weight for positive targets, broadcastable, or none.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node BinaryCrossEntropyWithLogits(Node logits, Node target, Node? weight = null, Node? positive = null,
        Reduction reduction = Reduction.Mean)
    {
        CheckSame("BinaryCrossEntropyWithLogits", logits, target);
        var softplus = Softplus(-logits);
        var loss = (1 - target) * logits + (positive is null ? softplus : (1 + (positive - 1) * target) * softplus);
        return Reduce(Weighted(loss, weight), reduction);
    }

    /// <summary>target · (ln target − y), 0 where the target is 0: the Kullback-Leibler divergence from logarithms of
    /// probabilities. As in PyTorch the mean is over all elements; the mean over the batch is the sum divided by
    /// n.</summary>
    /// <param name="y">Logarithms of probabilities.</param>
    /// <param name="target">Probabilities, or their logarithms.</param>
    /// <param name="isLog">Whether the targets are logarithms.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node KlDivLoss(Node y, Node target, bool isLog = false, Reduction reduction = Reduction.Mean)
    {
        CheckSame("KlDivLoss", y, target);
        var none = Equal(target, 0);
        return Reduce(isLog ? Exp(target) * (target - y)
            : Where(none, 0, target * (Log(Where(none, 1, target)) - y)), reduction);
    }

    /// <summary>The axis of the classes, which is 1.</summary>
    private static int ClassAxis(Node scores) => scores.Shape.Rank >= 2
        ? 1
        : throw new ShapeError($"CrossEntropy on {scores.Shape}", "scores need rank 2 or more: [n, classes, …]",
            [scores.Shape.Elements is <= int.MaxValue and var all ? $"Reshape to [1, {all}]" : "scores of [1, 1]"]);

    /// <summary>[n, …, classes] to [n, classes, …].</summary>
    private static Node ClassesSecond(Node x) => x.Shape.Rank == 2
        ? x
        : Transpose(x, Shape.From([0, x.Shape.Rank - 1, .. Arrays.Range(1, x.Shape.Rank - 2)]));

    private static Node Weighted(Node losses, Node? weight) => weight is null ? losses : losses * weight;

    private static Node ClampedLog(Node p)
    {
        var tiny = LessOrEqual(p, Math.Exp(-100));
        return Where(tiny, -100, Log(Where(tiny, 1, p)));
    }
}
