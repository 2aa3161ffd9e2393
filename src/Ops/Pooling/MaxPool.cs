using System.Text;

namespace AutoDiffCnn;

/// <summary>y[n,c,p] = the largest x[n,c,q] of the window at p; padding never wins, NaN does. Of equal elements the
/// first (in row-major order) counts, and gets the gradient, as in PyTorch.</summary>
/// <param name="Kernel">The window's size along each spatial axis.</param>
/// <param name="Window">How the window walks.</param>
/// <example><code>
/// var x = Tensor.Of([[[[1, 2, 5, 6], [3, 4, 7, 8]]]]);
/// new MaxPool([2, 2], Window.Of(rank: 2, stride: 2)).Of(x) // [[[[4, 8]]]]
/// </code></example>
public sealed record MaxPool(Shape Kernel, Window Window) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) => new MaxPoolIndices(Kernel, Window).Infer(this, x);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var winners = new MaxPoolIndices(Kernel, Window).Reference(x);
        return new PlaneTake(winners.Shape).Reference(x, winners);
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) =>
        new PlanePut(x.Shape).Of(dy, new MaxPoolIndices(Kernel, Window).Of(x));

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Window.Print(builder, $"{Kernel}");

    /// <inheritdoc/>
    public override string ChainRule(int input) => "max-pool: the error to the largest of each window, 0 to the others";
}
