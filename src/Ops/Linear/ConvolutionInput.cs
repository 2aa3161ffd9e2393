using System.Text;

namespace AutoDiffCnn;

/// <summary>The transpose of <see cref="Convolution"/> in x: (dy, w) to dx. For stride 1 it is the full convolution of
/// dy with the turned kernel; also the forward pass of a transposed convolution.</summary>
/// <param name="Window">The convolution's window.</param>
/// <param name="Groups">The convolution's groups.</param>
/// <param name="X">The shape of x, which stride and floor leave open.</param>
/// <example><code>
/// var (dy, w) = (Variable("dy", [1, 8, 26, 26]), Variable("w", [8, 3, 3, 3]));
/// new ConvolutionInput(Window.Of(rank: 2), Groups: 1, X: [1, 3, 28, 28]).Of(dy, w).Shape // [1, 3, 28, 28]
/// </code></example>
public sealed record ConvolutionInput(Window Window, int Groups, Shape X) : Op2
{
    /// <inheritdoc/>
    public override string Name => $"Conv{Window.Rank}DInput";

    /// <inheritdoc/>
    public override Shape Infer(Shape dy, Shape w) => new Convolution(Window, Groups).Infer(X, w) is var y && y == dy
        ? X
        : throw Rejects($"the convolution of {X} with {w} gives {y}, not {dy}", [$"dy of {y}"], dy, w);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor dy, Tensor w)
    {
        var values = new double[X.Elements];
        foreach (var (atX, atW, atY) in new Convolution(Window, Groups).Products(X, w.Shape, dy.Shape))
        {
            values[atX] += dy.At(atY) * w.At(atW);
        }

        return Tensor.Wrap(X, values);
    }

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node dy, Node w, Node dx, Node d) =>
        (new Convolution(Window, Groups).Of(d, w), new ConvolutionKernel(Window, Groups, w.Shape).Of(d, dy));

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        Window.Print(builder, $"X: {X}", Groups == 1 ? "" : $"Groups: {Groups}");

    /// <inheritdoc/>
    /// For stride 1 the cross-correlation of the padded dy with the turned kernel, whose input and output channels change
    /// places; a stride first inserts zeros between dy's elements.
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs)
    {
        var (dy, kernel) = (y.Inputs[0].Shape[2..], y.Inputs[1].Shape[2..]);
        var spread = dy.Select((p, axis) => (p - 1) * Window.Stride[axis] + 1);
        var reach = kernel.Select((k, axis) => Window.Dilation[axis] * (k - 1));
        int[] before = [.. reach.AsEnumerable().Select((r, axis) => r - Window.Before[axis])];
        int[] after = [.. reach.AsEnumerable().Select((r, axis) => X[axis + 2] + r - spread[axis] - before[axis])];
        return Window.Padded(Window.Dilated(inputs[0], Window.Stride), before, after) is { } padded
            ? Window.Of(Window.Rank).Star(padded, Window.Dilated(MathText.Call(Window.Rank == 2 ? "rot180" : "reverse", inputs[1]), Window.Dilation))
            : MathText.Star(inputs[0], @"\star^{\top}", "⋆ᵀ", "(*)^T", inputs[1]);
    }
}
