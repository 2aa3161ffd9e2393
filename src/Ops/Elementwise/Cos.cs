namespace AutoDiffCnn;

/// <summary>y = cos x, x in radians.</summary>
/// <example><code>new Cos().Of(Tensor.Of([0, 1])) // [1, 0.540302]</code></example>
public sealed record Cos : Map1<Cos>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Cos(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => -dy * new Sin().Of(x);
}
