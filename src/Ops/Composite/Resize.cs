namespace AutoDiffCnn;

/// <summary>How values between pixels are found.</summary>
/// <example><code>
/// var x = Tensor.Of([[[0, 4]]]);
/// Resize(x, [4], ResizeMode.Nearest) // [[[0, 0, 4, 4]]]
/// Resize(x, [4], ResizeMode.Linear) // [[[0, 1, 3, 4]]]
/// </code></example>
public enum ResizeMode
{
    /// <summary>The pixel in which the position lies.</summary>
    Nearest,

    /// <summary>Linear between the two neighbours on each axis: bilinear on images.</summary>
    Linear,

    /// <summary>A cubic through four neighbours on each axis: bicubic on images.</summary>
    Cubic,
}

public static partial class Functions
{
    /// <summary>Images of another size, as PyTorch's interpolate.</summary>
    /// <param name="x">Images [n, c, spatial…].</param>
    /// <param name="size">The new size of each spatial axis.</param>
    /// <param name="mode">How values between pixels are found.</param>
    /// <param name="alignCorners">Whether the centres of the corner pixels stay where they are: pixel i of m lies at
    /// i·(n − 1)/(m − 1) of n. Otherwise the image's borders do: (i + ½)·n/m − ½, and ⌊i·n/m⌋ for
    /// <see cref="ResizeMode.Nearest"/>, which knows no corners.</param>
    /// <remarks>Beyond the border pixels are repeated. The cubic is Keys' with a = −¾: R. Keys, Cubic Convolution
    /// Interpolation for Digital Image Processing, 1981.</remarks>
    /// <exception cref="ShapeError">There is not one number for each spatial axis, or an axis is empty.</exception>
    public static Node Resize(Node x, Shape size, ResizeMode mode = ResizeMode.Nearest, bool alignCorners = false)
    {
        CheckSpatial("Resize", x, size);
        return OverAxes(x, size, (y, axis, m) => (mode, y.Shape[axis]) switch
        {
            (ResizeMode.Nearest, var n) => Taken(y, axis, m, i => (int)((long)i * n / m)),
            (_, var n) when n == m => y,
            (ResizeMode.Linear, var n) => Resampled(y, axis, m, 2, (i, tap) => LinearTap(Math.Max(0, Source(i, m, n, alignCorners)), n, tap)),
            (_, var n) => Resampled(y, axis, m, 4, (i, tap) => CubicTap(Source(i, m, n, alignCorners), n, tap)),
        });
    }

    /// <summary>Where pixel i of m lies among n.</summary>
    private static double Source(int i, int m, int n, bool alignCorners) =>
        !alignCorners ? (i + 0.5) * n / m - 0.5 : m == 1 ? 0 : (double)i * (n - 1) / (m - 1);

    private static (int Position, double Weight) LinearTap(double at, int n, int tap)
    {
        var first = (int)Math.Floor(at);
        var part = at - first;
        return (Math.Min(first + tap, n - 1), tap == 0 ? 1 - part : part);
    }

    private static (int Position, double Weight) CubicTap(double at, int n, int tap)
    {
        const double a = -0.75;
        var first = (int)Math.Floor(at) - 1;
        var d = Math.Abs(at - (first + tap));
        var weight = d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
        return (Math.Clamp(first + tap, 0, n - 1), weight);
    }
}
