namespace AutoDiffCnn;

/// <summary>y = erf x = 2/√π ∫₀ˣ e^(−t²) dt.</summary>
/// <example><code>new Erf().Of(Tensor.Of([0, 1])) // [0, 0.842701]</code></example>
public sealed record Erf : Map1<Erf>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Erf(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * (2 / Math.Sqrt(Math.PI)) * new Exp().Of(-(x * x));
}
