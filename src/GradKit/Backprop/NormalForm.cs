using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Whether two graphs are the same by what holds for all reals. Rules bring transposes, paddings, turned kernels
/// and masks into one form; what is left is compared as sums of products.</summary>
internal static class NormalForm
{
    private const int Rounds = 12;

    /// <summary>Whether each pair is equal. A no is no proof of the contrary.</summary>
    public static bool AreEqual(ImmutableArray<Node> left, ImmutableArray<Node> right)
    {
        var graph = new Graph([.. left, .. right]).Simplify();
        for (var round = 0; round < Rounds; round++)
        {
            graph = Rewrite.Apply(graph, Turned, Padded, Matrix, Mask, Order).Simplify();
        }

        var terms = new Terms();
        var sums = graph.Outputs.Select(terms.Of).ToArray();
        return left.Zip(right).All(pair => pair.First.Shape == pair.Second.Shape)
            && sums.Take(left.Length).Zip(sums.Skip(left.Length)).All(pair => pair.First == pair.Second);
    }

    /// <summary>The transposes of a convolution are convolutions: with the cotangents apart as the stride, padded, and
    /// the kernel turned; and of the image with the cotangents, batch for channels.</summary>
    private static Node? Turned(Node node) => node switch
    {
        { Op: ConvolutionInput { Groups: 1 } op, Inputs: [var dy, var w] } => Full(op, dy, w),
        { Op: ConvolutionKernel { Groups: 1 } op, Inputs: [var x, var dy] } => Correlated(op, x, dy),
        _ => null,
    };

    private static Node? Full(ConvolutionInput op, Node dy, Node w)
    {
        var (window, kernel, rank) = (op.Window, w.Shape[2..], op.Window.Rank);
        var apart = Dilated(dy, window.Stride);
        int[] before = [.. Enumerable.Range(0, rank).Select(i => window.Dilation[i] * (kernel[i] - 1) - window.Before[i])];
        int[] after = [.. Enumerable.Range(0, rank).Select(i =>
            op.X[i + 2] - apart.Shape[i + 2] - before[i] + window.Dilation[i] * (kernel[i] - 1))];
        return before.Concat(after).All(amount => amount >= 0)
            ? new Convolution(new Window(Shape.Repeat(1, rank), Shape.From(before), Shape.From(after), window.Dilation), 1)
                .Of(apart, new Reverse(Spatial(rank)).Of(Exchanged(w)))
            : null;
    }

    private static Node? Correlated(ConvolutionKernel op, Node x, Node dy)
    {
        var (window, rank) = (op.Window, op.Window.Rank);
        int[] after = [.. Enumerable.Range(0, rank).Select(i => (op.W[i + 2] - 1) * window.Dilation[i] + 1
            + window.Stride[i] * (dy.Shape[i + 2] - 1) - x.Shape[i + 2] - window.Before[i])];
        return after.All(amount => amount >= 0)
            ? Exchanged(new Convolution(new Window(window.Dilation, window.Before, Shape.From(after), Shape.Repeat(1, rank)), 1)
                .Of(Exchanged(x), Dilated(Exchanged(dy), window.Stride)))
            : null;
    }

    /// <summary>Zeros around the image are padding of the convolution.</summary>
    private static Node? Padded(Node node)
    {
        if (node is not { Op: Convolution op, Inputs: [{ Op: Place place, Inputs: [var x] }, var w] }
            || place.Start[..2] != [0, 0] || place.Shape[..2] != x.Shape[..2])
        {
            return null;
        }

        Shape tight = [.. x.Shape[..2], .. x.Shape[2..].Select((n, i) => n == 0 ? 0 : (n - 1) * place.Step[i + 2] + 1)];
        if (tight == place.Shape)
        {
            return null;
        }

        var window = op.Window with
        {
            Before = op.Window.Before.Select((n, i) => n + place.Start[i + 2]),
            After = op.Window.After.Select((n, i) => n + place.Shape[i + 2] - place.Start[i + 2] - tight[i + 2]),
        };
        return (op with { Window = window }).Of(Dilated(x, place.Step[2..]), w);
    }

