namespace AutoDiffCnn;

/// <summary>y = eˣ.</summary>
/// <example><code>new Exp().Of(Tensor.Of([0, 1])) // [1, 2.71828]</code></example>
public sealed record Exp : Map1<Exp>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Exp(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * y;

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Symbol("e").To(inputs[0]);
}
