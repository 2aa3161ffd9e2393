namespace AutoDiffCnn;

/// <summary>Sums over the rows of a <see cref="OneHot"/> without looking at a row: one element is not 0 at most.</summary>
internal static class PickAlgebra
{
    /// <summary>A sum of a row is 1 if the index is inside; a sum of what a row chooses of stored values is the value that it
    /// chooses. What a loop computes it also chooses from, there and then.</summary>
    public static Node? Rule(Node node) => node switch
    {
        { Op: SumTo { Shape: var to }, Inputs: [var hot] } when RowsOf(hot) is var (index, axis) && IsSummed(hot.Shape, axis, to) =>
            SumTo.Of(Functions.Reshape(new Below(hot.Shape[axis]).Of(index), hot.Shape.With(axis, 1)), to),
        { Op: SumTo { Shape: var to }, Inputs: [{ Op: Select, Inputs: [{ Op: OneHot, Inputs: [var index] }, var x, var zero] }] }
            when Constant.NumberIn(zero) == 0 && IsStored(x) && IsSummed(x.Shape, x.Shape.Rank - 1, to) =>
            SumTo.Of(new Pick().Of(x, index), to),
        _ => null,
    };

    /// <summary>The index of rows of zeros and a one, and the axis along which they lie, all others in their order.</summary>
    private static (Node Index, int Axis)? RowsOf(Node node) => node switch
    {
        { Op: OneHot, Inputs: [var index] } => (index, index.Shape.Rank),
        { Op: Transpose { Axes: var axes }, Inputs: [{ Op: OneHot, Inputs: [var index] }] }
            when axes.Where(axis => axis < index.Shape.Rank).SequenceEqual(Enumerable.Range(0, index.Shape.Rank)) =>
            (index, axes.ToList().IndexOf(index.Shape.Rank)),
        _ => null,
    };

    private static bool IsStored(Node x) => Unit.Storage(x).Op is not IElementwise && !Unit.IsRead(x);

    private static bool IsSummed(Shape from, int axis, Shape to) => SumAlgebra.Kept(from, to)[axis] == 1;
}
