namespace AutoDiffCnn;

/// <summary>Adds parts into zeros along an axis: y[…, index[i], …] += x[…, i, …]. Linear in x; the transpose of
/// <see cref="Gather"/>. A position outside y is dropped.</summary>
/// <param name="Axis">The axis along which to add.</param>
/// <param name="Size">The size of that axis in y.</param>
/// <example><code>
/// var words = Indices(Tensor.Of([0, 2, 0]));
/// new ScatterAdd(0, Size: 3).Of(Tensor.Of([1, 2, 4]), words) // [5, 0, 2]
/// </code></example>
public sealed record ScatterAdd(int Axis, int Size) : Op2
{
    /// <inheritdoc/>
    public override Kind InputKind(int index) => index == 0 ? Kind.Real : Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape x, Shape index) => (x, index) switch
    {
        _ when Axis < 0 || Axis >= x.Rank => throw RejectsAxis(Axis, x, index),
        (_, [var count]) when count == x[Axis] => x.With(Axis, Size),
        _ => throw Rejects($"the index must have the shape [{x[Axis]}], one position for each part",
            [$"an index of shape [{x[Axis]}]"], x, index),
    };

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x, Tensor index)
    {
        var inner = (int)x.Shape[(Axis + 1)..].Elements;
        var shape = Infer(x.Shape, index.Shape);
        var values = new double[shape.Elements];
        for (var i = 0; i < x.Count; i++)
        {
            var (outer, at) = (i / inner / index.Count, index.At(i / inner % index.Count));
            if (at < Size)
            {
                values[(outer * Size + (int)at) * inner + i % inner] += x.At(i);
            }
        }

        return Tensor.Wrap(shape, values);
    }

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node x, Node index, Node y, Node dy) =>
        (new Gather(Axis).Of(dy, index), null);
}
