using System.Collections.Immutable;
using static AutoDiffCnn.Layers;
using static AutoDiffCnn.Optimizers;

/// <summary>Single layers and functions. In use y is computed; in training y and, for a fixed cotangent dy, the
/// gradients of x and of each parameter.</summary>
internal static class Operations
{
    private static readonly Shape images = [32, 64, 112, 112];

    public static IReadOnlyList<Case> Products { get; } =
        [.. new[] { 256, 512, 1024, 2048 }.Select(size => new ProductCase(size))];

    public static IReadOnlyList<Case> Convolutions { get; } =
    [
        new LayerCase("conv_3x3", Conv2D(64, 3, padding: 1), [32, 64, 56, 56]),
        new LayerCase("conv_7x7s2", Conv2D(64, 7, padding: 3, stride: 2), [8, 3, 224, 224]),
        new LayerCase("conv_1x1", Conv2D(256, 1), [32, 256, 14, 14]),
        new LayerCase("conv_dw3x3", DepthwiseConv2D(3, padding: 1), [32, 256, 28, 28]),
        new LayerCase("conv_5x5small", Conv2D(8, 5), [64, 1, 28, 28]),
    ];

    public static IReadOnlyList<Case> MaxPools { get; } =
    [
        new LayerCase("maxpool_k2s2", MaxPool(2), images) { Passes = (1.25, 2.5) },
        new LayerCase("maxpool_k3s2", MaxPool(3, 2, padding: 1), images) { Passes = (1.25, 2.5) },
    ];

    public static IReadOnlyList<Case> AvgPools { get; } =
    [
        new LayerCase("avgpool_k2s2", AvgPool(2), images) { Passes = (1.25, 2.5) },
        new LayerCase("avgpool_k3s2", AvgPool(3, 2, padding: 1), images) { Passes = (1.25, 2.5) },
    ];

    public static IReadOnlyList<Case> Elementwise { get; } =
    [
        Function("elementwise_relu", Relu),
        Function("elementwise_sigmoid", Sigmoid),
        Function("elementwise_tanh", Tanh),
        Function("elementwise_gelu", Gelu),
        Function("elementwise_chain", x => Gelu(Tanh(Sigmoid(Relu(x))))) with { Passes = (8, 20) },
        new LossCase(),
        new LayerCase("batchnorm", BatchNorm(), [32, 64, 56, 56]) { Passes = (2, 8) },
    ];

    private static LayerCase Function(string name, Func<Node, Node> function) =>
        new(name, function, [16 * 1024 * 1024]) { Scale = 3, Passes = (2, 5) };
}

/// <summary>A layer on an input of its own.</summary>
internal sealed record LayerCase(string Name, Layer Layer, Shape Input) : Case(Name, BenchMode.Infer, BenchMode.Train)
{
    /// <summary>The inputs lie in [−scale, scale).</summary>
    public double Scale { get; init; } = 1;

    /// <summary>How often the input's size is read or written, in use and in training.</summary>
    public (double Infer, double Train)? Passes { get; init; }

    public override Workload Build(BenchMode mode)
    {
        var train = mode == BenchMode.Train;
        var model = Layer.Build(Input, train ? Mode.Train : Mode.Eval);
        var (y, adds) = (model.Output, Cost.MultiplyAdds(new Graph(model.Output)));
        var dy = Variable("dy", y.Shape);
        ImmutableArray<Node> variables = [model.Input, .. model.Parameters.Select(parameter => parameter.Variable)];
        return new([y, .. train ? Gradient.Vjp(y, dy, variables) : []],
            [.. train ? model.Running.Select(running => (running.Variable, running.Next)) : []],
            [.. Feed.Of(model), Feed.Uniform(model.Input, 1, Scale), Feed.Uniform(dy, 3)])
        {
            Result = y,
            Gigaflop = adds == 0 ? null : 2e-9 * adds * (train ? 3 : 1),
            Gigabytes = 4e-9 * Input.Elements * (train ? Passes?.Train : Passes?.Infer),
        };
    }
}

