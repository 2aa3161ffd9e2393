namespace AutoDiffCnn;

public static partial class Augment
{
    // Each image has a kernel of its own, so all channels of all images become channels of one image.
    private static readonly ImageGraph Filter = new(inputs =>
    {
        var (x, kernels) = (inputs[0], inputs[1]);
        var (n, c, h, w, k) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3], kernels.Shape[^1]);
        var padded = Functions.Pad2D(Functions.Reshape(x, [1, n * c, h, w]), k / 2, PadMode.Edge);
        var each = Functions.RepeatInterleave(Functions.Reshape(kernels, [n, 1, k, k]), c, 0);
        return Functions.Reshape(Functions.Clamp(Functions.DepthwiseConv2D(padded, each), 0, 1), x.Shape);
    });

    /// <summary>Blurred by a Gaussian; beyond the border the edge goes on.</summary>
    /// <param name="low">Its least deviation in pixels; 0 changes nothing.</param>
    /// <param name="high">Its largest deviation in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A deviation is not between 0 and 100.</exception>
    public static Augmentation Blur(double low, double high)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(low is >= 0 and <= 100 && high is >= 0 and <= 100, true, nameof(low));
        var reach = Reach(Math.Max(low, high));
        return new(Named("Blur", low, high), (key, x) => Filtered(x, reach, Amounts(key, x, low, high), sigma => Gaussian(sigma, reach)));
    }

    /// <summary>Sharpened: x + amount·(x − x blurred by [1 2 1]/4 on both axes).</summary>
    /// <param name="low">The least amount; 0 changes nothing, −1 blurs.</param>
    /// <param name="high">The largest amount.</param>
    public static Augmentation Sharpen(double low, double high) => new(Named("Sharpen", low, high), (key, x) => Filtered(x, 1, Amounts(key, x, low, high),
        amount => [.. new[] { 1, 2, 1, 2, 4, 2, 1, 2, 1 }.Select((weight, i) => (i == 4 ? 1 + amount : 0) - amount * weight / 16.0)]));

    /// <summary>Embossed, as if lit from the upper left: x + amount·(the slope towards the lower right).</summary>
    /// <param name="low">The least amount; 0 changes nothing.</param>
    /// <param name="high">The largest amount.</param>
    public static Augmentation Emboss(double low, double high) => new(Named("Emboss", low, high), (key, x) => Filtered(x, 1, Amounts(key, x, low, high),
        amount => [.. new[] { -2, -1, 0, -1, 0, 1, 0, 1, 2 }.Select((weight, i) => (i == 4 ? 1 : 0) + amount * weight)]));

    private static Tensor Filtered(Tensor x, int reach, double[] amounts, Func<double, double[]> kernel) =>
        Filter.Run(x, Tensor.Of([amounts.Length, 2 * reach + 1, 2 * reach + 1], [.. amounts.SelectMany(kernel)]));

    /// <summary>How far a Gaussian's kernel reaches: three deviations.</summary>
    private static int Reach(double sigma) => (int)Math.Ceiling(3 * sigma);

    /// <summary>A Gaussian on the pixels from −reach to reach on both axes, with the sum 1.</summary>
    private static double[] Gaussian(double sigma, int reach)
    {
        // The least deviation makes all weights but the middle's 0.
        var spread = 2 * Math.Max(sigma, 1e-3) * Math.Max(sigma, 1e-3);
        double[] row = [.. Enumerable.Range(-reach, 2 * reach + 1).Select(d => PortableMath.Exp(-d * d / spread))];
        var sum = row.Sum();
        return [.. row.SelectMany(a => row.Select(b => a * b / (sum * sum)))];
    }
}
