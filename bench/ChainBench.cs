using System.Diagnostics;

/// <summary>What a graph costs for each of its nodes: everything that walks a graph must be linear in its
/// size.</summary>
internal static class ChainBench
{
    private static readonly (string Name, Action<Node> Work)[] stages =
    [
        ("differentiate", y => Gradient.Of(Sum(y), Variable(y))),
        ("simplify", y => new Graph(Sum(y)).Simplify()),
        ("print", y => new Graph(Sum(y)).Print()),
        ("run by Reference", y => Reference.Run(y, (Variable(y), Tensor.Of([1, 2])))),
        ("compile", y => Cpu.Compile([Sum(y)])),
        ("compile the gradient", y => Cpu.Compile([Gradient.Of(Sum(y), Variable(y))])),
        ("compile and run", y => Cpu.Run([Sum(y)], new Dictionary<Node, Tensor> { [Variable(y)] = Tensor.Of([1, 2]) })),
    ];

    public static int Run()
    {
        Console.WriteLine($"{"ms for a chain of",-22}{"1,000",10}{"10,000",10}{"100,000",10}{"ratio",8}"
            + $"{"of which GC",13}{"ratio without",15}");
        Row("build", n => _ = Chain(n));
        foreach (var (name, work) in stages)
        {
            var chains = new Dictionary<int, Node>();
            Row(name, n => work(chains.TryGetValue(n, out var known) ? known : chains[n] = Chain(n)));
        }

        return 0;
    }

    /// <summary>Half of the nodes fuse, the reshapes between keep them from becoming one loop.</summary>
    private static Node Chain(int nodes)
    {
        var y = Functions.Variable("x", [2]);
        for (var i = 0; i < nodes / 2; i++)
        {
            y = Relu(Reshape(y, i % 2 == 0 ? [2, 1] : [2]));
        }

        return y;
    }

    private static Node Variable(Node y) => new Graph(y).Variables[0];

    /// <summary>The ratio is of 100,000 to 10,000. The garbage collector is told apart: it walks all live nodes when it
    /// runs, which for shorter chains it never does, and its cost is the runtime's, not the graph's.</summary>
    private static void Row(string name, Action<int> work)
    {
        var times = new[] { 1_000, 10_000, 100_000 }.Select(n => Best(() => work(n))).ToArray();
        var (ratio, own) = (times[2].All / times[1].All, times.Select(time => time.All - time.Collector).ToArray());
        Console.WriteLine($"{name,-22}{times[0].All,10:F2}{times[1].All,10:F2}{times[2].All,10:F2}{ratio,8:F1}"
            + $"{times[2].Collector,13:F2}{own[2] / own[1],15:F1}");
    }

    private static (double All, double Collector) Best(Action work)
    {
        work();
        return Enumerable.Range(0, 5).Select(_ =>
        {
            GC.Collect();
            var (start, paused) = (Stopwatch.GetTimestamp(), GC.GetTotalPauseDuration());
            work();
            var all = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            return (All: all, Collector: (GC.GetTotalPauseDuration() - paused).TotalMilliseconds);
        }).MinBy(time => time.All);
    }
}
