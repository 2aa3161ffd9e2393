using System.Text;

/// <summary>The comparison with the peers as Markdown.</summary>
internal static class Table
{
    // More than this share of a processor taken by others, and a time is not to be trusted.
    private const double Disturbed = 0.2;

    private const string Legend = """
        Times are in ms, the shortest of all rounds. A ratio is the fastest peer's time divided by ours, so more is
        better: of the shortest times, and of the lowest medians. A target is met if both reach it, "in part" if one
        does. "Of peak" is our rate as a share of the measured FMA rate, or of the bandwidth of a triad on arrays larger
        than any cache (B) with the traffic counted op by op, which fusion and a large cache may exceed. MB is the peak
        memory of the process, ours and that of PyTorch in its own settings. "~" marks what was measured while other
        processes took more than 0.2 processors: it is not to be trusted, and no target is met by it.
        """;

    /// <summary>A table for each number of threads and mode.</summary>
    public static string Of(Results results)
    {
        var text = new StringBuilder();
        foreach (var run in results.Runs)
        {
            text.Append($"{run}\n\n");
        }

        foreach (var threads in results.Threads)
        {
            foreach (var mode in new[] { BenchMode.Train, BenchMode.Infer })
            {
                Append(text, results, mode, threads);
            }
        }

        return text.Append(Legend).ToString();
    }

    private static void Append(StringBuilder text, Results results, BenchMode mode, int threads)
    {
        var rows = results.CasesOf(mode, threads).Select(known => Row.Of(results, known.Name, mode, threads)).ToList();
        if (rows.Count == 0)
        {
            return;
        }

        var title = mode == BenchMode.Train ? "Training" : "Inference";
        text.Append($"### {title}, {threads} thread{(threads == 1 ? "" : "s")}\n\n");
        text.Append("| case | ours | peer | which | ratio | of medians | target | met | of peak | MB |\n");
        text.Append("|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var row in rows)
        {
            text.Append($"| {row.Name} | {Time(row.Ours)} | {Time(row.Peer)} | {row.Peer?.Program ?? "-"} "
                + $"| {Ratio(row.Ratio)} | {Ratio(row.MedianRatio)} | {Ratio(row.Target)} | {row.Met} "
                + $"| {row.OfPeak} | {Megabytes(row.Megabytes)} / {Megabytes(row.PeerMegabytes)} |\n");
        }

        var targets = rows.Count(row => row.Target is not null);
        var open = rows.Count(row => row.Target is not null && row.Ratio is null);
        var disturbed = rows.Count(row => row.Met.EndsWith('~'));
        text.Append($"\n{rows.Count(row => row.Met == "yes")} of {targets} targets met"
            + (open == 0 ? "" : $", {open} without a peer's time")
            + (disturbed == 0 ? "" : $", {disturbed} measured on a busy machine") + ".\n\n");
        foreach (var row in rows.Where(row => row.Disagreement is not null))
        {
            text.Append($"{row.Name}: WRONG, {row.Disagreement}.\n\n");
        }
    }

    private static string Time(Sample? sample) =>
        sample is null ? "-" : $"{sample.Min:G4}{Mark(sample.OthersCpu > Disturbed)}";

    private static string Mark(bool disturbed) => disturbed ? "~" : "";

    private static string Ratio(double? ratio) => ratio is null ? "-" : ratio >= 10 ? $"{ratio:F1}" : $"{ratio:F2}";

    private static string Megabytes(double? megabytes) => megabytes is null ? "-" : $"{megabytes:F0}";

    /// <summary>One case in one mode.</summary>
    private sealed record Row(string Name, Sample? Ours, Sample? Peer)
    {
        public double? Ratio => Peer?.Min / Ours?.Min;

        public Sample? OursByMedian { get; private init; }

        public Sample? PeerByMedian { get; private init; }

        public double? MedianRatio => PeerByMedian?.Median / OursByMedian?.Median;

        public double? Target { get; private init; }

        public string? Disagreement { get; private init; }

        public string OfPeak { get; private init; } = "-";

        public double? Megabytes { get; private init; }

        public double? PeerMegabytes { get; private init; }

        public string Met => Disagreement is not null ? "WRONG"
            : Target is null || Ratio is null ? "-"
            : (Ratio >= Target, MedianRatio >= Target) switch
            {
                (true, true) => "yes",
                (false, false) => "no",
                _ => "in part",
            } + Mark(new[] { Ours, Peer, OursByMedian, PeerByMedian }.Any(sample => sample?.OthersCpu > Disturbed));

        public static Row Of(Results results, string name, BenchMode mode, int threads)
        {
            var ours = results.Samples(name, mode, threads, others: false);
            var peers = results.Samples(name, mode, threads, others: true);
            var best = ours.MinBy(sample => sample.Min);
            return new(name, best, peers.MinBy(sample => sample.Min))
            {
                OursByMedian = ours.MinBy(sample => sample.Median),
                PeerByMedian = peers.MinBy(sample => sample.Median),
                Target = Targets.Of(name, mode),
                Disagreement = results.Disagreement(name, mode, threads),
                OfPeak = Share(results, name, mode, threads, best?.Min),
                Megabytes = results.Megabytes(name, mode, threads, "autodiffcnn"),
                PeerMegabytes = results.Megabytes(name, mode, threads, "torch"),
            };
        }

        /// <summary>The rate as a share of what the machine can do: of FMA, or of bandwidth.</summary>
        private static string Share(Results results, string name, BenchMode mode, int threads, double? ms) =>
            (results.Constant(name, mode, threads, "gflop"), results.Constant(name, mode, threads, "gbytes")) switch
            {
                ({ } work, _) when results.Limit("fma512", threads) is { } peak => $"{work / ms * 1e3 / peak:P0}",
                (_, { } bytes) when results.Limit("triad", threads) is { } peak => $"{bytes / ms * 1e3 / peak:P0} B",
                _ => "-",
            };
    }
}
