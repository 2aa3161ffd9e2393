namespace AutoDiffCnn;

// Activations with kinks; each says which slope it has there.
public static partial class Functions
{
    /// <summary>x for x &gt; 0, slope · x below; the subgradient at 0 is the slope, as in PyTorch.</summary>
    /// <remarks>A. Maas et al., Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML 2013.</remarks>
    public static Node LeakyRelu(Node x, double slope) => Where(Greater(x, 0), x, slope * x);

    /// <summary>Leaky relu with slope 0.01.</summary>
    public static Node LeakyRelu(Node x) => LeakyRelu(x, 0.01);

    /// <summary>x for x &gt; 0, slope · x below, with a slope that is learnt; the subgradient at 0 is the
    /// slope.</summary>
    /// <param name="x">Values [n, c, …].</param>
    /// <param name="slope">One slope a channel [c], or one for all [1], as in PyTorch.</param>
    /// <remarks>K. He et al., Delving Deep into Rectifiers, ICCV 2015.</remarks>
    /// <exception cref="ShapeError">The slopes are neither one nor one a channel.</exception>
    public static Node PRelu(Node x, Node slope) => Where(Greater(x, 0), x, PerChannel("PRelu", x, slope) * x);

    /// <summary>min(max(x, 0), 6); the subgradient at 0 and 6 is 0.</summary>
    public static Node Relu6(Node x) => HardTanh(x, 0, 6);

    /// <summary>x for x &gt; 0, alpha · (eˣ − 1) below; the subgradient at 0 is alpha.</summary>
    /// <remarks>D.-A. Clevert et al., Fast and Accurate Deep Network Learning by Exponential Linear Units, ICLR
    /// 2016.</remarks>
    public static Node Elu(Node x, double alpha) => Where(Greater(x, 0), x, alpha * Expm1(Minimum(x, 0)));

    /// <summary>Elu with alpha = 1: its slope is continuous.</summary>
    public static Node Elu(Node x) => Elu(x, 1);

    /// <summary>λ · elu(x, α) with the constants for which mean 0 and variance 1 are a fixed point:
    /// α = 1.6732632423543772, λ = 1.0507009873554805. The subgradient at 0 is λα.</summary>
    /// <remarks>G. Klambauer et al., Self-Normalizing Neural Networks, NIPS 2017.</remarks>
    public static Node Selu(Node x) => SeluScale * Elu(x, SeluAlpha);

    /// <summary>x for x &gt; 0, alpha · (e^(x/alpha) − 1) below: its slope is continuous.</summary>
    /// <remarks>J. Barron, Continuously Differentiable Exponential Linear Units, 2017.</remarks>
    public static Node Celu(Node x, double alpha) => Where(Greater(x, 0), x, alpha * Expm1(Minimum(x, 0) / alpha));

    /// <summary>Celu with alpha = 1, which is elu.</summary>
    public static Node Celu(Node x) => Celu(x, 1);

    /// <summary>min(max(x/6 + 1/2, 0), 1), as in PyTorch (ONNX's default has the slope 0.2); the subgradient at −3
    /// and 3 is 0.</summary>
    public static Node HardSigmoid(Node x) => Relu6(x + 3) / 6;

    /// <summary>x · hardsigmoid(x); the subgradient is 0 at −3 and 1 at 3.</summary>
    /// <remarks>A. Howard et al., Searching for MobileNetV3, ICCV 2019.</remarks>
    public static Node HardSwish(Node x) => x * HardSigmoid(x);

    /// <summary>min(max(x, low), high); the subgradient at the bounds is 0, as in PyTorch's hardtanh.
    /// <see cref="Clamp"/> has 1 there.</summary>
    public static Node HardTanh(Node x, double low, double high) =>
        Where(LessOrEqual(x, low), low, Where(LessOrEqual(high, x), high, x));

    /// <summary>min(max(x, −1), 1); the subgradient at the bounds is 0.</summary>
    public static Node HardTanh(Node x) => HardTanh(x, -1, 1);

    /// <summary>min(max(x, low), high), ONNX's Clip; the subgradient at the bounds is 1, as in PyTorch's
    /// clamp.</summary>
    public static Node Clamp(Node x, double low, double high) =>
        Where(Less(x, low), low, Where(Less(high, x), high, x));

    /// <summary>x where |x| &gt; bound, else 0; the slope at the bounds is 0.</summary>
    public static Node HardShrink(Node x, double bound = 0.5) => Where(LessOrEqual(Abs(x), bound), 0, x);

    /// <summary>x moved towards 0 by the bound, 0 where |x| ≤ bound; the subgradient at the bounds is 0.</summary>
    public static Node SoftShrink(Node x, double bound = 0.5) => x - Clamp(x, -bound, bound);

    /// <summary>x where x &gt; bound, else another value; the slope at the bound is 0.</summary>
    public static Node Threshold(Node x, double bound, double value) => Where(LessOrEqual(x, bound), value, x);

    /// <summary>A vector [c] or [1] laid along the channels of x [n, c, …].</summary>
    private static Node PerChannel(string name, Node x, Node vector) =>
        vector.Shape is [var size] && x.Shape.Rank >= 2 && (size == 1 || size == x.Shape[1])
            ? Reshape(vector, Shape.Repeat(1, x.Shape.Rank).With(1, size))
            : throw new ShapeError($"{name} on {x.Shape} and {vector.Shape}",
                "x needs rank 2 or more, [n, c, …], and the second one number or one a channel",
                [x.Shape.Rank >= 2 ? $"[{x.Shape[1]}] instead of {vector.Shape}" : $"Reshape {x.Shape} to [1, {x.Shape.Elements}]"]);

    private const double SeluAlpha = 1.6732632423543772848170429916717;
    private const double SeluScale = 1.0507009873554804934193349852946;
}
