namespace AutoDiffCnn;

/// <summary>y = a / b, element by element; IEEE 754 where b is 0.</summary>
/// <example><code>
/// Node x = Tensor.Of([1, 2]);
/// x / 2 // [0.5, 1]
/// </code></example>
public sealed record Divide : Map2<Divide>, IFormula2
{
    static V IFormula2.Of<V>(V a, V b) => a / b;

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) => (dy / b, -(dy * y) / b);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => inputs[0] / inputs[1];

    /// <inheritdoc/>
    public override string ChainRule(int input) => input == 0 ? "quotient: divided by the same" : "quotient: times −y / b";
}
