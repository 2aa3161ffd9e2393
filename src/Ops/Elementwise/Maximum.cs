namespace AutoDiffCnn;

/// <summary>y = max(a, b); NaN if either is. A tie belongs to a.</summary>
/// <example><code>Broadcast.Pair(new Maximum(), Tensor.Of([1, 2, 3]), 2) // [2, 2, 3]</code></example>
public sealed record Maximum : Map2<Maximum>, IFormula2
{
    static V IFormula2.Of<V>(V a, V b) => V.Max(a, b);

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) =>
        LessOrEqual.Than(b, a) is var first ? (Select.Where(first, dy, 0), Select.Where(first, 0, dy)) : default;
}
