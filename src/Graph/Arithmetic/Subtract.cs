namespace AutoDiffCnn;

/// <summary>y = a − b.</summary>
/// <example><code>
/// Node x = Tensor.Of([1, 2]);
/// x - 1 // [0, 1]
/// </code></example>
public sealed record Subtract : Map2<Subtract>, IFormula2
{
    internal override bool VanishesWith(ReadOnlySpan<bool> zeros) => !zeros.Contains(false);

    static V IFormula2.Of<V>(V a, V b) => a - b;

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) => (dy, -dy);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => inputs[0] - inputs[1];

    /// <inheritdoc/>
    public override string ChainRule(int input) => input == 0 ? "" : "difference: times −1";
}
