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
            if (Blank(axis, x[axis + 2], y[axis + 2]) is { } blank)
            {
                throw op.Rejects(
                    $"the window at position {blank} of axis {axis + 2} covers padding only, so it has no maximum",
                    ["SumPool, where padding is 0", $"a kernel of {Shape.Repeat(1, Window.Rank)} without padding"], x);
            }
        }

        return y;
    }

    /// <summary>The first window along an axis that has no element of the image, if there is one: it starts in the
    /// padding. Where the image is as wide as the steps of the kernel, the first window tells of all before the image.</summary>
    private int? Blank(int axis, int size, int positions)
    {
        var (stride, before, dilation) = ((long)Window.Stride[axis], (long)Window.Before[axis], (long)Window.Dilation[axis]);
        var (inside, behind) = ((before + stride - 1) / stride, (size + before + stride - 1) / stride);
        for (var p = 0; p < Math.Min(positions, size < dilation ? inside : Math.Min(inside, 1)); p++)
        {
            var padding = before - p * stride;
            var k = (padding + dilation - 1) / dilation;
            if (k >= Kernel[axis] || k * dilation - padding >= size)
            {
                return p;
            }
        }

        return behind < positions ? (int)behind : null;
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

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Call("argmax", inputs);
}
