using FsCheck;
using FsCheck.Fluent;
using static AutoDiffCnn.Tests.Ops.Check;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Losses against loops over single numbers, their reductions, gradients and kinks.</summary>
public class LossTests
{
    private static readonly Gen<(Tensor Y, Tensor Target)> pairs =
        from y in Values.Real([3, 2])
        from gap in Values.In(Domain.Fractional, [3, 2])
        select (y, Tensor.From(y.Shape, i => y.At(i) + gap.At(i)));

    /// <summary>A loss of pairs of numbers in its three reductions, and its gradient.</summary>
    private static void Is(Tensor y, Tensor target, Func<Node, Node, Reduction, Node> loss, Func<double, double, double> formula)
    {
        double[] each = [.. y.ToDoubles().Zip(target.ToDoubles(), formula)];
        Close(each, loss(y, target, Reduction.None).Value, 1e-11);
        Close([each.Sum()], loss(y, target, Reduction.Sum).Value, 1e-11);
        Close([each.Average()], loss(y, target, Reduction.Mean).Value, 1e-11);
        SmoothAt(x => loss(x, target, Reduction.None), y);
    }

    [Fact]
    public void Losses_of_numbers_are_their_formulas() => Law.ForAll(pairs, at =>
    {
        var (y, t) = at;
        Is(y, t, MeanSquaredError, (a, b) => (a - b) * (a - b));
        Is(y, t, L1Loss, (a, b) => Math.Abs(a - b));
        Is(y, t, (a, b, r) => HuberLoss(a, b, 1.05, r), (a, b) => Math.Abs(a - b) is var d && d <= 1.05 ? d * d / 2 : 1.05 * (d - 0.525));
        Is(y, t, (a, b, r) => SmoothL1Loss(a, b, 1.05, r), (a, b) => Math.Abs(a - b) is var d && d < 1.05 ? d * d / 2.1 : d - 0.525);
        Is(y, t, (a, b, r) => SmoothL1Loss(a, b, 0, r), (a, b) => Math.Abs(a - b));
        Is(y, t, (a, b, r) => PoissonNllLoss(a, b, reduction: r), (a, b) => Math.Exp(a) - b * a);
        Is(y, t, (a, b, r) => PoissonNllLoss(a, b, full: true, reduction: r),
            (a, b) => Math.Exp(a) - b * a + (b > 1 ? b * Math.Log(b) - b + Math.Log(2 * Math.PI * b) / 2 : 0));
        Is(y.Map(v => Math.Abs(v) + 0.3), t, (a, b, r) => PoissonNllLoss(a, b, isLog: false, reduction: r), (a, b) => a - b * Math.Log(a + 1e-8));
        Is(y, t, (a, b, r) => GaussianNllLoss(a, b, 0.7, reduction: r), (a, b) => (Math.Log(0.7) + (a - b) * (a - b) / 0.7) / 2);
        Is(y, t, (a, b, r) => GaussianNllLoss(a, b, 0.7, full: true, reduction: r),
            (a, b) => -Math.Log(Math.Exp(-(a - b) * (a - b) / 1.4) / Math.Sqrt(2 * Math.PI * 0.7)));
    }, times: 10);

    [Fact]
    public void A_variance_below_epsilon_counts_as_epsilon_but_keeps_its_gradient()
    {
        var v = Variable("v", [1]);
        var loss = GaussianNllLoss(Tensor.Of([1]), Tensor.Of([3]), v, epsilon: 0.5);
        Assert.Equal((Math.Log(0.5) + 8) / 2, Reference.Run(loss, (v, Tensor.Of([0.1]))).Scalar, 1e-14);
        Assert.Equal((1 / 0.5 - 4 / 0.25) / 2, Reference.Run(Gradient.Of(loss, v), (v, Tensor.Of([0.1]))).At(0), 1e-13);
    }

