namespace AutoDiffCnn;

// Losses with a margin: 0 as soon as things are far enough apart.
public static partial class Functions
{
    /// <summary>x where y = 1, max(0, margin − x) where y = −1, reduced; the subgradient at the margin is 0.</summary>
    /// <param name="x">Distances.</param>
    /// <param name="y">1 or −1.</param>
    /// <param name="margin">How far apart the unlike should be.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node HingeEmbeddingLoss(Node x, Node y, double margin = 1, Reduction reduction = Reduction.Mean)
    {
        CheckSame("HingeEmbeddingLoss", x, y);
        return Reduce(Where(Equal(y, 1), x, Relu(margin - x)), reduction);
    }

    /// <summary>ln(1 + e^(−y · x)), reduced: the two-class logistic loss.</summary>
    /// <param name="x">Scores.</param>
    /// <param name="y">1 or −1.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node SoftMarginLoss(Node x, Node y, Reduction reduction = Reduction.Mean)
    {
        CheckSame("SoftMarginLoss", x, y);
        return Reduce(Softplus(-y * x), reduction);
    }

    /// <summary>max(0, −y · (first − second) + margin), reduced; the subgradient at the margin is 0.</summary>
    /// <param name="first">Scores.</param>
    /// <param name="second">Other scores.</param>
    /// <param name="y">1 where the first should be larger, −1 where the second should be.</param>
    /// <param name="margin">By how much.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node MarginRankingLoss(Node first, Node second, Node y, double margin = 0,
        Reduction reduction = Reduction.Mean)
    {
        CheckSame("MarginRankingLoss", first, y);
        return Reduce(Relu(margin - y * Gap("MarginRankingLoss", first, second)), reduction);
    }

    /// <summary>Σ over the classes i other than the label of weight[label] · max(0, margin − x[label] + x[i])ᵖ / classes,
    /// reduced; the subgradient at the margin is 0.</summary>
    /// <param name="x">Scores [n, classes].</param>
    /// <param name="labels">Class indices [n].</param>
    /// <param name="p">1 or 2.</param>
    /// <param name="margin">By how much the label should win.</param>
    /// <param name="weight">A weight for each class [classes], or none.</param>
    /// <param name="reduction">What becomes of the single losses [n].</param>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">p is neither 1 nor 2.</exception>
    public static Node MultiMarginLoss(Node x, Node labels, int p = 1, double margin = 1, Node? weight = null,
        Reduction reduction = Reduction.Mean)
    {
        if (p is not (1 or 2))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "The power is 1 or 2.");
        }

        if (x.Shape is not [var n, var classes] || labels.Shape != [n] || weight is not null && weight.Shape != [classes])
        {
            throw new ShapeError($"MultiMarginLoss on {x.Shape} and {labels.Shape}" + (weight is null ? "" : $" with weights {weight.Shape}"),
                "scores need rank 2, [n, classes], labels [n] and weights [classes]",
                [x.Shape is not [var rows, var each] ? x.Shape.Elements <= int.MaxValue ? $"Reshape to [1, {x.Shape.Elements}]" : "an input of rank 2"
                    : labels.Shape != [rows] ? $"labels of [{rows}]" : $"weights of [{each}]"]);
        }

        var hits = OneHot(labels, classes);
        var gaps = Relu(margin - Sum(Where(hits, x, 0), [1], keepDims: true) + x);
        var losses = Sum(Where(hits, 0, p == 1 ? gaps : Square(gaps)), [1]) / classes;
        return Reduce(weight is null ? losses : losses * Sum(hits * weight, [1]), reduction);
    }

    /// <summary>1 − cos where y = 1, max(0, cos − margin) where y = −1, reduced, with the
    /// <see cref="CosineSimilarity"/> of the rows; the subgradient at the margin is 0.</summary>
    /// <param name="a">Rows [n, d].</param>
    /// <param name="b">Other rows [n, d].</param>
    /// <param name="y">1 or −1 for each row [n].</param>
    /// <param name="margin">How similar the unlike may be.</param>
    /// <param name="reduction">What becomes of the single losses [n].</param>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node CosineEmbeddingLoss(Node a, Node b, Node y, double margin = 0, Reduction reduction = Reduction.Mean)
    {
        if (Math.Max(a.Shape.Rank, b.Shape.Rank) < 2)
        {
            throw new ShapeError($"CosineEmbeddingLoss on {a.Shape} and {b.Shape}", "rows need rank 2: [n, d]", [$"Reshape to [1, {a.Shape.Elements}]"]);
        }

        var cosine = CosineSimilarity(a, b);
        CheckSame("CosineEmbeddingLoss", cosine, y);
        return Reduce(Where(Equal(y, 1), 1 - cosine, Relu(cosine - margin)), reduction);
    }

    /// <summary>max(0, d(anchor, positive) − d(anchor, negative) + margin), reduced, with d the
    /// <see cref="PairwiseDistance"/> of the rows; the subgradient at the margin is 0.</summary>
    /// <param name="anchor">Rows [n, d].</param>
    /// <param name="positive">Rows that should be near.</param>
    /// <param name="negative">Rows that should be far.</param>
    /// <param name="margin">By how much.</param>
    /// <param name="p">The norm's power.</param>
    /// <param name="swap">Whether d(positive, negative) counts instead of d(anchor, negative) where it is smaller.</param>
    /// <param name="reduction">What becomes of the single losses [n].</param>
    /// <remarks>V. Balntas et al., Learning Shallow Convolutional Feature Descriptors with Triplet Losses, BMVC 2016.</remarks>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node TripletMarginLoss(Node anchor, Node positive, Node negative, double margin = 1, double p = 2,
        bool swap = false, Reduction reduction = Reduction.Mean)
    {
        var far = PairwiseDistance(anchor, negative, p);
        far = swap ? Minimum(far, PairwiseDistance(positive, negative, p)) : far;
        return Reduce(Relu(margin + PairwiseDistance(anchor, positive, p) - far), reduction);
    }
}
