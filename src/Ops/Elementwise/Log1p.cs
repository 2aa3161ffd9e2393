namespace AutoDiffCnn;

/// <summary>y = ln(1 + x), accurate near 0.</summary>
/// <example><code>new Log1p().Of(Tensor.Of([0, 1])) // [0, 0.693147]</code></example>
public sealed record Log1p : Map1<Log1p>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Log1p(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy / (1 + x);
}