    [Fact]
    public void Losses_of_probabilities_are_their_formulas() => Law.ForAll(
        from x in Values.Real([2, 3])
        from t in Values.In(Domain.Positive, [2, 3])
        select (X: x, T: t.Map(v => v / 4)), at =>
    {
        static double Sigma(double x) => 1 / (1 + Math.Exp(-x));
        static double Cross(double p, double t) => -t * Math.Log(p) - (1 - t) * Math.Log(1 - p);
        Is(at.X.Map(Sigma), at.T, (p, t, r) => BinaryCrossEntropy(p, t, reduction: r), Cross);
        Is(at.X.Map(Sigma), at.T, (p, t, r) => BinaryCrossEntropy(p, t, 3, r), (p, t) => 3 * Cross(p, t));
        Is(at.X, at.T, (x, t, r) => BinaryCrossEntropyWithLogits(x, t, reduction: r), (x, t) => Cross(Sigma(x), t));
        Is(at.X, at.T, (x, t, r) => BinaryCrossEntropyWithLogits(x, t, 3, 2.5, r),
            (x, t) => 3 * (-2.5 * t * Math.Log(Sigma(x)) - (1 - t) * Math.Log(1 - Sigma(x))));
        Is(at.X, at.T, (y, t, r) => KlDivLoss(y, t, reduction: r), (y, t) => t * (Math.Log(t) - y));
        Is(at.X, at.T, (y, t, r) => KlDivLoss(y, t, true, r), (y, t) => Math.Exp(t) * (t - y));
        SmoothIn(xs => BinaryCrossEntropy(xs[0], xs[1]), at.X.Map(Sigma), at.T);
        SmoothIn(xs => KlDivLoss(xs[0], xs[1]), at.X, at.T);
    }, times: 10);

    [Fact]
    public void Probabilities_of_0_and_1_are_no_infinities()
    {
        Close([100, 100, 0, 0],
            BinaryCrossEntropy(Tensor.Of([0, 1, 0, 1]), Tensor.Of([1, 0, 0, 1]), reduction: Reduction.None).Value, 0);
        Assert.All(Slope(p => BinaryCrossEntropy(p, Tensor.Of([1, 0]), reduction: Reduction.Sum), 0, 1).ToDoubles(), slope => Assert.Equal(0, slope, 0));
        Assert.Equal(Tensor.Of([0]), KlDivLoss(Tensor.Of([-3]), Tensor.Of([0]), reduction: Reduction.None).Value);
        Assert.Equal(1000, BinaryCrossEntropyWithLogits(Tensor.Of([-1000]), Tensor.Of([1])).Value.Scalar);
    }

    /// <summary>PyTorch's documented cross-entropy: a loop over rows, classes and pixels.</summary>
    private static (double[] Each, double Mean) CrossEntropyByLoops(Tensor x, Func<int, int, int> label, double[] w, double smoothing, int? ignore)
    {
        var (n, c, l) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        var each = new double[n * l];
        var weights = 0.0;
        for (var i = 0; i < n; i++)
        {
            for (var p = 0; p < l; p++)
            {
                var logSum = Math.Log(Enumerable.Range(0, c).Sum(k => Math.Exp(x[i, k, p])));
                var y = label(i, p);
                if (y != ignore)
                {
                    weights += w[y];
                    each[i * l + p] = -(1 - smoothing) * w[y] * (x[i, y, p] - logSum)
                        - smoothing / c * Enumerable.Range(0, c).Sum(k => w[k] * (x[i, k, p] - logSum));
                }
            }
        }

        return (each, each.Sum() / weights);
    }

    [Fact]
    public void Cross_entropy_knows_weights_smoothing_and_ignored_labels() => Law.ForAll(
        from x in Values.Real([3, 4, 2])
        from labels in Values.Index([3, 2], 3)
        from w in Values.In(Domain.Positive, [4])
        from smoothing in Gen.Elements(0.0, 0.1)
        from ignore in Gen.Elements<int?>(null, 3, 0)
        where labels.ToDoubles().Any(y => y != ignore)
        select (x, labels, w, smoothing, ignore), at =>
    {
        var (each, mean) = CrossEntropyByLoops(at.x, (i, p) => (int)at.labels[i, p], at.w.ToDoubles(), at.smoothing, at.ignore);
        Node Loss(Node x, Reduction reduction) => SoftmaxCrossEntropy(x, Indices(at.labels), at.w, at.smoothing, at.ignore, reduction);
        Close(each, Loss(at.x, Reduction.None).Value);
        Close([each.Sum()], Loss(at.x, Reduction.Sum).Value);
        Close([mean], Loss(at.x, Reduction.Mean).Value);
        SmoothAt(x => Loss(x, Reduction.Mean), at.x);
    }, times: 30);

