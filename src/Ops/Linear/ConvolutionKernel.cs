using System.Text;

namespace AutoDiffCnn;

/// <summary>The transpose of <see cref="Convolution"/> in w: (x, dy) to dw, the cross-correlation of x with dy, summed
/// over the batch.</summary>
/// <param name="Window">The convolution's window.</param>
/// <param name="Groups">The convolution's groups.</param>
/// <param name="W">The shape of w, which stride and floor leave open.</param>
/// <example><code>
/// var (x, dy) = (Variable("x", [1, 3, 28, 28]), Variable("dy", [1, 8, 26, 26]));
/// new ConvolutionKernel(Window.Of(rank: 2), Groups: 1, W: [8, 3, 3, 3]).Of(x, dy).Shape // [8, 3, 3, 3]
/// </code></example>
public sealed record ConvolutionKernel(Window Window, int Groups, Shape W) : Op2
{
    /// <inheritdoc/>
    public override string Name => $"Conv{Window.Rank}DKernel";

    /// <inheritdoc/>
    public override Shape Infer(Shape x, Shape dy) => new Convolution(Window, Groups).Infer(x, W) is var y && y == dy
        ? W
        : throw Rejects($"the convolution of {x} with {W} gives {y}, not {dy}", [$"dy of {y}"], x, dy);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x, Tensor dy)
    {
        var values = new double[W.Elements];
        foreach (var (atX, atW, atY) in new Convolution(Window, Groups).Products(x.Shape, W, dy.Shape))
        {
            values[atW] += x.At(atX) * dy.At(atY);
        }

        return Tensor.Wrap(W, values);
    }

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node x, Node dy, Node dw, Node d) =>
        (new ConvolutionInput(Window, Groups, x.Shape).Of(dy, d), new Convolution(Window, Groups).Of(x, d));

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        Window.Print(builder, $"W: {W}", Groups == 1 ? "" : $"Groups: {Groups}");

    /// <inheritdoc/>
    /// The cross-correlation of the padded x with dy, between whose elements a stride inserts zeros.
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) =>
        new Window(Window.Dilation, Window.Before, Window.After, Window.Stride).Star(inputs[0], inputs[1]);
}
