using System.Text;

namespace AutoDiffCnn;

/// <summary>Where the maxima of <see cref="MaxPool"/> lie: for each window the flat position within the image's plane.
/// The mask that back-propagation keeps.</summary>
/// <param name="Kernel">The window's size along each spatial axis.</param>
/// <param name="Window">How the window walks.</param>
/// <example><code>
/// var x = Tensor.Of([[[[1, 2, 5, 6], [3, 4, 7, 8]]]]);
/// new MaxPoolIndices([2, 2], Window.Of(rank: 2, stride: 2)).Of(x) // [[[[5, 7]]]]
/// </code></example>
public sealed record MaxPoolIndices(Shape Kernel, Window Window) : Op1
{
    /// <inheritdoc/>
    public override Kind Kind => Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape x) => Infer(this, x);

    /// <summary>The shape, or an error in the name of the op that asks.</summary>
    internal Shape Infer(Op op, Shape x)
    {
        var y = Pool.Infer(op, Kernel, Window, x);
        for (var axis = 0; axis < Window.Rank; axis++)
        {
            if (Enumerable.Range(0, y[axis + 2])
                .FirstOrDefault(p => !Touches(axis, p, x[axis + 2]), -1) is >= 0 and var blank)
            {
                throw op.Rejects(
                    $"the window at position {blank} of axis {axis + 2} covers padding only, so it has no maximum",
                    ["SumPool, where padding is 0", $"a kernel of {Shape.Repeat(1, Window.Rank)} without padding"], x);
            }
        }

        return y;
    }

    /// <summary>Whether a window has an element of the image along an axis.</summary>
    private bool Touches(int axis, int position, int size)
    {
        var first = position * Window.Stride[axis] - Window.Before[axis];
        return Enumerable.Range(0, Kernel[axis])
            .Any(k => first + k * Window.Dilation[axis] is >= 0 and var at && at < size);
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var y = Infer(x.Shape);
        var plane = (int)x.Shape[2..].Elements;
        var winners = Enumerable.Repeat(-1, (int)y.Elements).ToArray();
        foreach (var (atX, atY) in Pool.Meetings(Kernel, Window, x.Shape, y))
        {
            winners[atY] = winners[atY] < 0 || ArgMax.IsLarger(x.At(atX), x.At(winners[atY])) ? atX : winners[atY];
        }

        return Tensor.From(y, i => winners[i] % plane);
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) =>
        NotDifferentiable("the position of a maximum is piecewise constant");

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Window.Print(builder, $"{Kernel}");
}
