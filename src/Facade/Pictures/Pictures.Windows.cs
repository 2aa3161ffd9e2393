using System.Collections.Immutable;

namespace AutoDiffCnn;

// Convolution and pooling step by step, with the numbers in it.
public static partial class Pictures
{
    // More steps than one has patience for.
    private const int MostSteps = 100;

    /// <summary>How y = x ⋆ w comes about, window by window: y[i,j] = Σ x[i·s + u − p, j·s + v − p] · w[u,v].</summary>
    /// <param name="x">The image [h, w].</param>
    /// <param name="w">The kernel [k, l].</param>
    /// <param name="stride">s.</param>
    /// <param name="padding">p, zeros around the image.</param>
    /// <exception cref="ArgumentException">It is no matrix, the kernel does not fit in, or there are more than a hundred
    /// windows.</exception>
    public static Picture DrawConvolution(Tensor x, Tensor w, int stride = 1, int padding = 0)
    {
        var (rows, columns) = Sizes("DrawConvolution", x, w.Shape, stride, padding);
        var padded = Padded(x, padding);
        var y = new double?[rows * columns];
        return Animation.Of($"y = x ⋆ w{Settings(stride, padding)}", [Panel(padding > 0 ? "x, padded" : "x", padded), Panel("w", w), new("y", rows, columns)],
            [.. Windows(rows, columns).Select(at =>
            {
                var products = Places(w.Shape).Select(uv => (X: padded[at.I * stride + uv.U, at.J * stride + uv.V], W: w[uv.U, uv.V])).ToArray();
                y[at.I * columns + at.J] = products.Sum(product => product.X * product.W);
                return new Scene([Texts(padded), Texts(w), Texts(y)],
                    [.. Window(0, at, w.Shape, stride), .. Places(w.Shape).Select(uv => (1, uv.U, uv.V)), (2, at.I, at.J)],
                    Sum($"y[{at.I},{at.J}] =", products.Select(product => $"{Number(product.X)}·{Number(product.W)}"), w.Shape[1], y[at.I * columns + at.J]!.Value));
            })]);
    }

    /// <summary>How the error of a convolution goes back to the image: each dy[i,j], times the kernel, is added to the window that
    /// y[i,j] came from; what falls on the padding is lost.</summary>
    /// <param name="dy">The error of y = x ⋆ w.</param>
    /// <param name="w">The kernel [k, l].</param>
    /// <param name="size">The image's shape [h, w].</param>
    /// <param name="stride">The step from window to window.</param>
    /// <param name="padding">Zeros around the image.</param>
    /// <exception cref="ArgumentException">It is no matrix, the sizes do not fit, or there are more than a hundred windows.</exception>
    public static Picture DrawConvolutionGradient(Tensor dy, Tensor w, Shape size, int stride = 1, int padding = 0)
    {
        var (rows, columns) = Sizes("DrawConvolutionGradient", Tensor.Fill(size, 0), w.Shape, stride, padding);
        CheckError("DrawConvolutionGradient", dy, rows, columns);
        var padded = Padded(Tensor.Fill(size, 0), padding);
        var dx = padded.ToDoubles();
        return Animation.Of($"dx = the transpose of ⋆ w, of dy{Settings(stride, padding)}", [Panel("dy", dy), Panel("w", w), Panel(padding > 0 ? "dx, padded" : "dx", padded)],
            [.. Windows(rows, columns).Select(at =>
            {
                foreach (var (u, v) in Places(w.Shape))
                {
                    dx[(at.I * stride + u) * padded.Shape[1] + at.J * stride + v] += dy[at.I, at.J] * w[u, v];
                }

                return new Scene([Texts(dy), Texts(w), Texts(Tensor.Of(padded.Shape, dx))],
                    [(0, at.I, at.J), .. Places(w.Shape).Select(uv => (1, uv.U, uv.V)), .. Window(2, at, w.Shape, stride)],
                    [$"dy[{at.I},{at.J}] = {Number(dy[at.I, at.J])}, times w, is added to the marked window of dx"]);
            })]);
    }

    /// <summary>How a max or average pool goes over an image, window by window.</summary>
    /// <param name="x">The image [h, w].</param>
    /// <param name="kernel">How wide and high a window is.</param>
    /// <param name="stride">The step from window to window; the window's size if 0.</param>
    /// <param name="average">The mean of each window instead of its largest number.</param>
    /// <exception cref="ArgumentException">It is no matrix, the window does not fit in, or there are more than a hundred.</exception>
    public static Picture DrawPool(Tensor x, int kernel, int stride = 0, bool average = false)
    {
        stride = stride == 0 ? kernel : stride;
        var (rows, columns) = Sizes("DrawPool", x, [kernel, kernel], stride, 0);
        var y = new double?[rows * columns];
        return Animation.Of($"y = {(average ? "average" : "max")} pool of x{Settings(stride, 0)}", [Panel("x", x), new("y", rows, columns)], [.. Windows(rows, columns).Select(at =>
        {
            var values = Places([kernel, kernel]).Select(uv => x[at.I * stride + uv.U, at.J * stride + uv.V]).ToArray();
            y[at.I * columns + at.J] = average ? values.Average() : values.Max();
            var numbers = string.Join(", ", values.Select(Number));
            return new Scene([Texts(x), Texts(y)], [.. Window(0, at, [kernel, kernel], stride), (1, at.I, at.J)],
                [$"y[{at.I},{at.J}] = {(average ? "mean" : "max")}({numbers}) = {Number(y[at.I * columns + at.J]!.Value)}"]);
        })]);
    }

