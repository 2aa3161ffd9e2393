namespace AutoDiffCnn;

/// <summary>y = Σ x over all ranks: the processes that run the same graph beside each other, each with its own part of
/// the data, get the same sum. Where a graph runs alone, as in <see cref="Reference"/>, there is one rank and y = x.
/// </summary>
/// <remarks>A rank's x is in the y of all, so that the derivative of what all ranks' losses add up to is dx = Σ dy over
/// all ranks.</remarks>
/// <example><code>
/// var w = Variable("w", [2]);
/// var dw = Gradient.Of(Sum(w * w), w);
/// var next = w - 0.1 * new AllReduce().Of(dw);
/// Reference.Run(next, (w, Tensor.Of([1, 2]))) // [0.8, 1.6]
/// </code></example>
public sealed record AllReduce : Op1
{
    // Only a run knows the ranks.
    internal override bool IsDecidedByInputs => false;

    /// <inheritdoc/>
    public override Shape Infer(Shape x) => x;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x) => x;

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => Of(dy);
}
