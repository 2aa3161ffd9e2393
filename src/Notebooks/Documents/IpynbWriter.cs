using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AutoDiffCnn.Notebooks;

/// <summary>Writes Jupyter's format, nbformat 4.5. Metadata always says the language of each cell and the kernel, so that any
/// host runs it; all else stays as it was read.</summary>
internal static class IpynbWriter
{
    public static byte[] Write(Notebook notebook) => Json.Write(json => Object(json, notebook.Rest,
        ("cells", () => json.Array(notebook.Cells.Select((cell, i) => (cell, i)), at => WriteCell(json, notebook, at.cell, at.i))),
        ("metadata", () => json.Raw(WithKernel(notebook.Metadata, notebook.Language))),
        ("nbformat", () => json.Number(4)),
        ("nbformat_minor", () => json.Number(5))));

    private static void WriteCell(Json json, Notebook notebook, Cell cell, int number)
    {
        var kind = cell.IsCode ? "code" : cell.Language;
        (string, Action)[] always =
        [
            ("cell_type", () => json.Quote(kind)),
            ("id", () => json.Quote(cell.Id ?? $"cell-{number + 1}")),
            ("metadata", () => json.Raw(cell.IsCode ? WithLanguage(cell) : cell.Metadata)),
            ("source", () => json.Lines(Source(notebook, cell))),
        ];
        (string, Action)[] ofCode =
        [
            ("execution_count", () => json.Number(cell.Count)),
            ("outputs", () => json.Array(cell.Outputs, output => WriteOutput(json, output))),
        ];
        Object(json, cell.Rest, cell.IsCode ? [.. always, .. ofCode] : always);
    }

    /// <summary>Jupyter hands a kernel nothing but the source, so that has to say the language where it is not the
    /// notebook's.</summary>
    private static string Source(Notebook notebook, Cell cell) =>
        cell.IsCode && (cell.Language != Languages.CSharp || notebook.Language != Languages.CSharp)
            ? $"#!{cell.Language}\n{cell.Source}"
            : cell.Source;

    private static void WriteOutput(Json json, Output output)
    {
        switch (output)
        {
            case Output.Stream stream:
                json.Object(
                    ("name", () => json.Quote(stream.Name)),
                    ("output_type", () => json.Quote("stream")),
                    ("text", () => json.Lines(stream.Text)));
                break;
            case Output.Display display:
                json.Object(
                    ("data", () => WriteData(json, display.Data)),
                    ("metadata", () => json.Raw(display.Metadata)),
                    ("output_type", () => json.Quote("display_data")));
                break;
            case Output.Result result:
                json.Object(
                    ("data", () => WriteData(json, result.Data)),
                    ("execution_count", () => json.Number(result.Count)),
                    ("metadata", () => json.Raw(result.Metadata)),
                    ("output_type", () => json.Quote("execute_result")));
                break;
            case Output.Error error:
                json.Object(
                    ("ename", () => json.Quote(error.Name)),
                    ("evalue", () => json.Quote(error.Message)),
                    ("output_type", () => json.Quote("error")),
                    ("traceback", () => json.Array(error.Trace, json.Quote)));
                break;
            case Output.Unknown unknown:
                json.Raw(unknown.Json);
                break;
        }
    }

    private static void WriteData(Json json, ImmutableSortedDictionary<string, string> data) =>
        json.Object([.. data.Select(item => (item.Key, (Action)(() => WriteDatum(json, item.Key, item.Value))))]);

    private static void WriteDatum(Json json, string mime, string value)
    {
        if (Ipynb.IsJson(mime))
        {
            json.Raw(value);
        }
        else
        {
            json.Lines(value);
        }
    }

    private static void Object(
        Json json, ImmutableSortedDictionary<string, string> rest, params IEnumerable<(string Name, Action Value)> fields) =>
        json.Object([.. fields.Concat(rest.Select(field => (field.Key, (Action)(() => json.Raw(field.Value)))))
            .OrderBy(field => field.Item1, StringComparer.Ordinal)]);

    private static string WithLanguage(Cell cell) => With(cell.Metadata, 3,
        ("dotnet_interactive", "language", cell.Language), ("polyglot_notebook", "kernelName", cell.Language));

    private static string WithKernel(string metadata, string language) => language == Languages.FSharp
        ? With(metadata, 1, ("kernelspec", "name", ".net-fsharp"), ("kernelspec", "language", "F#"),
            ("kernelspec", "display_name", ".NET (F#)"), ("language_info", "name", "polyglot-notebook"))
        : With(metadata, 1, ("kernelspec", "name", ".net-csharp"), ("kernelspec", "language", "C#"),
            ("kernelspec", "display_name", ".NET (C#)"), ("language_info", "name", "polyglot-notebook"));

    /// <summary>The metadata with some fields of its objects; as it is if they are there.</summary>
    private static string With(string metadata, int depth, params ReadOnlySpan<(string Object, string Field, string Value)> wanted)
    {
        var node = JsonNode.Parse(metadata)!.AsObject();
        var isChanged = false;
        foreach (var (name, field, value) in wanted)
        {
            if (node[name] is not JsonObject inner)
            {
                node[name] = inner = [];
            }

            if (!(inner[field] is JsonValue old && old.TryGetValue<string>(out var text) && text == value))
            {
                inner[field] = value;
                isChanged = true;
            }
        }

        return isChanged ? Json.Format(JsonSerializer.SerializeToElement(node), depth) : metadata;
    }
}
