namespace AutoDiffCnn;

/// <summary>Whole numbers as an index: ⌊x⌋ from 0 to 2³² − 1. What cannot be one (negative, larger, NaN) becomes 2³²
/// − 1, a position outside of everything, where <see cref="Gather"/> and its like find 0.</summary>
/// <example><code>
/// var x = Tensor.Of([10, 20, 30]);
/// var positions = new ToIndex().Of(Tensor.Of([2, 0.5, -1]));
/// new Gather(0).Of(x, positions) // [30, 10, 0]
/// </code></example>
public sealed record ToIndex : Op1
{
    /// <inheritdoc/>
    public override Kind Kind => Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape x) => x;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x) =>
        x.Map(value => Math.Floor(value) is >= 0 and <= uint.MaxValue and var whole ? (uint)whole : uint.MaxValue);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => NotDifferentiable("an index takes no values in between");
}
