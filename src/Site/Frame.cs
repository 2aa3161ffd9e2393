using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;

namespace AutoDiffCnn.Site;

/// <summary>What is around each page: the way to all others, its headings, its neighbours.</summary>
internal sealed class Frame(ImmutableArray<Page> pages)
{
    private const string Tutorials = "Tutorials";

    private readonly ImmutableArray<(string Name, ImmutableArray<Page> Pages)> sections =
    [
        .. from page in pages
           let section = Section(page)
           where section.Name.Length > 0
           orderby section.Order
           group page by section.Name into same
           select (same.Key, same.ToImmutableArray()),
    ];

    /// <summary>The files that all pages share.</summary>
    public static ImmutableArray<KeyValuePair<string, byte[]>> Assets { get; } =
        [.. ((string[])["autodiffcnn.css", "autodiffcnn.js", "autodiffcnn.svg"]).Select(name => KeyValuePair.Create(name, Asset(name)))];

    private string Name => pages[0].Title;

    /// <summary>A page as a file.</summary>
    public string Around(Page page)
    {
        string Way(string address) => Address.Between(page.Address, address);
        var title = page == pages[0] ? page.Title : $"{page.Title} · {Name}";
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Prose.Encoded(title)}</title>
            <meta name="description" content="{Prose.Encoded(page.Description.Length > 0 ? page.Description : title)}">
            <meta name="color-scheme" content="light dark">
            <link rel="icon" href="{Way("autodiffcnn.svg")}">
            <link rel="stylesheet" href="{Way("autodiffcnn.css")}">
            <script src="{Way("autodiffcnn.js")}"></script>
            </head>
            <body>
            <a class="skip" href="#main">Skip to the text</a>
            <header>
            <button class="menu" popovertarget="contents" aria-label="All pages">☰</button>
            <a class="brand" href="{Way("index.html")}"><img src="{Way("autodiffcnn.svg")}" alt="" width="22" height="22">{Prose.Encoded(Name)}</a>
            <search><input id="search" type="search" placeholder="Search" aria-label="Search headings" autocomplete="off"><ul id="found"></ul></search>
            <button id="theme" aria-label="Light or dark" title="Light or dark">◐</button>
            </header>
            <div class="frame">
            <nav id="contents" popover aria-label="All pages">
            {string.Concat(sections.Select(section => Links(section.Name, section.Pages, page)))}</nav>
            <main id="main">
            <article>
            {page.Body}</article>
            {Turning(page)}</main>
            <aside aria-label="On this page">
            {Outline(page)}</aside>
            </div>
            </body>
            </html>

            """;
    }

    /// <summary>What the search looks through, as a script: a page that is a file may not read others.</summary>
    public string Search()
    {
        var entries =
            from page in pages
            where Section(page).Name.Length > 0
            from heading in page.Headings
            let address = heading.Level == 1 ? page.Address : $"{page.Address}#{heading.Id}"
            select JsonSerializer.Serialize((string[])[address, heading.Text, page.Title]);
        return $"var headings = [\n{string.Join(",\n", entries)}\n];\n";
    }

    private static string Links(string name, ImmutableArray<Page> pages, Page here) =>
        $"<h2>{Prose.Encoded(name)}</h2>\n<ul>\n{string.Concat(pages.Select(page => $"<li>{Link(page, here)}</li>\n"))}</ul>\n";

    private static string Link(Page page, Page here)
    {
        var current = page == here ? " aria-current=\"page\"" : "";
        return $"<a href=\"{Address.Between(here.Address, page.Address)}\"{current}>{Prose.Encoded(Numbered(page))}</a>";
    }

    /// <summary>The title of a page; with its number if it is a tutorial, since they speak of each other by their numbers.</summary>
    private static string Numbered(Page page) =>
        Path.GetFileName(page.Source) is [>= '0' and <= '9' and var ten, >= '0' and <= '9' and var one, '-', ..] ? $"{ten}{one} {page.Title}" : page.Title;

    private string Turning(Page page)
    {
        var tutorials = sections.FirstOrDefault(section => section.Name == Tutorials).Pages;
        if (tutorials.IsDefault || tutorials.IndexOf(page) is not (>= 0 and var i))
        {
            return "";
        }

        var before = i > 0 ? $"<span>Previous<br>{Link(tutorials[i - 1], page)}</span>" : "<span></span>";
        var next = i + 1 < tutorials.Length ? $"<span>Next<br>{Link(tutorials[i + 1], page)}</span>" : "<span></span>";
        return $"<nav class=\"turn\" aria-label=\"Neighbours\">\n{before}\n{next}\n</nav>\n";
    }

    private static string Outline(Page page)
    {
        var headings = page.Headings.Where(heading => heading.Level is 2 or 3).ToArray();
        var items = headings.Select(heading =>
            $"<li class=\"level{heading.Level}\"><a href=\"#{heading.Id}\">{Prose.Encoded(heading.Text)}</a></li>\n");
        return headings.Length < 2 ? "" : $"<h2>On this page</h2>\n<ul>\n{string.Concat(items)}</ul>\n";
    }

    /// <summary>Under what a page is listed, and which comes first; the name is empty for what only links lead to.</summary>
    private static (string Name, int Order) Section(Page page) => (Address.Folder(page.Source), Path.GetExtension(page.Source)) switch
    {
        (_, ".ipynb") => (Tutorials, 1),
        ("", ".md") => page.Source == "README.md" ? ("Start", 0) : ("Project", 4),
        ("notebooks", ".md") => ("Start", 0),
        ("docs", ".md") => ("Guides", 2),
        (['d', 'o', 'c', 's', '/', .. var name], ".md") => ($"{char.ToUpperInvariant(name[0])}{name[1..]}", 3),
        _ => ("", 5),
    };

    private static byte[] Asset(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
