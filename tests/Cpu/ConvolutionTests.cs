using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Convolutions of channels-last and batch-last images and their transposes, at sizes around and beyond
/// their tiles.</summary>
public class ConvolutionTests
{
    private static readonly Gen<int> channels = Gen.Frequency(
        (3, Gen.Choose(1, 20)), (2, Gen.Elements(16, 32, 48)), (1, Gen.Choose(30, 70)));

    // Images, channels, kernels and groups; a group for each channel is a depthwise convolution.
    private static readonly Gen<(int N, int C, int O, int Groups)> sizes =
        from n in Gen.Frequency((1, Gen.Constant(0)), (6, Gen.Choose(1, 3)))
        from c in channels
        from o in channels
        from groups in Gen.Elements(1, 1, 2, 3, 0)
        select groups == 0 ? (n, c, c, c) : (n, c * groups, o * groups, groups);

    private static Gen<int[]> Sizes(int rank, int least, int most) => Gen.Choose(least, most).ArrayOf(rank);

    private static readonly Gen<Case> cases =
        from size in sizes
        from rank in Gen.Elements(1, 2, 2, 2, 3)
        from image in Sizes(rank, 1, rank == 1 ? 70 : rank == 2 ? 18 : 6)
        from kernel in Sizes(rank, 1, 4)
        from stride in Sizes(rank, 1, 3)
        from before in Sizes(rank, 0, 3)
        from after in Sizes(rank, 0, 3)
        from dilation in Sizes(rank, 1, 2)
        where Enumerable.Range(0, rank).All(a => image[a] + before[a] + after[a] > dilation[a] * (kernel[a] - 1))
        select new Case(new Window(Shape.Of(stride), Shape.Of(before), Shape.Of(after), Shape.Of(dilation)), size.Groups,
            Shape.From([size.N, size.C, .. image]), Shape.From([size.O, size.C / size.Groups, .. kernel]));

    // Steps of one and kernels of 3 × 3 with the numbers of channels that Winograd's tiles take.
    private static readonly Gen<Case> threes =
        from n in Gen.Choose(2, 3)
        from c in Gen.Elements(32, 48, 64)
        from o in Gen.Elements(32, 48, 96)
        from height in Gen.Choose(29, 33)
        from width in Gen.Choose(31, 34)
        from before in Sizes(2, 0, 2)
        from after in Sizes(2, 0, 2)
        select new Case(new Window([1, 1], Shape.Of(before), Shape.Of(after), [1, 1]), 1, [n, c, height, width], [o, c, 3, 3]);

    // The same of few positions and many channels, whose weights are transformed as they are needed.
    private static readonly Gen<Case> deep =
        from n in Gen.Choose(2, 3)
        from c in Gen.Elements(112, 128, 144)
        from o in Gen.Elements(112, 128, 144)
        from height in Gen.Choose(11, 14)
        from width in Gen.Choose(11, 14)
        from before in Sizes(2, 0, 2)
        from after in Sizes(2, 0, 2)
        select new Case(new Window([1, 1], Shape.Of(before), Shape.Of(after), [1, 1]), 1, [n, c, height, width], [o, c, 3, 3]);

    // Both, of channels that do not fill registers.
    private static readonly Gen<Case> uneven =
        from at in Gen.OneOf(threes, deep)
        from less in Sizes(2, 1, 8)
        select new Case(at.Window, 1, at.X.With(1, at.X[1] - less[0]), [at.W[0] - less[1], at.W[1] - less[0], 3, 3]);

    // Many images, whole vectors of them and others, of few channels.
    private static readonly Gen<Case> batches =
        from at in cases
        from n in Gen.OneOf(Gen.Elements(16, 32, 64, 64, 144), Gen.Choose(8, 70), Gen.Elements(100, 130, 250))
        from c in Gen.Choose(1, 9)
        from o in Gen.Choose(1, 17)
        from groups in Gen.Elements(1, 1, 2)
        select new Case(at.Window, groups, Shape.From([n, c * groups, .. at.X[2..]]), Shape.From([o * groups, c, .. at.W[2..]]));

    // Between images of few channels and of many.
    private static readonly Gen<Case> few =
        from at in cases
        where at.Window.Rank < 3
        from n in Gen.Choose(0, 3)
        from c in Gen.Choose(1, 8)
        from o in Gen.Choose(16, 40)
        from extra in Sizes(at.Window.Rank, 0, 50)
        from isBack in Gen.Elements(true, false)
        from step in Gen.Elements(1, 2)
        let window = isBack ? at.Window with { Stride = Shape.Repeat(step, at.Window.Rank) } : at.Window
        select new Case(window, 1, Shape.From([n, isBack ? o : c, .. at.X[2..].Zip(extra, (size, more) => size + more)]),
            Shape.From([isBack ? c : o, isBack ? o : c, .. at.W[2..]]));

