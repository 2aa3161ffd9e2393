namespace AutoDiffCnn.Tests;

/// <summary>Functions made of ops, compiled: values and gradients in the bits of emitted and interpreted loops, and
/// beside Reference.</summary>
public class CompositeTests
{
    private static readonly Node image = Variable("x", [2, 6, 8, 9]);
    private static readonly Node rows = Variable("x", [17, 12]);
    private static readonly Node other = Variable("other", [17, 12]);
    private static readonly Node channel = Variable("channel", [6]);
    private static readonly Node labels = Indices(Tensor.From([17], i => i * 5 % 12));
    private static readonly Node signs = Tensor.From([17], i => i % 2 == 0 ? 1 : -1);
    private static readonly Node manySigns = Tensor.From([17, 12], i => i % 3 == 0 ? 1 : -1);

    private static readonly Dictionary<string, Func<Node>> all = new()
    {
        ["activations"] = () => Elu(rows) + Selu(rows) + Celu(rows, 2) + GeluTanh(rows) + Silu(rows) + Mish(rows) + Softsign(rows),
        ["shrinks"] = () => HardSwish(3 * rows) + HardTanh(2 * rows) + HardShrink(rows) + SoftShrink(rows) + Tanhshrink(rows) + LogSigmoid(rows),
        ["PRelu"] = () => PRelu(image, channel),
        ["Glu"] = () => Glu(image, 1),
        ["Sparsemax"] = () => Sparsemax(rows),
        ["SoftmaxCrossEntropy"] = () => SoftmaxCrossEntropy(rows, labels, Tensor.From([12], i => i + 1), 0.1, 5),
        ["BinaryCrossEntropy"] = () => BinaryCrossEntropy(Sigmoid(rows), Sigmoid(other)) + BinaryCrossEntropyWithLogits(rows, Sigmoid(other)),
        ["regression losses"] = () => HuberLoss(rows, other) + SmoothL1Loss(rows, other, 0.5) + PoissonNllLoss(rows, other, full: true)
            + GaussianNllLoss(rows, other, Exp(rows)) + KlDivLoss(rows, other, isLog: true),
        ["margin losses"] = () => MultiMarginLoss(rows, labels) + CosineEmbeddingLoss(rows, other, signs) + TripletMarginLoss(rows, other, -rows, 3)
            + HingeEmbeddingLoss(rows, manySigns) + MarginRankingLoss(rows, other, manySigns, 0.1),
        ["Max over axes"] = () => Max(image, [1, 3]) + Min(image, [1, -1]),
        ["Prod over axes"] = () => Prod(Exp(0.1 * image), [1, 3]),
        ["LogSumExp over axes"] = () => LogSumExp(image, [0, 2], keepDims: true) * image,
        ["Std"] = () => Std(image, [0, 2, 3]),
        ["Norm"] = () => Norm(image, 2, [1]) + Norm(image, 3, [1]) + Norm(image, double.PositiveInfinity, [1]),
        ["CumSum"] = () => CumSum(image, 1) + CumSum(image, 3),
        ["Tile"] = () => Tile(image, [1, 2, 1, 3]),
        ["Roll"] = () => Roll(RepeatInterleave(image, 2, 2), 3, 3),
        ["Stack"] = () => Stack(1, [.. Split(image, [2, 4], 1).Select(part => Sum(part, [1]))]),
        ["PixelShuffle"] = () => ChannelShuffle(PixelUnshuffle(PixelShuffle(Conv2D(image, Ones([8, 6, 3, 3]) * 0.1), 2), 2), 4),
        ["Patches"] = () => Fold(Square(Patches(image, [3, 2], padding: 1, stride: 2)), [8, 9], [3, 2], padding: 1, stride: 2),
        ["Einsum"] = () => Einsum("nchw,c,nkhw->nck", image, channel, image),
        ["LpPool"] = () => LpPool(image, 3, 3, stride: 2, ceil: true),
        ["AdaptiveAvgPool"] = () => AdaptiveAvgPool(image, [3, 4]),
        ["AdaptiveMaxPool"] = () => AdaptiveMaxPool(image, [3, 4]),
        ["MaxUnpool"] = () => MaxUnpool(Square(MaxPool(image, 2)), MaxPoolIndices(image, 2), [8, 9]),
        ["LayerNorm"] = () => LayerNorm(image, axis: 1) + RmsNorm(image),
        ["GroupNorm"] = () => GroupNorm(image, 3, channel, channel) + InstanceNorm(image),
        ["LocalResponseNorm"] = () => LocalResponseNorm(image, 5, 0.5),
        ["nearest"] = () => Resize(image, [5, 17]),
        ["bilinear"] = () => Resize(image, [5, 17], ResizeMode.Linear) + Resize(image, [5, 17], ResizeMode.Linear, alignCorners: true),
        ["bicubic"] = () => Resize(image, [5, 17], ResizeMode.Cubic),
        ["GridSample"] = () => GridSample(image, Warped()) + GridSample(image, Warped(), padding: PadMode.Edge, alignCorners: true),
        ["GridSample of a convolution"] = () => Conv2D(GridSample(Conv2D(image, Ones([16, 6, 3, 3]) * 0.1, Same), Warped()), Ones([16, 16, 3, 3]) * 0.1, Same),
        ["Dropout"] = () => ChannelDropout(image, 0.4, Indices(Key.Of(1).ToTensor())) + AlphaDropout(image, 0.2, Indices(Key.Of(2).ToTensor())),
        ["Permutation"] = () => Gather(image, Permutation(6, Indices(Key.Of(3).ToTensor())), 1) * image,
    };

    public static TheoryData<string> Names => [.. all.Keys];

    private static Node Warped() => AffineGrid(Constant(Tensor.From([2, 2, 3], i => 0.9 * Math.Cos(i * 0.7 + 0.3))), [7, 11]);

    [Theory, MemberData(nameof(Names))]
    public void A_composite_and_its_gradients_agree_with_Reference(string name)
    {
        var y = all[name]();
        Node[] variables = [.. new Graph(y).Variables];
        Runs.Agree([y, .. Gradient.Of(Sum(Square(y)), [.. variables])], Runs.Uniform(variables));
    }

    [Fact]
    public void Positions_become_indices_in_the_same_way()
    {
        var x = Variable("x", [9]);
        var values = Tensor.Of([0, -0.0, 0.99, 1, -0.01, 4294967040, 4294967296, double.NaN, double.NegativeInfinity]);
        var index = new ToIndex().Of(x);
        Assert.Equal(Reference.Run(index, (x, values)), Cpu.Run([index], new Dictionary<Node, Tensor> { [x] = values })[0]);
    }
}
