using System.Collections.Immutable;
using System.Text.Json;

namespace AutoDiffCnn.Notebooks;

/// <summary>Reads Jupyter's format (nbformat 4, any minor version).</summary>
internal static class Ipynb
{
    /// <summary>How deep JSON may be.</summary>
    public const int MaxDepth = 64;

    private static readonly string[] FileFields = ["cells", "metadata", "nbformat", "nbformat_minor"];
    private static readonly string[] CellFields = ["cell_type", "execution_count", "id", "metadata", "outputs", "source"];

    /// <exception cref="NotebookError">It is no such file.</exception>
    public static Notebook Read(string file, ReadOnlySpan<byte> content)
    {
        var text = Utf8.Decode(file, content);
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false };
            using var document = JsonDocument.Parse(text, options);
            Decode(document.RootElement);
            return Read(new Place(file, "$", document.RootElement));
        }
        catch (Exception trouble) when (trouble is JsonException or InvalidOperationException)
        {
            // An InvalidOperationException is a string with half of a letter outside the first 65,536.
            throw new NotebookError(file, "as a whole", "JSON", trouble.Message);
        }
    }

    /// <summary>The bytes of the file, those of the same notebook always the same.</summary>
    public static byte[] Write(Notebook notebook) => IpynbWriter.Write(notebook);

    /// <summary>Decodes each text once, so that none of those that are kept as they are fails later.</summary>
    private static void Decode(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in element.EnumerateObject())
            {
                _ = field.Name;
                Decode(field.Value);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Decode(item);
            }
        }
        else if (element.ValueKind == JsonValueKind.String)
        {
            _ = element.GetString();
        }
    }

    private static Notebook Read(Place root)
    {
        root.Expect(JsonValueKind.Object);
        if (root.Field("nbformat") is var format
            && !(format.Value.ValueKind == JsonValueKind.Number && format.Value.TryGetInt32(out var version) && version == 4))
        {
            throw format.Error("4", "open the file in Jupyter and save it");
        }

        var metadata = root.Field("metadata").Expect(JsonValueKind.Object);
        var language = DefaultLanguage(metadata);
        var cells = root.Field("cells").Items().Select(cell => ReadCell(cell, language));
        return new([.. cells], language, metadata.Value.GetRawText(), root.Rest(FileFields));
    }

    private static string DefaultLanguage(Place metadata)
    {
        var spec = metadata.Optional("kernelspec")?.Expect(JsonValueKind.Object);
        return spec?.Optional("name")?.Text() == ".net-fsharp" || spec?.Optional("language")?.Text() is "F#" or "fsharp"
            ? Languages.FSharp
            : Languages.CSharp;
    }

    private static Cell ReadCell(Place cell, string language)
    {
        cell.Expect(JsonValueKind.Object);
        var metadata = cell.Field("metadata").Expect(JsonValueKind.Object);
        var kind = cell.Field("cell_type").Text();
        var source = cell.Field("source").Lines();
        (language, source) = kind switch
        {
            "code" => OfCode(CellLanguage(metadata) ?? language, source),
            "markdown" => (Languages.Markdown, source),
            "raw" => (Languages.Raw, source),
            _ => throw cell.Field("cell_type").Error("code, markdown or raw"),
        };
        return new(
            language,
            source,
            cell.Optional("id")?.Text(),
            cell.Optional("execution_count")?.Count(),
            kind == "code" ? [.. cell.Field("outputs").Items().Select(ReadOutput)] : [],
            metadata.Value.GetRawText(),
            cell.Rest(CellFields));
    }

    private static string? CellLanguage(Place metadata)
    {
        var name = metadata.Optional("polyglot_notebook")?.Expect(JsonValueKind.Object).Optional("kernelName")
            ?? metadata.Optional("dotnet_interactive")?.Expect(JsonValueKind.Object).Optional("language");
        return name is null ? null : Languages.Named(name.Text());
    }

    /// <summary>A first line such as <c>#!fsharp</c> is what says the language where there is no metadata.</summary>
    private static (string Language, string Source) OfCode(string language, string source)
    {
        var end = source.IndexOf('\n') is >= 0 and var at ? at : source.Length;
        return Languages.Of(source[..end]) is (Languages.CSharp or Languages.FSharp) and var named
            ? (named, source[Math.Min(end + 1, source.Length)..])
            : (language, source);
    }

    private static Output ReadOutput(Place output)
    {
        output.Expect(JsonValueKind.Object);
        return output.Field("output_type").Text() switch
        {
            "stream" => new Output.Stream(output.Field("name").Text(), output.Field("text").Lines()),
            "display_data" => new Output.Display(Data(output), Metadata(output)),
            "execute_result" => new Output.Result(Data(output), output.Field("execution_count").Count(), Metadata(output)),
            "error" => new Output.Error(output.Field("ename").Text(), output.Field("evalue").Text(),
                [.. output.Field("traceback").Items().Select(line => line.Text())]),
            _ => new Output.Unknown(output.Value.GetRawText()),
        };
    }

    private static string Metadata(Place output) => output.Field("metadata").Expect(JsonValueKind.Object).Value.GetRawText();

    private static ImmutableSortedDictionary<string, string> Data(Place output) => Notebook.NoFields.SetItems(
        output.Field("data").Fields().Select(field => KeyValuePair.Create(
            field.Name, IsJson(field.Name) ? field.Value.Value.GetRawText() : field.Value.Lines())));

    /// <summary>Whether data of a MIME type is JSON rather than text.</summary>
    public static bool IsJson(string mime) =>
        mime == "application/json" || (mime.StartsWith("application/", StringComparison.Ordinal) && mime.EndsWith("+json", StringComparison.Ordinal));
}
