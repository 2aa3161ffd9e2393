namespace AutoDiffCnn;

/// <summary>y = ln x; −∞ at 0, NaN below.</summary>
/// <example><code>new Log().Of(Tensor.Of([1, 2])) // [0, 0.693147]</code></example>
public sealed record Log : Map1<Log>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Log(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy / x;

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Operator("ln", inputs[0]);
}
