using System.Text.Json;
using System.Text.Json.Nodes;

/// <summary>The lines that this program, its peers and <c>limits.c</c> print, read back.</summary>
internal sealed class Results
{
    private readonly List<JsonObject> lines;

    private Results(List<JsonObject> lines) => this.lines = lines;

    /// <summary>Reads files of JSON lines.</summary>
    /// <exception cref="UsageError">A file cannot be read, or a line of it is no JSON object.</exception>
    public static Results Read(IEnumerable<string> paths) => new([.. paths.SelectMany(Lines)]);

    /// <summary>When and where it was measured, as <c>compare.sh</c> noted it.</summary>
    public IEnumerable<string> Runs => lines.Where(line => Text(line, "bench") == "run")
        .Select(line => Text(line, "text")).Distinct();

    /// <summary>The number of threads that cases were measured with.</summary>
    public IEnumerable<int> Threads => Measured.Select(ThreadsOf).Distinct().Order();

    private IEnumerable<JsonObject> Measured => lines.Where(line => Number(line, "median_ms") is not null);

    /// <summary>The cases of the table in their order: those that this program measured with so many threads.</summary>
    public IEnumerable<Case> CasesOf(BenchMode mode, int threads) => Cases.All.Where(known =>
        known.Modes.Contains(mode) && Select(known.Name, mode, threads, "autodiffcnn").Any());

    /// <summary>All times of a case by one program, or by any other with <paramref name="others"/>.</summary>
    public IReadOnlyList<Sample> Samples(string name, BenchMode mode, int threads, bool others) =>
        [.. Select(name, mode, threads)
            .Where(line => others ? Text(line, "bench") != "autodiffcnn" : Text(line, "bench") == "autodiffcnn")
            .SelectMany(SamplesOf)];

    /// <summary>The largest peak of memory that a program had, in megabytes; of PyTorch in its own environment only,
    /// since settings that save time cost memory.</summary>
    public double? Megabytes(string name, BenchMode mode, int threads, string bench) =>
        Select(name, mode, threads, bench)
            .Where(line => bench != "torch" || Text(line, "env") == "plain")
            .Max(line => Number(line, "peak_rss_mb"));

    /// <summary>The number in a field, the same for all lines of a case.</summary>
    public double? Constant(string name, BenchMode mode, int threads, string field) =>
        Select(name, mode, threads).Select(line => Number(line, field)).FirstOrDefault(value => value is not null);

    /// <summary>What was measured of the machine: its best, in 10⁹ operations or bytes a second.</summary>
    public double? Limit(string name, int threads) => lines
        .Where(line => Text(line, "bench") == "limits" && Text(line, "case") == name && ThreadsOf(line) == threads)
        .Max(line => Number(line, "best"));

    /// <summary>Why the results of this program and of the peers are not the same; null if they are.</summary>
    public string? Disagreement(string name, BenchMode mode, int threads) =>
        Select(name, mode, threads, "autodiffcnn").SelectMany(own => Select(name, mode, threads)
            .Where(line => Text(line, "bench") != "autodiffcnn")
            .Select(peer => Agreement.Broken(name, own, peer))).FirstOrDefault(text => text is not null);

    private IEnumerable<JsonObject> Select(string name, BenchMode mode, int threads, string? bench = null) =>
        Measured.Where(line => Text(line, "case") == name && Text(line, "mode") == mode.Word()
            && ThreadsOf(line) == threads && (bench is null || Text(line, "bench") == bench));

    /// <summary>One sample for each variant that was tried. PyTorch's tensors in the layout of its library are left
    /// out: they save the conversions that a user pays.</summary>
    private static IEnumerable<Sample> SamplesOf(JsonObject line)
    {
        if (Text(line, "env") == "plain")
        {
            return [];
        }

        var bench = Text(line, "bench");
        return line["variants"] is JsonObject variants
            ? variants.Where(pair => pair.Key != "mkldnn_layout")
                .Select(pair => SampleOf($"{bench} {pair.Key}", pair.Value)).OfType<Sample>()
            : SampleOf(bench, line) is { } only ? [only] : [];
    }

    private static Sample? SampleOf(string program, JsonNode? node) =>
        node is JsonObject values && Number(values, "min_ms") is { } min && Number(values, "median_ms") is { } median
            ? new(program, min, median, Number(values, "other_cpu") ?? 0)
            : null;

    private static IEnumerable<JsonObject> Lines(string path)
    {
        string[] text;
        try
        {
            text = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageError($"{path} cannot be read: {error.Message}");
        }

        return text.Select((line, i) => (line, Number: i + 1)).Where(pair => pair.line.Trim().Length > 0)
            .Select(pair => Parse(pair.line)
                ?? throw new UsageError($"{path}, line {pair.Number}: not a JSON object."));
    }

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static int ThreadsOf(JsonObject line) => (int)(Number(line, "threads") ?? 0);

    private static string Text(JsonObject line, string field) =>
        line[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    /// <summary>A number, or null where there is none.</summary>
    public static double? Number(JsonObject line, string field) =>
        line[field] is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;
}

/// <summary>The time of one program, or variant of it, in one round.</summary>
internal sealed record Sample(string Program, double Min, double Median, double OthersCpu);
