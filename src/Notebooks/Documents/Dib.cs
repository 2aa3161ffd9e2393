using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace AutoDiffCnn.Notebooks;

/// <summary>The format <c>.dib</c>: text in which lines such as <c>#!fsharp</c> begin cells. It has no outputs, and blank
/// lines around a cell do not count.</summary>
internal static class Dib
{
    private const string Meta = "#!meta";

    public static Notebook Read(string file, ReadOnlySpan<byte> content)
    {
        var text = Utf8.Decode(file, content);
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var start = Array.FindIndex(lines, line => line.TrimEnd().Length > 0);
        var hasMeta = start >= 0 && lines[start].TrimEnd() == Meta;
        var end = hasMeta ? Array.FindIndex(lines, start + 1, line => Languages.Of(line) is not null) : Math.Max(start, 0);
        var body = end < 0 ? [] : lines[end..];
        var language = hasMeta ? DefaultLanguage(file, Trimmed(lines[(start + 1)..(end < 0 ? lines.Length : end)])) : Languages.CSharp;
        return new(Cells(body, language), language, "{}", Notebook.NoFields);
    }

    public static byte[] Write(Notebook notebook)
    {
        var text = new StringBuilder();
        text.Append(Meta).Append("\n\n{\"kernelInfo\":{\"defaultKernelName\":\"").Append(notebook.Language)
            .Append("\",\"items\":[{\"name\":\"csharp\"},{\"name\":\"fsharp\"}]}}\n");
        foreach (var cell in notebook.Cells)
        {
            text.Append("\n#!").Append(cell.Language).Append('\n');
            var source = Trimmed(cell.Source.ReplaceLineEndings("\n").Split('\n'));
            text.Append(source.Length > 0 ? $"\n{source}\n" : "");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static ImmutableArray<Cell> Cells(string[] lines, string language)
    {
        var cells = ImmutableArray.CreateBuilder<Cell>();
        var start = 0;
        for (var i = 0; i <= lines.Length; i++)
        {
            var next = i < lines.Length ? Languages.Of(lines[i]) : "";
            if (next is null)
            {
                continue;
            }

            var isBeforeFirst = start == 0 && lines[..i].All(string.IsNullOrWhiteSpace);
            if (!isBeforeFirst || start > 0)
            {
                cells.Add(Cell.Of(language, Trimmed(lines[start..i])));
            }

            (language, start) = (next, i + 1);
        }

        return cells.ToImmutable();
    }

    private static string DefaultLanguage(string file, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Ipynb.MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("kernelInfo", out var info) && info.ValueKind == JsonValueKind.Object
                && info.TryGetProperty("defaultKernelName", out var name) && name.ValueKind == JsonValueKind.String
                    ? Languages.Named(name.GetString()!) ?? Languages.CSharp
                    : Languages.CSharp;
        }
        catch (JsonException trouble)
        {
            throw new NotebookError(file, Meta, "JSON", trouble.Message);
        }
    }

    /// <summary>The lines without blank ones at either end.</summary>
    private static string Trimmed(IReadOnlyList<string> lines) => string.Join('\n', lines
        .SkipWhile(string.IsNullOrWhiteSpace).Reverse().SkipWhile(string.IsNullOrWhiteSpace).Reverse());
}
