using System.Diagnostics;

/// <summary>How the time to derive the gradient and to compile, and the memory of a plan, grow with depth.</summary>
internal static class CompileCost
{
    private const int Batch = 64;

    /// <summary>He et al.'s networks for 32×32 images. 6n + 2 is never 1001: the network of that depth, and of that name in
    /// their second paper, is the one of 9n + 2 pre-activation bottleneck layers, n = 111.</summary>
    private static readonly (string Name, Func<Layer> Layer)[] networks =
    [
        ("resnet20", () => Networks.ResNetCifar(3)),
        ("resnet56", () => Networks.ResNetCifar(9)),
        ("resnet110", () => Networks.ResNetCifar(18)),
        ("resnet1001 (pre-activation)", () => Networks.PreActivationResNetCifar(111)),
    ];

    public static int Run()
    {
        Measure(networks[0].Layer()); // What the runtime compiles once is no network's cost.
        Console.WriteLine($"{$"training step, batch {Batch}, SGD with momentum",-42}{"layers",8}{"parameters",12}{"nodes",8}"
            + $"{"build ms",10}{"gradient ms",13}{"compile ms",12}{"ms/1000 nodes",15}{"plan MB",9}{"MB/layer",10}");
        foreach (var (name, layer) in networks)
        {
            var (layers, parameters, nodes, build, gradient, compile, megabytes) = Measure(layer());
            Console.WriteLine($"{name,-42}{layers,8}{parameters,12:N0}{nodes,8}{build,10:F1}{gradient,13:F1}{compile,12:F1}"
                + $"{(gradient + compile) / nodes * 1000,15:F1}{megabytes,9:F1}{megabytes / layers,10:F2}");
        }

        return 0;
    }

    private static (int Layers, long Parameters, int Nodes, double Build, double Gradient, double Compile, double Megabytes)
        Measure(Layer layer)
    {
        GC.Collect();
        var watch = Stopwatch.StartNew();
        var model = layer.Build([Batch, 3, 32, 32], Mode.Train);
        var loss = SoftmaxCrossEntropy(model.Output, Variable("labels", [Batch], Kind.Index));
        var build = Lap(watch);
        var step = TrainingStep.Of(model, loss, Optimizers.Sgd(0.01, momentum: 0.9));
        var gradient = Lap(watch);
        var plan = Cpu.Compile([step.Loss], step.State);
        var compile = Lap(watch);

        // As the literature counts: convolutions and dense layers, without those in shortcuts.
        var layers = model.Parameters.Count(parameter =>
            parameter.Shape.Rank > 1 && !parameter.Name.Contains("shortcut", StringComparison.Ordinal));
        return (layers, model.ParameterCount, new Graph([step.Loss, .. step.State.Select(state => state.Next)]).Nodes.Length,
            build, gradient, compile, plan.PeakBytes(Environment.ProcessorCount) / 1048576.0);
    }

    private static double Lap(Stopwatch watch)
    {
        var time = watch.Elapsed.TotalMilliseconds;
        watch.Restart();
        return time;
    }
}
