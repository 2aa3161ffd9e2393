using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>y = 1/√x.</summary>
/// <example><code>new Rsqrt().Of(Tensor.Of([4, 16])) // [0.5, 0.25]</code></example>
public sealed record Rsqrt : Map1<Rsqrt>, IFormula1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V IFormula1.Of<V>(V x) => V.Of(1) / V.Sqrt(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * -0.5 * (y * y * y);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Number(1) / MathText.Root(inputs[0]);
}