    // A kernel for each channel, also wider than what is summed at a time.
    private static readonly Gen<Case> depthwise =
        from n in Gen.Choose(0, 3)
        from c in channels
        from image in Sizes(2, 1, 30)
        from kernel in Sizes(2, 1, 11)
        from stride in Sizes(2, 1, 3)
        from before in Sizes(2, 0, 6)
        from after in Sizes(2, 0, 6)
        where Enumerable.Range(0, 2).All(a => image[a] + before[a] + after[a] >= kernel[a])
        select new Case(new Window(Shape.Of(stride), Shape.Of(before), Shape.Of(after), [1, 1]), c, Shape.From([n, c, .. image]), Shape.From([c, 1, .. kernel]));

    // Groups of which a register holds several: up to eight kernels for each, of as many channels or fewer, or of more.
    private static readonly Gen<Case> narrow =
        from at in cases
        from groups in Gen.OneOf(Gen.Choose(2, 19), Gen.Elements(64))
        from c in Gen.Choose(1, 9)
        from o in Gen.Elements(1, 2, 2, 4, 4, 8, 8)
        select new Case(at.Window, groups, Shape.From([at.X[0], c * groups, .. at.X[2..]]), Shape.From([o * groups, c, .. at.W[2..]]));

    // Positions a power of two apart: a kernel for each channel, or one of a single element from many to few.
    private static readonly Gen<Case> crowded =
        from n in Gen.Choose(0, 2)
        from c in Gen.Elements(256, 512, 768, 1024)
        from o in Gen.Choose(16, 33)
        from kernel in Gen.Choose(1, 6)
        from image in Gen.Choose(kernel, 17)
        from stride in Gen.Choose(1, 3)
        from isDepthwise in Gen.Elements(true, false)
        select isDepthwise
            ? new Case(new Window([1, stride], [0, 1], [0, 2], [1, 1]), c, [n, c, 2, image], [c, 1, 1, kernel])
            : new Case(new Window([1, stride], [0, 0], [0, 0], [1, 1]), 1, [n, c, 2, image], [o, c, 1, 1]);

    // Long rows of the kernel, in steps of one and more, of few channels and many.
    private static readonly Gen<Case> rows =
        from n in Gen.Choose(1, 3)
        from c in Gen.Frequency((2, Gen.Choose(1, 4)), (3, Gen.Choose(5, 40)))
        from o in Gen.OneOf(Gen.Elements(16, 32, 64), Gen.Choose(16, 70))
        from step in Gen.Frequency((3, Gen.Constant(1)), (2, Gen.Choose(2, 4)))
        from down in Gen.Choose(1, 3)
        from width in Gen.Choose(2 * step + 1, Math.Min(12, 7 * step))
        from height in Gen.Choose(1, 7)
        from before in Sizes(2, 0, 6)
        from after in Sizes(2, 0, 6)
        from more in Gen.Choose(0, 20).Zip(Gen.Choose(6, 60))
        select new Case(new Window([down, step], Shape.Of(before), Shape.Of(after), [1, 1]), 1,
            [n, c, height + more.Item1, width + more.Item2], [o, c, height, width]);

    [Fact]
    public void By_winograds_rows() => Law.ForAll(rows, at => Agree(at, winograd: true), 60);

