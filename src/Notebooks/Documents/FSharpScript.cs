using System.Text;
using System.Text.RegularExpressions;

namespace AutoDiffCnn.Notebooks;

/// <summary>A notebook of F# as one script for <c>dotnet fsi</c>: prose becomes comments, and what a cell would show is
/// printed.</summary>
internal static partial class FSharpScript
{
    private const string Head =
        """
        /// Prints what the notebook shows.
        let show (value: obj) =
            match value with
            | null -> ()
            | value -> printfn "%O" value

        """;

    private static readonly string[] Assemblies = ["AutoDiffCnn.Graph", "AutoDiffCnn.Ops", "AutoDiffCnn.Cpu", "AutoDiffCnn"];

    /// <param name="file">The notebook's name, for the first line and for errors.</param>
    /// <param name="notebook">The notebook.</param>
    /// <param name="project">The library's project, where the script lies, which must have been built; null for the
    /// package.</param>
    /// <exception cref="NotebookError">A cell is not F#.</exception>
    public static string Of(string file, Notebook notebook, string? project)
    {
        var (references, body) = (new StringBuilder(), new StringBuilder());
        foreach (var (i, cell) in notebook.Cells.Index())
        {
            var place = $"cell {i + 1}";
            switch (cell.Language)
            {
                case Languages.Markdown:
                    body.Append('\n').AppendJoin('\n', cell.Source.Split('\n').Select(line => $"// {line}".TrimEnd())).Append('\n');
                    break;
                case Languages.FSharp:
                    body.Append(Code(file, place, cell.Source, project, references));
                    break;
                case Languages.Raw:
                    break;
                default:
                    throw new NotebookError(file, place, "F#", cell.Language);
            }
        }

        return $"// What {file} does, without a notebook: dotnet fsi FILE. Made by autodiffcnn notebook app.\n{references}\n{Head}{body}";
    }

    private static string Code(string file, string place, string source, string? project, StringBuilder references)
    {
        var lines = new List<string>();
        foreach (var line in source.ReplaceLineEndings("\n").Split('\n'))
        {
            switch (Directive.Of(line))
            {
                case null:
                    lines.Add(line);
                    break;
                case Directive.Package package when project is not null && package.Name == "AutoDiffCnn":
                    references.AppendJoin("", Assemblies.Select(name => $"#r \"{Path.GetDirectoryName(project)!.Replace('\\', '/')}/bin/Release/net10.0/{name}.dll\"\n"));
                    break;
                case Directive.Package package:
                    references.Append($"#r \"nuget: {package.Name}{(package.Version is null ? "" : $", {package.Version}")}\"\n");
                    break;
                case Directive.Time or Directive.Source or Directive.Language { Name: Languages.FSharp }:
                    break;
                default:
                    throw new NotebookError(file, place, "F#", line.Trim());
            }
        }

        var code = string.Join('\n', lines).Trim('\n');
        return code.Length == 0 ? "" : $"\n{Shown(code)}\n";
    }

    /// <summary>The last item of a cell begins at the last line that is not indented and closes nothing; if it declares
    /// nothing it is an expression, whose value is shown.</summary>
    private static string Shown(string code)
    {
        var lines = code.Split('\n');
        var start = Array.FindLastIndex(lines, line => Begins().IsMatch(line));
        return start < 0 || Declares().IsMatch(lines[start]) ? code
            : start == lines.Length - 1 ? string.Join('\n', [.. lines[..start], $"box ({lines[start]}) |> show"])
            : string.Join('\n', [.. lines[..start], "box (", .. lines[start..].Select(line => $"    {line}".TrimEnd()), ")", "|> show"]);
    }

    [GeneratedRegex(@"^[^\s)\]}|/]")]
    private static partial Regex Begins();

    [GeneratedRegex(@"^(let|open|type|module|exception|use|and|\[<|#)(\b|<|\W|$)")]
    private static partial Regex Declares();
}
