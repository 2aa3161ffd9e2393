namespace AutoDiffCnn;

/// <summary>The largest element along an axis, which is kept with size 1; NaN if there is one. Of equal elements the
/// first counts, and gets the gradient.</summary>
/// <param name="Axis">The axis along which to look.</param>
/// <example><code>
/// var scores = Tensor.Of([[1, 5, 2], [7, 0, 3]]);
/// new Max(1).Of(scores) // [[5], [7]]
/// </code></example>
public sealed record Max(int Axis) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) => ArgMax.Infer(this, Axis, x);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x) => new TakeAlong(Axis).Reference(x, new ArgMax(Axis).Reference(x));

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) =>
        new PutAlong(Axis, x.Shape[Axis]).Of(dy, new ArgMax(Axis).Of(x));
}
