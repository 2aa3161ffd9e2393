using System.Diagnostics;

/// <summary>What a graph costs for each of its nodes: everything that walks a graph must be linear in its size.</summary>
internal static class ChainBench
{
    private static readonly (string Name, Action<Node> Work)[] stages =
    [
        ("differentiate", y => Gradient.Of(Sum(y), Variable(y))),
        ("simplify", y => new Graph(Sum(y)).Simplify()),
        ("print", y => new Graph(Sum(y)).Print()),
        ("verify", y => Verify.Check(new Graph(Sum(y)))),
        ("reference", y => Reference.Run(y, (Variable(y), Tensor.Of([1, 2])))),
        ("compile", y => Cpu.Compile([Sum(y)])),
        ("compile the gradient", y => Cpu.Compile([Gradient.Of(Sum(y), Variable(y))])),
    ];

    public static int Run()
    {
        Console.WriteLine($"{"ms for a chain of",-22}{"1,000",12}{"10,000",12}{"100,000",12}{"100,000 / 10,000",20}");
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

    private static void Row(string name, Action<int> work)
    {
        var times = new[] { 1_000, 10_000, 100_000 }.Select(n => Best(() => work(n))).ToArray();
        Console.WriteLine($"{name,-22}{times[0],12:F2}{times[1],12:F2}{times[2],12:F2}{times[2] / times[1],20:F1}");
    }

    private static double Best(Action work)
    {
        work();
        return Enumerable.Range(0, 5).Min(_ =>
        {
            GC.Collect();
            var start = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        });
    }
}
