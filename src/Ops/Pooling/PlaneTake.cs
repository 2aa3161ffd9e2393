namespace AutoDiffCnn;

/// <summary>y[n,c,p] = x[n,c,index[n,c,p]], the index counted flat within the plane; an index of one channel is that of
/// all. Linear in x; its transpose is <see cref="PlanePut"/>. Locally constant in the index.</summary>
/// <param name="Y">The shape of y and, with as many channels or one, of the index.</param>
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
    public override Shape Infer(Shape x, Shape index) => x.Rank >= 2 && Y.Rank >= 2 && x[..2] == Y[..2] && Fits(index, Y)
        ? Y
        : throw Rejects($"the index must have the shape {Y} with the batch and channels of x", [$"an index of {Y}"], x,
            index);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x, Tensor index)
    {
        var (positions, plane) = ((int)Y[2..].Elements, (int)x.Shape[2..].Elements);
        var at = Places(index, Y);
        return Tensor.From(Y, i => at(i) < plane ? x.At(i / positions * plane + (int)at(i)) : 0);
    }

    /// <summary>Whether an index says where in each plane of so many channels.</summary>
    internal static bool Fits(Shape index, Shape y) => index == y || index == y.With(1, 1);

    /// <summary>For each element its place in its plane.</summary>
    internal static Func<int, double> Places(Tensor index, Shape y)
    {
        var image = (int)y[1..].Elements;
        return index.Shape == y ? index.At : i => index.At(i / image * (int)y[2..].Elements + i % (int)y[2..].Elements);
    }

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node x, Node index, Node y, Node dy) =>
        (new PlanePut(x.Shape).Of(dy, index), null);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Call("take", inputs);
}
