using System.Text;

namespace AutoDiffCnn;

/// <summary>y[n,c,p] = Σ of x[n,c,q] over the window at p; padding counts as 0. Linear; its transpose is
/// <see cref="SumPoolInput"/>.</summary>
/// <param name="Kernel">The window's size along each spatial axis.</param>
/// <param name="Window">How the window walks.</param>
/// <example><code>
/// var x = Tensor.Of([[[[1, 2, 5, 6], [3, 4, 7, 8]]]]);
/// new SumPool([2, 2], Window.Of(rank: 2, stride: 2)).Of(x) / 4 // [[[[2.5, 6.5]]]]
/// </code></example>
public sealed record SumPool(Shape Kernel, Window Window) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) => Pool.Infer(this, Kernel, Window, x);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var y = Infer(x.Shape);
        var values = new double[y.Elements];
        foreach (var (atX, atY) in Pool.Meetings(Kernel, Window, x.Shape, y))
        {
            values[atY] += x.At(atX);
        }

        return Tensor.Wrap(y, values);
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => new SumPoolInput(Kernel, Window, x.Shape).Of(dy);

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Window.Print(builder, $"{Kernel}");

    /// <inheritdoc/>
    public override string ChainRule(int input) => "sum-pool: the error to each element of the window";
}
