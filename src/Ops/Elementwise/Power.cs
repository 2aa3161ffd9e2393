namespace AutoDiffCnn;

/// <summary>y = aᵇ, as IEEE 754 pow. The derivative in b at a = 0 is taken as 0, its limit for b &gt; 0.</summary>
/// <example><code>Broadcast.Pair(new Power(), a, b)</code></example>
public sealed record Power : Map2<Power>, IFormula2
{
    static V IFormula2.Of<V>(V a, V b) => V.Pow(a, b);

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) => 
        (dy * (b * new Power().Of(a, b - 1)),
         dy * Select.Where(Equal.To(a, 0), 0, y * new Log().Of(a)));
}
