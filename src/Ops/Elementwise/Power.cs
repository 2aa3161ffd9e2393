namespace AutoDiffCnn;

/// <summary>y = aᵇ, as IEEE 754 pow. At a = 0 the derivative in b is taken as 0, its limit for b &gt; 0; the derivative
/// in a is 0 for b = 0, where y = 1 for all a.</summary>
/// <example><code>Broadcast.Pair(new Power(), Tensor.Of([1, 2, 3]), 2) // [1, 4, 9]</code></example>
public sealed record Power : Map2<Power>, IFormula2
{
    static V IFormula2.Of<V>(V a, V b) => V.Pow(a, b);

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy)
    {
        // 1 stands for a where 0 · ∞ would make a NaN, here or in the derivative of what is written here.
        var zero = Equal.To(a, 0);
        var da = dy * (b * new Power().Of(Select.Where(zero * Equal.To(b, 0), 1, a), b - 1));
        var db = dy * Select.Where(zero, 0, y * new Log().Of(Select.Where(zero, 1, a)));
        return (da, db);
    }

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => inputs[0].To(inputs[1]);
}
