namespace AutoDiffCnn;

public static partial class Augment
{
    // Each pixel of the result is read where the matrix, applied to its position (across, down, 1), says.
    private static readonly ImageGraph Warp = new(inputs =>
    {
        var (x, matrices) = (inputs[0], inputs[1]);
        var (n, h, w) = (x.Shape[0], x.Shape[2], x.Shape[3]);
        var points = new MatMul(TransposeB: true).Of(Functions.BroadcastTo(Positions(h, w), [n, h * w, 3]), matrices);
        var grid = Functions.Part(points, 2, 0, 2) / Functions.Part(points, 2, 2, 1);
        return Functions.GridSample(x, Functions.Reshape(grid, [n, h, w, 2]));
    });

    // Displacements are smoothed by a Gaussian and added to the positions.
    private static readonly ImageGraph ElasticWarp = new(inputs =>
    {
        var (x, field, kernel) = (inputs[0], inputs[1], inputs[2]);
        var (n, h, w) = (x.Shape[0], x.Shape[2], x.Shape[3]);
        var smooth = Functions.Conv2D(Functions.Reshape(field, [2 * n, 1, h, w]), kernel, Functions.Same);
        var shift = Functions.Transpose(Functions.Reshape(smooth, [n, 2, h, w]), [0, 2, 3, 1]);
        var pixel = Functions.Constant(Tensor.Of([2.0 / w, 2.0 / h]));
        var own = Functions.Reshape(Functions.Part(Positions(h, w), 2, 0, 2), [1, h, w, 2]);
        return Functions.GridSample(x, own + shift * pixel);
    });

    /// <summary>Turned about the middle, counter-clockwise, by degrees.</summary>
    /// <param name="low">The least angle.</param>
    /// <param name="high">The largest angle.</param>
    /// <param name="fill">What comes in from outside.</param>
    public static Augmentation Rotate(double low, double high, double fill = 0) => new(Named("Rotate", low, high),
        (key, x) => Warped(x, fill, [.. Amounts(key, x, low, high).Select(Turn)]));

    /// <summary>Leant sideways: a row that lies d pixels below the middle moves by the amount times d to the left.</summary>
    /// <param name="low">The least amount.</param>
    /// <param name="high">The largest amount.</param>
    /// <param name="fill">What comes in from outside.</param>
    public static Augmentation Shear(double low, double high, double fill = 0) => new(Named("Shear", low, high),
        (key, x) => Warped(x, fill, [.. Amounts(key, x, low, high).Select(amount => new Matrix(1, amount, 0, 0, 1, 0))]));

    /// <summary>Turned, leant, made larger or smaller and shifted, all at random.</summary>
    /// <param name="degrees">The largest angle, either way.</param>
    /// <param name="shear">The largest amount of <see cref="Shear"/>, either way.</param>
    /// <param name="scale">The largest change of size: 0.2 for 1/1.2 to 1.2 times.</param>
    /// <param name="shift">The largest shift as a share of height and width.</param>
    /// <param name="fill">What comes in from outside.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is negative.</exception>
    public static Augmentation Affine(double degrees, double shear = 0, double scale = 0, double shift = 0, double fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        return new($"Affine({Tensor.Number(degrees)}, {Tensor.Number(shear)}, {Tensor.Number(scale)}, {Tensor.Number(shift)})", (key, x) =>
            Warped(x, fill, [.. Enumerable.Range(0, x.Shape[0]).Select(i =>
            {
                double Either(uint which, double most) => most * (2 * key.FoldIn((uint)i).Uniform(which) - 1);
                var size = PortableMath.Exp(Either(0, PortableMath.Log(1 + scale)));
                var (turn, lean) = (Turn(Either(1, degrees)), Either(2, shear));
                return new Matrix(turn.A / size, (turn.A * lean + turn.B) / size, Either(3, shift) * x.Shape[3],
                    turn.D / size, (turn.D * lean + turn.E) / size, Either(4, shift) * x.Shape[2]);
            })]));
    }

    /// <summary>Seen from aside: each corner of the result is read up to <paramref name="strength"/> times half the image
    /// away from the image's corner, on both axes.</summary>
    /// <param name="strength">From 0 to 0.45, so that the picture never folds.</param>
    /// <param name="fill">What comes in from outside.</param>
    /// <exception cref="ArgumentOutOfRangeException">The strength is outside.</exception>
    public static Augmentation Perspective(double strength, double fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(strength is >= 0 and <= 0.45, true, nameof(strength));
        return new($"Perspective({Tensor.Number(strength)})", (key, x) => Warped(x, fill,
            [.. Enumerable.Range(0, x.Shape[0]).SelectMany(i => ToCorners(j => strength * (2 * key.FoldIn((uint)i).Uniform((uint)j) - 1)))]));
    }

