namespace AutoDiffCnn;

// Losses of numbers against numbers of the same shape. Names, formulas and reductions are PyTorch's.
public static partial class Functions
{
    /// <summary>The mean of (y − target)² over all elements.</summary>
    public static Node MeanSquaredError(Node y, Node target) => Mean(Square(y - target));

    /// <summary>(y − target)², reduced.</summary>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node MeanSquaredError(Node y, Node target, Reduction reduction) =>
        Reduce(Square(Gap("MeanSquaredError", y, target)), reduction);

    /// <summary>|y − target|, reduced; the subgradient is 0 where they are equal.</summary>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node L1Loss(Node y, Node target, Reduction reduction = Reduction.Mean) =>
        Reduce(Abs(Gap("L1Loss", y, target)), reduction);

    /// <summary>With d = |y − target|: d²/2 for d ≤ delta, delta · (d − delta/2) above. Its slope is
    /// continuous.</summary>
    /// <param name="y">The outputs.</param>
    /// <param name="target">What they should be.</param>
    /// <param name="delta">Where the square ends, above 0.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <remarks>P. Huber, Robust Estimation of a Location Parameter, 1964.</remarks>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node HuberLoss(Node y, Node target, double delta = 1, Reduction reduction = Reduction.Mean)
    {
        var d = Abs(Gap("HuberLoss", y, target));
        return Reduce(Where(LessOrEqual(d, delta), 0.5 * Square(d), delta * (d - 0.5 * delta)), reduction);
    }

    /// <summary>With d = |y − target|: d²/(2 beta) for d &lt; beta, d − beta/2 above; for beta = 0 the L1
    /// loss.</summary>
    /// <param name="y">The outputs.</param>
    /// <param name="target">What they should be.</param>
    /// <param name="beta">Where the square ends, at least 0.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <remarks>R. Girshick, Fast R-CNN, ICCV 2015.</remarks>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node SmoothL1Loss(Node y, Node target, double beta = 1, Reduction reduction = Reduction.Mean) =>
        beta == 0 ? L1Loss(y, target, reduction) : HuberLoss(y, target, beta, reduction) / beta;

    /// <summary>−ln of a Poisson distribution's probability of the target, without the term that does not depend on y:
    /// eʸ − target · y, or y − target · ln(y + 1e−8) where y is the rate itself.</summary>
    /// <param name="y">The logarithm of the rate, or the rate.</param>
    /// <param name="target">Counts.</param>
    /// <param name="isLog">Whether y is the logarithm.</param>
    /// <param name="full">Whether Stirling's target · ln target − target + ln(2π target)/2 is added where the target
    /// exceeds 1.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node PoissonNllLoss(Node y, Node target, bool isLog = true, bool full = false, Reduction reduction = Reduction.Mean)
    {
        CheckSame("PoissonNllLoss", y, target);
        var loss = isLog ? Exp(y) - target * y : y - target * Log(y + 1e-8);
        return Reduce(full ? loss + Stirling(target) : loss, reduction);
    }

    /// <summary>−ln of a normal distribution's density at the target: (ln v + (y − target)²/v)/2 with the variance
    /// v = max(variance, epsilon).</summary>
    /// <param name="y">The means.</param>
    /// <param name="target">What was seen.</param>
    /// <param name="variance">The variances, broadcastable to y. The gradient passes as if they were not cut off at
    /// epsilon, as in PyTorch.</param>
    /// <param name="full">Whether the constant ln(2π)/2 is added.</param>
    /// <param name="epsilon">The least variance.</param>
    /// <param name="reduction">What becomes of the single losses.</param>
    /// <exception cref="ShapeError">The shapes differ.</exception>
    public static Node GaussianNllLoss(Node y, Node target, Node variance, bool full = false, double epsilon = 1e-6,
        Reduction reduction = Reduction.Mean)
    {
        var v = variance + StopGradient(Relu(epsilon - variance));
        var loss = 0.5 * (Log(v) + Square(Gap("GaussianNllLoss", y, target)) / v);
        return Reduce(full ? loss + 0.5 * Math.Log(2 * Math.PI) : loss, reduction);
    }

    /// <summary>ln n! approximately, for n &gt; 1; 0 for others.</summary>
    private static Node Stirling(Node n)
    {
        var large = Greater(n, 1);
        var m = Where(large, n, 1);
        return Where(large, m * Log(m) - m + 0.5 * Log(2 * Math.PI * m), 0);
    }

    private static Node Gap(string name, Node y, Node target)
    {
        CheckSame(name, y, target);
        return y - target;
    }

    private static void CheckSame(string name, Node a, Node b)
    {
        if (a.Shape != b.Shape)
        {
            throw new ShapeError($"{name} on {a.Shape} and {b.Shape}", "both need the same shape",
                [a.Shape.Elements == b.Shape.Elements ? $"Reshape {b.Shape} to {a.Shape}" : $"{a.Shape} instead of {b.Shape}"]);
        }
    }

    private static Node Reduce(Node losses, Reduction reduction) => reduction switch
    {
        Reduction.Mean => Mean(losses),
        Reduction.Sum => Sum(losses),
        _ => losses,
    };
}
