namespace AutoDiffCnn;

/// <summary>y = sin x, x in radians.</summary>
/// <example><code>new Sin().Of(Tensor.Of([0, 1])) // [0, 0.841471]</code></example>
public sealed record Sin : Map1<Sin>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Sin(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * new Cos().Of(x);
}
