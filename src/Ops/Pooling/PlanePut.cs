namespace AutoDiffCnn;

/// <summary>dx[n,c,index[n,c,p]] += dy[n,c,p], the index counted flat within the plane: how a max pool sends its error
/// back; an index of one channel is that of all. Linear in dy; the transpose of <see cref="PlaneTake"/>. Locally constant in the index.</summary>
/// <param name="X">The shape of dx.</param>
/// <example><code>
/// var index = Indices(Tensor.Of([[[[5, 7]]]]));
/// new PlanePut([1, 1, 2, 4]).Of(Tensor.Of([[[[1, 2]]]]), index) // [[[[0, 0, 0, 0], [0, 1, 0, 2]]]]
/// </code></example>
public sealed record PlanePut(Shape X) : Op2
{
    /// <inheritdoc/>
    public override Kind InputKind(int index) => index == 0 ? Kind.Real : Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape dy, Shape index) =>
        dy.Rank >= 2 && X.Rank >= 2 && dy[..2] == X[..2] && PlaneTake.Fits(index, dy)
        ? X
        : throw Rejects($"dy and the index must have one shape with the batch and channels of {X}",
            [dy.Rank >= 2 && X.Rank >= 2 && dy[..2] == X[..2] ? $"an index of {dy}" : $"dy of {X}"], dy, index);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor dy, Tensor index)
    {
        var (positions, plane) = ((int)dy.Shape[2..].Elements, (int)X[2..].Elements);
        var values = new double[X.Elements];
        var at = PlaneTake.Places(index, dy.Shape);
        for (var i = 0; i < dy.Count; i++)
        {
            if (at(i) < plane)
            {
                values[i / positions * plane + (int)at(i)] += dy.At(i);
            }
        }

        return Tensor.Wrap(X, values);
    }

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node dy, Node index, Node dx, Node d) =>
        (new PlaneTake(dy.Shape).Of(d, index), null);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Call("upsample", inputs);
}
