namespace AutoDiffCnn;

/// <summary>y[n,c,p] = x[n,c,index[n,c,p]], the index counted flat within the plane. Linear in x; its transpose is
/// <see cref="PlanePut"/>. Locally constant in the index.</summary>
/// <param name="Y">The shape of the index and of y.</param>
/// <example><code>
/// var x = Tensor.Of([[[[1, 2, 5, 6], [3, 4, 7, 8]]]]);
/// var index = Indices(Tensor.Of([[[[5, 7]]]]));
/// new PlaneTake(index.Shape).Of(x, index) // [[[[4, 8]]]]
/// </code></example>
public sealed record PlaneTake(Shape Y) : Op2
{
    /// <inheritdoc/>
    public override Kind InputKind(int index) => index == 0 ? Kind.Real : Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape x, Shape index) => index == Y && x.Rank >= 2 && Y.Rank >= 2 && x[..2] == Y[..2]
        ? Y
        : throw Rejects($"the index must have the shape {Y} with the batch and channels of x", [$"an index of {Y}"], x,
            index);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x, Tensor index)
    {
        var (positions, plane) = ((int)Y[2..].Elements, (int)x.Shape[2..].Elements);
        return Tensor.From(Y, i => index.At(i) < plane ? x.At(i / positions * plane + (int)index.At(i)) : 0);
    }

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node x, Node index, Node y, Node dy) =>
        (new PlanePut(x.Shape).Of(dy, index), null);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Call("take", inputs);
}
