using System.Text;

namespace AutoDiffCnn;

/// <summary>The transpose of <see cref="SumPool"/>:
/// each element of dy is added to all elements of its window.</summary>
/// <param name="Kernel">The pool's window size.</param>
/// <param name="Window">How the pool's window walks.</param>
/// <param name="X">The shape of x, which stride and floor leave open.</param>
/// <example><code>
/// var pool = new SumPoolInput([2, 2], Window.Of(rank: 2, stride: 2), X: [1, 1, 2, 4]);
/// pool.Of(Tensor.Of([[[[1, 2]]]])) // [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]
/// </code></example>
public sealed record SumPoolInput(Shape Kernel, Window Window, Shape X) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape dy) => new SumPool(Kernel, Window).Infer(X) is var y && y == dy
        ? X
        : throw Rejects($"the pool of {X} gives {y}, not {dy}", [$"dy of {y}"], dy);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor dy)
    {
        var values = new double[X.Elements];
        foreach (var (atX, atY) in Pool.Meetings(Kernel, Window, X, dy.Shape))
        {
            values[atX] += dy.At(atY);
        }

        return Tensor.Wrap(X, values);
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node dy, Node dx, Node d) => new SumPool(Kernel, Window).Of(d);

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Window.Print(builder, $"{Kernel}", $"X: {X}");

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Call("upsample", inputs);
}