    /// <summary>Transposed factors are flags of the product.</summary>
    private static Node? Matrix(Node node) => node switch
    {
        { Op: MatMul op, Inputs: [{ Op: Transpose t, Inputs: [var a] }, var b] } when SwapsLast(t) =>
            new MatMul(!op.TransposeA, op.TransposeB).Of(a, b),
        { Op: MatMul op, Inputs: [var a, { Op: Transpose t, Inputs: [var b] }] } when SwapsLast(t) =>
            new MatMul(op.TransposeA, !op.TransposeB).Of(a, b),
        { Op: Transpose t, Inputs: [{ Op: MatMul op, Inputs: [var a, var b] }] } when SwapsLast(t) =>
            new MatMul(!op.TransposeB, !op.TransposeA).Of(b, a),
        _ => null,
    };

    /// <summary>A factor of 0 or 1 is a choice, and comes last.</summary>
    private static Node? Mask(Node node) => node switch
    {
        { Op: Multiply, Inputs: [{ Op: Less or LessOrEqual or Equal } mask, var x] } => new Select().Of(mask, x, Zeros(x.Shape)),
        { Op: Multiply, Inputs: [var x, { Op: Less or LessOrEqual or Equal } mask] } => new Select().Of(mask, x, Zeros(x.Shape)),
        { Op: Multiply, Inputs: [{ Op: Select, Inputs: [var mask, var x, var zero] }, var y] } when IsZero(zero) =>
            new Select().Of(mask, x * y, zero),
        { Op: Multiply, Inputs: [var y, { Op: Select, Inputs: [var mask, var x, var zero] }] } when IsZero(zero) =>
            new Select().Of(mask, x * y, zero),
        { Op: Less, Inputs: [var zero, { Op: Relu, Inputs: [var x] }] } when IsZero(zero) => new Less().Of(zero, x),
        _ => null,
    };

    /// <summary>Turning comes after transposing; a mean's windows that tile the image are repetitions.</summary>
    private static Node? Order(Node node) => node switch
    {
        { Op: Transpose t, Inputs: [{ Op: Reverse r, Inputs: [var x] }] } => new Reverse(
            Shape.From(Enumerable.Range(0, t.Axes.Rank).Where(axis => r.Axes.Contains(t.Axes[axis])))).Of(t.Of(x)),
        { Op: Reverse r, Inputs: [{ Op: Reverse s, Inputs: [var x] }] } => new Reverse(
            Shape.From(r.Axes.Except(s.Axes).Concat(s.Axes.Except(r.Axes)).Order())).Of(x),
        { Op: Reverse r, Inputs: [var x] } when r.Axes.All(axis => x.Shape[axis] == 1) => x,
        { Op: SumTo s, Inputs: [var x] } when s.Shape.Rank < x.Shape.Rank =>
            Reshape(SumTo.Of(x, [.. Shape.Repeat(1, x.Shape.Rank - s.Shape.Rank), .. s.Shape]), s.Shape),
        { Op: SumPoolInput op, Inputs: [var dy] } when Tiles(op, dy.Shape) => Repeated(dy, op.Kernel),
        _ => null,
    };

    private static bool Tiles(SumPoolInput op, Shape dy) => op.Kernel == op.Window.Stride && op.Window.Dilation.All(d => d == 1)
        && op.Window.Before.All(p => p == 0) && op.Kernel.Select((k, i) => k * dy[i + 2]) == op.X[2..];

    private static Node Repeated(Node dy, Shape times)
    {
        Shape single = [.. dy.Shape[..2], .. dy.Shape[2..].SelectMany(n => (int[])[n, 1])];
        Shape many = [.. dy.Shape[..2], .. dy.Shape[2..].SelectMany((n, i) => (int[])[n, times[i]])];
        return Reshape(BroadcastTo(Reshape(dy, single), many),
            [.. dy.Shape[..2], .. dy.Shape[2..].Select((n, i) => n * times[i])]);
    }

    private static Node Dilated(Node x, Shape step) => step.All(s => s == 1) ? x : Dilate(x, [1, 1, .. step]);

    private static Node Exchanged(Node x) => Transpose(x, [1, 0, .. Spatial(x.Shape.Rank - 2)]);

    private static Shape Spatial(int rank) => Shape.From(Enumerable.Range(2, rank));

    private static bool SwapsLast(Transpose t) => t.Axes.Rank >= 2
        && t.Axes == [.. Enumerable.Range(0, t.Axes.Rank - 2), t.Axes.Rank - 1, t.Axes.Rank - 2];

    private static bool IsZero(Node node) => Terms.NumberOf(node) is 0;
}
