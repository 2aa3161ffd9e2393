using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>y = max(x, 0); NaN stays NaN. At 0 the subgradient is 0.</summary>
/// <example><code>new Relu().Of(Tensor.Of([-2, 3])) // [0, 3]</code></example>
public sealed record Relu : Map1<Relu>, IFormula1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V IFormula1.Of<V>(V x) => V.IfLessOrEqual(x, V.Of(0), V.Of(0), x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => Select.Where(Less.Than(0, y), dy, 0);
}
