using System.Globalization;

namespace AutoDiffCnn;

/// <summary>How an image is padded for a convolution or a pool: an amount for each side, or an aim.</summary>
/// <param name="Before">The amount before the first element on each axis; one number for all axes.</param>
/// <param name="After">The amount after the last element on each axis.</param>
/// <param name="Aim">What the amounts are chosen for; with <see cref="PaddingAim.Amount"/> they are as given.</param>
/// <example><code>
/// var (x, w) = (Variable("x", [1, 1, 28, 28]), Variable("w", [6, 1, 5, 5]));
/// Conv2D(x, w, padding: 1).Shape // [1, 6, 26, 26]
/// Conv2D(x, w, padding: Same).Shape // [1, 6, 28, 28]
/// Conv2D(x, w, padding: Padding.Of([0, 1], [1, 1])).Shape // [1, 6, 25, 26]
/// </code></example>
public sealed record Padding(Shape Before, Shape After, PaddingAim Aim)
{
    /// <summary>None: the kernel stays inside the image.</summary>
    public static Padding Valid { get; } = 0;

    /// <summary>As much as makes ⌈size/stride⌉ positions; an odd amount has one more at the end (ONNX's
    /// SAME_UPPER).</summary>
    public static Padding Same { get; } = new([], [], PaddingAim.Same);

    /// <summary>As much as lets the kernel touch the image with one element only: dilation·(kernel − 1) on both
    /// sides.</summary>
    public static Padding Full { get; } = new([], [], PaddingAim.Full);

    /// <summary>Amounts for each axis and side.</summary>
    public static Padding Of(Shape before, Shape after) => new(before, after, PaddingAim.Amount);

    /// <summary>The same amount on all axes and both sides.</summary>
    /// <exception cref="ShapeError">The amount is negative.</exception>
    public static implicit operator Padding(int amount) => amount >= 0
        ? new([amount], [amount], PaddingAim.Amount)
        : throw new ShapeError(string.Create(CultureInfo.InvariantCulture, $"Padding {amount}"), "an amount must be at least 0",
            ["a padding of 0", "Slice, which cuts"]);

    /// <summary>The window for an image and a kernel of these sizes.</summary>
    internal Window Window(Shape size, Shape kernel, int stride, int dilation) =>
        Window(size, kernel, Shape.Repeat(stride, size.Rank), Shape.Repeat(dilation, size.Rank));

    /// <summary>The window for an image and a kernel of these sizes, with a stride and a dilation for each axis.</summary>
    internal Window Window(Shape size, Shape kernel, Shape stride, Shape dilation)
    {
        long Reach(int axis) => (long)dilation[axis] * (kernel[axis] - 1);
        var total = size.Select((n, axis) => Shape.Fit(Aim switch
        {
            _ when axis >= kernel.Rank || stride[axis] < 1 => 0,
            PaddingAim.Same => Math.Max(0, ((n - 1L + stride[axis]) / stride[axis] - 1) * stride[axis] + Reach(axis) + 1 - n),
            PaddingAim.Full => Math.Max(0, 2 * Reach(axis)),
            _ => 0,
        }, $"Padding {Aim} for a kernel of {kernel[axis]} with dilation {dilation[axis]}"));
        var (before, after) = Aim == PaddingAim.Amount
            ? (Spread(Before, size.Rank), Spread(After, size.Rank))
            : (total.Select((t, _) => t / 2), total.Select((t, _) => t - t / 2));
        return new Window(stride, before, after, dilation);
    }

    private static Shape Spread(Shape amounts, int rank) => amounts is [var one] ? Shape.Repeat(one, rank) : amounts;

    /// <summary>As it is written in C#.</summary>
    public override string ToString() => (Aim, Before, After) switch
    {
        (PaddingAim.Amount, [var one], [var other]) when one == other => $"{one}",
        (PaddingAim.Amount, _, _) => $"Padding.Of({Before}, {After})",
        _ => $"{Aim}",
    };
}

/// <summary>What amounts of padding are chosen for.</summary>
/// <example><code>
/// Padding.Same.Aim // Same
/// Padding.Of([1], [1]).Aim // Amount
/// </code></example>
public enum PaddingAim
{
    /// <summary>They are given.</summary>
    Amount,

    /// <summary>⌈size/stride⌉ positions.</summary>
    Same,

    /// <summary>Every overlap of kernel and image.</summary>
    Full,
}
