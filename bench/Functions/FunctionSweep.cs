using System.Diagnostics;
using System.Text.Json.Nodes;

/// <summary>All functions of nodes beside PyTorch, in turns: a table of ratios.</summary>
internal static class FunctionSweep
{
    private const int Rounds = 2;

    // A round in which others took more than this share of a processor is measured again, up to so many times.
    private const int MostRounds = 4;
    private const double QuietShare = 0.25;
    private const uint Cotangent = 77;
    private const double Agreement = 2e-4;

    // Until the runtime has optimised what a step calls.
    private const double WarmSeconds = 0.25;

    // A peer's threads go on spinning for a while after its last step.
    private const int RestMilliseconds = 20;

    /// <summary>Measures rows in the given modes and prints a line for each row; at the end what has no row.</summary>
    public static int Run(IEnumerable<(FunctionRow Row, BenchMode Mode)> jobs, int threads, double seconds)
    {
        using var peer = Peer(threads);
        Console.WriteLine("| function | ours, ms | PyTorch | ratio |\n|---|---|---|---|");
        var wrong = 0;
        foreach (var row in jobs.GroupBy(job => job.Row, job => job.Mode))
        {
            var results = row.Select(mode => Measure(row.Key, mode, peer, threads, seconds)).ToList();
            var ours = string.Join(", ", results.Select(result => $"{result.Ours:G3}"));
            var theirs = string.Join(", ", results.Select(result => result.Theirs is { } time ? $"{time:G3}" : "-"));
            var ratios = string.Join(", ", results.Select(result =>
                (result.Theirs is { } time ? $"{time / result.Ours:F2}" : "-") + (result.Same ? "" : " WRONG")));
            Console.WriteLine($"| {row.Key.Name} [{row.Key.Inputs.Split(':')[0]}] | {ours} | {theirs} | {ratios} |");
            wrong += results.Count(result => !result.Same);
        }

        Console.WriteLine($"\nWithout a row: {string.Join(", ", FunctionRow.Missing())}.");
        return Math.Min(1, wrong);
    }

    /// <summary>The modes of a row: training only where something has a gradient.</summary>
    public static IEnumerable<BenchMode> Modes(FunctionRow row)
    {
        var inputs = FunctionInput.Of(row);
        Node[] x = [.. inputs.Select((input, i) => input.Variable(i))];
        return row.Function(x).Kind == Kind.Real && inputs.Any(input => input.IsVariable) ? [BenchMode.Infer, BenchMode.Train]
            : [BenchMode.Infer];
    }

    private static (double Ours, double? Theirs, bool Same) Measure(
        FunctionRow row, BenchMode mode, Process peer, int threads, double seconds)
    {
        var inputs = FunctionInput.Of(row);
        Node[] x = [.. inputs.Select((input, i) => input.Variable(i))];
        var y = row.Function(x);
        var dy = Variable("dy", y.Shape);
        Node[] outputs = mode == BenchMode.Infer ? [y]
            : [y, .. Gradient.Vjp(y, dy, [.. x.Where((_, i) => inputs[i].IsVariable)])];
        using var session = Cpu.Compile(outputs).Start(threads);
        foreach (var (input, i) in inputs.Append(new(y.Shape, "u")).Select((input, i) => (input, i)))
        {
            var (variable, seed) = i < x.Length ? (x[i], (uint)i + 1) : (dy, Cotangent);
            if (session.Plan.Has(variable))
            {
                input.Fill(session, variable, seed);
            }
        }

        Timing.Of(session.Run, WarmSeconds, int.MaxValue, () => { });
        var (ours, theirs, answer) = (double.PositiveInfinity, (double?)null, (JsonNode?)null);
        for (var (round, quiet) = (0, 0); round < MostRounds && quiet < Rounds; round++)
        {
            Thread.Sleep(RestMilliseconds);
            var (begin, others) = (Stopwatch.GetTimestamp(), Others(peer));
            ours = Math.Min(ours, Timing.Of(session.Run, seconds, int.MaxValue, () => { }).Sorted[0]);
            answer = row.Torch is null ? null : Ask(peer, row, mode, seconds);
            theirs = answer is null ? null : Math.Min(theirs ?? double.PositiveInfinity, (double)answer["ms"]!);
            quiet += (Others(peer) - others ?? 0) > QuietShare * Stopwatch.GetElapsedTime(begin).TotalSeconds ? 0 : 1;
        }

        var sums = outputs.Select(output => output.Kind == Kind.Real ? Measurement.Checksum(session.Reals(output)).Absolute
            : session.Indices(output).ToArray().Sum(index => (double)index));
        return (ours, theirs, answer is null || row.IsRandom || sums.Zip(answer["sums"]!.AsArray())
            .All(pair => Math.Abs(pair.First - (double)pair.Second!) <= Agreement * Math.Abs(pair.First) + 1e-9));
    }

    /// <summary>The processor time that neither this process nor its peer has used.</summary>
    private static double? Others(Process peer)
    {
        peer.Refresh();
        return Machine.OthersSeconds() - peer.TotalProcessorTime.TotalSeconds;
    }

    private static JsonNode Ask(Process peer, FunctionRow row, BenchMode mode, double seconds)
    {
        peer.StandardInput.WriteLine(new JsonObject
        {
            ["inputs"] = row.Inputs,
            ["code"] = row.Torch,
            ["train"] = mode == BenchMode.Train,
            ["orders"] = row.HasOrders,
            ["seconds"] = seconds,
        }.ToJsonString());
        peer.StandardInput.Flush();
        var answer = JsonNode.Parse(peer.StandardOutput.ReadLine() ?? throw new UsageError("the peer's program has ended."))!;
        return answer["error"] is { } error ? throw new UsageError($"PyTorch, {row.Name}: {error}") : answer;
    }

    private static Process Peer(int threads)
    {
        var python = Environment.GetEnvironmentVariable("PYTHON") ?? "/usr/bin/python3";
        var script = Path.Combine(AppContext.BaseDirectory, "functions.py");
        return Process.Start(new ProcessStartInfo(python, [script, $"{threads}"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }
}
