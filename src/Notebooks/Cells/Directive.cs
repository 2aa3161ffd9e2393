using System.Text.RegularExpressions;

namespace AutoDiffCnn.Notebooks;

/// <summary>A line of a cell that is for the host and not for the language.</summary>
internal abstract partial record Directive
{
    private Directive()
    {
    }

    /// <summary>What follows is in another language.</summary>
    public sealed record Language(string Name) : Directive;

    /// <summary><c>#r "path"</c></summary>
    public sealed record Library(string Path) : Directive;

    /// <summary><c>#r "nuget: Name, Version"</c></summary>
    public sealed record Package(string Name, string? Version) : Directive;

    /// <summary><c>#i "nuget: folder or address"</c>: where packages are looked for, too.</summary>
    public sealed record Source(string Place) : Directive;

    /// <summary><c>#!share --from language name [--as name]</c></summary>
    public sealed record Share(string From, string Name, string As) : Directive;

    /// <summary><c>#!import file</c></summary>
    public sealed record Import(string File) : Directive;

    /// <summary><c>#!time</c></summary>
    public sealed record Time : Directive;

    /// <summary>The directive that a line is, or null if it belongs to the language.</summary>
    /// <exception cref="CellError">It is meant to be one, and there is none like it.</exception>
    public static Directive? Of(string line)
    {
        if (Languages.Of(line) is { } language)
        {
            return new Language(language);
        }

        if (Reference().Match(line) is { Success: true } reference)
        {
            return OfReference(line, reference.Groups["kind"].Value, reference.Groups["nuget"].Success, reference.Groups["what"].Value.Trim());
        }

        return line.StartsWith("#!", StringComparison.Ordinal) ? OfWords(line) : null;
    }

    private static Directive? OfReference(string line, string kind, bool isNuget, string what) => (kind, isNuget) switch
    {
        ("r", false) => new Library(what),
        ("i", true) => new Source(what),
        ("r", true) when PackageName().Match(what) is { Success: true } name =>
            new Package(name.Groups["name"].Value, name.Groups["version"] is { Success: true, Value: var version } ? version : null),
        _ => throw new CellError("#r", $"{line.Trim()}: expected #r \"path\", #r \"nuget: Name\", #r \"nuget: Name, Version\" or #i \"nuget: folder\""),
    };

    private static Directive OfWords(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["#!time"] => new Time(),
        ["#!import", ..] => new Import(line[8..].Trim().Trim('"')),
        ["#!share", "--from", var from, var name] => OfShare(from, name, name),
        ["#!share", "--from", var from, var name, "--as", var other] => OfShare(from, name, other),
        ["#!share", var name, "--from", var from] => OfShare(from, name, name),
        ["#!share", ..] => throw new CellError("#!share", $"{line.Trim()}: expected #!share --from language name [--as name]"),
        [var other, ..] => throw new CellError(other, $"there is no directive {other}; there are #!csharp, #!fsharp, #!markdown, #!import, #!share, #!time, #r, #i"),
        [] => throw new CellError("#!", "a directive without a name"),
    };

    private static Share OfShare(string from, string name, string other) =>
        Languages.Named(from) is (Languages.CSharp or Languages.FSharp) and var language && Identifier().IsMatch(name) && Identifier().IsMatch(other)
            ? new(language, name, other)
            : throw new CellError("#!share", $"#!share --from {from} {name}: expected csharp or fsharp, and the name of a variable");

    [GeneratedRegex("""^#(?<kind>[ri])\s*"(?<nuget>nuget:)?(?<what>[^"]*)"\s*;?\s*$""")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^(?<name>[\w.-]+)(\s*,\s*(?<version>[\w.+*-]+))?$")]
    private static partial Regex PackageName();

    [GeneratedRegex(@"^\w+$")]
    private static partial Regex Identifier();
}
