using System.Text;

namespace AutoDiffCnn;

/// <summary>The largest or the mean element of each window; no parameters.</summary>
/// <param name="Largest">Whether the largest is taken, not the mean.</param>
/// <param name="Kernel">The window's size on each axis.</param>
/// <param name="Stride">The step between windows.</param>
/// <param name="Padding">A border, which never wins a maximum and counts as zeros in a mean.</param>
/// <example><code>MaxPool(2).Build([1, 6, 28, 28]).Output.Shape // [1, 6, 14, 14]</code></example>
public sealed record PoolLayer(bool Largest, int Kernel, int Stride, Padding Padding) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Name => Largest ? "MaxPool" : "AvgPool";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) => Largest
        ? Functions.MaxPool(x, Kernel, Stride, Padding)
        : Functions.AvgPool(x, Kernel, Stride, Padding);

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder, $"{Kernel}",
        Stride == Kernel && Padding == Padding.Valid ? "" : $"{Stride}", ConvLayer.Text(Padding));
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
