namespace AutoDiffCnn;

/// <summary>y = −x.</summary>
/// <example><code>
/// Node x = Tensor.Of([1, 2]);
/// -x // [-1, -2]
/// </code></example>
public sealed record Negate : Map1<Negate>, IFormula1
{
    static V IFormula1.Of<V>(V x) => -x;

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => -dy;

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => -inputs[0];
}
