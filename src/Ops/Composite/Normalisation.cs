using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

// Values brought to mean 0 and variance 1, over the batch or within an image.
public static partial class Functions
{
    /// <summary>(x − mean) / √(variance + ε) · scale + shift for each channel (axis 1). In training the mean and
    /// variance are the batch's own (<see cref="Moments"/> over all other axes), in use the running ones.</summary>
    /// <param name="x">Values [n, c, …].</param>
    /// <param name="mean">Means, broadcastable to x: [1, c, 1, 1].</param>
    /// <param name="variance">Variances, likewise.</param>
    /// <param name="scale">γ, likewise.</param>
    /// <param name="shift">β, likewise.</param>
    /// <param name="epsilon">ε, keeps the root away from 0.</param>
    /// <remarks>S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015.</remarks>
    public static Node BatchNorm(Node x, Node mean, Node variance, Node scale, Node shift, double epsilon = 1e-5) =>
        (x - mean) * Rsqrt(variance + epsilon) * scale + shift;

    /// <summary>Each part of x, from an axis to the last, with mean 0 and variance 1, then · scale + shift: ONNX's
    /// LayerNormalization.</summary>
    /// <param name="x">Values.</param>
    /// <param name="scale">γ of the shape of a part, or none.</param>
    /// <param name="shift">β likewise.</param>
    /// <param name="axis">The first axis of a part.</param>
    /// <param name="epsilon">ε, keeps the root away from 0.</param>
    /// <remarks>J. Ba et al., Layer Normalization, 2016.</remarks>
    public static Node LayerNorm(Node x, Node? scale = null, Node? shift = null, int axis = -1, double epsilon = 1e-5)
    {
        var y = Standardised(x, AxesFrom(x, axis), epsilon);
        y = scale is null ? y : y * scale;
        return shift is null ? y : y + shift;
    }

    /// <summary>Each part of x, from an axis to the last, divided by √(mean of x² + ε), then · scale: ONNX's
    /// RMSNormalization.</summary>
    /// <remarks>B. Zhang, R. Sennrich, Root Mean Square Layer Normalization, NeurIPS 2019.</remarks>
    public static Node RmsNorm(Node x, Node? scale = null, int axis = -1, double epsilon = 1e-5)
    {
        var y = x * Rsqrt(Mean(Square(x), AxesFrom(x, axis), keepDims: true) + epsilon);
        return scale is null ? y : y * scale;
    }

    /// <summary>Each group of channels of each image with mean 0 and variance 1, then · scale + shift for each
    /// channel.</summary>
    /// <param name="x">Values [n, c, …].</param>
    /// <param name="groups">How many groups of neighbouring channels.</param>
    /// <param name="scale">γ [c], or none.</param>
    /// <param name="shift">β [c], or none.</param>
    /// <param name="epsilon">ε, keeps the root away from 0.</param>
    /// <remarks>Y. Wu, K. He, Group Normalization, ECCV 2018.</remarks>
    /// <exception cref="ShapeError">The groups do not divide the channels.</exception>
    public static Node GroupNorm(Node x, int groups, Node? scale = null, Node? shift = null, double epsilon = 1e-5)
    {
        if (x.Shape is not [var n, var channels, ..] || groups < 1 || channels % groups != 0)
        {
            throw new ShapeError($"GroupNorm on {x.Shape}", x.Shape.Rank < 2 ? "x needs rank 2 or more: [n, c, …]" : $"{groups} groups do not divide axis 1",
                x.Shape.Rank < 2 ? ["an input of rank 2"] : Groups.Repairs(groups, x.Shape[1]));
        }

        var grouped = Reshape(x, [n, groups, channels / groups, .. x.Shape[2..]]);
        var y = Standardised(grouped, AxesFrom(grouped, 2), epsilon);
        y = scale is null ? y : y * Grouped(scale);
        return Reshape(shift is null ? y : y + Grouped(shift), x.Shape);

        // In the shape of groups, too, so that all is one loop.
        Node Grouped(Node perChannel) => Reshape(PerChannel("GroupNorm", x, perChannel),
            [1, groups, channels / groups, .. Shape.Repeat(1, x.Shape.Rank - 2)]);
    }

    /// <summary>Each channel of each image with mean 0 and variance 1, then · scale + shift: group norm with a group
    /// for each channel.</summary>
    /// <param name="x">Values [n, c, …].</param>
    /// <param name="scale">γ [c], or none.</param>
    /// <param name="shift">β [c], or none.</param>
    /// <param name="epsilon">ε, keeps the root away from 0.</param>
    /// <remarks>D. Ulyanov et al., Instance Normalization, 2016.</remarks>
    public static Node InstanceNorm(Node x, Node? scale = null, Node? shift = null, double epsilon = 1e-5) =>
        GroupNorm(x, x.Shape.Rank > 1 ? Math.Max(1, x.Shape[1]) : 1, scale, shift, epsilon);

    /// <summary>Local response normalisation: x / (k + alpha/size · Σ x²)^beta, the sum over the channels around. Of
    /// an even size one more lies before, as in PyTorch.</summary>
    /// <param name="x">Values [n, c, …].</param>
    /// <param name="size">How many channels are summed.</param>
    /// <param name="alpha">The weight of the sum.</param>
    /// <param name="beta">The power.</param>
    /// <param name="k">What is added to the sum.</param>
    /// <remarks>A. Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks, NIPS
    /// 2012.</remarks>
    /// <exception cref="ShapeError">x has no channels, or the size is below 1.</exception>
    public static Node LocalResponseNorm(Node x, int size, double alpha = 1e-4, double beta = 0.75, double k = 1)
    {
        var place = $"LocalResponseNorm on {x.Shape}";
        if (x.Shape is not [var n, var channels, .. var rest])
        {
            throw new ShapeError(place, "x needs a batch and channels: [n, c, …]", ["an image [n, c, h, w]"]);
        }

        if (size < 1)
        {
            throw new ShapeError(place, $"the size {size} must be at least 1", ["a size of 1"]);
        }

        if (x.Shape.Elements == 0)
        {
            return x;
        }

        var planes = Reshape(Square(x), [n, 1, channels, Shape.Fit(rest.Elements, place)]);
        var window = new Window([1, 1], [size / 2, 0], [(size - 1) / 2, 0], [1, 1]);
        var sums = Reshape(new SumPool([size, 1], window).Of(planes), x.Shape);
        return x * Pow(k + alpha / size * sums, -beta);
    }

    private static Node Standardised(Node x, int[] axes, double epsilon)
    {
        var (mean, variance) = Moments(x, axes);
        return (x - mean) * Rsqrt(variance + epsilon);
    }

    private static int[] AxesFrom(Node x, int axis, [CallerMemberName] string function = "") =>
        [.. Arrays.Range(0, x.Shape.Rank).Skip(x.Shape.Axis(axis, function))];
}
