using System.Collections.Immutable;
using System.Diagnostics;

namespace AutoDiffCnn.Notebooks;

/// <summary>Runs the cells of a notebook: splits each into languages and directives, and shows the last value.</summary>
internal sealed class Session(Screen screen)
{
    private const int MostImports = 16;

    private readonly Libraries libraries = new();
    private readonly Packages packages = new();
    private readonly Dictionary<string, ICells> cells = [];
    private int imports;

    /// <summary>Runs a cell.</summary>
    /// <exception cref="CellError">It cannot be run.</exception>
    public void Run(string language, string code, string place)
    {
        var watch = Stopwatch.StartNew();
        if (RunParts(language, code, place) is { } value)
        {
            screen.Send(new Message.Result(Formatted.Of(value.Content)));
        }

        if (code.Split('\n').Any(line => line.TrimEnd() == "#!time"))
        {
            screen.Send(new Message.Time($"Wall time: {watch.Elapsed.TotalMilliseconds:F1} ms"));
        }
    }

    /// <summary>What could stand at a position of a cell.</summary>
    public Message.Completions Complete(string language, string code, int position)
    {
        // Directives become blank lines of the same length, so that positions stay.
        var lines = code.Split('\n');
        var plain = string.Join('\n', lines.Select(line => line is ['#', '!' or 'r' or 'i', ..] ? new string(' ', line.Length) : line));
        language = lines.TakeWhile((_, i) => lines[..i].Sum(line => line.Length + 1) <= position)
            .Select(Languages.Of).LastOrDefault(name => name is not null) ?? language;
        return In(language).Complete(plain, Math.Clamp(position, 0, plain.Length));
    }

    /// <summary>Runs the parts of a cell one after the other; the last one's value is the cell's, the others' are shown.</summary>
    private Value? RunParts(string language, string code, string place)
    {
        var lines = code.ReplaceLineEndings("\n").Split('\n');
        var part = new List<string>();
        Value? value = null;
        foreach (var line in lines)
        {
            var directive = language is Languages.CSharp or Languages.FSharp || Languages.Of(line) is not null ? Directive.Of(line) : null;
            if (directive is null)
            {
                part.Add(line);
                continue;
            }

            var ended = directive is Directive.Language or Directive.Share or Directive.Import;
            if (ended)
            {
                Show(value);
                value = RunPart(language, part, place);
                part = [.. part.Select(_ => "")];
            }

            part.Add("");
            language = directive is Directive.Language next ? next.Name : language;
            Obey(directive, language, place);
        }

        var last = RunPart(language, part, place);
        if (last is not null)
        {
            Show(value);
        }

        return last ?? value;
    }

    private Value? RunPart(string language, List<string> lines, string place)
    {
        var code = string.Join('\n', lines);
        if (string.IsNullOrWhiteSpace(code))
        {
            return null;
        }

        if (language == Languages.Markdown)
        {
            screen.Display(Notebook.NoFields.Add("text/markdown", code.Trim('\n')));
            return null;
        }

        if (language == "html")
        {
            screen.Display(Notebook.NoFields.Add("text/html", code.Trim('\n')));
            return null;
        }

        return In(language).Run(code, place);
    }

    private void Show(Value? value)
    {
        if (value is not null)
        {
            screen.Display(Formatted.Of(value.Content));
        }
    }

    private void Obey(Directive directive, string language, string place)
    {
        switch (directive)
        {
            case Directive.Library library:
                In(language).Refer(Libraries.Family(library.Path));
                break;
            case Directive.Source source:
                packages.AddSource(source.Place);
                break;
            case Directive.Package package:
                In(language).Refer(packages.Restore(package));
                break;
            case Directive.Share share:
                var value = (cells.TryGetValue(share.From, out var from) ? from.Get(share.Name) : null)
                    ?? throw new CellError("#!share", $"there is no variable {share.Name} in the cells of {share.From}");
                In(language).Set(share.As, value.Content);
                break;
            case Directive.Import import:
                Import(import.File, place);
                break;
        }
    }

    private void Import(string file, string place)
    {
        if (!File.Exists(file))
        {
            throw new CellError("#!import", $"there is no file {file}");
        }

        if (imports == MostImports)
        {
            throw new CellError("#!import", $"{file} is the {MostImports + 1}th file that imports another");
        }

        imports++;
        try
        {
            foreach (var (language, source) in Content(file))
            {
                Show(RunParts(language, source, $"{place}, {Path.GetFileName(file)}"));
            }
        }
        finally
        {
            imports--;
        }
    }

    private static ImmutableArray<(string Language, string Source)> Content(string file) => Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".cs" or ".csx" => [(Languages.CSharp, File.ReadAllText(file))],
        ".fs" or ".fsx" => [(Languages.FSharp, File.ReadAllText(file))],
        ".ipynb" or ".dib" => [.. Notebook.Read(file, File.ReadAllBytes(file)).Cells.Where(cell => cell.IsCode).Select(cell => (cell.Language, cell.Source))],
        _ => throw new CellError("#!import", $"{file}: expected a file .cs, .csx, .fs, .fsx, .ipynb or .dib"),
    };

    private ICells In(string language)
    {
        if (!cells.TryGetValue(language, out var found))
        {
            found = language switch
            {
                Languages.CSharp => new CSharpCells(libraries),
                Languages.FSharp => new FSharpCells(libraries),
                _ => throw new CellError("language", $"cells of {language} cannot be run; those of csharp and fsharp can"),
            };
            cells.Add(language, found);
        }

        return found;
    }
}
