using System.Diagnostics;
using System.Text.Json.Nodes;

/// <summary>One case and mode, measured in this process: its JSON line.</summary>
internal static class Measurement
{
    private const int NotedLosses = 5;
    private const double Warm = 0.5;

    /// <summary>Measures, and gives a line with the fields of the peers' lines.</summary>
    public static string Of(Case measured, BenchMode mode, Arguments arguments)
    {
        var (before, start) = (Machine.PeakMegabytes(), Stopwatch.StartNew());
        var work = measured.Build(mode);
        var plan = Cpu.Compile(work.Outputs, work.State, winograd: !arguments.Direct);
        using var session = plan.Start(arguments.Threads);
        start.Stop();
        work.Fill(session);
        start.Start();
        session.Run();
        var first = start.Elapsed.TotalMilliseconds;
        var (sum, absolute) = work.Result is null ? default : Checksum(session.Reals(work.Result));
        var losses = work.Loss is null ? [] : Losses(session, work.Loss, NotedLosses);
        bool? quiet = arguments.WaitQuiet > 0 ? Machine.WaitQuiet(arguments.WaitQuiet) : null;
        var timing = Timing.Of(session.Run, arguments.MinSeconds, work.Loss is null ? int.MaxValue : Workload.Episode,
            () => Restart(work, session));
        var (median, best) = (timing.At(0.5), timing.Sorted[0]);
        return Line(
            ("bench", "autodiffcnn"), ("case", measured.Name), ("mode", mode.Word()), ("threads", session.Threads),
            ("vectors", Machine.Vectors), ("median_ms", median), ("min_ms", best),
            ("p10_ms", timing.At(0.1)), ("p90_ms", timing.At(0.9)), ("iters", timing.Sorted.Count),
            ("other_cpu", timing.OthersCpu), ("quiet", quiet), ("best_ms", best), ("best_median_ms", median),
            ("compile_ms", first), ("plan_peak_mb", plan.PeakBytes(session.Threads) / 1048576.0),
            ("peak_rss_mb", Machine.PeakMegabytes()), ("base_rss_mb", before),
            ("gflop", work.Gigaflop), ("gbytes", work.Gigabytes),
            ("checksum", work.Result is null ? null : sum), ("checksum_abs", work.Result is null ? null : absolute),
            ("losses", losses.Length == 0 ? null : new JsonArray([.. losses.Select(Number)])),
            ("loss", work.Loss is null ? null : session.Reals(work.Loss)[0]),
            ("loss_steps", work.Loss is null ? null : (timing.Sorted.Count - 1) % Workload.Episode + 1),
            ("optimizer", work.Optimizer), ("params", work.Parameters), ("batch", work.Batch), ("ops", work.Ops),
            ("us_per_op", median * 1e3 / work.Ops), ("best_us_per_op", best * 1e3 / work.Ops),
            ("gflops", work.Gigaflop / median * 1e3), ("best_gflops", work.Gigaflop / best * 1e3),
            ("best_gbytes_s", work.Gigabytes / best * 1e3));
    }

    /// <summary>Where a run's time goes, step by step.</summary>
    public static string Profile(Case measured, BenchMode mode, Arguments arguments)
    {
        var work = measured.Build(mode);
        using var session = Cpu.Compile(work.Outputs, work.State, winograd: !arguments.Direct).Start(arguments.Threads);
        work.Fill(session);
        Timing.Of(session.Run, Warm, int.MaxValue, () => { }); // a profile of code that is not yet optimised says little
        return $"{measured.Name} {mode.Word()}, {session.Threads} threads\n{session.Profile()}";
    }

    /// <summary>The losses of the first steps; the first has just been run.</summary>
    public static double[] Losses(Session session, Node loss, int count)
    {
        var losses = new double[count];
        for (var i = 0; i < losses.Length; i++)
        {
            if (i > 0)
            {
                session.Run();
            }

            losses[i] = session.Reals(loss)[0];
        }

        return losses;
    }

    /// <summary>The sum of the values, and of their absolute values.</summary>
    public static (double Sum, double Absolute) Checksum(ReadOnlySpan<float> values)
    {
        var (sum, absolute) = (0.0, 0.0);
        foreach (var value in values)
        {
            (sum, absolute) = (sum + value, absolute + Math.Abs(value));
        }

        return (sum, absolute);
    }

    private static void Restart(Workload work, Session session)
    {
        if (work.Loss is not null)
        {
            work.Restart(session);
        }
    }

    private static string Line(params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var line = new JsonObject();
        foreach (var (name, value) in fields)
        {
            var node = value switch
            {
                null => (JsonNode?)null,
                JsonNode known => known,
                string text => text,
                bool truth => truth,
                _ => Number(Convert.ToDouble(value)),
            };
            if (node is not null)
            {
                line[name] = node;
            }
        }

        return line.ToJsonString();
    }

    /// <summary>Six digits, as the peers' programs print; what is not finite is text, JSON has no such
    /// numbers.</summary>
    private static JsonNode Number(double value) => double.IsFinite(value)
        ? Math.Abs(value) < 1e15 && value == Math.Floor(value) ? (long)value : double.Parse($"{value:G6}")
        : $"{value}";
}
