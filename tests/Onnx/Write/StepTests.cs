using FsCheck.Fluent;

namespace OnnxTests;

/// <summary>Training outside: steps of training as files, which the runtime runs in a loop.</summary>
public sealed class StepTests
{
    private const int Steps = 5;

    // Single precision on both sides, in another order. Adam divides by the root of its gradient's square, so where a gradient
    // is almost 0 its rounding decides the sign of a step of full size.
    private const double Tolerance = 1e-4;

    private static readonly Layer residual =
        Conv2D(8, 3, Same, bias: false) >> BatchNorm() >> Relu
        >> Residual(Conv2D(8, 3, Same, bias: false) >> BatchNorm() >> Relu >> Conv2D(8, 3, Same, bias: false) >> BatchNorm()) >> Relu
        >> MaxPool(2) >> GlobalAvgPool >> Dense(10);

    [RuntimeFact]
    public void A_step_of_training_in_the_runtime_learns_what_it_learns_here()
    {
        (string, Layer, Optimizer)[] cases =
        [
            ("LeNet-5, SGD", Models.LeNet5, Sgd(0.02, momentum: 0.9)), ("LeNet-5, Adam", Models.LeNet5, Adam(1e-3)),
            ("residual, SGD", residual, Sgd(0.05, momentum: 0.9, nesterov: true)), ("residual, Adam", residual, AdamW(2e-3).ClipNorm(1)),
        ];
        foreach (var (title, layer, optimizer) in cases)
        {
            var (here, there) = (new List<double>(), new List<double>());
            Train(layer, optimizer, here, there);
            Assert.True(here[^1] < here[0], $"{title} learns nothing: {string.Join(", ", here)}");
            Assert.True(here.Zip(there).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * (1 + pair.First)),
                $"{title}: {string.Join(", ", there)} in the runtime, {string.Join(", ", here)} here");
        }
    }

    [Fact]
    public void A_step_takes_data_and_state_and_gives_the_next_state()
    {
        var step = Step(Dense(3), [2, 4], Sgd(0.1, momentum: 0.9), out _);
        var graph = Written.Model(OnnxGraph.Of(step)).Graph;
        Assert.Equal(["dense1.bias", "dense1.weight", "input", "labels", "rate", "sgd.v/dense1.bias", "sgd.v/dense1.weight", "step"],
            graph.Input.Select(input => input.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["loss", "dense1.weight.next", "sgd.v/dense1.weight.next", "dense1.bias.next", "sgd.v/dense1.bias.next", "step.next"],
            graph.Output.Select(output => output.Name));
    }

    [RuntimeFact]
    public void What_is_drawn_can_be_an_input()
    {
        var step = Step(Dense(6) >> Tanh >> Dropout(0.25) >> Dense(3) >> Dropout(0.5), [2, 4], Sgd(0.1), out _);
        var graph = OnnxGraph.Of(step).WithDrawsAsInputs();
        Assert.Equal(["dropout1.uniform [2, 6]", "dropout2.uniform [2, 3]"],
            graph.Inputs.Select(input => $"{input.Op.Name} {input.Shape}").Where(name => name.Contains("dropout", StringComparison.Ordinal)).Order());
        Assert.DoesNotContain(graph.Inputs, input => input == step.Model.Key);
        var values = graph.Inputs.Select(input => (input, input.Kind == Kind.Index
            ? Tensor.Of([1, 2]) : Written.Single(Key.Of(4).FoldIn(input.Op.Name).Uniform(input.Shape)))).ToArray();
        Assert.Empty(Written.Failures([new("dropout", graph, values)], 1e-6));
    }

    [Fact]
    public void What_is_drawn_here_may_be_given_there() => Law.ForAll(Gen.OneOf(OpTable.Rows.Where(row => OpTests.IsRandom(row.Op) && row.Op != typeof(FoldIn)).Select(row => row.Cases)), each =>
    {
        var (x, key) = (Variable("x", []), each.Variables());
        var draw = each.Apply(key);
        var real = draw.Kind == Kind.Index ? Sum(OneHot(draw, 4) * Constant(Tensor.Of([1, 2, 4, 8]))) : Sum(draw * draw);
        var graph = OnnxGraph.Of(("y", x * real)).WithDrawsAsInputs();
        var drawn = Reference.Run(draw, (key[0], each.Inputs[0]));
        var given = Reference.Run(graph.Outputs[0].Node, [.. graph.Inputs.Select(input => (input, input == x ? Tensor.Of(2) : drawn))]);
        Assert.Equal(Reference.Run(x * real, (x, Tensor.Of(2)), (key[0], each.Inputs[0])), given);
    }, 50);

    private static TrainingStep Step(Layer layer, Shape input, Optimizer optimizer, out Node labels)
    {
        var model = layer.Build(input, Mode.Train);
        labels = Variable("labels", [input[0]], Kind.Index);
        return TrainingStep.Of(model, SoftmaxCrossEntropy(model.Output, labels), optimizer);
    }

    private static void Train(Layer layer, Optimizer optimizer, List<double> here, List<double> there)
    {
        Shape shape = [16, 1, 28, 28];
        var step = Step(layer, shape, optimizer, out var labels);
        var images = Written.Single(Key.Of(3).Normal(shape));
        var classes = Tensor.From([16], i => i % 10);
        var start = step.Start(step.Model.Init(Key.Of(1)), Key.Of(2)).Append((step.Model.Input, images)).Append((labels, classes)).ToArray();

        using var session = Cpu.Compile([step.Loss], step.State).Start();
        foreach (var (variable, value) in start)
        {
            session.Set(variable, value);
        }

        for (var i = 0; i < Steps; i++)
        {
            session.Run();
            here.Add(session.Get(step.Loss).Scalar);
        }

        Scratch.In(folder =>
        {
            var file = Path.Combine(folder, "step.onnx");
            Onnx.Write(file, OnnxGraph.Of(step));
            var every = start.Where(pair => step.State.All(state => state.Variable != pair.Item1)).ToArray();
            there.AddRange(Runtime.Run(new Task(file, [start, .. Enumerable.Repeat(every, Steps - 1)]))[0].Runs.Select(run => run["loss"].Scalar));
        });
    }
}
