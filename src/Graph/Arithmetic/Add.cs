namespace AutoDiffCnn;

/// <summary>y = a + b. Also what a gradient is made of:
/// a value that is used twice gets the sum of two cotangents.</summary>
/// <example><code>
/// Node x = Tensor.Of([1, 2]);
/// x + 1 // [2, 3]
/// </code></example>
public sealed record Add : Map2<Add>, IFormula2
{
    internal override bool VanishesWith(ReadOnlySpan<bool> zeros) => !zeros.Contains(false);

    static V IFormula2.Of<V>(V a, V b) => a + b;

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) => (dy, dy);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => inputs[0] + inputs[1];

    /// <inheritdoc/>
    public override string ChainRule(int input) => "";
}
