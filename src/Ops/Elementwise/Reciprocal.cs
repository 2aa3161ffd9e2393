using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>y = 1/x.</summary>
/// <example><code>new Reciprocal().Of(Tensor.Of([2, 4])) // [0.5, 0.25]</code></example>
public sealed record Reciprocal : Map1<Reciprocal>, IFormula1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V IFormula1.Of<V>(V x) => V.Of(1) / x;

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => -dy * (y * y);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Number(1) / inputs[0];
}