    /// <summary>Those of known networks, forward, to the image, to the weights.</summary>
    [Theory]
    [InlineData(3, 64, 32, 7, 2, 3)]
    [InlineData(3, 96, 39, 11, 4, 2)]
    [InlineData(24, 64, 14, 5, 1, 2)]
    [InlineData(32, 48, 20, 7, 1, 3)]
    [InlineData(40, 32, 16, 6, 1, 0)]
    [InlineData(96, 100, 10, 5, 1, 2)]
    public void By_winograds_rows_of_known_networks(int c, int o, int size, int kernel, int step, int pad)
    {
        var at = new Case(new Window([step, step], [pad, pad], [pad, pad], [1, 1]), 1, [2, c, size, size], [o, c, kernel, kernel]);
        foreach (var output in at.Outputs)
        {
            Assert.Contains("Winograd's transform of rows", Cpu.Compile([output], [], new Choices()).Print(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("Winograd", Cpu.Compile(at.Outputs, winograd: false).Print(), StringComparison.Ordinal);
        Agree(at, winograd: true);
        Agree(at, winograd: false);
    }

    [Fact]
    public void Positions_a_power_of_two_apart() => Law.ForAll(crowded, at => Agree(at, winograd: true), 40);

    [Fact]
    public void Depthwise_of_any_size() => Law.ForAll(depthwise, at => Agree(at, winograd: true), 40);

    [Fact]
    public void Narrow_groups_of_any_size() => Law.ForAll(narrow, at => Agree(at, winograd: true), 60);

    [Fact]
    public void To_and_from_images_of_few_channels() => Law.ForAll(few, at => Agree(at, winograd: true), 80);

    [Fact]
    public void Batch_last_of_any_size() => Law.ForAll(batches, at => Agree(at, winograd: true), 60);

    [Fact]
    public void Loops_run_behind_batch_last_convolutions() => Law.ForAll(batches, at =>
    {
        var y = at.Outputs[0];
        var b = Variable("b", [y.Shape[0], .. Enumerable.Repeat(1, y.Shape.Rank - 1)]);
        var z = Relu(y + b);
        var values = new Dictionary<Node, Tensor>(at.Values()) { [b] = Close.Rounded(Key.Of(9).Normal(b.Shape)) };
        values.Remove(at.Outputs[1].Inputs[0]);
        Assert.Contains("then loop", Cpu.Compile([z]).Print(), StringComparison.Ordinal);
        Close.All(Reference.Run([z], values), Cpu.Run([z], values));
    }, 30);

    [Fact]
    public void Channels_last_of_any_size() => Law.ForAll(cases, at => Agree(at, winograd: true), 120);

    [Fact]
    public void By_winograds_tiles() => Law.ForAll(threes, at => ByWinograd(at, "Winograd's transform of weights"), 12);

    [Fact]
    public void By_winograds_tiles_panel_by_panel() => Law.ForAll(deep, at => ByWinograd(at, "pack weights"), 6);

    [Fact]
    public void By_winograds_tiles_of_channels_that_do_not_fill_registers() => Law.ForAll(uneven, at => ByWinograd(at, "widen weights"), 12);

    private static void ByWinograd(Case at, string weights)
    {
        foreach (var output in at.Outputs)
        {
            Assert.Contains("Winograd", Cpu.Compile([output], [], new Choices()).Print(), StringComparison.Ordinal);
        }

        Assert.Contains(weights, Cpu.Compile(at.Outputs, [], new Choices()).Print(), StringComparison.Ordinal);
        Assert.DoesNotContain("Winograd", Cpu.Compile(at.Outputs, winograd: false).Print(), StringComparison.Ordinal);
        Agree(at, winograd: true);
        Agree(at, winograd: false);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Threads_do_not_change_the_bits(int threads) => Law.ForAll(
        Gen.OneOf(cases, threes, deep, uneven, rows, batches, few, depthwise, narrow, crowded), at => Assert.Equal(at.Run(1, winograd: true), at.Run(threads, winograd: true)), 20);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-0.0)]
    [InlineData(1e-42)]
    public void Special_values(double special) => Law.ForAll(Gen.OneOf(cases, batches, few, depthwise, narrow), at =>
    {
        var values = at.Values().ToDictionary(
            pair => pair.Key, pair => Tensor.From(pair.Key.Shape, i => i % 13 == 5 ? special : pair.Value.At(i)));
        Close.All(Reference.Run([.. at.Outputs], values), [.. at.Run(1, winograd: false, values)]);
    }, 30);

    private static void Agree(Case at, bool winograd) => Close.All(
        Reference.Run([.. at.Outputs], at.Values()), [.. at.Run(2, winograd)], winograd ? 10 * Close.Bound : Close.Bound);

    /// <summary>A convolution with both its transposes, on images whose channels are last.</summary>
    private sealed record Case(Window Window, int Groups, Shape X, Shape W)
    {
        private AxisOrder Order => OrderOf(X);

        private readonly Node x = Variable("x", OrderOf(X).ToLast(X));
        private readonly Node w = Variable("w", OrderOf(X).OfWeights?.ToLast(W) ?? W);
        private readonly Node dy = Variable("dy", OrderOf(X).ToLast(new Convolution(Window, Groups).Infer(X, W)));

        // Large batches are batch-last.
        private static AxisOrder OrderOf(Shape x) =>
            x[0] >= 8 ? AxisOrder.BatchLast : AxisOrder.ChannelsLast;

        private Node[]? outputs;

        public Node[] Outputs => outputs ??=
        [
            new Reordered(Order, new Convolution(Window, Groups)).Of(x, w),
            new Reordered(Order, new ConvolutionInput(Window, Groups, X)).Of(dy, w),
            new Reordered(Order, new ConvolutionKernel(Window, Groups, W)).Of(x, dy),
        ];

        public Dictionary<Node, Tensor> Values() => new[] { x, w, dy }.ToDictionary(
            node => node, node => Close.Rounded(Key.Of(7).FoldIn(node.Op.Name).Normal(node.Shape)));

        public Tensor[] Run(int threads, bool winograd, Dictionary<Node, Tensor>? values = null)
        {
            using var session = Cpu.Compile(Outputs, winograd: winograd).Start(threads);
            foreach (var (variable, value) in values ?? Values())
            {
                session.Set(variable, value);
            }

            session.Run();
            return [.. Outputs.Select(session.Get)];
        }
    }
}
