using static AutoDiffCnn.Layers;

namespace AutoDiffCnn.Tests;

/// <summary>What is still transposed in a training step of known networks.</summary>
public class TransposeCountTests
{
    private static readonly Func<Node, Node> relu = Functions.Relu;
    private static readonly Func<Node, Node> flatten = Flatten;

    [Fact]
    public void A_residual_network_transposes_nothing()
    {
        static Layer Block(int channels, int stride) =>
            Residual(Convolve(channels, 3, stride) >> relu >> Convolve(channels, 3, 1),
                stride == 1 ? null : Convolve(channels, 1, stride)) >> relu;
        var net = Convolve(16, 3, 1) >> relu >> Block(16, 1) >> Block(16, 1) >> Block(16, 1)
            >> Block(32, 2) >> Block(32, 1) >> Block(32, 1) >> Block(64, 2) >> Block(64, 1) >> Block(64, 1)
            >> GlobalAvgPool >> Dense(10);
        Assert.Empty(Transposed(net, [8, 3, 32, 32]));
    }

    [Fact]
    public void A_large_residual_network_transposes_nothing()
    {
        var net = Convolve(64, 7, 2) >> relu >> MaxPool(3, 2, 1)
            >> Residual(Convolve(64, 3, 1) >> relu >> Convolve(64, 3, 1)) >> relu
            >> Residual(Convolve(128, 3, 2) >> relu >> Convolve(128, 3, 1), Convolve(128, 1, 2)) >> relu
            >> GlobalAvgPool >> Dense(10);
        Assert.Empty(Transposed(net, [2, 3, 64, 64]));
    }

    [Fact]
    public void A_depthwise_network_transposes_nothing()
    {
        static Layer Separable(int channels, int stride) =>
            DepthwiseConv2D(3, Same, stride: stride, bias: false) >> BatchNorm() >> relu
            >> Convolve(channels, 1, 1) >> relu;
        var net = Convolve(32, 3, 2) >> relu >> Separable(64, 1) >> Separable(128, 2) >> Separable(128, 1)
            >> GlobalAvgPool >> Dense(10);
        Assert.Empty(Transposed(net, [4, 3, 32, 32]));
    }

    [Fact]
    public void A_network_of_branches_transposes_nothing()
    {
        static Layer Inception(int filters) => Concat(
            Convolve(filters, 1, 1) >> relu,
            Convolve(8, 1, 1) >> relu >> Convolve(filters, 3, 1) >> relu,
            Convolve(16, 1, 1) >> relu >> Convolve(filters, 5, 1) >> relu,
            MaxPool(3, 1, 1) >> Convolve(filters, 1, 1) >> relu);
        var net = Convolve(32, 3, 1) >> relu >> Inception(16) >> MaxPool(2) >> Inception(32)
            >> AvgPool(3, 2, 1) >> GlobalAvgPool >> Dense(10);
        Assert.Empty(Transposed(net, [4, 3, 16, 16]));
    }

    [Fact]
    public void Gates_move_nothing()
    {
        var gate = GlobalAvgPool >> Dense(8) >> relu >> Dense(32) >> (x => Sigmoid(Reshape(x, [.. x.Shape, 1, 1])));
        var net = Convolve(32, 3, 1) >> new Gated(gate) >> Convolve(32, 3, 1) >> GlobalAvgPool >> Dense(10);
        Assert.Empty(Transposed(net, [4, 3, 16, 16]));
    }

    [Fact]
    public void LeNet_transposes_nothing() => Assert.Empty(Transposed(Models.LeNet5, [64, 1, 28, 28]));

    [Fact]
    public void A_dense_border_costs_one_transpose_each_way() => Assert.Equal(
        ["[4, 8, 8, 32]", "[4, 32, 8, 8]"],
        Transposed(Convolve(32, 3, 1) >> relu >> MaxPool(2) >> flatten >> Dense(10), [4, 3, 16, 16]), SameInAnyOrder);

    [Fact]
    public void A_plane_of_one_pixel_is_flattened_for_nothing() => Assert.Empty(Transposed(Convolve(32, 3, 1) >> relu >> MaxPool(8) >> flatten >> Dense(10), [4, 3, 8, 8]));

    [Fact]
    public void An_image_of_one_channel_enters_for_nothing() => Assert.Empty(
        Transposed(Convolve(32, 3, 1) >> relu >> GlobalAvgPool >> Dense(10), [4, 1, 28, 28]));

    [Fact]
    public void A_network_that_is_only_used_transposes_nothing()
    {
        var net = Convolve(32, 3, 1) >> relu >> MaxPool(2) >> Convolve(16, 3, 1) >> GlobalAvgPool >> Dense(10);
        var graph = new Graph(net.Build([4, 3, 16, 16]).Output).Simplify();
        Assert.Empty(Transposed(Verify.Check(Layout.Assign(Arrangement.Of(graph, graph.Outputs, [])).Graph)));
    }

    [Fact]
    public void A_border_between_convolutions_moves_nothing() => Assert.Empty(Transposed(
        Convolve(32, 3, 1) >> (x => Pad2D(x, 1, PadMode.Reflect)) >> Convolve(32, 3, 1) >> GlobalAvgPool >> Dense(10), [4, 3, 16, 16]));

    private sealed record Gated(Layer Gate) : Layer
    {
        public override Node Apply(Scope scope, Node x) => x * Gate.Apply(scope, x);
    }

    private static Layer Convolve(int filters, int kernel, int stride) =>
        Conv2D(filters, kernel, Same, stride: stride, bias: false) >> BatchNorm();

    private static bool SameInAnyOrder(IEnumerable<string> one, IEnumerable<string> other) =>
        one.Order(StringComparer.Ordinal).SequenceEqual(other.Order(StringComparer.Ordinal));

    /// <summary>The shapes of what is transposed in a training step.</summary>
    private static string[] Transposed(Layer net, Shape input)
    {
        var model = net.Build(input, Mode.Train);
        var labels = Variable("labels", [input[0]], Kind.Index);
        var loss = SoftmaxCrossEntropy(model.Output, labels);
        var step = TrainingStep.Of(model, loss, Optimizers.Sgd(0.1, momentum: 0.9));
        Node[] wanted = [step.Loss, .. step.State.Select(state => state.Next)];
        var given = Arrangement.Of(new Graph([.. wanted]).Simplify(), [step.Loss], [.. step.State.Select(state => state.Variable)]);
        return Transposed(Verify.Check(Layout.Assign(given).Graph));
    }

    private static string[] Transposed(Graph graph) =>
        [.. graph.Nodes.Where(node => node.Op is Transpose).Select(node => $"{node.Inputs[0].Shape}")];
}
