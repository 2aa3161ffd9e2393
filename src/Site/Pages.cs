using AutoDiffCnn.Notebooks;

namespace AutoDiffCnn.Site;

/// <summary>Pages of the kinds of files.</summary>
internal static class Pages
{
    /// <summary>What is shown of something that a cell shows in many ways: the first that is there, as Jupyter prefers them.</summary>
    private static readonly string[] Preferred =
        ["text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg", "image/gif", "text/plain"];

    /// <summary>The page of a file or a folder.</summary>
    public static Page Of(Repository repository, string source)
    {
        var page = new PageWriter(repository, source);
        try
        {
            return page.ToPage(repository.Of(source) switch
            {
                Kind.Prose => Prose.ToHtml(page, repository.Text(source), line => $"line {line}"),
                Kind.Notebook => Notebook(page, repository, source),
                Kind.Folder => Folder(page, repository, source),
                _ => page.Heading(1, source, Prose.Encoded(source)) + Prose.Code(repository.Text(source), Language(source)),
            });
        }
        catch (NotebookError error)
        {
            page.Fault("as a whole", error.Message, "a notebook that 'notebook run' can read");
            return page.ToPage("");
        }
    }

    private static string Folder(PageWriter page, Repository repository, string source)
    {
        var files = repository.Files(source).Select(file => (Name: Path.GetFileName(file), Address: page.Refer(file, "", "as a whole")))
            .Select(file => $"<li><a href=\"{file.Address}\">{Prose.Encoded(file.Name)}</a></li>\n");
        return $"{page.Heading(1, source, Prose.Encoded(source))}<ul>\n{string.Concat(files)}</ul>\n";
    }

    private static string Notebook(PageWriter page, Repository repository, string source)
    {
        var read = Notebooks.Notebook.Read(source, repository.Bytes(source)).Cells;
        var waiting = read.Index().Where(cell => cell.Item is { Count: null, Source.Length: > 0, Language: Languages.CSharp or Languages.FSharp }).ToArray();
        if (waiting is [(var first, _), ..])
        {
            page.Fault($"cell {first + 1}", $"expected cells that have been run, got {waiting.Length} that have not.", "'notebook run --write' on the notebook");
        }

        var cells = read
            .Select((cell, i) => cell.Language == Languages.Markdown
                ? Prose.ToHtml(page, cell.Source, line => $"cell {i + 1}, line {line}")
                : cell.Language == Languages.Raw || cell.Source.Length == 0 ? "" : Code(page, cell, i + 1));
        var app = $"{Address.Folder(source)}/apps/{Path.GetFileNameWithoutExtension(source)}.cs";
        var program = repository.Has(app) ? $", also as a <a href=\"{page.Refer(app, "", "as a whole")}\">program</a>" : "";
        var name = Path.GetFileName(source);
        var file = $"<a href=\"{Uri.EscapeDataString(name)}\">{Prose.Encoded(name)}</a>";
        return $"{string.Concat(cells)}<p class=\"origin\">This page is the notebook {file}{program}.</p>\n";
    }

    private static string Code(PageWriter page, Cell cell, int number)
    {
        var outputs = string.Concat(cell.Outputs.Select(output => Shown(page, output, number)));
        var name = cell.Language switch { Languages.CSharp => "C#", Languages.FSharp => "F#", _ => cell.Language };
        return $"<div class=\"cell\" data-language=\"{Prose.Encoded(name)}\">\n{Prose.Code(cell.Source, cell.Language)}{outputs}</div>\n";
    }

    private static string Shown(PageWriter page, Output output, int number)
    {
        switch (output)
        {
            case Output.Stream stream:
                return Block($"<pre class=\"{(stream.Name == "stderr" ? "stderr" : "stdout")}\">{Prose.Encoded(stream.Text)}</pre>");
            case Output.Display display:
                return Block(Shown(page, display.Data, number));
            case Output.Result result:
                return Block(Shown(page, result.Data, number));
            case Output.Error error:
                page.Fault($"cell {number}", $"expected a cell that passes, got {error.Name}: {error.Message}.", "'notebook run', which tells where");
                return "";
            default:
                return "";
        }

        static string Block(string html) => html.Length == 0 ? "" : $"<div class=\"output\">{html}</div>\n";
    }

    private static string Shown(PageWriter page, IReadOnlyDictionary<string, string> data, int number)
    {
        var type = Preferred.FirstOrDefault(data.ContainsKey);
        var words = data.TryGetValue("text/plain", out var plain) && plain.Length is > 0 and < 200 ? plain : $"what cell {number} shows";
        return type switch
        {
            null => "",
            "text/html" or "image/svg+xml" => data[type],
            "text/markdown" => Prose.ToHtml(page, data[type], line => $"cell {number}, line {line} of its Markdown"),
            "text/latex" => Prose.ToHtml(page, $"$$\n{data[type].Trim().Trim('$')}\n$$", _ => $"cell {number}, its LaTeX"),
            "text/plain" => $"<pre>{Prose.Encoded(data[type])}</pre>",
            _ => $"<img src=\"data:{type};base64,{Prose.Encoded(data[type].ReplaceLineEndings("").Trim())}\" alt=\"{Prose.Encoded(words)}\">",
        };
    }

    private static string Language(string path) => Path.GetExtension(path) switch
    {
        ".cs" or ".csx" => Languages.CSharp,
        ".fs" or ".fsx" => Languages.FSharp,
        _ => "",
    };
}