    /// <summary>Bent like rubber: each pixel is read from a place that lies off by smooth random amounts (P. Simard et al.,
    /// Best Practices for Convolutional Neural Networks, 2003; for 28 × 28 digits alpha 34 and sigma 4).</summary>
    /// <param name="alpha">The largest amount in pixels before smoothing.</param>
    /// <param name="sigma">The Gaussian's deviation in pixels.</param>
    /// <param name="fill">What comes in from outside.</param>
    /// <exception cref="ArgumentOutOfRangeException">Sigma is not between 0 and 100.</exception>
    public static Augmentation Elastic(double alpha, double sigma, double fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sigma is > 0 and <= 100, true, nameof(sigma));
        return new(Named("Elastic", alpha, sigma), (key, x) =>
        {
            var size = 2 * x.Shape[2] * x.Shape[3];
            var field = Joined.Of([.. Enumerable.Range(0, x.Shape[0]).Select(i => key.FoldIn((uint)i).Uniform([2, x.Shape[2], x.Shape[3]], -alpha, alpha))]);
            var kernel = Gaussian(sigma, Reach(sigma));
            return Filled(x, fill, moved => ElasticWarp.Run(moved, field, Tensor.Of([1, 1, 2 * Reach(sigma) + 1, 2 * Reach(sigma) + 1], kernel)));
        });
    }

    /// <summary>Two rows of a matrix in pixels from the middle: where a pixel (across, down) is read,
    /// (A·across + B·down + C, D·across + E·down + F).</summary>
    private readonly record struct Matrix(double A, double B, double C, double D, double E, double F);

    /// <summary>A turn counter-clockwise, with down as the second axis. Whole turns are none.</summary>
    private static Matrix Turn(double degrees)
    {
        var (sin, cos) = SinCos(Math.IEEERemainder(degrees, 360) * (Math.PI / 180));
        return new(cos, -sin, 0, sin, cos, 0);
    }

    /// <summary>Sine and cosine for |x| ≤ π by their series: the platform's own may differ in the last bit from machine to
    /// machine.</summary>
    private static (double Sin, double Cos) SinCos(double x)
    {
        double sin = 0, cos = 0, term = 1;
        for (var n = 0; n < 32; n++)
        {
            var signed = (n & 2) == 0 ? term : -term;
            (sin, cos) = (n & 1) == 0 ? (sin, cos + signed) : (sin + signed, cos);
            term *= x / (n + 1);
        }

        return (sin, cos);
    }

    /// <summary>The nine numbers that take the square from −1 to 1 to four corners (P. Heckbert, Fundamentals of Texture
    /// Mapping, 1989).</summary>
    /// <param name="off">How far the corners are off, across and down in turn, clockwise from the upper left.</param>
    private static double[] ToCorners(Func<int, double> off)
    {
        var (x0, y0, x1, y1) = (off(0) - 1, off(1) - 1, off(2) + 1, off(3) - 1);
        var (x2, y2, x3, y3) = (off(4) + 1, off(5) + 1, off(6) - 1, off(7) + 1);
        var (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
        var (dx1, dx2, dy1, dy2) = (x1 - x2, x3 - x2, y1 - y2, y3 - y2);
        var area = dx1 * dy2 - dx2 * dy1;
        var (g, h) = ((sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area);
        // From the unit square; its position is half of one more than ours.
        static double[] Row(double a, double b, double c) => [a / 2, b / 2, a / 2 + b / 2 + c];
        return [.. Row(x1 - x0 + g * x1, x3 - x0 + h * x3, x0), .. Row(y1 - y0 + g * y1, y3 - y0 + h * y3, y0), .. Row(g, h, 1)];
    }

    /// <summary>Warps by matrices in pixels, which become ones between −1 and 1.</summary>
    private static Tensor Warped(Tensor x, double fill, Matrix[] matrices)
    {
        double h = x.Shape[2], w = x.Shape[3];
        return Warped(x, fill, [.. matrices.SelectMany(m => new[] { m.A, m.B * h / w, 2 * m.C / w, m.D * w / h, m.E, 2 * m.F / h, 0, 0, 1 })]);
    }

    private static Tensor Warped(Tensor x, double fill, double[] matrices) =>
        Filled(x, fill, moved => Warp.Run(moved, Tensor.Of([x.Shape[0], 3, 3], matrices)));

    /// <summary>What is outside is 0 for a warp, so images are shifted by what it shall be.</summary>
    private static Tensor Filled(Tensor x, double fill, Func<Tensor, Tensor> warp) => fill == 0
        ? warp(x)
        : warp(x.Map(value => value - fill)).Map(value => value + fill);

    /// <summary>The positions (across, down, 1) of an image's pixels, between −1 and 1: [1, h·w, 3].</summary>
    private static Node Positions(int h, int w) => Functions.Constant(Tensor.From([1, h * w, 3], i => (i % 3) switch
    {
        0 => (2 * (i / 3 % w) + 1.0) / w - 1,
        1 => (2 * (i / 3 / w) + 1.0) / h - 1,
        _ => 1,
    }));
}
