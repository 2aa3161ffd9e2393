using System.Collections.Immutable;

namespace AutoDiffCnn.Notebooks;

/// <summary>A notebook: cells, and what the file says about all of them.</summary>
/// <param name="Cells">The cells from top to bottom.</param>
/// <param name="Language">What a cell is written in that does not say: <c>csharp</c> or <c>fsharp</c>.</param>
/// <param name="Metadata">The file's metadata as JSON text, an object.</param>
/// <param name="Rest">Fields of the file that this reader does not know, as JSON texts by name.</param>
internal sealed record Notebook(
    ImmutableArray<Cell> Cells, string Language, string Metadata, ImmutableSortedDictionary<string, string> Rest)
{
    /// <summary>A notebook of cells and nothing else.</summary>
    public static Notebook Of(params ReadOnlySpan<Cell> cells) => new([.. cells], Languages.CSharp, "{}", NoFields);

    /// <summary>No fields.</summary>
    public static ImmutableSortedDictionary<string, string> NoFields { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The notebook in a file, whose name says in which format.</summary>
    /// <exception cref="NotebookError">It is none.</exception>
    public static Notebook Read(string file, ReadOnlySpan<byte> content) => IsDib(file)
        ? Dib.Read(file, content)
        : Ipynb.Read(file, content);

    /// <summary>What a file of this name holds for this notebook.</summary>
    public byte[] ToBytes(string file) => IsDib(file) ? Dib.Write(this) : Ipynb.Write(this);

    private static bool IsDib(string file) => file.EndsWith(".dib", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A cell.</summary>
/// <param name="Language">What it is written in: <c>csharp</c>, <c>fsharp</c>, <c>markdown</c>, <c>raw</c> or another
/// language that is kept and cannot be run.</param>
/// <param name="Source">Its text, without the line that says the language.</param>
/// <param name="Id">Its name in the file; null for one that was in none.</param>
/// <param name="Count">The number of its run.</param>
/// <param name="Outputs">What it showed when it ran.</param>
/// <param name="Metadata">Its metadata as JSON text, an object.</param>
/// <param name="Rest">Fields that this reader does not know, as JSON texts by name.</param>
internal sealed record Cell(
    string Language,
    string Source,
    string? Id,
    int? Count,
    ImmutableArray<Output> Outputs,
    string Metadata,
    ImmutableSortedDictionary<string, string> Rest)
{
    /// <summary>A new cell.</summary>
    public static Cell Of(string language, string source) => new(language, source, null, null, [], "{}", Notebook.NoFields);

    /// <summary>Whether it is run.</summary>
    public bool IsCode => Language is not (Languages.Markdown or Languages.Raw);
}

/// <summary>The names of languages as notebooks write them.</summary>
internal static class Languages
{
    public const string CSharp = "csharp";
    public const string FSharp = "fsharp";
    public const string Markdown = "markdown";
    public const string Raw = "raw";

    private static readonly ImmutableArray<string> Others =
        [Markdown, Raw, "html", "javascript", "mermaid", "pwsh", "sql", "kql", "http", "value"];

    /// <summary>The language that a line such as <c>#!fsharp</c> changes to, or null if it does not.</summary>
    public static string? Of(string line) => line.TrimEnd() is ['#', '!', .. var name] ? Named(name) : null;

    /// <summary>The language of a name or of one of its other names, or null.</summary>
    public static string? Named(string name) => name switch
    {
        "csharp" or "C#" or "c#" => CSharp,
        "fsharp" or "F#" or "f#" => FSharp,
        "md" => Markdown,
        "js" => "javascript",
        "powershell" => "pwsh",
        _ => Others.Contains(name) ? name : null,
    };
}
