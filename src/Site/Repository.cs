using AutoDiffCnn.Notebooks;

namespace AutoDiffCnn.Site;

/// <summary>What a file of the repository is among the pages.</summary>
internal enum Kind
{
    /// <summary>Markdown.</summary>
    Prose,

    /// <summary>A notebook.</summary>
    Notebook,

    /// <summary>A folder, whose page lists what is in it.</summary>
    Folder,

    /// <summary>A text, whose page shows it.</summary>
    Text,

    /// <summary>A picture or anything else that is no text, which is copied.</summary>
    Copied,
}

/// <summary>The files that pages are made of. Paths have slashes and begin at the root, which is the empty one.</summary>
internal sealed class Repository(string root)
{
    private static readonly string[] PictureEndings = [".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp"];

    public static bool IsPicture(string path) => PictureEndings.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>Whether a file or a folder is there.</summary>
    public bool Has(string path) => File.Exists(Full(path)) || IsFolder(path);

    public bool IsFolder(string path) => Directory.Exists(Full(path));

    public byte[] Bytes(string path) => File.ReadAllBytes(Full(path));

    /// <exception cref="NotebookError">It is no UTF-8.</exception>
    public string Text(string path) => Utf8.Decode(path, Bytes(path)).ReplaceLineEndings("\n");

    /// <summary>The files in a folder that end so, in order; none where there is no folder.</summary>
    public IEnumerable<string> Files(string folder, string pattern = "*", bool isDeep = false) => IsFolder(folder)
        ? Directory.EnumerateFiles(Full(folder), pattern, isDeep ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part.StartsWith('.'))).Order(StringComparer.Ordinal)
        : [];

    public Kind Of(string path) => Path.GetExtension(path) switch
    {
        _ when IsFolder(path) => Kind.Folder,
        ".md" => Kind.Prose,
        ".ipynb" => Kind.Notebook,
        _ when IsPicture(path) || !IsText(path) => Kind.Copied,
        _ => Kind.Text,
    };

    /// <summary>Where the page of a path is, as seen from the site's root.</summary>
    public string Address(string path) => Of(path) switch
    {
        Kind.Prose when Path.GetFileName(path) == "README.md" => $"{path[..^"README.md".Length]}index.html",
        Kind.Prose or Kind.Notebook => Path.ChangeExtension(path, ".html"),
        Kind.Folder => path.Length == 0 ? "index.html" : $"{path}/index.html",
        Kind.Text => $"{path}.html",
        _ => path,
    };

    private bool IsText(string path)
    {
        try
        {
            return !Text(path).Contains('\0', StringComparison.Ordinal);
        }
        catch (NotebookError)
        {
            return false;
        }
    }

    private string Full(string path) => Path.Combine(root, path);
}
