using static AutoDiffCnn.Optimizers;

/// <summary>A network with its data: trained, or used.</summary>
/// <param name="Name">The case.</param>
/// <param name="Layer">The network.</param>
/// <param name="Input">The shape of the input, with the batch.</param>
/// <param name="Classes">The number of classes; null if the loss is the mean of the squared outputs.</param>
/// <param name="Optimizer">How it is trained.</param>
internal sealed record NetworkCase(string Name, Layer Layer, Shape Input, int? Classes, Optimizer Optimizer)
    : Case(Name, BenchMode.Infer, BenchMode.Train)
{
    private static readonly Optimizer momentum = Sgd(0.01, momentum: 0.9);

    public static IReadOnlyList<NetworkCase> All { get; } =
    [
        new("keras_mnist", Models.KerasMnist, [32, 1, 28, 28], 10, Adam(1e-3)),
        new("lenet5", Models.LeNet5, [64, 1, 28, 28], 10, momentum),
        new("mlp", Networks.Mlp, [128, 784], 10, momentum),
        new("resnet20", Models.ResNetCifar(3, projection: true), [64, 3, 32, 32], 10, momentum),
        new("resnet18", Models.ResNet18, [4, 3, 224, 224], 1000, momentum),
        new("mobilenetv1", Models.MobileNetV1, [4, 3, 224, 224], 1000, momentum),
        new("inception", Networks.Inception3a, [16, 192, 28, 28], null, Sgd(0.01)),
    ];

    public override Workload Build(BenchMode mode) => mode == BenchMode.Train ? Train() : Infer();

    private Workload Train()
    {
        var (step, labels) = Step();
        var model = step.Model;
        var (all, first) = MultiplyAdds(model);
        var known = Feed.Of(model).Append(Feed.Uniform(model.Input, 1)).Append(Feed.Value(step.Rate, Optimizer.Rate))
            .Concat(labels is null ? [] : [Feed.Labels(labels, 2, Classes!.Value)]).ToList();
        var rest = step.State.Select(state => state.Variable).Except(known.Select(feed => feed.Variable));
        return new([step.Loss], step.State, [.. known, .. rest.Select(slot => Feed.Value(slot, 0))])
        {
            Loss = step.Loss,
            Gigaflop = (6.0 * all - 2.0 * first) * 1e-9,
            Parameters = model.ParameterCount,
            Batch = Input[0],
            Optimizer = $"{Optimizer}",
        };
    }

    private Workload Infer()
    {
        var model = Layer.Build(Input);
        return new([model.Output], [], [.. Feed.Of(model), Feed.Uniform(model.Input, 1)])
        {
            Result = model.Output,
            Gigaflop = 2e-9 * MultiplyAdds(model).All,
            Parameters = model.ParameterCount,
            Batch = Input[0],
        };
    }

    /// <summary>The step of training with softmax cross-entropy, or the mean square without classes.</summary>
    private (TrainingStep Step, Node? Labels) Step()
    {
        var model = Layer.Build(Input, Mode.Train);
        var labels = Classes is null ? null : Variable("labels", [Input[0]], Kind.Index);
        var loss = labels is null ? Mean(Square(model.Output)) : SoftmaxCrossEntropy(model.Output, labels);
        return (TrainingStep.Of(model, loss, Optimizer), labels);
    }

    /// <summary>The multiply-adds of the forward pass, and those of layers whose input needs no gradient.</summary>
    private static (long All, long First) MultiplyAdds(Model model)
    {
        var nodes = new Graph(model.Output).Nodes;
        return (nodes.Sum(Cost.MultiplyAdds),
            nodes.Where(node => node.Inputs.Contains(model.Input)).Sum(Cost.MultiplyAdds));
    }
}
