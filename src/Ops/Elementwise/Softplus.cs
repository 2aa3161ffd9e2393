using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>y = ln(1 + eˣ), computed as max(x, 0) + ln(1 + e^−|x|), which does not overflow.</summary>
/// <example><code>new Softplus().Of(Tensor.Of([0, 100])) // [0.693147, 100]</code></example>
public sealed record Softplus : Map1<Softplus>, IFormula1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V IFormula1.Of<V>(V x) => V.Max(x, V.Of(0)) + V.Log1p(V.Exp(-V.Abs(x)));

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * new Sigmoid().Of(x);
}
