namespace AutoDiffCnn;

/// <summary>y = eˣ − 1, accurate near 0.</summary>
/// <example><code>new Expm1().Of(Tensor.Of([0, 1])) // [0, 1.71828]</code></example>
public sealed record Expm1 : Map1<Expm1>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Expm1(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * (y + 1);
}
