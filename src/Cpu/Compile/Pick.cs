namespace AutoDiffCnn;

/// <summary>y[…, 0] = x[…, index[…]], 0 outside: a <see cref="TakeAlong"/> along the last axis with the index that a
/// <see cref="OneHot"/> takes. Made after gradients are derived, hence without a derivative.</summary>
internal sealed record Pick : Op2
{
    /// <inheritdoc/>
    public override Kind InputKind(int index) => index == 0 ? Kind.Real : Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape x, Shape index) => x.Rank > 0 && x[..^1] == index ? [.. index, 1]
        : throw Rejects("the index must have all axes of x but the last", [], x, index);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x, Tensor index) => Tensor.From(Infer(x.Shape, index.Shape),
        i => index.At(i) < x.Shape[^1] ? x.At(i * x.Shape[^1] + (int)index.At(i)) : 0);

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node x, Node index, Node y, Node dy) => (
        NotDifferentiable("gradients are derived before elements are picked"), null);
}
