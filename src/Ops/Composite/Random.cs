namespace AutoDiffCnn;

// Randomness comes from a key that goes in as a value: the same key gives the same numbers.
public static partial class Functions
{
    /// <summary>Each element is dropped (0) with a probability, the others are scaled by 1/(1 − rate), so that the mean
    /// stays.</summary>
    /// <param name="x">The input.</param>
    /// <param name="rate">The probability of being dropped, in [0, 1).</param>
    /// <param name="key">The key, an index of shape [2].</param>
    /// <remarks>N. Srivastava et al., Dropout, JMLR 15, 2014; the inverted form.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public static Node Dropout(Node x, double rate, Node key) =>
        Where(Dropped(x.Shape, rate, key), 0, x * (1 / (1 - rate)));

    /// <summary>Dropout of whole channels [n, c, …], for neighbours in an image tell the same story: PyTorch's
    /// Dropout1d, 2d and 3d.</summary>
    /// <param name="x">Values [n, c, …].</param>
    /// <param name="rate">The probability of a channel being dropped, in [0, 1).</param>
    /// <param name="key">The key, an index of shape [2].</param>
    /// <remarks>J. Tompson et al., Efficient Object Localization Using Convolutional Networks, CVPR 2015.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public static Node ChannelDropout(Node x, double rate, Node key) =>
        Where(Dropped(x.Shape.Select((size, axis) => axis < 2 ? size : 1), rate, key), 0, x * (1 / (1 - rate)));

    /// <summary>Dropout for <see cref="Selu"/>: what is dropped becomes −λα, the least that selu gives, and all is
    /// scaled and shifted so that mean 0 and variance 1 stay.</summary>
    /// <param name="x">The input.</param>
    /// <param name="rate">The probability of being dropped, in [0, 1).</param>
    /// <param name="key">The key, an index of shape [2].</param>
    /// <remarks>G. Klambauer et al., Self-Normalizing Neural Networks, NIPS 2017.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public static Node AlphaDropout(Node x, double rate, Node key)
    {
        const double least = -SeluScale * SeluAlpha;
        var scale = 1 / Math.Sqrt((1 - rate) * (1 + rate * least * least));
        return scale * Where(Dropped(x.Shape, rate, key), least, x) - scale * rate * least;
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

    /// <summary>The numbers 0 … count − 1 in random order, an index: with <see cref="Gather"/> it shuffles.</summary>
    /// <param name="count">How many.</param>
    /// <param name="key">The key, an index of shape [2].</param>
    public static Node Permutation(int count, Node key) => new RandomPermutation(count).Of(key);

    /// <summary>An independent key for a purpose that a number tells.</summary>
    public static Node FoldIn(Node key, uint purpose) => new FoldIn(purpose).Of(key);

    private static Node Dropped(Shape shape, double rate, Node key) => rate is >= 0 and < 1
        ? Bernoulli(shape, rate, key)
        : throw new ArgumentOutOfRangeException(nameof(rate), rate,
            "A dropout rate lies in [0, 1): 0 keeps all, 1 would keep nothing.");
}
