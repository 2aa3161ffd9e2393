namespace AutoDiffCnn;

/// <summary>The position of the largest element along an axis, which is kept with size 1. Of equal elements the first
/// counts; a NaN counts as larger than all numbers, as in NumPy and PyTorch.</summary>
/// <param name="Axis">The axis along which to look.</param>
/// <example><code>new ArgMax(1).Of(scores) // [64, 10] to [64, 1]</code></example>
public sealed record ArgMax(int Axis) : Op1
{
    /// <inheritdoc/>
    public override Kind Kind => Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape x) =>
        Axis < 0 || Axis >= x.Rank ? throw RejectsAxis(Axis, x)
        : x[Axis] == 0 ? throw Rejects($"axis {Axis} is empty, so there is no largest element", ["a size of at least 1"], x)
        : x.With(Axis, 1);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var (inner, size) = ((int)x.Shape[(Axis + 1)..].Elements, x.Shape[Axis]);
        return Tensor.From(Infer(x.Shape), i =>
        {
            var start = i / inner * size * inner + i % inner;
            var best = 0;
            for (var k = 1; k < size; k++)
            {
                best = IsLarger(x.At(start + k * inner), x.At(start + best * inner)) ? k : best;
            }

            return best;
        });
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => NotDifferentiable("argmax is piecewise constant");

    /// <summary>Whether a is larger than b, with NaN above all numbers.</summary>
    internal static bool IsLarger(double a, double b) => a > b || double.IsNaN(a) && !double.IsNaN(b);
}
