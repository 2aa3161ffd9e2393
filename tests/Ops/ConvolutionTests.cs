using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Convolution against a count of positions, against loops written independently, and its gradients against
/// the formulas of back-propagation (full convolution with the turned kernel, dilated error map).</summary>
public class ConvolutionTests
{
    private static Gen<(Tensor X, Tensor W, Tensor Dy, WindowCase Walk, int Groups)> Cases =>
        from shapes in OpTable.ConvolutionShapes
        from x in Values.Real(shapes.X)
        from w in Values.Real(shapes.W)
        from dy in Values.Real(shapes.Y)
        select (x, w, dy, shapes.Walk, shapes.Groups);

    [Fact]
    public void The_size_is_the_number_of_positions_counted_one_by_one() => Law.ForAll(Shapes.Walk, walk =>
    {
        Shape x = [1, 1, .. walk.Size], w = [1, 1, .. walk.Kernel];
        Assert.Equal(walk.Positions, new Convolution(walk.Window).Infer(x, w)[2..]);
        Assert.Equal(walk.Positions, new SumPool(walk.Kernel, walk.Window).Infer(x)[2..]);
    }, times: 500);

    [Fact]
    public void The_values_are_those_of_plain_loops() => Law.ForAll(
        Cases.Where(at => at.Walk.Size.Rank == 2), at => Close(Loops(at.X, at.W, at.Walk, at.Groups), new Convolution(at.Walk.Window, at.Groups).Of(at.X, at.W).Value));

    [Fact]
    public void The_gradient_to_the_input_is_the_full_correlation_of_the_dilated_error_with_the_turned_kernel() => Law.ForAll(Cases, at =>
    {
        var (window, rank) = (at.Walk.Window, at.Walk.Size.Rank);
        var x = Variable("x", at.X.Shape);
        var given = Gradient.Vjp(new Convolution(window, at.Groups).Of(x, at.W), at.Dy, [x])[0].Value;

        // Each group's kernels exchange input and output channels: [g·o, c, k…] to [g·c, o, k…].
        var (o, c) = (at.W.Shape[0] / at.Groups, at.W.Shape[1]);
        var spatial = Enumerable.Range(3, rank);
        var turned = Rotate180(at.W, 2);
        turned = Reshape(turned, [at.Groups, o, c, .. at.Walk.Kernel]);
        turned = Transpose(turned, Shape.From([0, 2, 1, .. spatial]));
        turned = Reshape(turned, [at.Groups * c, o, .. at.Walk.Kernel]);

        // The full result starts at image position −before; what the stride left over at the end has no error.
        var error = DilatedError(at.Dy, at.Walk);
        var reach = at.Walk.Kernel.Select((k, axis) => window.Dilation[axis] * (k - 1));
        var full = new Convolution(Window.Of(rank) with { Before = reach, After = reach, Dilation = window.Dilation }, at.Groups).Of(error, turned);
        Shape before = [0, 0, .. window.Before];
        var beyond = Shape.From(at.X.Shape.Select((size, axis) => Math.Max(0, before[axis] + size - full.Shape[axis])));
        var expected = Slice(Pad(full, Shape.Repeat(0, rank + 2), beyond), before, at.X.Shape);
        Close(expected.Value, given);
    });

    [Fact]
    public void The_gradient_to_the_kernel_is_the_correlation_of_the_padded_input_with_the_dilated_error_cropped() => Law.ForAll(Cases, at =>
    {
        var (window, rank) = (at.Walk.Window, at.Walk.Size.Rank);
        var w = Variable("w", at.W.Shape);
        var given = Gradient.Vjp(new Convolution(window, at.Groups).Of(at.X, w), at.Dy, [w])[0].Value;

        var (o, c) = (at.W.Shape[0] / at.Groups, at.W.Shape[1]);
        var padded = Pad(at.X, [0, 0, .. window.Before], [0, 0, .. window.After]);
        var error = DilatedError(at.Dy, at.Walk);
        var groups = Enumerable.Range(0, at.Groups).Select(g =>
        {
            // Images and channels change places, so that the sum over channels becomes the sum over the batch. The
            // kernel's dilation is the stride of this correlation.
            Shape swap = [1, 0, .. Enumerable.Range(2, rank)];
            var images = Transpose(Part(padded, 1, g * c, c), swap);
            var errors = Transpose(Part(error, 1, g * o, o), swap);
            var all = new Convolution(Window.Of(rank) with { Stride = window.Dilation }).Of(images, errors);
            return Slice(Transpose(all, swap), Shape.Repeat(0, rank + 2), [o, c, .. at.Walk.Kernel]);
        });
        Close(Concat(0, [.. groups]).Value, given);
    });

