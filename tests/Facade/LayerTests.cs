// Outside AutoDiffCnn, as a user's file is: inside it, the bare name Relu means the op and not the function.
namespace FacadeTests;

public sealed class LayerTests
{
    private static Layer LeNet => Conv2D(6, 5, Same) >> Relu >> MaxPool(2)
        >> Conv2D(16, 5) >> Relu >> MaxPool(2)
        >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10);

    [Fact]
    public void A_chain_prints_as_it_is_written() => Assert.Equal(
        "Conv2D(6, 5, Same) >> Relu >> MaxPool(2) >> Conv2D(16, 5) >> Relu >> MaxPool(2) >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10)",
        $"{LeNet}");

    public static TheoryData<Layer, string> Texts => new()
    {
        { Conv1D(4, 3), "Conv1D(4, 3)" },
        { Conv2D(16, 5), "Conv2D(16, 5)" },
        { Conv2D(16, 3, 1, stride: 2), "Conv2D(16, 3, 1, stride: 2)" },
        { Conv2D(16, 3, Same, dilation: 2, groups: 4, bias: false, init: Init.XavierNormal), "Conv2D(16, 3, Same, dilation: 2, groups: 4, bias: false, init: Init.XavierNormal)" },
        { Conv3D(4, 3, Padding.Of([0, 1, 1], [1, 1, 1])), "Conv3D(4, 3, Padding.Of([0, 1, 1], [1, 1, 1]))" },
        { DepthwiseConv2D(3, Same), "DepthwiseConv2D(3, Same)" },
        { SeparableConv2D(64, 3, Same, stride: 2), "SeparableConv2D(64, 3, Same, stride: 2)" },
        { ConvTranspose2D(16, 2, stride: 2), "ConvTranspose2D(16, 2, stride: 2)" },
        { Dense(10), "Dense(10)" },
        { Dense(10, bias: false, init: Init.Constant(0.5)), "Dense(10, bias: false, init: Init.Constant(0.5))" },
        { MaxPool(2), "MaxPool(2)" },
        { MaxPool(3, 2), "MaxPool(3, 2)" },
        { AvgPool(3, 2, 1), "AvgPool(3, 2, 1)" },
        { MaxPool(3, 3, Same), "MaxPool(3, 3, Same)" },
        { GlobalAvgPool, "GlobalAvgPool" },
        { BatchNorm(), "BatchNorm()" },
        { BatchNorm(0.01, epsilon: 1e-3), "BatchNorm(momentum: 0.01, epsilon: 0.001)" },
        { Dropout(0.5), "Dropout(0.5)" },
        { Identity, "Identity" },
        { Residual(Conv2D(8, 3, Same) >> Relu), "Residual(Conv2D(8, 3, Same) >> Relu)" },
        { Residual(Conv2D(8, 3, Same), Conv2D(8, 1)), "Residual(Conv2D(8, 3, Same), Conv2D(8, 1))" },
        { Concat(Conv2D(8, 1), Conv2D(8, 3, Same) >> Relu), "Concat(Conv2D(8, 1), Conv2D(8, 3, Same) >> Relu)" },
        { Named("stem", Conv2D(8, 3)), "Named(\"stem\", Conv2D(8, 3))" },
        { Layer.Of(Tanh), "Tanh" },
        { Layer.Of(x => x * 2), "x => …" },
        { new Gate(4), "Gate(Ratio: 4)" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_layer_prints_as_its_constructor_call(Layer layer, string text) => Assert.Equal(text, $"{layer}");

    [Fact]
    public void A_local_function_prints_as_its_name()
    {
        static Node Swish(Node x) => x * Sigmoid(x);
        Assert.Equal("Dense(2) >> Swish", $"{Dense(2) >> Swish}");
    }

    [Fact]
    public void Layers_are_values_and_a_chain_is_associative()
    {
        Assert.Equal(LeNet, LeNet);
        Assert.Equal(LeNet.GetHashCode(), LeNet.GetHashCode());
        Assert.Equal((Dense(1) >> Relu) >> Dense(2), Dense(1) >> (Layer.Of(Relu) >> Dense(2)));
        Assert.Equal(Dense(1) >> Relu, Dense(1).Then(Relu));
        Assert.NotEqual(Dense(1) >> Dense(2), Dense(2) >> Dense(1));
        Assert.Equal(Concat(Dense(1), Dense(2)), Concat(Dense(1), Dense(2)));
        Assert.Equal(Init.Uniform(0, 1), Init.Uniform(0, 1));
        Assert.NotEqual(Init.Uniform(0, 1), Init.Uniform(0, 2));
    }

    [Fact]
    public void Parameters_have_PyTorchs_names_and_shapes() => Assert.Equal(
        [
            "conv1.weight [6, 1, 5, 5]", "conv1.bias [6]", "conv2.weight [16, 6, 5, 5]", "conv2.bias [16]",
            "dense1.weight [120, 400]", "dense1.bias [120]", "dense2.weight [84, 120]", "dense2.bias [84]",
            "dense3.weight [10, 84]", "dense3.bias [10]",
        ],
        Names(LeNet, [1, 1, 28, 28]));

    [Fact]
    public void Scopes_nest()
    {
        var block = Residual(Conv2D(8, 3, Same) >> BatchNorm() >> Relu >> Conv2D(8, 3, Same), Conv2D(8, 1, bias: false));
        var net = Named("stem", Conv2D(4, 3, Same, bias: false)) >> block >> Named("head", Concat(SeparableConv2D(2, 3, Same), Identity) >> GlobalAvgPool >> Dense(2));
        Assert.Equal(
            [
                "stem.weight [4, 3, 3, 3]",
                "residual1.conv1.weight [8, 4, 3, 3]", "residual1.conv1.bias [8]",
                "residual1.norm1.weight [8]", "residual1.norm1.bias [8]",
                "residual1.conv2.weight [8, 8, 3, 3]", "residual1.conv2.bias [8]",
                "residual1.shortcut.conv1.weight [8, 4, 1, 1]",
                "head.concat1.branch1.conv1.depthwise.weight [8, 1, 3, 3]",
                "head.concat1.branch1.conv1.pointwise.weight [2, 8, 1, 1]", "head.concat1.branch1.conv1.pointwise.bias [2]",
                "head.dense1.weight [2, 10]", "head.dense1.bias [2]",
            ],
            Names(net, [1, 3, 8, 8]));
        Assert.Equal(["residual1.norm1.running_mean", "residual1.norm1.running_var"], net.Build([1, 3, 8, 8]).Running.Select(r => r.Name));
    }

    [Fact]
    public void A_custom_layer_is_a_record_with_one_method()
    {
        var net = Conv2D(8, 3) >> new Gate(4) >> new Gate(2);
        Assert.Equal(
            [
                "conv1.weight [8, 1, 3, 3]", "conv1.bias [8]",
                "gate1.dense1.weight [2, 8]", "gate1.dense1.bias [2]", "gate1.dense2.weight [8, 2]", "gate1.dense2.bias [8]",
                "gate2.dense1.weight [4, 8]", "gate2.dense1.bias [4]", "gate2.dense2.weight [8, 4]", "gate2.dense2.bias [8]",
            ],
            Names(net, [1, 1, 6, 6]));
        Assert.Equal("gate1", net.Build([1, 1, 6, 6]).Output.Inputs[0].Origin!.Path);
    }

    [Fact]
    public void A_name_is_given_once()
    {
        var twice = Named("a", Dense(2)) >> Named("a", Dense(2));
        Assert.StartsWith("two layers are called a.", Assert.Throws<ArgumentException>(() => twice.Build([1, 2])).Message);
        var scope = new Scope(Mode.Eval);
        scope.Parameter("weight", [2], Init.Zeros);
        Assert.StartsWith("parameter weight is declared twice.", Assert.Throws<ArgumentException>(() => scope.Parameter("weight", [2], Init.Zeros)).Message);
        Assert.StartsWith("'a.b' cannot name a layer: it must not be empty and have neither spaces nor any of % . /",
            Assert.Throws<ArgumentException>(() => Named("a.b", Dense(2))).Message);
    }

    [Fact]
    public void Nodes_are_labelled_with_their_layer()
    {
        var model = (Conv2D(2, 3, bias: false) >> Relu).Build([1, 1, 4, 4]);
        Assert.Equal(
            """
            input : [1, 1, 4, 4]
            conv1.weight : [2, 1, 3, 3]
            %0 = Conv2D(input, conv1.weight) : [1, 2, 2, 2]   # conv1
            %1 = Relu(%0) : [1, 2, 2, 2]   # relu1
            return %1
            """, model.Output.Print());
    }

    [Fact]
    public void Dropout_is_off_in_use_and_scales_in_training()
    {
        var net = Dropout(0.25) >> Dropout(0.25);
        var x = Tensor.Fill([4, 50], 3);
        Assert.Equal(x, net.Build([4, 50]).Run(Weights([]), x));

        var train = Dropout(0.25).Build([4, 50], Mode.Train);
        var y = train.Run(Weights([]), x, Key.Of(1));
        Assert.All(y.ToDoubles(), value => Assert.True(value is 0 or 4, $"{value}"));
        var mask = Key.Of(1).FoldIn(1).Uniform([4, 50]);
        Assert.Equal(mask.Map(u => u < 0.25 ? 0 : 4), y);
        Assert.Throws<ArgumentOutOfRangeException>(() => Dropout(1));
    }

    [Fact]
    public void Batch_norm_normalises_by_the_batch_in_training_and_follows_it()
    {
        // Channel 0: 1, 3, 5, 7 with mean 4, variance 5, unbiased 20/3. Channel 1: 2, 2, 2, 10 with mean 4, variance
        // 12, unbiased 16.
        var x = Tensor.Of([[[1, 3], [2, 2]], [[5, 7], [2, 10]]]);
        var weights = Weights([("norm1.weight", Tensor.Of([2, 1])), ("norm1.bias", Tensor.Of([0, 0.5])),
            ("norm1.running_mean", Tensor.Of([1, 2])), ("norm1.running_var", Tensor.Of([4, 9]))]);
        var train = (Layer)BatchNorm(epsilon: 0) >> Identity;
        var model = train.Build([2, 2, 2], Mode.Train);
        Close([-3, -1, 1, 3], model.Run(weights, x).ToDoubles()[..2].Concat(model.Run(weights, x).ToDoubles()[4..6]).Select(v => v * Math.Sqrt(5) / 2));
        Close([0.5 - 2 / Math.Sqrt(12), 0.5 - 2 / Math.Sqrt(12), 0.5 - 2 / Math.Sqrt(12), 0.5 + 6 / Math.Sqrt(12)],
            [.. model.Run(weights, x).ToDoubles()[2..4], .. model.Run(weights, x).ToDoubles()[6..8]]);

        var values = model.Bind(weights).Append((model.Input, x)).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        var next = Reference.Run([.. model.Running.Select(r => r.Next)], values);
        Close([0.9 * 1 + 0.1 * 4, 0.9 * 2 + 0.1 * 4], next[0].ToDoubles());
        Close([0.9 * 4 + 0.1 * 20 / 3, 0.9 * 9 + 0.1 * 16], next[1].ToDoubles());

        Close([2 * (1 - 1) / 2.0, 2 * (3 - 1) / 2.0, 0.5, 0.5], train.Build([2, 2, 2]).Run(weights, x).ToDoubles()[..4]);
    }

    [Fact]
    public void A_residual_adds_its_input_and_concat_joins_channels()
    {
        var x = Tensor.Of([[1, -2]]);
        Assert.Equal(Tensor.Of([[3, -6]]), Residual(Layer.Of(v => 2 * v)).Build([1, 2]).Run(Weights([]), x));
        Assert.Equal(Tensor.Of([[5, -10]]), Residual(Layer.Of(v => 2 * v), Layer.Of(v => 3 * v)).Build([1, 2]).Run(Weights([]), x));
        Assert.Equal(Tensor.Of([[1, -2, 1, 0]]), Concat(Identity, Layer.Of(Relu)).Build([1, 2]).Run(Weights([]), x));
    }

    [Fact]
    public void Other_layers_give_the_right_shapes()
    {
        Assert.Equal([1, 16, 14, 14], ConvTranspose2D(16, 2, stride: 2).Build([1, 4, 7, 7]).Output.Shape);
        Assert.Equal("conv1.weight [4, 8, 2, 2]", Names(ConvTranspose2D(16, 2, stride: 2, groups: 2), [1, 4, 7, 7])[0]);
        Assert.Equal([1, 4, 7], Conv1D(4, 3, Same).Build([1, 2, 7]).Output.Shape);
        Assert.Equal([1, 4, 5, 5, 5], Conv3D(4, 3).Build([1, 2, 7, 7, 7]).Output.Shape);
        Assert.Equal([1, 2, 3, 3], AvgPool(3, 2, 1).Build([1, 2, 5, 5]).Output.Shape);
        Assert.Equal([1, 2], GlobalAvgPool.Build([1, 2, 5, 5]).Output.Shape);
        Assert.Equal("conv1.weight [8, 2, 3, 3]", Names(Conv2D(8, 3, groups: 2), [1, 4, 7, 7])[0]);
    }

    private static Weights Weights((string Name, Tensor Value)[] values) =>
        new(values.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));

    private static string[] Names(Layer layer, Shape input) =>
        [.. layer.Build(input).Parameters.Select(parameter => $"{parameter.Name} {parameter.Shape}")];

    private static void Close(IEnumerable<double> expected, IEnumerable<double> actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6));

    private sealed record Gate(int Ratio) : Layer
    {
        public override Node Apply(Scope scope, Node x)
        {
            var channels = x.Shape[1];
            var gate = GlobalAvgPool >> Dense(channels / Ratio) >> Relu >> Dense(channels) >> Sigmoid;
            return x * Reshape(gate.Apply(scope, x), [x.Shape[0], channels, 1, 1]);
        }
    }
}
