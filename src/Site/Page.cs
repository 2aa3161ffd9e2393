using System.Collections.Immutable;

namespace AutoDiffCnn.Site;

/// <summary>A heading of a page.</summary>
/// <param name="Level">1 for the page's own, of which there is one.</param>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Text">Its words.</param>
internal sealed record Heading(int Level, string Id, string Text);

/// <summary>That a page refers to something in the repository.</summary>
/// <param name="Path">What it refers to.</param>
/// <param name="Fragment">The heading; empty for the page as a whole.</param>
/// <param name="Place">Where it does.</param>
internal sealed record Reference(string Path, string Fragment, string Place);

/// <summary>A page before it knows its neighbours.</summary>
/// <param name="Source">The file that it is made of.</param>
/// <param name="Address">Where it will be.</param>
/// <param name="Description">Its first words, for those who search.</param>
/// <param name="Headings">Its headings in order.</param>
/// <param name="Body">Its HTML.</param>
/// <param name="References">What it refers to.</param>
/// <param name="Faults">What is wrong in it.</param>
internal sealed record Page(
    string Source,
    string Address,
    string Description,
    ImmutableArray<Heading> Headings,
    string Body,
    ImmutableArray<Reference> References,
    ImmutableArray<Fault> Faults)
{
    /// <summary>Its title.</summary>
    public string Title => Headings.FirstOrDefault(heading => heading.Level == 1)?.Text ?? Source;
}

/// <summary>Addresses of pages.</summary>
internal static class Address
{
    /// <summary>The way from a page to another address.</summary>
    public static string Between(string from, string to)
    {
        var (start, end) = (from.Split('/')[..^1], to.Split('/'));
        var same = start.Zip(end[..^1]).TakeWhile(pair => pair.First == pair.Second).Count();
        return string.Join('/', Enumerable.Repeat("..", start.Length - same).Concat(end[same..].Select(Uri.EscapeDataString)));
    }

    /// <summary>Where a path leads from a folder; null if that is outside.</summary>
    public static string? From(string folder, string path)
    {
        if (path.StartsWith('/'))
        {
            return null;
        }

        var parts = new Stack<string>(folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in path.Split('/').Where(part => part is not ("" or ".")))
        {
            if (part != "..")
            {
                parts.Push(part);
            }
            else if (!parts.TryPop(out _))
            {
                return null;
            }
        }

        return string.Join('/', parts.Reverse());
    }

    /// <summary>The folder of a path.</summary>
    public static string Folder(string path) => path.LastIndexOf('/') is > 0 and var end ? path[..end] : "";
}
