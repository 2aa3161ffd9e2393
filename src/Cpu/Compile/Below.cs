namespace AutoDiffCnn;

/// <summary>y = 1 if the index is below Count, else 0: what the rows of a <see cref="OneHot"/> add up to. Made after
/// gradients are derived.</summary>
/// <param name="Count">The count.</param>
internal sealed record Below(int Count) : Op1
{
    /// <inheritdoc/>
    public override Kind InputKind(int index) => Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape index) => index;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor index) => index.Map(at => at < Count ? 1 : 0);

    /// <inheritdoc/>
    public override Node? Vjp(Node index, Node y, Node dy) => NotDifferentiable("an index takes no values in between");
}
