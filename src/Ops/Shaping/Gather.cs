namespace AutoDiffCnn;

/// <summary>Takes parts of x along an axis: y[…, i, …] = x[…, index[i], …]. Linear in x; its transpose is
/// <see cref="ScatterAdd"/>. Locally constant in the index. A position outside x gives 0.</summary>
/// <param name="Axis">The axis along which to take.</param>
/// <example><code>
/// var table = Tensor.Of([[1, 2], [3, 4], [5, 6]]);
/// var words = Indices(Tensor.Of([2, 0]));
/// new Gather(0).Of(table, words) // [[5, 6], [1, 2]]
/// </code></example>
public sealed record Gather(int Axis) : Op2
{
    /// <inheritdoc/>
    public override Kind InputKind(int index) => index == 0 ? Kind.Real : Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape x, Shape index) => (x, index) switch
    {
        _ when Axis < 0 || Axis >= x.Rank => throw RejectsAxis(Axis, x, index),
        (_, [var count]) => x.With(Axis, count),
        _ => throw Rejects($"the index must have rank 1, not {index.Rank}",
            [index.Elements <= int.MaxValue ? $"an index of shape [{index.Elements}]" : "an index of rank 1"], x, index),
    };

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x, Tensor index)
    {
        var (inner, size) = ((int)x.Shape[(Axis + 1)..].Elements, x.Shape[Axis]);
        return Tensor.From(Infer(x.Shape, index.Shape), i =>
        {
            var (outer, at) = (i / inner / index.Count, index.At(i / inner % index.Count));
            return at < size ? x.At((outer * size + (int)at) * inner + i % inner) : 0;
        });
    }

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node x, Node index, Node y, Node dy) =>
        (new ScatterAdd(Axis, x.Shape[Axis]).Of(dy, index), null);
}
