namespace AutoDiffCnn;

/// <summary>The position of the largest element along an axis, which is kept with size 1. Of equal elements the first
/// counts; a NaN counts as larger than all numbers, as in NumPy and PyTorch.</summary>
/// <param name="Axis">The axis along which to look.</param>
/// <example><code>
/// var scores = Tensor.Of([[1, 5, 2], [7, 0, 3]]);
/// new ArgMax(1).Of(scores) // [[1], [0]]
/// </code></example>
public sealed record ArgMax(int Axis) : Op1
{
    /// <inheritdoc/>
    public override Kind Kind => Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape x) => Infer(this, Axis, x);

    /// <summary>The shape, or an error in the name of the op that asks.</summary>
    internal static Shape Infer(Op op, int axis, Shape x) =>
        axis < 0 || axis >= x.Rank ? throw op.RejectsAxis(axis, x)
        : x[axis] == 0
            ? throw op.Rejects($"axis {axis} is empty, so there is no largest element", ["a size of at least 1"], x)
        : x.With(axis, 1);

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
