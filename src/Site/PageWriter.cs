using System.Net;

namespace AutoDiffCnn.Site;

/// <summary>Gathers what a page is made of: its headings, what it refers to, what is wrong.</summary>
internal sealed class PageWriter(Repository repository, string source)
{
    /// <summary>What the frame of each page takes, and the script that is in it.</summary>
    private readonly HashSet<string> ids = ["contents", "main", "search", "found", "theme"];

    private readonly List<Heading> headings = [];
    private readonly List<Reference> references = [];
    private readonly List<Fault> faults = [];
    private string description = "";

    private string Here => repository.Address(source);

    /// <summary>Words about the page, of which the first count.</summary>
    public void Describe(string words) => description = description.Length > 0 ? description : words;

    public void Fault(string place, string text, string possible) => faults.Add(new(source, place, text, possible));

    /// <summary>A heading, as HTML.</summary>
    /// <param name="level">1 for the page's own.</param>
    /// <param name="text">Its words.</param>
    /// <param name="html">Its words as HTML.</param>
    public string Heading(int level, string text, string html)
    {
        var id = Unique(string.Concat(text.ToLowerInvariant().Where(sign => char.IsLetterOrDigit(sign) || sign is ' ' or '-' or '_')).Replace(' ', '-'));
        headings.Add(new(level, id, text));
        var anchor = $"<a class=\"anchor\" href=\"#{id}\" aria-label=\"link to this heading\">#</a>";
        return $"<h{level} id=\"{id}\">{html}{anchor}</h{level}>\n";
    }

    /// <summary>The address of something that the page refers to.</summary>
    /// <param name="url">The address as it is written, relative to the source.</param>
    /// <param name="place">Where it is written.</param>
    /// <param name="isPicture">Whether it must be one.</param>
    public string Link(string url, string place, bool isPicture = false)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var absolute) && !url.StartsWith('/'))
        {
            if (isPicture || absolute.Scheme is not ("http" or "https" or "mailto"))
            {
                var (expected, possible) = isPicture
                    ? ("a picture of this repository", "a copy of it beside the page, since pages load nothing from a network")
                    : ("a link to a page, a file or the web", "an address that begins with https");
                Fault(place, $"expected {expected}, got '{url}'.", possible);
            }

            return url;
        }

        var (address, fragment) = url.Split('#', 2) is [var before, var behind] ? (before, Uri.UnescapeDataString(behind)) : (url, "");
        var path = address.Length == 0 ? source : Address.From(Address.Folder(source), Uri.UnescapeDataString(address));
        if (path is not null && repository.Has(path) && (!isPicture || Repository.IsPicture(path)))
        {
            return Refer(path, fragment, place);
        }

        Fault(place, $"expected {(isPicture ? "a picture" : "a file or a folder")} of this repository, got '{url}'.", Repair(address));
        return url;
    }

    /// <summary>The address of a file that is there.</summary>
    public string Refer(string path, string fragment, string place)
    {
        var target = repository.IsFolder(path) && repository.Has(Inside(path, "README.md")) ? Inside(path, "README.md") : path;
        references.Add(new(target, fragment, place));
        var way = target == source ? "" : Address.Between(Here, repository.Address(target));
        return fragment.Length > 0 ? $"{way}#{Uri.EscapeDataString(fragment)}" : way.Length > 0 ? way : "#main";
    }

    public Page ToPage(string body) => new(source, Here, description, [.. headings], body, [.. references], [.. faults, .. Titles()]);

    private IEnumerable<Fault> Titles()
    {
        var titles = headings.Count(heading => heading.Level == 1);
        return titles == 1 ? [] : [new(source, "as a whole", $"expected one heading of the first level, got {titles}.",
            titles == 0 ? "a first line '# Title'" : "'##' for all but the first")];
    }

    private static string Inside(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    /// <summary>Where else a file of this name is.</summary>
    private string Repair(string address)
    {
        var name = address.Split('/')[^1];
        var others = (string[])[.. repository.Files("docs", "*", isDeep: true), .. repository.Files("notebooks"), .. repository.Files("")];
        var found = others.FirstOrDefault(file => name.Length > 0 && file.Split('/')[^1] == name);
        return found is not null
            ? Address.Between(source, found)
            : $"the path of a file as seen from {(Address.Folder(source) is { Length: > 0 } folder ? folder : "the root")}";
    }

    private string Unique(string id)
    {
        var name = id.Length == 0 ? "section" : id;
        var unique = Enumerable.Range(0, int.MaxValue).Select(i => i == 0 ? name : $"{name}-{i}").First(candidate => !ids.Contains(candidate));
        ids.Add(unique);
        return WebUtility.HtmlEncode(unique);
    }
}
