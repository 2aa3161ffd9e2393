namespace AutoDiffCnn;

/// <summary>Random changes of images [n, c, h, w] for training, composed with <c>>></c>. Where a function takes a lowest and
/// a highest amount, each image gets one between them; equal amounts make it certain.</summary>
/// <remarks>Warps and filters are the library's own graphs (<see cref="Functions.GridSample"/>,
/// <see cref="Functions.Conv2D"/>). Colours and filters take pixels to be from 0 to 1 and keep them so: normalise
/// last.</remarks>
/// <example><code>
/// var turned = Augment.Rotate(90, 90).Apply(Key.Of(1), Tensor.Of([[[[1, 2], [3, 4]]]]));
/// turned.Map(Math.Round) // [[[[2, 4], [1, 3]]]]
/// Augment.Flip(1).Apply(Key.Of(1), Tensor.Of([[[[1, 2], [3, 4]]]])) // [[[[2, 1], [4, 3]]]]
/// </code></example>
public static partial class Augment
{
    /// <summary>A window of each image at a random place.</summary>
    /// <exception cref="ShapeError">When applied: the images are smaller.</exception>
    public static Augmentation Crop(int height, int width) => new($"Crop({height}, {width})", (key, x) =>
    {
        CheckWindow("Crop", x, height, width);
        return Windows(x, height, width, 0, i => (Below(key, 2 * i, x.Shape[2] - height + 1), Below(key, 2 * i + 1, x.Shape[3] - width + 1), false, false));
    });

    /// <summary>The window in the middle of each image, for images that are judged by.</summary>
    /// <exception cref="ShapeError">When applied: the images are smaller.</exception>
    public static Augmentation CentreCrop(int height, int width) => new($"CentreCrop({height}, {width})", (_, x) =>
    {
        CheckWindow("CentreCrop", x, height, width);
        return Windows(x, height, width, 0, _ => ((x.Shape[2] - height) / 2, (x.Shape[3] - width) / 2, false, false));
    });

    /// <summary>Each image shifted by at most <paramref name="border"/> pixels on both axes; what comes in from outside is
    /// <paramref name="fill"/>. The same as padding, then cropping to the old size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The border is negative.</exception>
    public static Augmentation PadCrop(int border, double fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(border);
        return new($"PadCrop({border})", (key, x) => Windows(x, x.Shape[2], x.Shape[3], fill,
            i => (Below(key, 2 * i, 2 * border + 1) - border, Below(key, 2 * i + 1, 2 * border + 1) - border, false, false)));
    }

    /// <summary>A share of the images mirrored left to right.</summary>
    public static Augmentation Flip(double share = 0.5) => new($"Flip({Tensor.Number(share)})",
        (key, x) => Windows(x, x.Shape[2], x.Shape[3], 0, i => (0, 0, key.Uniform((uint)i) < share, false)));

    /// <summary>A share of the images mirrored top to bottom.</summary>
    public static Augmentation FlipUpsideDown(double share = 0.5) => new($"FlipUpsideDown({Tensor.Number(share)})",
        (key, x) => Windows(x, x.Shape[2], x.Shape[3], 0, i => (0, 0, false, key.Uniform((uint)i) < share)));

    /// <summary>Normal noise with mean 0 on every value. The sum is not kept between 0 and 1.</summary>
    public static Augmentation Noise(double deviation) => new($"Noise({Tensor.Number(deviation)})", (key, x) =>
    {
        var (values, size) = (x.ToSingles(), x.Count / x.Shape[0]);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] += (float)(deviation * key.FoldIn((uint)(i / size)).Normal((uint)(i % size)));
        }

