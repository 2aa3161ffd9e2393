namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>x for x &gt; 0, slope · x below; the subgradient at 0 is the slope, as in PyTorch.</summary>
    /// <remarks>A. Maas et al., Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML 2013.</remarks>
    public static Node LeakyRelu(Node x, double slope) => Where(Greater(x, 0), x, slope * x);

    /// <summary>Leaky relu with slope 0.01.</summary>
    public static Node LeakyRelu(Node x) => LeakyRelu(x, 0.01);

    /// <summary>x · Φ(x), Φ the normal distribution function: x/2 · (1 + erf(x/√2)).</summary>
    /// <remarks>D. Hendrycks, K. Gimpel, Gaussian Error Linear Units, 2016.</remarks>
    public static Node Gelu(Node x) => 0.5 * x * (1 + Erf(x * Math.Sqrt(0.5)));

    /// <summary>e^(xᵢ) / Σ e^(xⱼ) along the last axis.
    /// The maximum is subtracted first, so it does not overflow.</summary>
    public static Node Softmax(Node x) => Softmax(x, -1);

    /// <summary>Softmax along an axis.</summary>
    public static Node Softmax(Node x, int axis)
    {
        var powers = Exp(x - StopGradient(Max(x, axis, keepDims: true)));
        return powers / Sum(powers, [axis], keepDims: true);
    }

    /// <summary>ln softmax(x) along the last axis: x − ln Σ eˣ.</summary>
    public static Node LogSoftmax(Node x) => LogSoftmax(x, -1);

    /// <summary>ln softmax(x) along an axis.</summary>
    public static Node LogSoftmax(Node x, int axis)
    {
        var shifted = x - StopGradient(Max(x, axis, keepDims: true));
        return shifted - Log(Sum(Exp(shifted), [axis], keepDims: true));
    }

    /// <summary>Each element is dropped (0) with a probability, the others are scaled by 1/(1 − rate), so that the mean
    /// stays.</summary>
    /// <param name="x">The input.</param>
    /// <param name="rate">The probability of being dropped, in [0, 1).</param>
    /// <param name="key">The key, an index of shape [2].</param>
    /// <remarks>N. Srivastava et al., Dropout, JMLR 15, 2014; the inverted form.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public static Node Dropout(Node x, double rate, Node key)
    {
        if (rate is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate,
                "A dropout rate lies in [0, 1): 0 keeps all, 1 would keep nothing.");
        }

        return Where(Less(Uniform(x.Shape, key), rate), 0, x * (1 / (1 - rate)));
    }

    /// <summary>Uniform random numbers in [0, 1).</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="key">The key, an index of shape [2].</param>
    public static Node Uniform(Shape shape, Node key) => new RandomUniform(shape).Of(key);

    /// <summary>Standard normal random numbers.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="key">The key, an index of shape [2].</param>
    public static Node Normal(Shape shape, Node key) => new RandomNormal(shape).Of(key);

    /// <summary>1 with a probability, else 0.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="probability">The probability of a 1.</param>
    /// <param name="key">The key, an index of shape [2].</param>
    public static Node Bernoulli(Shape shape, double probability, Node key) => Less(Uniform(shape, key), probability);

    /// <summary>An independent key for a purpose that a number tells.</summary>
    public static Node FoldIn(Node key, uint purpose) => new FoldIn(purpose).Of(key);
}
