namespace AutoDiffCnn;

/// <summary>Images mixed with others of their batch, and the share that each has of each class.</summary>
/// <param name="Images">The images [n, c, h, w].</param>
/// <param name="Targets">For each image a share of each class [n, classes]; they add up to 1.</param>
/// <example><code>
/// var blend = Blend.Mixup(Key.Of(1), ColouredShapes.Of(Key.Of(1), 4));
/// blend.Images.Shape // [4, 3, 32, 32]
/// blend.Targets.Shape // [4, 10]
/// </code></example>
public sealed record Blend(Tensor Images, Tensor Targets)
{
    /// <summary>Images as they are, with targets of (1 − ε)·[class is the label] + ε/classes (C. Szegedy et al., Rethinking
    /// the Inception Architecture for Computer Vision, 2016).</summary>
    /// <param name="batch">The images.</param>
    /// <param name="epsilon">From 0, whole labels, to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Epsilon is outside.</exception>
    public static Blend Smooth(Dataset batch, double epsilon = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(epsilon is >= 0 and <= 1, true, nameof(epsilon));
        return new(batch.Images, OneHot(batch).Map(share => (1 - epsilon) * share + epsilon / batch.Classes));
    }

    /// <summary>λ·x + (1 − λ)·x of another image, and so for their classes; one λ for the batch, from Beta(alpha, alpha)
    /// (H. Zhang et al., mixup: Beyond Empirical Risk Minimization, 2018).</summary>
    /// <param name="key">What chance depends on.</param>
    /// <param name="batch">The images.</param>
    /// <param name="alpha">Above 0, at most 2: small for mostly pure images, 1 for all mixtures alike.</param>
    /// <exception cref="ArgumentOutOfRangeException">Alpha is outside.</exception>
    public static Blend Mixup(Key key, Dataset batch, double alpha = 0.2)
    {
        var (share, others) = Draw(key, batch, alpha);
        return new(Mixed(batch.Images, others, share), Mixed(OneHot(batch), others, share));
    }

    /// <summary>A rectangle of each image replaced by that of another image; classes have the shares of the area. The
    /// rectangle's share 1 − λ is drawn with λ from Beta(alpha, alpha), its place at random, the same for the batch (S. Yun et
    /// al., CutMix, 2019).</summary>
    /// <inheritdoc cref="Mixup"/>
    public static Blend Cutmix(Key key, Dataset batch, double alpha = 1)
    {
        var (share, others) = Draw(key, batch, alpha);
        var (n, c, h, w) = (batch.Count, batch.Images.Shape[1], batch.Images.Shape[2], batch.Images.Shape[3]);
        var (height, width) = ((int)(Math.Sqrt(1 - share) * h + 0.5), (int)(Math.Sqrt(1 - share) * w + 0.5));
        var place = key.FoldIn("place");
        var (top, left) = ((int)(place.Uniform(0) * (h - height + 1)), (int)(place.Uniform(1) * (w - width + 1)));
        var source = batch.Images.Singles;
        var values = batch.Images.ToSingles();
        for (var row = 0; row < n * c * height; row++)
        {
            var (image, channel, y) = (row / (c * height), row / height % c, top + row % height);
            source.Slice(((others[image] * c + channel) * h + y) * w + left, width).CopyTo(values.AsSpan(((image * c + channel) * h + y) * w + left));
        }

        var kept = 1 - (double)height * width / (h * w);
        return new(Tensor.Wrap(batch.Images.Shape, values), Mixed(OneHot(batch), others, kept));
    }

    /// <summary>This, if it can be trained on.</summary>
    /// <exception cref="DataError">It is empty, its shapes do not fit, a pixel is not finite, or the shares of an image
    /// are no distribution.</exception>
    internal Blend Check()
    {
        if (Targets.Shape is not [var n, > 0 and var classes])
        {
            throw new DataError($"targets need the shape [n, classes], they have {Targets.Shape}.");
        }

        new Dataset(Images, Tensor.Fill([n], 0), classes).Check();
        for (var sample = 0; sample < n; sample++)
        {
            var shares = Targets.Part(sample).ToDoubles();
            if (!(shares.Min() >= 0 && Math.Abs(shares.Sum() - 1) < 1e-3))
            {
                throw new DataError(
                    $"sample {sample} has the shares {Targets.Part(sample)}; they must be at least 0 and add up to 1.");
            }
        }

        return this;
    }

    private static (double Share, int[] Others) Draw(Key key, Dataset batch, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(alpha is > 0 and <= 2, true, nameof(alpha));
        return (Beta(key.FoldIn("share"), alpha), key.FoldIn("others").Permutation(batch.Count));
    }

    /// <summary>A number from Beta(alpha, alpha): U^(1/α) / (U^(1/α) + V^(1/α)) for the first U, V with a sum of powers of at
    /// most 1 (M. Jöhnk, 1964), with logarithms, because powers of small numbers are 0.</summary>
    private static double Beta(Key key, double alpha)
    {
        for (var i = 0u; ; i += 2)
        {
            // In the middle of the generator's steps, so never 0.
            double LogPower(uint at) => PortableMath.Log(key.Uniform(at) + 0.5 / (1 << 24)) / alpha;
            var (u, v) = (LogPower(i), LogPower(i + 1));
            if (PortableMath.Exp(u) + PortableMath.Exp(v) <= 1)
            {
                return 1 / (1 + PortableMath.Exp(v - u));
            }
        }
    }

    private static Tensor Mixed(Tensor x, int[] others, double share)
    {
        var size = x.Count / x.Shape[0];
        var values = new float[x.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(share * x.At(i) + (1 - share) * x.At(others[i / size] * size + i % size));
        }

        return Tensor.Wrap(x.Shape, values);
    }

    private static Tensor OneHot(Dataset batch) =>
        Tensor.From([batch.Count, batch.Classes], i => batch.Labels.At(i / batch.Classes) == i % batch.Classes ? 1 : 0);
}
