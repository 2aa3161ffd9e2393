using System.Text.Json.Nodes;

namespace AutoDiffCnn.Tests;

/// <summary>What PyTorch computed; Recorded/README.md tells how.</summary>
internal static class Recorded
{
    /// <summary>Lines of <c>torch_bench.py</c>.</summary>
    public static IReadOnlyList<JsonNode> Torch { get; } = Lines("torch.jsonl");

    /// <summary>Data and first weights.</summary>
    public static IReadOnlyList<JsonNode> Numbers { get; } = Lines("numbers.jsonl");

    /// <summary>The lines of a case and mode, one for each setting; a network's first is PyTorch's default on one
    /// thread.</summary>
    public static IReadOnlyList<JsonNode> Of(string name, string mode) =>
        [.. Torch.Where(line => $"{line["case"]}" == name && $"{line["mode"]}" == mode)];

    /// <summary>The numbers of a field that is a list.</summary>
    public static double[] Doubles(JsonNode line, string field) => [.. line[field]!.AsArray().Select(x => (double)x!)];

    private static List<JsonNode> Lines(string file) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Recorded", file))
            .Select(line => JsonNode.Parse(line)!)];
}
