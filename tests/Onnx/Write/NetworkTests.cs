using System.Collections.Immutable;

namespace OnnxTests;

/// <summary>Networks as files: with the operators that a reader knows, and the values that they have here.</summary>
public sealed class NetworkTests
{
    // As deep as these are, single precision in another order of sums comes to this.
    private const double Tolerance = 1e-4;

    /// <summary>All but those of half a gigabyte (VGG) or almost (AlexNet), which have no op of their own.</summary>
    private static readonly (string Name, Layer Layer, Shape Input)[] networks =
    [
        ("LeNet5", Models.LeNet5, [3, 1, 28, 28]), ("KerasMnist", Models.KerasMnist, [2, 1, 28, 28]),
        ("ResNet20", Models.ResNet20, [2, 3, 32, 32]), ("ResNet18", Models.ResNet18, [1, 3, 64, 64]), ("ResNet50", Models.ResNet50, [1, 3, 64, 64]),
        ("GoogLeNet", Models.GoogLeNet, [1, 3, 64, 64]), ("SqueezeNet", Models.SqueezeNet, [1, 3, 64, 64]),
        ("MobileNetV1", Models.MobileNetV1, [1, 3, 64, 64]), ("MobileNetV2", Models.MobileNetV2, [1, 3, 64, 64]),
    ];

    [RuntimeFact]
    public void Networks_give_the_same_scores_in_the_runtime()
    {
        var failures = Written.Failures([.. networks.Select(net =>
        {
            var model = net.Layer.Build(net.Input);
            return new Trial(net.Name, OnnxGraph.Of(model, model.Init(Key.Of(1))), (model.Input, Written.Single(Key.Of(2).Normal(net.Input))));
        })], Tolerance, Exactly);
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    [RuntimeFact]
    public void One_file_is_for_all_sizes_of_the_batch() => Scratch.In(folder =>
    {
        var tasks = new List<Task>();
        var expected = new List<Tensor>();
        foreach (var (name, layer, shape) in networks.Where(net => net.Name is "LeNet5" or "ResNet20" or "MobileNetV2"))
        {
            var file = Path.Combine(folder, $"{name}.onnx");
            var weights = layer.Build(shape).Init(Key.Of(1));
            Onnx.Write(file, batch => OnnxGraph.Of(layer.Build(shape.With(0, batch)), weights));
            foreach (var model in ((int[])[1, 2, 5]).Select(batch => layer.Build(shape.With(0, batch))))
            {
                var images = Written.Single(Key.Of(2).Normal(model.Input.Shape));
                tasks.Add(new(file, [[(model.Input, images)]]));
                expected.Add(Exactly([model.Output], model.Bind(weights).Append((model.Input, images)).ToDictionary(pair => pair.Item1, pair => pair.Item2))[0]);
            }
        }

        Assert.All(Runtime.Run(tasks).Zip(expected), pair => Assert.True(Written.Distance(pair.First.Runs[0]["output"], pair.Second) <= Tolerance));
        Assert.All(Runtime.MissingChecker is null ? Runtime.Check([.. tasks.Select(task => task.File)]) : [], said => Assert.Equal("ok", said));
    });

    [Fact]
    public void What_depends_on_the_batch_is_told() => Scratch.In(folder =>
    {
        var error = Assert.Throws<OnnxExportError>(() => Onnx.Write(Path.Combine(folder, "y.onnx"),
            batch => OnnxGraph.Of(("y", Variable("x", [batch, 3]) + Variable("w", [1, 3]) * (1.0 / batch)))));
        Assert.Equal("the file cannot be for any size of the batch: constant, Constant, depends on it. Possible: a file for one size.", error.Message);
        Assert.Equal("the file cannot be for any size of the batch: y has sizes of which it is a part. Possible: a file for one size.", Assert.Throws<OnnxExportError>(
            () => Onnx.Write(Path.Combine(folder, "y.onnx"), batch => OnnxGraph.Of(("y", Concat(0, Variable("x", [batch, 3]), Variable("w", [1, 3])))))).Message);
    });

    private static ImmutableArray<Tensor> Exactly(ImmutableArray<Node> outputs, IReadOnlyDictionary<Node, Tensor> values)
    {
        using var session = Cpu.Compile(outputs, winograd: false).Start();
        foreach (var (variable, value) in values)
        {
            session.Set(variable, value);
        }

        session.Run();
        return [.. outputs.Select(session.Get)];
    }

    [Fact]
    public void A_network_is_written_with_the_operators_that_readers_know()
    {
        Assert.Equal("Conv Relu MaxPool Conv Relu MaxPool Flatten Gemm Relu Gemm Relu Gemm", Operators(Models.LeNet5, [1, 1, 28, 28]));
        Assert.Equal("Conv BatchNormalization Relu GlobalAveragePool Flatten Gemm Softmax",
            Operators(Conv2D(4, 3, bias: false) >> BatchNorm() >> Relu >> GlobalAvgPool >> Dense(3) >> Softmax, [2, 3, 8, 8]));
        Assert.Equal("AveragePool Conv LogSoftmax", Operators(AvgPool(2) >> Conv2D(2, 2) >> (x => LogSoftmax(x, 1)), [2, 3, 8, 8]));
    }

    [Fact]
    public void Names_are_those_of_the_layers()
    {
        var model = Models.LeNet5.Build([1, 1, 28, 28]);
        var graph = Written.Model(OnnxGraph.Of(model, model.Init(Key.Of(1)))).Graph;
        Assert.Equal(["conv1/Conv", "relu1/Relu", "pool1/MaxPool"], graph.Node.Take(3).Select(node => node.Name));
        Assert.Equal(["input"], graph.Input.Select(input => input.Name));
        Assert.Equal(["output"], graph.Output.Select(output => output.Name));
        Assert.Equal(model.Parameters.Select(parameter => parameter.Name), graph.Initializer.Select(stored => stored.Name));
    }

    [Fact]
    public void The_same_graph_gives_the_same_bytes()
    {
        static byte[] Bytes()
        {
            var model = Models.ResNet20.Build([1, 3, 16, 16]);
            return Written.Bytes(OnnxGraph.Of(model, model.Init(Key.Of(1))));
        }

        Assert.Equal(Bytes(), Bytes());
    }

    private static string Operators(Layer layer, Shape input)
    {
        var model = layer.Build(input);
        return string.Join(' ', Written.Operators(OnnxGraph.Of(model, model.Init(Key.Of(1)))));
    }
}
