namespace AutoDiffCnn;

/// <summary>y = ⌊x⌋. Locally constant: by convention its derivative is 0 everywhere.</summary>
/// <example><code>new Floor().Of(x)</code></example>
public sealed record Floor : Map1<Floor>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Floor(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => null;
}
