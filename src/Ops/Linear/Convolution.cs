using System.Text;

namespace AutoDiffCnn;

/// <summary>y[n,o,p] = Σ_c Σ_k x[n,c,q] · w[o,c,k], where at position p kernel element k lies on image element q: what
/// deep learning calls convolution, in truth cross-correlation (the kernel is not turned). Any number of spatial axes.
/// Bilinear, so its gradients are its two transposes,
/// <see cref="ConvolutionInput"/> and <see cref="ConvolutionKernel"/>.</summary>
/// <param name="Window">How the kernel walks.</param>
/// <param name="Groups">Channels and kernels are divided into so many groups that do not see each other.</param>
/// <remarks>x [n, c, spatial…], w [o, c/groups, spatial…], y [n, o, positions…]: ONNX's Conv.</remarks>
/// <example><code>
/// var (x, w) = (Variable("x", [1, 3, 28, 28]), Variable("w", [8, 3, 3, 3]));
/// new Convolution(Window.Of(rank: 2, pad: 1)).Of(x, w).Shape // [1, 8, 28, 28]
/// </code></example>
public sealed record Convolution(Window Window, int Groups = 1) : Op2
{
    /// <inheritdoc/>
    public override string Name => $"Conv{Window.Rank}D";

    /// <inheritdoc/>
    public override Shape Infer(Shape x, Shape w) => (x, w) switch
    {
        _ when x.Rank != Window.Rank + 2 || w.Rank != x.Rank =>
            throw Rejects(
                    $"x and w need rank {Window.Rank + 2}: x [n, c, …] and w [o, c/groups, …], "
                    + $"not {x.Rank} and {w.Rank}",
                    [x.Rank == Window.Rank + 1
                        ? $"Reshape {x} to {Shape.From([1, .. x])}"
                        : $"inputs of rank {Window.Rank + 2}"], x, w),
        _ when Groups < 1 || x[1] % Groups != 0 || w[0] % Groups != 0 =>
            throw Rejects($"{Groups} groups do not divide {x[1]} channels and {w[0]} kernels",
                AutoDiffCnn.Groups.Repairs(Groups, x[1], w[0]), x, w),
        _ when w[1] != x[1] / Groups =>
            throw Rejects($"w has {w[1]} channels, it needs {x[1]}/{Groups} = {x[1] / Groups}",
                Repairs(x, w), x, w),
        _ => [x[0], w[0], .. Window.Positions(this, x[2..], w[2..], $"{x} and {w}")],
    };

    /// <summary>Other orders of axes that would do, of images whose channels are last or kernels that begin with them; or other
    /// channels.</summary>
    private string[] Repairs(Shape x, Shape w)
    {
        Shape last = [0, x.Rank - 1, .. Arrays.Range(1, x.Rank - 2)], turned = [1, 0, .. Arrays.Range(2, w.Rank - 2)];
        string[] exchanges = [.. Fit(x.Select((_, i) => x[last[i]]), w) ? [$"Transpose(x, {last})"] : Array.Empty<string>(),
            .. Fit(x, w.Select((_, i) => w[turned[i]])) ? [$"Transpose(w, {turned})"] : Array.Empty<string>()];
        return exchanges.Length > 0 && !Window.Fits(x[2..], w[2..]) ? exchanges : [.. exchanges, $"w of {w.With(1, x[1] / Groups)}"];
    }

    private bool Fit(Shape x, Shape w) =>
        x[1] % Groups == 0 && w[0] % Groups == 0 && w[1] == x[1] / Groups && Window.Fits(x[2..], w[2..]);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x, Tensor w)
    {
        var y = Infer(x.Shape, w.Shape);
        var values = new double[y.Elements];
        foreach (var (atX, atW, atY) in Products(x.Shape, w.Shape, y))
        {
            values[atY] += x.At(atX) * w.At(atW);
        }

        return Tensor.Wrap(y, values);
    }

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node x, Node w, Node y, Node dy) =>
        (new ConvolutionInput(Window, Groups, x.Shape).Of(dy, w),
            new ConvolutionKernel(Window, Groups, w.Shape).Of(x, dy));

    /// <summary>All products that a convolution is the sum of, as flat positions. The transposes sum the same products
    /// into x or w instead of y.</summary>
    internal IEnumerable<(int X, int W, int Y)> Products(Shape x, Shape w, Shape y)
    {
        var meetings = Window.Meetings(y[2..], w[2..], x[2..]).ToArray();
        var (image, kernel, positions) = ((int)x[2..].Elements, (int)w[2..].Elements, (int)y[2..].Elements);
        for (var n = 0; n < x[0]; n++)
        {
            for (var o = 0; o < w[0]; o++)
            {
                var group = o / (w[0] / Groups);
                for (var c = 0; c < w[1]; c++)
                {
                    var plane = n * x[1] + group * w[1] + c;
                    foreach (var (p, k, q) in meetings)
                    {
                        yield return (plane * image + q, (o * w[1] + c) * kernel + k, (n * w[0] + o) * positions + p);
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        Window.Print(builder, Groups == 1 ? "" : $"Groups: {Groups}");

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => Window.Star(inputs[0], inputs[1]);

    /// <inheritdoc/>
    public override string ChainRule(int input) => input == 0
        ? "convolution: full convolution of the error with the kernel turned by 180°"
        : "convolution: cross-correlation of the input with the error";
}
