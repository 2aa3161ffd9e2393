using System.Text;

namespace AutoDiffCnn;

/// <summary>An op on images in another order: y = to(Inner(from(x), …)). The weights of convolutions are in the order
/// that goes with it; the values of indices (places within a plane) are as always. Made after gradients are derived,
/// hence without a derivative.</summary>
/// <param name="Order">The order.</param>
/// <param name="Inner">The op: a convolution or its transposes, or a pool or what goes with it.</param>
internal sealed record Reordered(AxisOrder Order, Op Inner) : OpN
{
    /// <inheritdoc/>
    public override string Name => Order.Name;

    /// <inheritdoc/>
    public override Kind Kind => Inner.Kind;

    /// <summary>The order of the result; null for the user's.</summary>
    public AxisOrder? OfResult => GivesImage(Inner) ? Order : Order.OfWeights;

    /// <summary>The order of an input; null for the user's.</summary>
    public AxisOrder? OfInput(int index) => TakesImage(Inner, index) ? Order : Order.OfWeights;

    /// <summary>Whether the result of an op is an image.</summary>
    public static bool GivesImage(Op op) => op is not ConvolutionKernel;

    /// <summary>Whether an op's input is an image, and not the weights of a convolution.</summary>
    public static bool TakesImage(Op op, int index) => index == 0 || op is not (Convolution or ConvolutionInput);

    /// <inheritdoc/>
    public override Kind InputKind(int index) => Inner.InputKind(index);

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        Shape First(int index) => OfInput(index)?.ToFirst(inputs[index]) ?? inputs[index];
        var shape = Inner switch
        {
            Op1 op when inputs.Count == 1 => op.Infer(First(0)),
            Op2 op when inputs.Count == 2 => op.Infer(First(0), First(1)),
            _ => throw Rejects($"{inputs.Count} inputs do not fit {Inner.Name}", [], [.. inputs]),
        };
        return OfResult?.ToLast(shape) ?? shape;
    }

    /// <inheritdoc/>
    public override Tensor Reference(ReadOnlySpan<Tensor> inputs)
    {
        var first = inputs.ToArray();
        for (var i = 0; i < first.Length; i++)
        {
            first[i] = OfInput(i)?.First(first[i].Shape.Rank).Reference(first[i]) ?? first[i];
        }

        var y = Inner.ReferenceAll(first);
        return OfResult?.Last(y.Shape.Rank).Reference(y) ?? y;
    }

    /// <inheritdoc/>
    public override IEnumerable<Node?> Vjp(IReadOnlyList<Node> inputs, Node y, Node dy) =>
        inputs.Select(_ => NotDifferentiable("gradients are derived before layouts are chosen"));

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.Append(Inner);
        return true;
    }
}
