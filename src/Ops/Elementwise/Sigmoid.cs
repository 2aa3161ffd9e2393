using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>y = 1 / (1 + e⁻ˣ).</summary>
/// <example><code>new Sigmoid().Of(Tensor.Of([0, 2])) // [0.5, 0.880797]</code></example>
public sealed record Sigmoid : Map1<Sigmoid>, IFormula1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V IFormula1.Of<V>(V x) => V.Of(1) / (V.Of(1) + V.Exp(-x));

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * (y * (1 - y));

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => new MathText(@"\sigma", "σ", "sigmoid").Of(inputs[0]);
}
