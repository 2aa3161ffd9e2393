namespace AutoDiffCnn;

/// <summary>Puts each element into zeros along an axis: y[…, index[…, 0, …], …] = x[…, 0, …]. Linear in x; the
/// transpose of <see cref="TakeAlong"/>. Locally constant in the index. An index of Size or more is dropped.</summary>
/// <param name="Axis">The axis along which to put; x and the index have size 1 there.</param>
/// <param name="Size">The size of that axis in y.</param>
/// <example><code>
/// var labels = Indices(Tensor.Of([[1], [0]]));
/// new PutAlong(1, Size: 3).Of(Tensor.Of([[5], [7]]), labels) // [[0, 5, 0], [7, 0, 0]]
/// </code></example>
public sealed record PutAlong(int Axis, int Size) : Op2
{
    /// <inheritdoc/>
    public override Kind InputKind(int index) => index == 0 ? Kind.Real : Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape x, Shape index) =>
        Axis < 0 || Axis >= x.Rank ? throw RejectsAxis(Axis, x, index)
        : x[Axis] == 1 && index == x ? x.With(Axis, Size)
        : throw Rejects($"both must have the same shape with size 1 on axis {Axis}", [$"{x.With(Axis, 1)} for both"], x,
            index);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x, Tensor index)
    {
        var (shape, inner) = (Infer(x.Shape, index.Shape), (int)x.Shape[(Axis + 1)..].Elements);
        var values = new double[shape.Elements];
        for (var i = 0; i < x.Count; i++)
        {
            if (index.At(i) < Size)
            {
                values[(i / inner * Size + (int)index.At(i)) * inner + i % inner] = x.At(i);
            }
        }

        return Tensor.Wrap(shape, values);
    }

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node x, Node index, Node y, Node dy) =>
        (new TakeAlong(Axis).Of(dy, index), null);
}
