using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Sums and the like over axes: an attribute, or an input since opset 13 (ReduceSum) or 18 (others). Without
/// axes they go over all, unless noop_with_empty_axes says that nothing is to be done.</summary>
internal static class ReductionOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        Reduce("ReduceSum", 13, Sum),
        Reduce("ReduceMean", 18, Mean),
        Reduce("ReduceMax", 18, (x, axes, keep) => Max(x, axes, keep)),
        Reduce("ReduceMin", 18, Min),
        Reduce("ReduceProd", 18, (x, axes, keep) => Prod(x, axes, keep)),
        Reduce("ReduceL1", 18, (x, axes, keep) => Norm(x, 1, axes, keep)),
        Reduce("ReduceL2", 18, (x, axes, keep) => Norm(x, 2, axes, keep)),
        Reduce("ReduceSumSquare", 18, (x, axes, keep) => Sum(Square(x), axes, keep)),
        Reduce("ReduceLogSum", 18, (x, axes, keep) => Log(Sum(x, axes, keep))),
        Reduce("ReduceLogSumExp", 18, LogSumExp),
        Reading.One("ArgMax", 1, call => Position(call, call.X)),
        Reading.One("ArgMin", 1, call => Position(call, -call.X)),
        Reading.Alike("CumSum", 11, Cumulated),
    ];

    private static Reading Reduce(string name, int since, Func<Node, int[], bool, Node> reduce) => Reading.Alike(name, 1, call =>
    {
        var (x, axes, keep) = (call.X, ShapeOperators.Axes(call, since), call.Flag("keepdims", true));
        var isLeft = call.Version >= since && call.Flag("noop_with_empty_axes");
        return axes is { Length: > 0 } ? reduce(x, call.Axes(axes, x.Shape.Rank), keep)
            : isLeft ? x
            : reduce(x, [.. Enumerable.Range(0, x.Shape.Rank)], keep);
    });

    /// <summary>Where the largest element lies along an axis, as a number: the first of equal ones, or the last.</summary>
    private static Value Position(Call call, Node x)
    {
        var axis = call.Axis(call.Int("axis", 0), x.Shape.Rank);
        var (keep, isLast, n) = (call.Flag("keepdims", true), call.Flag("select_last_index"), x.Shape[axis]);
        var places = Reshape(Tensor.From(call.Computable([n]), i => i), Shape.Repeat(1, x.Shape.Rank).With(axis, n));
        var first = new TakeAlong(axis).Of(Broadcast.To(places, x.Shape), ArgMax(isLast ? Reverse(x, [axis]) : x, axis));
        var place = isLast ? n - 1 - first : first;
        return Value.Whole(keep ? place : Reshape(place, [.. x.Shape[..axis], .. x.Shape[(axis + 1)..]]));
    }

    /// <summary>Sums up to each element or behind it, without the element itself if exclusive.</summary>
    private static Node Cumulated(Call call)
    {
        var axis = call.Axis(call.Long(1), call.X.Shape.Rank);
        var (isExclusive, isReverse) = (call.Flag("exclusive"), call.Flag("reverse"));
        var (sums, shape) = (new CumSum(axis, isReverse).Of(call.X), call.X.Shape);
        if (!isExclusive || shape[axis] == 0)
        {
            return sums;
        }

        var (none, one) = (Shape.Repeat(0, shape.Rank), Shape.Repeat(0, shape.Rank).With(axis, 1));
        return Pad(Part(sums, axis, isReverse ? 1 : 0, shape[axis] - 1), isReverse ? none : one, isReverse ? one : none);
    }
}