    [Fact]
    public void Cross_entropy_with_distributions_and_without_options_is_the_plain_one() => Law.ForAll(
        from x in Values.Real([3, 4])
        from labels in Values.Index([3], 4)
        select (x, labels), at =>
    {
        var plain = SoftmaxCrossEntropy(at.x, Indices(at.labels)).Value.Scalar;
        Assert.Equal(plain, SoftmaxCrossEntropy(at.x, Indices(at.labels), reduction: Reduction.Mean).Value.Scalar, 1e-14);
        var targets = OneHot(Indices(at.labels), 4).Value;
        Assert.Equal(plain, SoftmaxCrossEntropy(at.x, targets, reduction: Reduction.Mean).Value.Scalar, 1e-14);
        var smooth = SoftmaxCrossEntropy(at.x, Indices(at.labels), smoothing: 0.2).Value.Scalar;
        Assert.Equal(smooth, SoftmaxCrossEntropy(at.x, targets, smoothing: 0.2).Value.Scalar, 1e-14);
    }, times: 20);

    [Fact]
    public void Cross_entropy_without_options_is_that_of_each_pixel() => Law.ForAll(
        from x in Values.Real([3, 4, 2, 5])
        from labels in Values.Index([3, 2, 5], 4)
        select (x, labels), at =>
    {
        var (_, mean) = CrossEntropyByLoops(
            at.x.Reshape([3, 4, 10]), (i, p) => (int)at.labels.Reshape([3, 10])[i, p], [1, 1, 1, 1], 0, null);
        Close([mean], SoftmaxCrossEntropy(at.x, Indices(at.labels)).Value);
        Close([mean], CrossEntropy(LogSoftmax(at.x, 1), Transpose(OneHot(Indices(at.labels), 4), [0, 3, 1, 2])).Value);
    }, times: 20);

    [Fact]
    public void Losses_with_a_margin_are_their_formulas() => Law.ForAll(
        from a in Values.In(Domain.Fractional, [3, 2])
        from b in Values.Real([3, 2])
        from sign in Values.In(Domain.Mask, [3, 2])
        select (A: a, B: b, Y: sign.Map(s => 2 * s - 1)), at =>
    {
        Is(at.A, at.Y, (x, y, r) => HingeEmbeddingLoss(x, y, 2, r), (x, y) => y == 1 ? x : Math.Max(0, 2 - x));
        Is(at.A, at.Y, SoftMarginLoss, (x, y) => Math.Log(1 + Math.Exp(-y * x)));
        var ranked = MarginRankingLoss(at.A, at.B, at.Y, 0.5, Reduction.None).Value;
        Close([.. Enumerable.Range(0, 6).Select(i => Math.Max(0, -at.Y.At(i) * (at.A.At(i) - at.B.At(i)) + 0.5))], ranked);
    }, times: 20);

    [Fact]
    public void Multi_margin_sums_over_the_other_classes() => Law.ForAll(
        from x in Values.Real([3, 4])
        from labels in Values.Index([3], 4)
        from p in Gen.Choose(1, 2)
        select (x, labels, p), at =>
    {
        double[] w = [1, 2, 0.5, 3];
        double Row(int i)
        {
            var y = (int)at.labels.At(i);
            return Enumerable.Range(0, 4).Where(k => k != y)
                .Sum(k => w[y] * Math.Pow(Math.Max(0, 0.7 - at.x[i, y] + at.x[i, k]), at.p)) / 4;
        }

        var losses = MultiMarginLoss(at.x, Indices(at.labels), at.p, 0.7, Tensor.Of(w), Reduction.None);
        Close([Row(0), Row(1), Row(2)], losses.Value);
        Close([(Row(0) + Row(1) + Row(2)) / 3], MultiMarginLoss(at.x, Indices(at.labels), at.p, 0.7, Tensor.Of(w)).Value);
    }, times: 20);

