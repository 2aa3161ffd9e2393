namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>(Σ |x|ᵖ)^(1/p) over all elements, a scalar; see
    /// <see cref="Norm(Node, double, int[], bool)"/>.</summary>
    public static Node Norm(Node x, double p = 2) => Norm(x, p, [.. Arrays.Range(0, x.Shape.Rank)]);

    /// <summary>(Σ |x|ᵖ)^(1/p) over some axes, counted from the end when negative; for p = ∞ the largest |x|, for −∞
    /// the smallest, for 0 how many elements are not 0. The subgradient where the norm or an element is 0 is 0; of
    /// equal largest the first gets it.</summary>
    /// <param name="x">The input.</param>
    /// <param name="p">The power.</param>
    /// <param name="axes">The axes.</param>
    /// <param name="keepDims">Whether the axes stay, with size 1.</param>
    public static Node Norm(Node x, double p, int[] axes, bool keepDims = false)
    {
        int[] over = [.. Over(x, axes)];
        return p switch
        {
            double.PositiveInfinity => Max(Abs(x), over, keepDims),
            double.NegativeInfinity => Min(Abs(x), over, keepDims),
            0 => Sum(1 - Equal(x, 0), over, keepDims),
            1 => Sum(Abs(x), over, keepDims),
            _ => Root(Sum(Powered(x, p), over, keepDims), p),
        };
    }

    /// <summary>x / max(‖x‖ₚ, epsilon) along an axis.</summary>
    public static Node Normalize(Node x, double p = 2, int axis = 1, double epsilon = 1e-12) =>
        x / Maximum(Norm(x, p, [x.Shape.Axis(axis)], keepDims: true), epsilon);

    /// <summary>Σ a · b / (max(‖a‖, epsilon) · max(‖b‖, epsilon)) along an axis: the cosine of the angle
    /// between.</summary>
    public static Node CosineSimilarity(Node a, Node b, int axis = 1, double epsilon = 1e-8)
    {
        var products = a * b;
        var along = products.Shape.Axis(axis);
        return Sum(products, [along]) / (Length(a) * Length(b));

        Node Length(Node v) => Maximum(Norm(Broadcast.To(v, products.Shape), 2, [along]), epsilon);
    }

    /// <summary>‖a − b + epsilon‖ₚ along the last axis; with PyTorch's epsilon, which keeps the root away from
    /// 0.</summary>
    public static Node PairwiseDistance(Node a, Node b, double p = 2, double epsilon = 1e-6) =>
        Norm(a - b + epsilon, p, [-1]);

    /// <summary>|x|ᵖ; the derivative at 0 is 0.</summary>
    private static Node Powered(Node x, double p)
    {
        if (p == 2)
        {
            return Square(x);
        }

        var none = Equal(x, 0);
        return Where(none, p > 0 ? 0 : double.PositiveInfinity, Pow(Abs(Where(none, 1, x)), p));
    }

    /// <summary>The pth root of what is not negative; the derivative at 0 is 0.</summary>
    private static Node Root(Node x, double p)
    {
        var none = Equal(x, 0);
        var rest = Where(none, 1, x);
        return Where(none, p > 0 ? 0 : double.PositiveInfinity, p == 2 ? Sqrt(rest) : Pow(rest, 1 / p));
    }
}
