using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>y = −1, 0 or 1, the sign of x. Locally constant: by convention its derivative is 0 everywhere.</summary>
/// <example><code>new Sign().Of(Tensor.Of([-2, 0, 3])) // [-1, 0, 1]</code></example>
public sealed record Sign : Map1<Sign>, IFormula1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V IFormula1.Of<V>(V x) => V.IfLess(x, V.Of(0), V.Of(-1), V.IfLess(V.Of(0), x, V.Of(1), x));

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => null;
}
