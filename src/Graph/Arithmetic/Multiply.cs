namespace AutoDiffCnn;

/// <summary>y = a · b, element by element.</summary>
/// <example><code>
/// Node x = Tensor.Of([1, 2]);
/// x * x // [1, 4]
/// </code></example>
public sealed record Multiply : Map2<Multiply>, IFormula2
{
    static V IFormula2.Of<V>(V a, V b) => a * b;

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) => (dy * b, a * dy);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => inputs[0] == inputs[1]
        ? inputs[0].To(MathText.Number(2))
        : inputs[0] * inputs[1];

    /// <inheritdoc/>
    public override string ChainRule(int input) => "product: times the other factor";
}
