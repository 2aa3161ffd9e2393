using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>The sum of all elements, a scalar.</summary>
    public static Node Sum(Node x) => SumTo.Of(x, []);

    /// <summary>The sum over some axes, counted from the end when negative.</summary>
    /// <param name="x">The input.</param>
    /// <param name="axes">The axes.</param>
    /// <param name="keepDims">Whether the axes stay, with size 1.</param>
    public static Node Sum(Node x, int[] axes, bool keepDims = false)
    {
        var over = Over(x, axes);
        return Drop(SumTo.Of(x, x.Shape.Select((size, axis) => over.Contains(axis) ? 1 : size)), over, keepDims);
    }

    /// <summary>The mean of all elements, a scalar.</summary>
    public static Node Mean(Node x) => Sum(x) / x.Shape.Elements;

    /// <summary>The mean over some axes, counted from the end when negative.</summary>
    /// <param name="x">The input.</param>
    /// <param name="axes">The axes.</param>
    /// <param name="keepDims">Whether the axes stay, with size 1.</param>
    public static Node Mean(Node x, int[] axes, bool keepDims = false)
    {
        var over = Over(x, axes);
        return Sum(x, [.. over], keepDims) / over.Aggregate(1.0, (product, axis) => product * x.Shape[axis]);
    }

    /// <summary>The largest element, a scalar; a tie belongs to the first.</summary>
    public static Node Max(Node x) => Max(Reshape(x, [Shape.Fit(x.Shape.Elements, $"Max on {x.Shape}")]), 0);

    /// <summary>The largest element along an axis; a tie belongs to the first.</summary>
    public static Node Max(Node x, int axis, bool keepDims = false) =>
        Drop(new Max(x.Shape.Axis(axis)).Of(x), [x.Shape.Axis(axis)], keepDims);

    /// <summary>The smallest element, a scalar; a tie belongs to the first.</summary>
    public static Node Min(Node x) => -Max(-x);

    /// <summary>The smallest element along an axis; a tie belongs to the first.</summary>
    public static Node Min(Node x, int axis, bool keepDims = false) =>
        -Max(-x, x.Shape.Axis(axis), keepDims);

    /// <summary>The position of the largest element along an axis, which stays with size 1, an index;
    /// a tie belongs to the first.</summary>
    public static Node ArgMax(Node x, int axis) => new ArgMax(x.Shape.Axis(axis)).Of(x);

    /// <summary>The position of the smallest element along an axis, which stays with size 1, an index;
    /// a tie belongs to the first.</summary>
    public static Node ArgMin(Node x, int axis) => ArgMax(-x, x.Shape.Axis(axis));

    /// <summary>The position of the largest of all elements in row order, an index of shape [1]; a tie belongs to the
    /// first. Along several axes there is none, as in PyTorch: give <see cref="Transpose(Node, Shape)"/> and
    /// <see cref="Reshape"/> the order to count in.</summary>
    public static Node ArgMax(Node x) => ArgMax(Reshape(x, [Shape.Fit(x.Shape.Elements, $"ArgMax on {x.Shape}")]), 0);

    /// <summary>The position of the smallest of all elements in row order, an index of shape [1]; a tie belongs to the
    /// first.</summary>
    public static Node ArgMin(Node x) => ArgMax(-x);

    /// <summary>ln Σ eˣ along an axis, without overflow.</summary>
    public static Node LogSumExp(Node x, int axis, bool keepDims = false)
    {
        var along = x.Shape.Axis(axis);
        var largest = Max(x, along, keepDims: true);

        // Where all are −∞ (or one is +∞) the largest itself is the answer, and subtracting it would give NaN.
        var shift = StopGradient(Where(Equal(largest - largest, 0), largest, 0));
        return Drop(Log(Sum(Exp(x - shift), [along], keepDims: true)) + shift, [along], keepDims);
    }

    /// <summary>The product along an axis; a zero does no harm to the gradient.</summary>
    public static Node Prod(Node x, int axis, bool keepDims = false) =>
        Drop(new Prod(x.Shape.Axis(axis)).Of(x), [x.Shape.Axis(axis)], keepDims);

    /// <summary>The largest element over some axes, counted from the end when negative; a tie belongs to the
    /// first.</summary>
    public static Node Max(Node x, int[] axes, bool keepDims = false) =>
        Along(x, Over(x, axes), keepDims, (y, axis) => Max(y, axis));

    /// <summary>The smallest element over some axes, counted from the end when negative; a tie belongs to the
    /// first.</summary>
    public static Node Min(Node x, int[] axes, bool keepDims = false) =>
        -Max(-x, [.. Over(x, axes)], keepDims);

    /// <summary>The product over some axes, counted from the end when negative.</summary>
    public static Node Prod(Node x, int[] axes, bool keepDims = false) =>
        Along(x, Over(x, axes), keepDims, (y, axis) => Prod(y, axis));

    /// <summary>ln Σ eˣ over some axes, counted from the end when negative, without overflow.</summary>
    public static Node LogSumExp(Node x, int[] axes, bool keepDims = false) =>
        Along(x, Over(x, axes), keepDims, (y, axis) => LogSumExp(y, axis));

    /// <summary>Sums of all elements up to each along an axis: yᵢ = x₀ + … + xᵢ.</summary>
    public static Node CumSum(Node x, int axis) => new CumSum(x.Shape.Axis(axis)).Of(x);

    /// <summary>Σ (x − mean)² / (count − correction) over some axes, counted from the end when negative.</summary>
    /// <param name="x">The input.</param>
    /// <param name="axes">The axes.</param>
    /// <param name="correction">1 for a sample's variance, PyTorch's default; 0 for the population's, as in
    /// <see cref="Moments"/>.</param>
    /// <param name="keepDims">Whether the axes stay, with size 1.</param>
    public static Node Variance(Node x, int[] axes, double correction = 1, bool keepDims = false)
    {
        var count = Over(x, axes).Aggregate(1.0, (product, axis) => product * x.Shape[axis]);
        var squares = Sum(Square(x - Mean(x, axes, keepDims: true)), axes, keepDims);
        return squares / Math.Max(0, count - correction);
    }

    /// <summary>The standard deviation, the root of <see cref="Variance"/>; its subgradient at 0 is 0, as in
    /// PyTorch.</summary>
    /// <param name="x">The input.</param>
    /// <param name="axes">The axes.</param>
    /// <param name="correction">1 for a sample's deviation, 0 for the population's.</param>
    /// <param name="keepDims">Whether the axes stay, with size 1.</param>
    public static Node Std(Node x, int[] axes, double correction = 1, bool keepDims = false) =>
        Root(Variance(x, [.. Over(x, axes)], correction, keepDims), 2);

    /// <summary>The mean and the variance over some axes, which stay with size 1. The variance is the population's
    /// (divided by the count), as batch normalisation uses it.</summary>
    public static (Node Mean, Node Variance) Moments(Node x, int[] axes)
    {
        var mean = Mean(x, [.. Over(x, axes)], keepDims: true);
        return (mean, Mean(Square(x - mean), axes, keepDims: true));
    }

    /// <summary>Each axis once, counted from the start.</summary>
    private static HashSet<int> Over(Node x, int[] axes, [CallerMemberName] string function = "") =>
        [.. axes.Select(axis => x.Shape.Axis(axis, function))];

    private static Node Drop(Node x, HashSet<int> axes, bool keepDims) =>
        keepDims ? x : Reshape(x, Shape.From(x.Shape.Where((_, axis) => !axes.Contains(axis))));

    /// <summary>A reduction along one axis, over some: they are brought to the end and made one.</summary>
    private static Node Along(Node x, HashSet<int> axes, bool keepDims, Func<Node, int, Node> reduce)
    {
        int[] over = [.. axes.Order()];
        int[] rest = [.. Arrays.Range(0, x.Shape.Rank).Except(over)];
        var kept = Shape.From(rest.Select(axis => x.Shape[axis]));
        var size = over.Aggregate(1L, (product, axis) => product * x.Shape[axis]);
        var y = over is [var only]
            ? reduce(x, only)
            : reduce(Reshape(Transpose(x, [.. rest, .. over]), [.. kept, Shape.Fit(size, $"Reduction of {x.Shape}")]), rest.Length);
        return keepDims ? Reshape(y, x.Shape.Select((n, axis) => over.Contains(axis) ? 1 : n)) : y;
    }
}
