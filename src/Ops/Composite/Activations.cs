namespace AutoDiffCnn;

// Smooth activations. Those with kinks are in Rectifiers.cs, the softmax family in Softmax.cs.
public static partial class Functions
{
    /// <summary>x · Φ(x), Φ the normal distribution function: x/2 · (1 + erf(x/√2)).</summary>
    /// <remarks>D. Hendrycks, K. Gimpel, Gaussian Error Linear Units, 2016.</remarks>
    public static Node Gelu(Node x) => 0.5 * x * (1 + Erf(x * Math.Sqrt(0.5)));

    /// <summary>Gelu by a hyperbolic tangent: x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))); at most 0.0005 away from
    /// <see cref="Gelu"/>. ONNX's and PyTorch's <c>approximate="tanh"</c>.</summary>
    public static Node GeluTanh(Node x) => 0.5 * x * (1 + Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

    /// <summary>x · sigmoid(x), also known as swish.</summary>
    /// <remarks>S. Elfwing et al., Sigmoid-Weighted Linear Units for Neural Network Function Approximation,
    /// 2017.</remarks>
    public static Node Silu(Node x) => x * Sigmoid(x);

    /// <summary>x · tanh(ln(1 + eˣ)).</summary>
    /// <remarks>D. Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019.</remarks>
    public static Node Mish(Node x) => x * Tanh(Softplus(x));

    /// <summary>x / (1 + |x|). Its slope is continuous, 1 at 0.</summary>
    public static Node Softsign(Node x) => x / (1 + Abs(x));

    /// <summary>x − tanh x.</summary>
    public static Node Tanhshrink(Node x) => x - Tanh(x);

    /// <summary>ln sigmoid(x) = −ln(1 + e⁻ˣ), without overflow.</summary>
    public static Node LogSigmoid(Node x) => -Softplus(-x);

    /// <summary>ln(1 + e^(beta·x)) / beta; x itself where beta · x exceeds the threshold, as in PyTorch.</summary>
    public static Node Softplus(Node x, double beta, double threshold = 20) =>
        Where(Greater(beta * x, threshold), x, Softplus(beta * x) / beta);

    /// <summary>a · sigmoid(b), a and b the halves of x along an axis.</summary>
    /// <remarks>Y. Dauphin et al., Language Modeling with Gated Convolutional Networks, ICML 2017.</remarks>
    /// <exception cref="ShapeError">The axis has an odd size.</exception>
    public static Node Glu(Node x, int axis = -1)
    {
        var along = x.Shape.Axis(axis);
        var half = x.Shape[along] / 2;
        return x.Shape[along] % 2 == 0
            ? Part(x, along, 0, half) * Sigmoid(Part(x, along, half, half))
            : throw new ShapeError($"Glu on {x.Shape}", $"axis {along}: the size {x.Shape[along]} has no halves",
                [$"an input of {x.Shape.With(along, x.Shape[along] == int.MaxValue ? 2 : x.Shape[along] + 1)}"]);
    }
}
