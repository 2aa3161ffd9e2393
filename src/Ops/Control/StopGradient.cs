namespace AutoDiffCnn;

/// <summary>y = x, but as a constant: by definition no gradient passes.</summary>
/// <example><code>
/// var x = Variable("x", [2]);
/// var dx = Gradient.Of(Sum(x * new StopGradient().Of(x)), x);
/// Reference.Run(dx, (x, Tensor.Of([3, 4]))) // [3, 4]
/// </code></example>
public sealed record StopGradient : Map1<StopGradient>, IFormula1
{
    static V IFormula1.Of<V>(V x) => x;

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => null;
}
