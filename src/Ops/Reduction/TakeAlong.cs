namespace AutoDiffCnn;

/// <summary>One element along an axis for each index: y[…, 0, …] = x[…, index[…, 0, …], …]. Linear in x; its transpose
/// is <see cref="PutAlong"/>. Locally constant in the index.</summary>
/// <param name="Axis">The axis along which to take; the index has size 1 there.</param>
/// <example><code>
/// var logits = Tensor.Of([[1, 5, 2], [7, 0, 3]]);
/// var labels = Indices(Tensor.Of([[2], [0]]));
/// new TakeAlong(1).Of(logits, labels) // [[2], [7]]
/// </code></example>
public sealed record TakeAlong(int Axis) : Op2
{
    /// <inheritdoc/>
    public override Kind InputKind(int index) => index == 0 ? Kind.Real : Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape x, Shape index) =>
        Axis < 0 || Axis >= x.Rank ? throw RejectsAxis(Axis, x, index)
        : index == x.With(Axis, 1) ? index
        : throw Rejects($"the index must have the shape {x.With(Axis, 1)}", [$"an index of shape {x.With(Axis, 1)}"], x,
            index);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x, Tensor index)
    {
        var (inner, size) = ((int)x.Shape[(Axis + 1)..].Elements, x.Shape[Axis]);
        return Tensor.From(index.Shape, i =>
            index.At(i) < size ? x.At((i / inner * size + (int)index.At(i)) * inner + i % inner) : 0);
    }

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node x, Node index, Node y, Node dy) =>
        (new PutAlong(Axis, x.Shape[Axis]).Of(dy, index), null);
}
