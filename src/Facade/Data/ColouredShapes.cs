using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Pictures of coloured shapes to learn from without a download: ten classes, 32 × 32 pixels in red, green and
/// blue from 0 to 1, made from a key. A shape has any colour, place, size and turn, on any other colour, with noise.</summary>
/// <remarks>Only plain arithmetic and square roots are used, and every value is a multiple of 1/255, so that the same key
/// gives the same bits everywhere. Image number i depends on the key and i alone: a larger set begins with the smaller
/// one.</remarks>
/// <example><code>
/// var shapes = ColouredShapes.Of(Key.Of(1), 50);
/// shapes // Dataset(50 images [3, 32, 32], 10 classes)
/// ColouredShapes.Names[(int)shapes.Labels[2]] // square
/// </code></example>
public static class ColouredShapes
{
    /// <summary>The height and the width.</summary>
    public const int Size = 32;

    // Points on each side of a pixel that are looked at.
    private const int Points = 3;

    private const double Noise = 0.06;

    // What is inside, of a plane in which shapes have about radius 1.
    private static readonly (string Name, Func<double, double, bool> Has)[] Shapes =
    [
        ("disc", (x, y) => x * x + y * y <= 1),
        ("ring", (x, y) => x * x + y * y is >= 0.4 and <= 1),
        ("square", (x, y) => Math.Max(Math.Abs(x), Math.Abs(y)) <= 0.8),
        ("frame", (x, y) => Math.Max(Math.Abs(x), Math.Abs(y)) is >= 0.5 and <= 0.8),
        ("triangle", (x, y) => y >= -0.5 && 1.7320508075688772 * Math.Abs(x) + y <= 1),
        ("cross", (x, y) => Math.Min(Math.Abs(x), Math.Abs(y)) <= 0.25 && Math.Max(Math.Abs(x), Math.Abs(y)) <= 0.95),
        ("bar", (x, y) => Math.Abs(x) <= 1 && Math.Abs(y) <= 0.25),
        ("half disc", (x, y) => x * x + y * y <= 1 && y >= 0),
        ("star", (x, y) => Math.Sqrt(Math.Abs(x)) + Math.Sqrt(Math.Abs(y)) <= 1.05),
        ("two dots", (x, y) => (Math.Abs(x) - 0.6) * (Math.Abs(x) - 0.6) + y * y <= 0.15),
    ];

    /// <summary>The names of the classes.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Shapes.Select(shape => shape.Name)];

    /// <summary>Images of all classes in turn: image i is of class i mod 10.</summary>
    /// <param name="key">What the images depend on.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static Dataset Of(Key key, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var images = new Tensor[count];
        Parallel.For(0, count, i => images[i] = Image(key.FoldIn((uint)i), i % Shapes.Length));
        return new(Joined.Of(images), Tensor.Wrap([count], [.. Enumerable.Range(0, count).Select(i => (float)(i % Shapes.Length))]), Shapes.Length);
    }

    /// <summary>An image [3, 32, 32] of a class, for sets that are larger than memory.</summary>
    /// <param name="key">What the image depends on.</param>
    /// <param name="label">The class, from 0 to 9.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public static Tensor Image(Key key, int label)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(label is >= 0 and < 10, true, nameof(label));
        var (has, draw) = (Shapes[label].Has, key.FoldIn("place"));
        var radius = 7 + 6 * draw.Uniform(0);
        var (across, down) = (Centre(draw.Uniform(1), radius), Centre(draw.Uniform(2), radius));
        var (right, up) = Direction(key.FoldIn("turn"));
        var (front, back) = Colours(key.FoldIn("colours"));
        var (noise, pixels) = (key.FoldIn("noise"), new float[3 * Size * Size]);
        for (var pixel = 0; pixel < Size * Size; pixel++)
        {
            var covered = 0;
            for (var point = 0; point < Points * Points; point++)
            {
                var x = (pixel % Size + (point % Points + 0.5) / Points - across) / radius;
                var y = (pixel / Size + (point / Points + 0.5) / Points - down) / radius;
                covered += has(right * x + up * y, right * y - up * x) ? 1 : 0;
            }

            var share = (double)covered / (Points * Points);
            for (var channel = 0; channel < 3; channel++)
            {
                var at = channel * Size * Size + pixel;
                var value = share * front[channel] + (1 - share) * back[channel] + Noise * (noise.Uniform((uint)at) - 0.5);
                pixels[at] = (float)(Math.Floor(Math.Clamp(value, 0, 1) * 255 + 0.5) / 255);
            }
        }

        return Tensor.Wrap([3, Size, Size], pixels);
    }

    /// <summary>A place from which a shape does not reach over the border.</summary>
    private static double Centre(double uniform, double radius) => radius + 1 + (Size - 2 * radius - 2) * uniform;

    /// <summary>A direction, all equally likely: that of the first point which falls into the unit disc.</summary>
    private static (double X, double Y) Direction(Key key)
    {
        for (var i = 0u; ; i += 2)
        {
            var (x, y) = (2 * key.Uniform(i) - 1, 2 * key.Uniform(i + 1) - 1);
            if (x * x + y * y is > 0.01 and <= 1 and var square)
            {
                return (x / Math.Sqrt(square), y / Math.Sqrt(square));
            }
        }
    }

    /// <summary>The first two colours that differ enough to be told apart.</summary>
    private static (double[] Front, double[] Back) Colours(Key key)
    {
        for (var i = 0u; ; i += 6)
        {
            double[] Colour(uint first) => [key.Uniform(first), key.Uniform(first + 1), key.Uniform(first + 2)];
            var (front, back) = (Colour(i), Colour(i + 3));
            if (front.Zip(back, (f, b) => Math.Abs(f - b)).Sum() > 0.8)
            {
                return (front, back);
            }
        }
    }
}
