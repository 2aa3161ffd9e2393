namespace AutoDiffCnn;

/// <summary>y = min(a, b); NaN if either is. A tie belongs to a.</summary>
/// <example><code>Broadcast.Pair(new Minimum(), Tensor.Of([1, 2, 3]), 2) // [1, 2, 2]</code></example>
public sealed record Minimum : Map2<Minimum>, IFormula2
{
    static V IFormula2.Of<V>(V a, V b) => V.Min(a, b);

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) =>
        LessOrEqual.Than(a, b) is var first ? (Select.Where(first, dy, 0), Select.Where(first, 0, dy)) : default;
}