        return Tensor.Wrap(x.Shape, values);
    });

    /// <summary>A rectangle of each image replaced by <paramref name="fill"/>: its share of the area lies between the
    /// bounds, its height to width between 1/3 and 3 (Z. Zhong et al., Random Erasing Data Augmentation, 2020).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The shares do not lie between 0 and 1 in this order.</exception>
    public static Augmentation Erase(double low = 0.02, double high = 0.33, double fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(low >= 0 && low <= high && high <= 1, true, nameof(low));
        return new($"Erase({Tensor.Number(low)}, {Tensor.Number(high)})", (key, x) =>
        {
            var (values, h, w) = (x.ToSingles(), x.Shape[2], x.Shape[3]);
            for (var i = 0; i < x.Shape[0]; i++)
            {
                var draw = key.FoldIn((uint)i);
                var area = (low + (high - low) * draw.Uniform(0)) * h * w;
                // ln 3
                var ratio = PortableMath.Exp((2 * draw.Uniform(1) - 1) * 1.0986122886681098);
                var height = Math.Clamp((int)(Math.Sqrt(area * ratio) + 0.5), 0, h);
                var width = Math.Clamp((int)(Math.Sqrt(area / ratio) + 0.5), 0, w);
                var (top, left) = (Below(draw, 2, h - height + 1), Below(draw, 3, w - width + 1));
                for (var row = 0; row < x.Shape[1] * height; row++)
                {
                    var (channel, y) = (row / height, row % height);
                    values.AsSpan(((i * x.Shape[1] + channel) * h + top + y) * w + left, width).Fill((float)fill);
                }
            }

            return Tensor.Wrap(x.Shape, values);
        });
    }

    /// <summary>(p − mean) / deviation, per channel: the last step before a network.</summary>
    /// <param name="mean">One number for each channel, or one for all.</param>
    /// <param name="deviation">One number for each channel, or one for all.</param>
    /// <exception cref="ShapeError">When applied: the images have another number of channels.</exception>
    public static Augmentation Normalise(double[] mean, double[] deviation) =>
        new($"Normalise([{string.Join(", ", mean.Select(Tensor.Number))}], [{string.Join(", ", deviation.Select(Tensor.Number))}])", (_, x) =>
        {
            var (values, channels, size) = (x.ToSingles(), x.Shape[1], x.Shape[2] * x.Shape[3]);
            if ((mean.Length != 1 && mean.Length != channels) || (deviation.Length != 1 && deviation.Length != channels))
            {
                throw new ShapeError($"Normalise on {x.Shape}", $"{mean.Length} means and {deviation.Length} deviations for {channels} channels",
                    [$"{channels} of each", "one of each for all channels"]);
            }

            for (var i = 0; i < values.Length; i++)
            {
                var channel = i / size % channels;
                values[i] = (float)((values[i] - mean[channel % mean.Length]) / deviation[channel % deviation.Length]);
            }

            return Tensor.Wrap(x.Shape, values);
        });

    /// <summary>The images of each item of a loader, changed with a key of the epoch and the item's place.</summary>
    public static Loader<Dataset> With(this Loader<Dataset> loader, Key key, Augmentation augmentation) =>
        loader.Map(key, (own, batch) => batch with { Images = augmentation.Apply(own, batch.Images) });

    /// <summary>For each image the window that begins at a place, which may lie outside, mirrored or not.</summary>
    private static Tensor Windows(Tensor x, int height, int width, double fill, Func<int, (int Top, int Left, bool Mirrored, bool UpsideDown)> place)
    {
        var (n, c, h, w) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        var source = x.Singles;
        var values = new float[(long)n * c * height * width];
        Array.Fill(values, (float)fill);
        for (var i = 0; i < n; i++)
        {
            var (top, left, mirrored, upsideDown) = place(i);
            for (var row = 0; row < c * height; row++)
            {
                var (channel, y) = (row / height, row % height);
                var from = (upsideDown ? height - 1 - y : y) + top;
                for (var column = 0; column < width && from >= 0 && from < h; column++)
                {
                    var at = (mirrored ? width - 1 - column : column) + left;
                    if (at >= 0 && at < w)
                    {
                        values[(i * c * height + row) * width + column] = source[((i * c + channel) * h + from) * w + at];
                    }
                }
            }
        }

        return Tensor.Wrap([n, c, height, width], values);
    }

    private static void CheckWindow(string name, Tensor x, int height, int width)
    {
        if (height < 1 || width < 1 || height > x.Shape[2] || width > x.Shape[3])
        {
            throw new ShapeError($"{name}({height}, {width}) on {x.Shape}", $"a window of {x.Shape[2]} by {x.Shape[3]} or less is possible",
                [$"{name}({Math.Clamp(height, 1, x.Shape[2])}, {Math.Clamp(width, 1, x.Shape[3])})"]);
        }
    }

    /// <summary>A whole number from 0 to <paramref name="count"/> − 1.</summary>
    private static int Below(Key key, int index, int count) => (int)(key.Uniform((uint)index) * count);

    /// <summary>An amount for each image.</summary>
    private static double[] Amounts(Key key, Tensor x, double low, double high) =>
        [.. Enumerable.Range(0, x.Shape[0]).Select(i => low + (high - low) * key.Uniform((uint)i))];

    private static string Named(string name, double low, double high) => $"{name}({Tensor.Number(low)}, {Tensor.Number(high)})";
}