    [Fact]
    public void Cosine_and_triplet_compare_rows() => Law.ForAll(
        from a in Values.In(Domain.Positive, [2, 3])
        from b in Values.Real([2, 3])
        from c in Values.Real([2, 3])
        select (a, b, c), at =>
    {
        double Dot(Tensor x, Tensor y, int i) => Enumerable.Range(0, 3).Sum(k => x[i, k] * y[i, k]);
        double Cosine(int i) => Dot(at.a, at.b, i) / Math.Sqrt(Dot(at.a, at.a, i) * Dot(at.b, at.b, i));
        Close([1 - Cosine(0), Math.Max(0, Cosine(1) - 0.2)],
            CosineEmbeddingLoss(at.a, at.b, Tensor.Of([1, -1]), 0.2, Reduction.None).Value, 1e-10);

        double Apart(Tensor x, Tensor y, int i) => Math.Sqrt(Enumerable.Range(0, 3).Sum(k => Math.Pow(x[i, k] - y[i, k] + 1e-6, 2)));
        double Triplet(int i, bool swap) => Math.Max(0,
            Apart(at.a, at.b, i) - (swap ? Math.Min(Apart(at.a, at.c, i), Apart(at.b, at.c, i)) : Apart(at.a, at.c, i)) + 1);
        Close([Triplet(0, false), Triplet(1, false)], TripletMarginLoss(at.a, at.b, at.c, reduction: Reduction.None).Value);
        Close([(Triplet(0, true) + Triplet(1, true)) / 2], TripletMarginLoss(at.a, at.b, at.c, swap: true).Value);
    }, times: 30);

    [Fact]
    public void Kinks_have_slope_0()
    {
        Assert.Equal(0, Slope(x => L1Loss(x, Tensor.Of([2])), 2).At(0));
        Assert.Equal(0, Slope(x => HingeEmbeddingLoss(x, Tensor.Of([-1])), 1).At(0));
        Assert.All(Slope(x => MultiMarginLoss(Reshape(x, [1, 2]), Indices(Tensor.Of([0]))), 2, 1).ToDoubles(), slope => Assert.Equal(0, slope, 0));
        Assert.Equal(0, Slope(x => MarginRankingLoss(x, Tensor.Of([2]), Tensor.Of([1])), 2).At(0));
        Assert.Equal(0, Slope(x => TripletMarginLoss(Tensor.Of([[5]]), Reshape(x, [1, 1]), Tensor.Of([[2]]), 0), 2).At(0));
        Assert.Equal(Tensor.Of([0, 0]), Slope(x => CosineEmbeddingLoss(Reshape(x, [1, 2]), Tensor.Of([[0, 1]]), Tensor.Of([-1])), 1, 0));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_told()
    {
        Rejected.Rejects("L1Loss on [2, 3] and [6]: both need the same shape.\nPossible: Reshape [6] to [2, 3].",
            () => L1Loss(Rejected.Of(2, 3), Rejected.Of(6)), () => L1Loss(Rejected.Of(2, 3), Reshape(Rejected.Of(6), [2, 3])));
        Rejected.Rejects("CrossEntropy on [2, 3, 4] and [2]: labels need the shape [2, 4] if they are indices, [2, 3, 4] if they are distributions, weights [3].\nPossible: labels of shape [2, 4].",
            () => SoftmaxCrossEntropy(Rejected.Of(2, 3, 4), Rejected.At(2), reduction: Reduction.Sum),
            () => SoftmaxCrossEntropy(Rejected.Of(2, 3, 4), Rejected.At(2, 4), reduction: Reduction.Sum));
        Rejected.Rejects("MultiMarginLoss on [2, 3] and [3]: scores need rank 2, [n, classes], labels [n] and weights [classes].\nPossible: labels of [2].",
            () => MultiMarginLoss(Rejected.Of(2, 3), Rejected.At(3)), () => MultiMarginLoss(Rejected.Of(2, 3), Rejected.At(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => MultiMarginLoss(Rejected.Of(2, 3), Rejected.At(2), 3));
    }
}