    [Fact]
    public void The_gradient_of_a_bias_is_the_error_summed_over_batch_and_positions() => Law.ForAll(Cases, at =>
    {
        var b = Variable("b", [at.Dy.Shape[1], .. Shape.Repeat(1, at.Walk.Size.Rank)]);
        var y = new Convolution(at.Walk.Window, at.Groups).Of(at.X, at.W) + b;
        var given = Gradient.Vjp(y, at.Dy, [b])[0].Value;
        var plane = (int)at.Dy.Shape[2..].Elements;
        for (var o = 0; o < at.Dy.Shape[1]; o++)
        {
            var sum = Enumerable.Range(0, at.Dy.Count).Where(i => i / plane % at.Dy.Shape[1] == o).Sum(i => at.Dy.At(i));
            Assert.Equal(sum, given.At(o), 1e-12);
        }
    });

    [Fact]
    public void A_shifted_image_gives_a_shifted_map() => Law.ForAll(
        from x in Values.Real([1, 2, 6, 7])
        from w in Values.Real([3, 2, 3, 2])
        from down in Gen.Choose(0, 2)
        from right in Gen.Choose(0, 3)
        select (x, w, down, right), at =>
    {
        // With room around it nothing is cut off, so the law holds at the border too.
        Node Shifted(Node x) => Pad(x, [0, 0, at.down, at.right], [0, 0, 2 - at.down, 3 - at.right]);
        Close(Shifted(Conv2D(at.x, at.w, Full)).Value, Conv2D(Shifted(at.x), at.w, Full).Value);
    });

    [Fact]
    public void Full_convolution_is_commutative_and_associative() => Law.ForAll(
        from a in Shapes.OfRank(2).SelectMany(Values.Real)
        from b in Shapes.OfRank(2).SelectMany(Values.Real)
        from c in Shapes.OfRank(2).SelectMany(Values.Real)
        select (a, b, c), at =>
    {
        Close(Convolve(at.a, at.b, Full).Value, Convolve(at.b, at.a, Full).Value);
        Close(Convolve(at.a, Convolve(at.b, at.c, Full), Full).Value, Convolve(Convolve(at.a, at.b, Full), at.c, Full).Value);
    });

    [Fact]
    public void Stride_and_padding_as_solved_for_in_the_sources()
    {
        // p = ((out − 1)·s + F − in)/2: 7 to 5 with F = 3, s = 1 needs 0; 3 to 4 with F = 2, s = 1 needs 1.
        Assert.Equal([1, 1, 5], Conv1D(Zeros([1, 1, 7]), Zeros([1, 1, 3]), padding: 0).Shape);
        Assert.Equal([1, 1, 4], Conv1D(Zeros([1, 1, 3]), Zeros([1, 1, 2]), padding: 1).Shape);
    }

    private static Node DilatedError(Tensor dy, WindowCase walk) => Dilate(dy, [1, 1, .. walk.Window.Stride]);

    private static Tensor Loops(Tensor x, Tensor w, WindowCase walk, int groups)
    {
        var (p, s, d) = (walk.Window.Before, walk.Window.Stride, walk.Window.Dilation);
        var (channels, kernels) = (w.Shape[1], w.Shape[0] / groups);
        var positions = walk.Positions;
        var y = new List<double>();
        for (var n = 0; n < x.Shape[0]; n++)
            for (var o = 0; o < w.Shape[0]; o++)
                for (var i = 0; i < positions[0]; i++)
                    for (var j = 0; j < positions[1]; j++)
                    {
                        var sum = 0.0;
                        for (var c = 0; c < channels; c++)
                            for (var r = 0; r < w.Shape[2]; r++)
                                for (var t = 0; t < w.Shape[3]; t++)
                                {
                                    var (row, column) = (i * s[0] + r * d[0] - p[0], j * s[1] + t * d[1] - p[1]);
                                    var inside = row >= 0 && row < x.Shape[2] && column >= 0 && column < x.Shape[3];
                                    sum += inside ? x[n, o / kernels * channels + c, row, column] * w[o, c, r, t] : 0;
                                }

                        y.Add(sum);
                    }

        return Tensor.Of([x.Shape[0], w.Shape[0], .. positions], y.ToArray());
    }

    private static void Close(Tensor expected, Tensor given)
    {
        Assert.Equal(expected.Shape, given.Shape);
        Assert.All(Enumerable.Range(0, given.Count), i => Assert.Equal(expected.At(i), given.At(i), 1e-11));
    }
}
