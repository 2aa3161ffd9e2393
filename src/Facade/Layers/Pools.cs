using System.Text;

namespace AutoDiffCnn;

/// <summary>The largest or the mean element of each window; no parameters.</summary>
/// <param name="Largest">Whether the largest is taken, not the mean.</param>
/// <param name="Kernel">The window's size on each axis.</param>
/// <param name="Stride">The step between windows.</param>
/// <param name="Padding">A border, which never wins a maximum and counts as zeros in a mean.</param>
/// <param name="Dilation">The distance between a window's elements; 1 where means are taken.</param>
/// <param name="Ceil">Whether a last, incomplete window counts.</param>
/// <example><code>MaxPool(2).Build([1, 6, 28, 28]).Output.Shape // [1, 6, 14, 14]</code></example>
public sealed record PoolLayer(bool Largest, PerAxis Kernel, PerAxis Stride, Padding Padding, PerAxis Dilation, bool Ceil)
    : ScopedLayer
{
    /// <inheritdoc/>
    public override string Name => Largest ? "MaxPool" : "AvgPool";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) => Largest
        ? Functions.MaxPoolAlong(x, Kernel, Stride, Padding, Dilation, Ceil)
        : Functions.AvgPoolAlong(x, Kernel, Stride, Padding, Ceil);

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder)
    {
        // A dilation is an argument only where sizes are written in brackets: MaxPool([3], dilation: 2).
        string Size(PerAxis size) => Dilation == 1 ? $"{size}" : $"[{string.Join(", ", size)}]";
        return PrintArguments(builder, Size(Kernel),
            Stride == Kernel && Padding == Padding.Valid && !Ceil ? "" : Size(Stride),
            Ceil && Padding == Padding.Valid ? "0" : ConvLayer.Text(Padding),
            ConvLayer.Text("dilation", Dilation), Ceil ? "ceil: true" : "");
    }
}

/// <summary>The mean of each plane: [n, c, …] to [n, c].</summary>
/// <example><code>
/// var net = GlobalAvgPool >> Dense(10);
/// net.Build([1, 64, 7, 7]).Output.Shape // [1, 10]
/// </code></example>
public sealed record GlobalAvgPoolLayer : ScopedLayer
{
    /// <inheritdoc/>
    public override string Kind => "pool";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) => Functions.GlobalAveragePool(x);

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => false;
}

public static partial class Layers
{
    /// <summary>The mean of each plane: [n, c, …] to [n, c].</summary>
    public static Layer GlobalAvgPool { get; } = new GlobalAvgPoolLayer();

    // Overloads and not optional arguments, because MaxPool(3, 2, 1) would be ambiguous with the function of a node.

    /// <summary>The largest element of each window, the windows side by side.</summary>
    public static Layer MaxPool(int kernel) => MaxPool(kernel, kernel);

    /// <summary>The largest element of each window.</summary>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows.</param>
    /// <param name="padding">A border that never wins; none by default.</param>
    public static Layer MaxPool(int kernel, int stride, Padding? padding = null) => MaxPool(kernel, stride, padding ?? Padding.Valid, false);

    /// <inheritdoc cref="MaxPool(int, int, Padding?)"/>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows.</param>
    /// <param name="padding">A border.</param>
    /// <param name="ceil">Whether a last, incomplete window counts.</param>
    public static Layer MaxPool(int kernel, int stride, Padding padding, bool ceil) => new PoolLayer(true, kernel, stride, padding, 1, ceil);

    /// <summary>The largest element of each window, with numbers of their own for each axis: <c>MaxPool([1, 2])</c>.</summary>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows; the kernel's size by default.</param>
    /// <param name="padding">A border that never wins; none by default.</param>
    /// <param name="dilation">The distance between a window's elements.</param>
    /// <param name="ceil">Whether a last, incomplete window counts.</param>
    public static Layer MaxPool(PerAxis kernel, PerAxis? stride = null, Padding? padding = null, PerAxis? dilation = null, bool ceil = false) =>
        new PoolLayer(true, kernel, stride ?? kernel, padding ?? Padding.Valid, dilation ?? 1, ceil);

