using System.Text;

namespace AutoDiffCnn;

/// <summary>The largest or the mean element of each window; no parameters.</summary>
/// <param name="Largest">Whether the largest is taken, not the mean.</param>
/// <param name="Kernel">The window's size on each axis.</param>
/// <param name="Stride">The step between windows.</param>
/// <param name="Padding">A border, which never wins a maximum and counts as zeros in a mean.</param>
/// <param name="Ceil">Whether a last, incomplete window counts.</param>
/// <example><code>MaxPool(2).Build([1, 6, 28, 28]).Output.Shape // [1, 6, 14, 14]</code></example>
public sealed record PoolLayer(bool Largest, int Kernel, int Stride, Padding Padding, bool Ceil) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Name => Largest ? "MaxPool" : "AvgPool";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) => Largest
        ? Functions.MaxPool(x, Kernel, Stride, Padding, ceil: Ceil)
        : Functions.AvgPool(x, Kernel, Stride, Padding, Ceil);

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder, $"{Kernel}",
        Stride == Kernel && Padding == Padding.Valid && !Ceil ? "" : $"{Stride}",
        Ceil && Padding == Padding.Valid ? "0" : ConvLayer.Text(Padding), Ceil ? "ceil: true" : "");
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
    public static Layer MaxPool(int kernel, int stride, Padding padding, bool ceil) => new PoolLayer(true, kernel, stride, padding, ceil);

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
    public static Layer AvgPool(int kernel, int stride, Padding padding, bool ceil) => new PoolLayer(false, kernel, stride, padding, ceil);

    /// <summary>(Σ |x|ᵖ)^(1/p) over each window: <see cref="Functions.LpPool"/>.</summary>
    /// <param name="p">The power, above 0.</param>
    /// <param name="kernel">The window's size on each axis; also the step.</param>
    public static Layer LpPool(double p, int kernel) => LpPool(p, kernel, kernel);

    /// <inheritdoc cref="LpPool(double, int)"/>
    /// <param name="p">The power, above 0.</param>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows.</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    public static Layer LpPool(double p, int kernel, int stride, Padding? padding = null) =>
        new CallLayer("LpPool", x => Functions.LpPool(x, p, kernel, stride, padding), Layer.Number(p), $"{kernel}", $"{stride}",
            ConvLayer.Text(padding ?? Padding.Valid));

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
