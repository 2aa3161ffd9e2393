namespace AutoDiffCnn;

/// <summary>y = ⌊x⌋. Locally constant: by convention its derivative is 0 everywhere.</summary>
/// <example><code>new Floor().Of(Tensor.Of([-1.5, 1.5])) // [-2, 1]</code></example>
public sealed record Floor : Map1<Floor>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Floor(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => null;
}
