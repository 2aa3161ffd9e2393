namespace AutoDiffCnn;

/// <summary>Sums of all elements up to each along an axis: yᵢ = x₀ + … + xᵢ, or from the end: yᵢ = xᵢ + … + xₙ₋₁. What
/// is not summed has no influence, even if it is NaN. Linear; one is the transpose of the other.</summary>
/// <param name="Axis">The axis along which to add.</param>
/// <param name="FromEnd">Whether to add from the end.</param>
/// <example><code>
/// new CumSum(0).Of(Tensor.Of([1, 2, 3])) // [1, 3, 6]
/// new CumSum(0, FromEnd: true).Of(Tensor.Of([1, 2, 3])) // [6, 5, 3]
/// </code></example>
public sealed record CumSum(int Axis, bool FromEnd = false) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) => Axis >= 0 && Axis < x.Rank ? x : throw RejectsAxis(Axis, x);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var (inner, size) = ((int)x.Shape[(Axis + 1)..].Elements, x.Shape[Axis]);
        var sums = new double[x.Count];
        for (var i = 0; i < x.Count; i++)
        {
            var at = FromEnd ? x.Count - 1 - i : i;
            var before = FromEnd ? at + inner : at - inner;
            var isFirst = at / inner % size == (FromEnd ? size - 1 : 0);
            sums[at] = isFirst ? x.At(at) : sums[before] + x.At(at);
        }

        return Tensor.Wrap(x.Shape, sums);
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => new CumSum(Axis, !FromEnd).Of(dy);
}