    /// <summary>How the error of a pool goes back: to the largest number of each window, the first of equal ones, or evenly to
    /// all.</summary>
    /// <param name="x">The image [h, w].</param>
    /// <param name="dy">The error of the pool's result.</param>
    /// <param name="kernel">How wide and high a window is.</param>
    /// <param name="stride">The step from window to window; the window's size if 0.</param>
    /// <param name="average">The mean of each window instead of its largest number.</param>
    /// <exception cref="ArgumentException">It is no matrix, the sizes do not fit, or there are more than a hundred windows.</exception>
    public static Picture DrawPoolGradient(Tensor x, Tensor dy, int kernel, int stride = 0, bool average = false)
    {
        stride = stride == 0 ? kernel : stride;
        var (rows, columns) = Sizes("DrawPoolGradient", x, [kernel, kernel], stride, 0);
        CheckError("DrawPoolGradient", dy, rows, columns);
        var dx = new double[x.Count];
        return Animation.Of($"dx of {(average ? "an average" : "a max")} pool{Settings(stride, 0)}", [Panel("x", x), Panel("dy", dy), Panel("dx", x)], [.. Windows(rows, columns).Select(at =>
        {
            var places = Places([kernel, kernel]).ToArray();
            var heirs = average ? places : [places.MaxBy(uv => x[at.I * stride + uv.U, at.J * stride + uv.V])];
            foreach (var (u, v) in heirs)
            {
                dx[(at.I * stride + u) * x.Shape[1] + at.J * stride + v] += dy[at.I, at.J] / heirs.Length;
            }

            return new Scene([Texts(x), Texts(dy), Texts(Tensor.Of(x.Shape, dx))],
                [.. Window(0, at, [kernel, kernel], stride), (1, at.I, at.J), .. heirs.Select(uv => (2, at.I * stride + uv.U, at.J * stride + uv.V))],
                [average ? $"dy[{at.I},{at.J}] = {Number(dy[at.I, at.J])} in {heirs.Length} equal parts" : $"dy[{at.I},{at.J}] = {Number(dy[at.I, at.J])} to where the largest is"]);
        })]);
    }

    private static (int Rows, int Columns) Sizes(string function, Tensor x, Shape window, int stride, int padding)
    {
        if (x.Shape is not [> 0, > 0] || window is not [> 0, > 0] || stride < 1 || padding < 0)
        {
            throw new ArgumentException($"Pictures.{function}: it takes an image [h, w], a window [k, l], a stride of at least 1 and a padding of at least 0, "
                + $"not {x.Shape}, {window}, {stride} and {padding}.", nameof(x));
        }

        var (room, wide) = (x.Shape[0] + 2L * padding - window[0], x.Shape[1] + 2L * padding - window[1]);
        return room < 0 || wide < 0 ? throw new ArgumentException($"Pictures.{function}: the window {window} does not fit in {x.Shape} with padding {padding}.", nameof(x))
            : (room / stride + 1) * (wide / stride + 1) > MostSteps
                ? throw new ArgumentException($"Pictures.{function}: {(room / stride + 1) * (wide / stride + 1)} windows; at most {MostSteps} are drawn.", nameof(x))
                : ((int)(room / stride) + 1, (int)(wide / stride) + 1);
    }

    private static void CheckError(string function, Tensor dy, int rows, int columns)
    {
        if (dy.Shape != [rows, columns])
        {
            throw new ArgumentException($"Pictures.{function}: dy is {dy.Shape}, the windows give {Shape.Of(rows, columns)}.", nameof(dy));
        }
    }

    private static Tensor Padded(Tensor x, int padding) => padding == 0 ? x
        : Tensor.From([x.Shape[0] + 2 * padding, x.Shape[1] + 2 * padding], i => Math.DivRem(i, x.Shape[1] + 2 * padding) is var (row, column)
            && row >= padding && row < x.Shape[0] + padding && column >= padding && column < x.Shape[1] + padding ? x[row - padding, column - padding] : 0);

    private static Panel Panel(string title, Tensor values) => new(title, values.Shape[0], values.Shape[1]);

    private static ImmutableArray<string> Texts(Tensor values) => [.. values.ToDoubles().Select(Number)];

    private static ImmutableArray<string> Texts(double?[] values) => [.. values.Select(value => value is { } known ? Number(known) : "")];

    private static string Number(double value) => Axis.Short(Math.Round(value, 6));

    private static IEnumerable<(int I, int J)> Windows(int rows, int columns) => Enumerable.Range(0, rows * columns).Select(i => (i / columns, i % columns));

    private static IEnumerable<(int U, int V)> Places(Shape window) => Enumerable.Range(0, window[0] * window[1]).Select(i => (i / window[1], i % window[1]));

    private static IEnumerable<(int, int, int)> Window(int panel, (int I, int J) at, Shape window, int stride) =>
        Places(window).Select(uv => (panel, at.I * stride + uv.U, at.J * stride + uv.V));

    /// <summary>A sum, a row of the window in each line.</summary>
    private static ImmutableArray<string> Sum(string left, IEnumerable<string> terms, int width, double total)
    {
        var lines = terms.Chunk(width).Select((row, i) => (i == 0 ? left : "      +") + " " + string.Join(" + ", row)).ToArray();
        return [.. lines[..^1], $"{lines[^1]} = {Number(total)}"];
    }

    private static string Settings(int stride, int padding) =>
        (stride > 1 ? $", stride {stride}" : "") + (padding > 0 ? $", padding {padding}" : "");
}