/// <summary>The product of two square matrices.</summary>
internal sealed record ProductCase(int Size) : Case($"gemm_{Size}", BenchMode.Infer)
{
    public override Workload Build(BenchMode mode)
    {
        var (a, b) = (Variable("a", [Size, Size]), Variable("b", [Size, Size]));
        var y = MatMul(a, b);
        return new([y], [], [Feed.Uniform(a, 1), Feed.Uniform(b, 2)])
        {
            Result = y,
            Gigaflop = 2e-9 * Cost.MultiplyAdds(y),
        };
    }
}

/// <summary>Softmax cross-entropy of 1,000 classes.</summary>
internal sealed record LossCase() : Case("softmax_xent", BenchMode.Infer, BenchMode.Train)
{
    public override Workload Build(BenchMode mode)
    {
        var (x, labels) = (Variable("x", [4096, 1000]), Variable("labels", [4096], Kind.Index));
        var loss = SoftmaxCrossEntropy(x, labels);
        var train = mode == BenchMode.Train;
        return new(train ? [loss, Gradient.Of(loss, x)] : [loss], [],
            [Feed.Uniform(x, 1, 3), Feed.Labels(labels, 2, 1000)])
        {
            Result = loss,
            Gigabytes = 4e-9 * x.Shape.Elements * (train ? 2 : 1),
        };
    }
}

/// <summary>A graph of three ops on ten numbers: what a run costs that computes nothing.</summary>
internal sealed record TinyCase() : Case("tiny_overhead", BenchMode.Infer, BenchMode.Train)
{
    public override Workload Build(BenchMode mode)
    {
        var (x, w) = (Variable("x", [10]), Variable("w", [10]));
        var y = Sum(Tanh(x * w));
        return new([y, .. mode == BenchMode.Train ? Gradient.Of(y, [x, w]) : []], [],
            [Feed.Uniform(x, 1), Feed.Uniform(w, 2)])
        {
            Result = y,
            Ops = 3,
        };
    }
}

/// <summary>The update of ResNet-18's 11.7 million parameters, with gradients that stay the same.</summary>
/// <param name="Name">The case.</param>
/// <param name="Optimizer">The optimiser.</param>
internal sealed record OptimizerCase(string Name, Optimizer Optimizer) : Case(Name, BenchMode.Train)
{
    public static IReadOnlyList<OptimizerCase> All { get; } =
        [new("optimizer_sgdm", Sgd(0.01, momentum: 0.9)), new("optimizer_adam", Adam(1e-3))];

    public override Workload Build(BenchMode mode)
    {
        var model = Models.ResNet18.Build([1, 3, 224, 224]);
        var (rate, step) = (Variable("rate", []), Variable("step", []));
        List<(Node, Node)> state = [(step, step + 1)];
        List<Feed> feeds = [Feed.Value(rate, Optimizer.Rate), Feed.Value(step, 0)];
        foreach (var (parameter, k) in model.Parameters.Select((parameter, k) => (parameter, k)))
        {
            var (w, dw) = (parameter.Variable, Variable($"{parameter.Name}.gradient", parameter.Shape));
            ImmutableArray<Node> slots =
                [.. Optimizer.Slots.Select(slot => Variable($"{parameter.Name}.{slot}", parameter.Shape))];
            var update = Optimizer.Step(w, dw, slots, rate, step + 1);
            state.AddRange([(w, update.W), .. slots.Zip(update.Slots)]);
            feeds.AddRange([Feed.Parameter(parameter, k), Feed.Uniform(dw, 5000 + (uint)k, 1e-3),
                .. slots.Select(slot => Feed.Value(slot, 0))]);
        }

        // Read the parameter, its gradient and its slots; write the parameter and its slots.
        return new([], [.. state], [.. feeds])
        {
            Parameters = model.ParameterCount,
            Gigabytes = 4e-9 * model.ParameterCount * (3 + 2 * Optimizer.Slots.Length),
        };
    }
}
