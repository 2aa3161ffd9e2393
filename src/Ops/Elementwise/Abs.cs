namespace AutoDiffCnn;

/// <summary>y = |x|. At 0 the subgradient is 0.</summary>
/// <example><code>new Abs().Of(Tensor.Of([-2, 3])) // [2, 3]</code></example>
public sealed record Abs : Map1<Abs>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Abs(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * new Sign().Of(x);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) =>
        new($@"\left|{inputs[0].Latex}\right|", $"|{inputs[0].Unicode}|", $"|{inputs[0].Text}|");
}
