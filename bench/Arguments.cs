using System.Collections.Immutable;
using System.Globalization;

/// <summary>A command line that makes no sense; the message says why.</summary>
internal sealed class UsageError(string message) : Exception(message);

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments
{
    public const string Usage = """
        usage: bench CASE[,CASE...] [--mode train|infer|all] [--threads N] [--min-seconds S] [--wait-quiet S] [--direct]
               bench --list            the cases and groups; `all` is every case
               bench --jobs CASE[,CASE...] [--mode ...]     the cases and modes that these are, a line each
               bench --profile CASE[,CASE...] [--mode ...] [--threads N]    where the time of each goes, step by step
               bench --table FILE...   results of this program and its peers, as a table of ratios
               bench --functions NAME[,NAME...] [--mode ...] [--threads N] [--min-seconds S]    functions beside PyTorch
               bench --compile-cost    how compile time and memory grow with depth
               bench --growth          how the time of a training step grows with batch and pixels
               bench --chain           what each stage costs for each node of a graph
        CASE is a case or a group. One JSON line a case and mode, each measured in a process of its own.
        --threads 0 (the default) takes as many as a session does; --min-seconds is 3 by default;
        --direct leaves Winograd's tiles out;
        --wait-quiet waits up to S seconds until other processes leave the processors alone.
        """;

    /// <summary>What to do instead of measuring cases: <c>--list</c>, <c>--jobs</c>, <c>--profile</c>, <c>--table</c>,
    /// <c>--functions</c>, <c>--compile-cost</c>, <c>--growth</c>, <c>--chain</c>.</summary>
    public string? Command { get; init; }

    /// <summary>The files of results to make a table of.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>What to measure, in order.</summary>
    public ImmutableArray<(Case Case, BenchMode Mode)> Jobs { get; init; } = [];

    /// <summary>Which functions of nodes to measure, in order.</summary>
    public ImmutableArray<(FunctionRow Row, BenchMode Mode)> Rows { get; init; } = [];

    /// <summary>The number of threads, 0 for the session's own choice.</summary>
    public int Threads { get; init; }

    /// <summary>How long each case is measured, at least.</summary>
    public double MinSeconds { get; init; } = 3;

    /// <summary>How long to wait for a quiet machine, at most.</summary>
    public double WaitQuiet { get; init; }

    /// <summary>Whether 3 × 3 convolutions are done without Winograd's tiles.</summary>
    public bool Direct { get; init; }

    /// <summary>Whether this is the process that measures.</summary>
    public bool IsChild { get; init; }

    /// <summary>Reads a command line.</summary>
    /// <exception cref="UsageError">It makes no sense; the message says why.</exception>
    public static Arguments Parse(IReadOnlyList<string> words)
    {
        var (result, names, mode) = (new Arguments(), new List<string>(), "all");
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            string Value() => ++i < words.Count ? words[i] : throw new UsageError($"{word} needs a value.");
            switch (word)
            {
                case "--list" or "--jobs" or "--profile" or "--table" or "--functions" or "--compile-cost" or "--growth" or "--chain":
                    result = result with { Command = word };
                    break;
                case "--mode":
                    mode = Value() is "train" or "infer" or "all" ? words[i]
                        : throw new UsageError($"--mode {words[i]}: a mode is train, infer or all.");
                    break;
                case "--threads":
                    result = result with { Threads = Whole(word, Value()) };
                    break;
                case "--min-seconds":
                    result = result with { MinSeconds = Seconds(word, Value()) };
                    break;
                case "--wait-quiet":
                    result = result with { WaitQuiet = Seconds(word, Value()) };
                    break;
                case "--direct":
                    result = result with { Direct = true };
                    break;
                case "--child":
                    result = result with { IsChild = true };
                    break;
                case ['-', ..]:
                    throw new UsageError($"there is no option {word}.");
                default:
                    names.Add(word);
                    break;
            }
        }

        return (result.Command, names) switch
        {
            ("--table", []) => throw new UsageError("--table needs a file of results."),
            ("--table", _) => result with { Files = [.. names] },
            ("--functions", []) => throw new UsageError("no function is given; all is every one."),
            ("--functions", [var rows]) => result with { Rows = RowsOf(rows, mode) },
            (null or "--jobs" or "--profile", []) => throw new UsageError("no case is given."),
            (null or "--jobs" or "--profile", [var cases]) => result with { Jobs = JobsOf(cases, mode) },
            (null or "--jobs" or "--profile", _) => throw new UsageError($"cases are joined by commas: {string.Join(',', names)}."),
            (_, []) => result,
            var (command, _) => throw new UsageError($"{command} takes no case, not {names[0]}."),
        };
    }

    private static ImmutableArray<(Case, BenchMode)> JobsOf(string names, string mode)
    {
        var cases = names.Split(',').SelectMany(name => Cases.Find(name).ToList() is { Count: > 0 } found
            ? found
            : throw new UsageError($"there is no case or group '{name}'; --list shows them."));
        ImmutableArray<(Case, BenchMode)> jobs = [.. cases.SelectMany(
            each => each.Modes.Where(known => mode == "all" || mode == known.Word()), (each, known) => (each, known))];
        return jobs.IsEmpty ? throw new UsageError($"{names} cannot be measured with --mode {mode}.") : jobs;
    }

    private static ImmutableArray<(FunctionRow, BenchMode)> RowsOf(string names, string mode) =>
        [.. names.Split(',').SelectMany(name => FunctionRow.Find(name).ToList() is { Count: > 0 } found
                ? found
                : throw new UsageError($"there is no function or group '{name}': the groups are all, "
                    + $"{string.Join(", ", FunctionRow.Groups.Select(group => group.Name))}."))
            .SelectMany(FunctionSweep.Modes, (row, known) => (row, known)).Where(pair => mode == "all" || mode == pair.known.Word())];

    private static int Whole(string option, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 1024
            ? number
            : throw new UsageError($"{option} {text}: the number of threads is whole, from 0 to 1024.");

    private static double Seconds(string option, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && number is >= 0 and <= 86400
            ? number
            : throw new UsageError($"{option} {text}: seconds are a number from 0 to 86400.");
}
