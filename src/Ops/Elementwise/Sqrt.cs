namespace AutoDiffCnn;

/// <summary>y = √x; NaN below 0.</summary>
/// <example><code>new Sqrt().Of(Tensor.Of([4, 9])) // [2, 3]</code></example>
public sealed record Sqrt : Map1<Sqrt>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Sqrt(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * 0.5 / y;

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Root(inputs[0]);
}