    /// <summary>The mean of each window, the windows side by side.</summary>
    public static Layer AvgPool(int kernel) => AvgPool(kernel, kernel);

    /// <summary>The mean of each window.</summary>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows.</param>
    /// <param name="padding">Zeros around the image, which count in the mean; none by default.</param>
    public static Layer AvgPool(int kernel, int stride, Padding? padding = null) => AvgPool(kernel, stride, padding ?? Padding.Valid, false);

    /// <inheritdoc cref="AvgPool(int, int, Padding?)"/>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows.</param>
    /// <param name="padding">A border.</param>
    /// <param name="ceil">Whether a last, incomplete window counts.</param>
    public static Layer AvgPool(int kernel, int stride, Padding padding, bool ceil) => new PoolLayer(false, kernel, stride, padding, 1, ceil);

    /// <summary>The mean of each window, with numbers of their own for each axis: <c>AvgPool([1, 2])</c>.</summary>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows; the kernel's size by default.</param>
    /// <param name="padding">Zeros around the image, which count in the mean; none by default.</param>
    /// <param name="ceil">Whether a last, incomplete window counts.</param>
    public static Layer AvgPool(PerAxis kernel, PerAxis? stride = null, Padding? padding = null, bool ceil = false) =>
        new PoolLayer(false, kernel, stride ?? kernel, padding ?? Padding.Valid, 1, ceil);

    /// <summary>(Σ |x|ᵖ)^(1/p) over each window: <see cref="Functions.LpPool"/>.</summary>
    /// <param name="p">The power, above 0.</param>
    /// <param name="kernel">The window's size on each axis; also the step.</param>
    public static Layer LpPool(double p, int kernel) => LpPool(p, kernel, kernel);

    /// <inheritdoc cref="LpPool(double, int)"/>
    /// <param name="p">The power, above 0.</param>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows.</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    public static Layer LpPool(double p, int kernel, int stride, Padding? padding = null) => LpPool(p, (PerAxis)kernel, stride, padding);

    /// <inheritdoc cref="LpPool(double, int, int, Padding?)"/>
    public static Layer LpPool(double p, PerAxis kernel, PerAxis stride, Padding? padding = null) =>
        new CallLayer("LpPool", x => Functions.LpPoolAlong(x, p, kernel, stride, padding ?? Padding.Valid, false), Layer.Number(p),
            $"{kernel}", $"{stride}", ConvLayer.Text(padding ?? Padding.Valid));

    /// <summary>‖x‖ₚ of each plane: [n, c, …] to [n, c].</summary>
    /// <param name="p">The power, above 0.</param>
    public static Layer GlobalLpPool(double p) => new CallLayer("GlobalLpPool", x => Functions.GlobalLpPool(x, p), Layer.Number(p));

    /// <summary>Means of so many windows that they cover the image: <see cref="Functions.AdaptiveAvgPool"/>.</summary>
    /// <param name="size">How many windows: one number for all axes or one for each.</param>
    public static Layer AdaptiveAvgPool(PerAxis size) =>
        new CallLayer("AdaptiveAvgPool", x => Functions.AdaptiveAvgPool(x, Along("AdaptiveAvgPool", size, x)), $"{size}");

    /// <summary>Maxima of so many windows that they cover the image: <see cref="Functions.AdaptiveMaxPool"/>.</summary>
    /// <param name="size">How many windows: one number for all axes or one for each.</param>
    public static Layer AdaptiveMaxPool(PerAxis size) =>
        new CallLayer("AdaptiveMaxPool", x => Functions.AdaptiveMaxPool(x, Along("AdaptiveMaxPool", size, x)), $"{size}");

    /// <summary>A number for each spatial axis of x [n, c, …].</summary>
    private static Shape Along(string name, PerAxis size, Node x) => size.Along(Math.Max(0, x.Shape.Rank - 2), $"{name} on {x.Shape}");
}
