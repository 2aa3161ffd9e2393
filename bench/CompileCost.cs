using System.Diagnostics;

/// <summary>How the time to derive the gradient and to compile, and the memory of a plan, grow with depth.</summary>
internal static class CompileCost
{
    private const int Batch = 64;

    /// <summary>He et al.'s networks for 32×32 images. 6n + 2 is never 1001: the network of that depth, and of that
    /// name in their second paper, is the one of 9n + 2 layers in pre-activation bottlenecks, n = 111.</summary>
    private static readonly (string Name, Func<Layer> Layer)[] networks =
    [
        ("resnet20", () => Models.ResNetCifar(3, projection: true)),
        ("resnet56", () => Models.ResNetCifar(9, projection: true)),
        ("resnet110", () => Models.ResNetCifar(18, projection: true)),
        ("resnet1001 (pre-activation)", () => Networks.PreActivationResNetCifar(111)),
    ];

    public static int Run()
    {
        Measure(networks[0].Layer()); // What the runtime compiles once is no network's cost.
        Console.WriteLine($"a training step of batch {Batch}, SGD with momentum; ms to build, derive and compile");
        Console.WriteLine(Row("", "layers", "parameters", "nodes", "build", "gradient", "compile", "/1000 nodes",
            "plan MB", "MB/layer"));
        foreach (var (name, layer) in networks)
        {
            var cost = Measure(layer());
            Console.WriteLine(Row(name, $"{cost.Layers}", $"{cost.Parameters:N0}", $"{cost.Nodes}", $"{cost.Build:F1}",
                $"{cost.Gradient:F1}", $"{cost.Compile:F1}", $"{(cost.Gradient + cost.Compile) / cost.Nodes * 1000:F1}",
                $"{cost.Megabytes:F1}", $"{cost.Megabytes / cost.Layers:F2}"));
        }

        return 0;
    }

    private static string Row(string name, params IEnumerable<string> columns) =>
        $"{name,-28}" + string.Concat(columns.Select(column => $"{column,12}"));

    private static Depth Measure(Layer layer)
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
        var nodes = new Graph([step.Loss, .. step.State.Select(state => state.Next)]).Nodes.Length;
        return new(layers, model.ParameterCount, nodes, build, gradient, compile,
            plan.PeakBytes(Environment.ProcessorCount) / 1048576.0);
    }

    private static double Lap(Stopwatch watch)
    {
        var time = watch.Elapsed.TotalMilliseconds;
        watch.Restart();
        return time;
    }

    private readonly record struct Depth(
        int Layers, long Parameters, int Nodes, double Build, double Gradient, double Compile, double Megabytes);
}
