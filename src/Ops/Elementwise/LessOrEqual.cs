using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>y = 1 where a ≤ b, else 0. Locally constant: by convention its derivative is 0 everywhere.</summary>
/// <example><code>Broadcast.Pair(new LessOrEqual(), Tensor.Of([1, 2, 3]), 2) // [1, 1, 0]</code></example>
public sealed record LessOrEqual : Map2<LessOrEqual>, IFormula2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V IFormula2.Of<V>(V a, V b) => V.IfLessOrEqual(a, b, V.Of(1), V.Of(0));

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) => (null, null);

    /// <summary>1 where a ≤ b, broadcast.</summary>
    public static Node Than(Node a, Node b) => Broadcast.Pair(new LessOrEqual(), a, b);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Relation(inputs[0], "\\le", "≤", "<=", inputs[1]);
}
