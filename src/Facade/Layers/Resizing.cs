namespace AutoDiffCnn;

// Images made larger or smaller without parameters.
public static partial class Layers
{
    /// <summary>Images of another size: <see cref="Functions.Resize"/>.</summary>
    /// <param name="size">The new size: one number for all axes or one for each.</param>
    /// <param name="mode">How values between pixels are found.</param>
    /// <param name="alignCorners">Whether the centres of the corner pixels stay where they are.</param>
    public static Layer Resize(PerAxis size, ResizeMode mode = ResizeMode.Nearest, bool alignCorners = false) =>
        new CallLayer("Resize", x => Functions.Resize(x, Along("Resize", size, x), mode, alignCorners), $"{size}",
            mode == ResizeMode.Nearest ? "" : $"ResizeMode.{mode}", alignCorners ? "alignCorners: true" : "");

    /// <summary>Images so many times as large: <see cref="Functions.Resize"/>.</summary>
    /// <param name="times">The factor: one number for all axes or one for each.</param>
    /// <param name="mode">How values between pixels are found.</param>
    /// <param name="alignCorners">Whether the centres of the corner pixels stay where they are.</param>
    public static Layer Upsample(PerAxis times, ResizeMode mode = ResizeMode.Nearest, bool alignCorners = false) =>
        new CallLayer("Upsample", x => Functions.Resize(x, Larger(x, times), mode, alignCorners), $"{times}",
            mode == ResizeMode.Nearest ? "" : $"ResizeMode.{mode}", alignCorners ? "alignCorners: true" : "");

    /// <summary>A border around each image: <see cref="Functions.Pad"/> on the spatial axes; of zeros by default.</summary>
    /// <param name="before">How much before the first element: one number for all axes or one for each.</param>
    /// <param name="after">How much after the last element.</param>
    /// <param name="mode">What the border holds.</param>
    /// <param name="value">The constant of <see cref="PadMode.Constant"/>.</param>
    public static Layer Pad(PerAxis before, PerAxis after, PadMode mode = PadMode.Constant, double value = 0) =>
        new CallLayer("Pad", x => Functions.Pad(x, Border(before, x), Border(after, x), mode, value), $"{before}", $"{after}",
            mode == PadMode.Constant ? "" : $"PadMode.{mode}", value == 0 ? "" : $"value: {Layer.Number(value)}");

    private static Shape Larger(Node x, PerAxis times)
    {
        var (place, factors) = ($"Upsample on {x.Shape}", Along("Upsample", times, x));
        return factors.Contains(0)
            ? throw new ShapeError(place, $"the factors {factors} must be at least 1", [$"times of {factors.Select((factor, _) => Math.Max(1, factor))}"])
            : factors.Select((factor, axis) => Shape.Fit((long)factor * x.Shape[axis + 2], place));
    }

    private static Shape Border(PerAxis amounts, Node x) =>
        [.. Shape.Repeat(0, Math.Min(2, x.Shape.Rank)), .. Along("Pad", amounts, x)];
}
