namespace AutoDiffCnn;

/// <summary>y = x, but as a constant: by definition no gradient passes.</summary>
/// <example><code>x - new StopGradient().Of(Max(x))</code></example>
public sealed record StopGradient : Map1<StopGradient>, IFormula1
{
    static V IFormula1.Of<V>(V x) => x;

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => null;
}
