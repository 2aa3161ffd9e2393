using static OnnxTests.Files;

namespace OnnxTests;

/// <summary>What is done with a network that was read.</summary>
public sealed class UseTests
{
    private static readonly Layer net = Conv2D(4, 3, Same) >> BatchNorm() >> Relu >> MaxPool(4) >> Flatten >> Dense(10);
    private static readonly Tensor images = Key.Of(5).Normal([2, 1, 28, 28]);

    [Fact]
    public void A_network_predicts_has_gradients_and_prints() => Written("net.onnx", path =>
    {
        var (model, weights, graph) = (net.Build([2, 1, 28, 28]), First(net), Onnx.Read(path, ("input", [2, 1, 28, 28])));
        Near(model.Run(weights, images), graph.Run(images)[0]);
        var (w, ours) = (graph.Initializers.First(pair => pair.Variable.Op.Name == "conv1.weight").Variable, model.Parameters[0].Variable);
        var dw = Gradient.Of(Sum(Square(graph.Outputs[0].Node)), w);
        var expected = Reference.Run(Gradient.Of(Sum(Square(model.Output)), ours), [.. model.Bind(weights), (model.Input, images)]);
        Near(expected, Cpu.Run([dw], graph.Bind(images))[0]);
        Assert.Contains("# conv1/Conv", new Graph(graph.Outputs[0].Node).Print());
    });

    [Fact]
    public void A_network_is_a_layer_with_the_weights_of_the_file_for_any_batch() => Written("net.onnx", path =>
    {
        var layer = Onnx.ReadLayer(path);
        Assert.Equal($"Onnx.ReadLayer(\"{path}\")", layer.ToString());
        var model = layer.Build([2, 1, 28, 28]);
        Assert.Equal(["onnx1.conv1.weight", "onnx1.conv1.bias", "onnx1.norm1.weight", "onnx1.norm1.bias", "onnx1.dense1.weight", "onnx1.dense1.bias"],
            model.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(["onnx1.norm1.running_mean", "onnx1.norm1.running_var"], model.Running.Select(running => running.Name));
        Near(net.Build([2, 1, 28, 28]).Run(First(net), images), model.Run(model.Init(Key.Of(99)), images));
    });

    [Fact]
    public void A_network_is_trained_on() => Written("net.onnx", path =>
    {
        var digits = Datasets.Digits();
        var trained = (Onnx.ReadLayer(path) >> Relu >> Dense(10)).Fit(digits.Train.Take(512), SoftmaxCrossEntropy, Adam(3e-3), epochs: 6, batch: 32);
        Assert.True(trained.History[^1].Loss < trained.History[0].Loss / 1.5, $"{trained.History[0].Loss}, {trained.History[^1].Loss}");
        Assert.Equal(First(net)["norm1.running_mean"], trained.Weights["onnx1.norm1.running_mean"]);
    });

    [Fact]
    public void A_layer_has_one_input_and_one_output() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "two.onnx");
        var (a, b) = (Variable("a", [2]), Variable("b", [2]));
        Onnx.Write(path, OnnxGraph.Of(("y", a + b)));
        Assert.Equal($"{path}: a layer has one input and one output (possible: Onnx.Read, which gives all of them).",
            Assert.Throws<OnnxError>(() => Onnx.ReadLayer(path)).Message);
    });

    [Fact]
    public void Names_that_no_variable_can_have_are_changed()
    {
        var sum = Node("Sum", "a_% a__", "y");
        sum.Input.Add("my image");
        var graph = Read(Model(13, [("my image", [2])], [Real("a_%", Tensor.Of([1, 2])), Real("a__", Tensor.Of([3, 4]))], sum));
        Assert.Equal(["my_image"], graph.Inputs.Select(input => input.Op.Name));
        Assert.Equal(["a__", "a___"], graph.Initializers.Select(pair => pair.Variable.Op.Name));
        Assert.Equal(Tensor.Of([5, 8]), graph.Run(Tensor.Of([1, 2]))[0]);
    }

    private static Weights First(Layer layer) => layer.Build([2, 1, 28, 28]).Init(Key.Of(1))
        .With("norm1.running_mean", Tensor.Of([0.1, -0.2, 0.3, 0])).With("norm1.running_var", Tensor.Of([0.5, 1.5, 1, 2]));

    private static void Written(string name, Action<string> test) => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, name);
        Onnx.Write(path, OnnxGraph.Of(net.Build([1, 1, 28, 28]), First(net)));
        test(path);
    });

    private static void Near(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.True(OnnxTests.Written.Distance(actual, expected) < 1e-5);
    }
}
