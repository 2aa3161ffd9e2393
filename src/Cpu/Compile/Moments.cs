namespace AutoDiffCnn;

/// <summary>A mean and the squared deviations from it, Σx and Σ(x − Σx/count)²: one pass over memory computes both.
/// </summary>
/// <param name="X">x.</param>
/// <param name="Sum">Σx.</param>
/// <param name="Mean">The mean, broadcast to x.</param>
/// <param name="Deviation">x − mean.</param>
/// <param name="Square">(x − mean)².</param>
/// <param name="Squares">Their sum.</param>
internal sealed record Moments(Node X, Node Sum, Node Mean, Node Deviation, Node Square, Node Squares)
{
    /// <summary>The moments whose squares a node sums; null if it sums something else.</summary>
    public static Moments? Of(Node node) =>
        node is { Op: SumTo, Inputs: [{ Op: Multiply, Inputs: [var deviation, var same] } square] }
        && deviation == same
        && deviation is { Op: Subtract, Inputs: [var x, { Op: Broadcast } broadcast] } && !Unit.IsRead(x)
        && SumAlgebra.MeanOf(broadcast.Inputs[0]) is var (of, sum) && of == x
        && SumAlgebra.Kept(x.Shape, sum.Shape) == SumAlgebra.Kept(x.Shape, node.Shape)
        && SumAlgebra.Factor(broadcast, node.Shape) is not null
            ? new(x, sum, broadcast, deviation, square, node)
            : null;
}
