namespace AutoDiffCnn;

/// <summary>y[…, k] = 1 if the index is k, else 0: one row of Classes numbers for each index. An index of Classes or
/// more gives a row of zeros.</summary>
/// <param name="Classes">The number of classes, the size of the new last axis.</param>
/// <example><code>
/// var labels = Indices(Tensor.Of([2, 0]));
/// new OneHot(3).Of(labels) // [[0, 0, 1], [1, 0, 0]]
/// </code></example>
public sealed record OneHot(int Classes) : Op1
{
    /// <inheritdoc/>
    public override Kind InputKind(int index) => Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape index) => [.. index, Classes];

    /// <inheritdoc/>
    public override Tensor Reference(Tensor index) =>
        Tensor.From(Infer(index.Shape), i => index.At(i / Classes) == i % Classes ? 1 : 0);

    /// <inheritdoc/>
    public override Node? Vjp(Node index, Node y, Node dy) => NotDifferentiable("an index takes no values in between");
}
