using Microsoft.Playwright;

namespace SiteTests;

/// <summary>The pages of this repository as a reader sees them.</summary>
public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    [BrowserFact]
    public async Task Every_page_is_whole_in_both_themes_and_on_narrow_and_wide_windows()
    {
        var (wrong, ids, links, titles) = (new List<string>(), new Dictionary<string, string[]>(), new List<(string From, string To)>(), new List<string>());
        var page = await browser.Open();
        var path = "";
        page.Console += (_, message) => wrong.Add($"{path}: {message.Type}: {message.Text}");
        page.PageError += (_, error) => wrong.Add($"{path}: {error}");
        page.Request += (_, request) => wrong.AddRange(request.Url.StartsWith("file:", StringComparison.Ordinal) || request.Url.StartsWith("data:", StringComparison.Ordinal) ? [] : [$"{path}: asks for {request.Url}"]);
        page.RequestFailed += (_, request) => wrong.Add($"{path}: {request.Failure} {request.Url}");
        var drawn = 0;
        foreach (var file in Directory.GetFiles(browser.Folder, "*.html", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            path = Path.GetRelativePath(browser.Folder, file);
            await page.GotoAsync(new Uri(file).AbsoluteUri);
            foreach (var (width, isDark) in ((int, bool)[])[(1400, false), (360, true)])
            {
                await page.SetViewportSizeAsync(width, 900);
                await page.EmulateMediaAsync(new() { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light });
                var report = await page.EvaluateAsync<Report>(Report.Script);
                wrong.AddRange(report.Wrong.Select(what => $"{path}, {width} wide, {(isDark ? "dark" : "light")}: {what}"));
                wrong.AddRange(report.IsDark == isDark ? [] : [$"{path}: dark {report.IsDark} instead of {isDark}"]);
                (ids[file], drawn) = (report.Ids, drawn + report.Drawn);
                links.AddRange(report.Links.Select(link => (path, link)));
                titles.AddRange(width == 360 ? [report.Title] : []);
            }
        }

        wrong.AddRange(titles.GroupBy(title => title).Where(same => same.Count() > 1).Select(same => $"two pages have the title {same.Key}"));
        wrong.AddRange(links.Distinct().Where(link => link.To.StartsWith("file:", StringComparison.Ordinal) && !Leads(new Uri(link.To), ids)).Select(link => $"{link.From}: leads nowhere: {link.To}"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(titles.Count > 20 && drawn > 50 && links.Count > 1000, $"{titles.Count} pages, {drawn} figures, {links.Count} links");
    }

    [BrowserTheory]
    [InlineData(1400)]
    [InlineData(360)]
    public async Task The_search_finds_headings_and_goes_there(int width)
    {
        var page = await browser.Open(width);
        await page.GotoAsync(browser.Url("docs/gradkit.html"));
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("what is where");
        await page.Locator("#found a").First.WaitForAsync();
        var list = await page.Locator("#found").BoundingBoxAsync();
        Assert.True(list!.X >= 0 && list.X + list.Width <= width);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(browser.Url("index.html") + "#what-is-where", new() { Timeout = 30_000 });
        await page.Locator("#search").FillAsync("nothing is called so");
        Assert.Equal(0, await page.Locator("#found a").CountAsync());
    }

    [BrowserFact]
    public async Task The_menu_of_a_narrow_window_opens_and_leads_to_other_pages()
    {
        var page = await browser.Open(width: 360);
        await page.GotoAsync(browser.Url("index.html"));
        Assert.False(await page.Locator("#contents").IsVisibleAsync());
        await page.Locator("button.menu").ClickAsync();
        await page.Locator("#contents").GetByText("Changelog").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(browser.Url("CHANGELOG.html"), new() { Timeout = 30_000 });
        Assert.False(await page.Locator("#contents").IsVisibleAsync());
    }

    [BrowserFact]
    public async Task The_switch_changes_pages_and_pictures_and_is_remembered()
    {
        const string Picture = """<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><style>@media (prefers-color-scheme:dark){.g{fill:#000001}}</style><rect class="g" width="20" height="20" fill="#fefefe"/></svg>""";
        var folder = Path.Combine(browser.Scratch, "switch");
        Directory.CreateDirectory(Path.Combine(folder, "notebooks"));
        File.WriteAllText(Path.Combine(folder, "a.svg"), Picture);
        File.WriteAllText(Path.Combine(folder, "README.md"), "# Title\n\n![p](a.svg)\n");
        var cell = Cell.Of(Languages.CSharp, "1") with { Count = 1, Outputs = [new Output.Display(Notebook.NoFields.Add("image/svg+xml", Picture))] };
        File.WriteAllBytes(Path.Combine(folder, "notebooks/a.ipynb"), Notebook.Of(Cell.Of(Languages.Markdown, "# One\n\n![p](../a.svg)"), cell).ToBytes("a.ipynb"));
        Builder.Write(folder, Path.Combine(folder, "site"));

        var page = await browser.Open();
        await page.GotoAsync(browser.Url("../switch/site/notebooks/a.html"));
        Assert.Equal((false, "rgb(254, 254, 254)"), await Seen());
        var image = await Image();
        await page.Locator("#theme").ClickAsync();
        Assert.Equal((true, "rgb(0, 0, 1)"), await Seen());
        var dark = await Image();
        Assert.NotEqual(image, dark);
        await page.GotoAsync(browser.Url("../switch/site/index.html"));
        Assert.True((await page.EvaluateAsync<Report>(Report.Script)).IsDark);
        await page.GotoAsync(browser.Url("../switch/site/notebooks/a.html"));
        Assert.Equal((true, "rgb(0, 0, 1)"), await Seen());
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.Locator("#theme").ClickAsync();
        Assert.Equal((false, "rgb(254, 254, 254)"), await Seen());
        Assert.Equal(image, await Image());

        async Task<(bool IsDark, string Fill)> Seen() => ((await page.EvaluateAsync<Report>(Report.Script)).IsDark,
            await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('main rect')).fill"));

        async Task<byte[]> Image() => await page.Locator("main img").ScreenshotAsync();
    }

    [BrowserFact]
    public async Task Words_of_pictures_lie_inside_and_over_no_others()
    {
        var script = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "tests/Site/words.js"));
        var gallery = Path.Combine(browser.Scratch, "gallery.html");
        var pictures = Directory.GetFiles(Path.Combine(Checkout.Root, "docs/pictures"), "*.svg").Select(File.ReadAllText);
        await File.WriteAllTextAsync(gallery, $"<!DOCTYPE html><meta charset=\"utf-8\"><main>{string.Join("<br>", pictures)}</main>");
        var page = await browser.Open();
        var wrong = new List<string>();
        foreach (var file in (string[])[gallery, .. Directory.GetFiles(Path.Combine(browser.Folder, "notebooks"), "*.html")])
        {
            await page.GotoAsync(new Uri(file).AbsoluteUri);
            wrong.AddRange((await page.EvaluateAsync<string[]>(script)).Select(what => $"{Path.GetFileName(file)}: {what}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        await page.GotoAsync(new Uri(gallery).AbsoluteUri);
        await page.EvaluateAsync("document.querySelector('main text').setAttribute('x', -500)");
        Assert.Single(await page.EvaluateAsync<string[]>(script));
    }

    /// <summary>Whether there is something at an address: a file, and in it the place that is named.</summary>
    private static bool Leads(Uri link, Dictionary<string, string[]> ids) =>
        File.Exists(link.LocalPath) && (link.Fragment.Length < 2 || ids.TryGetValue(link.LocalPath, out var known) && known.Contains(Uri.UnescapeDataString(link.Fragment[1..])));

    /// <summary>What report.js says of a page.</summary>
    private sealed class Report
    {
        public static string Script { get; } = File.ReadAllText(Path.Combine(Checkout.Root, "tests/Site/report.js"));

        public string[] Wrong { get; set; } = [];

        public string[] Ids { get; set; } = [];

        public string[] Links { get; set; } = [];

        public string Title { get; set; } = "";

        public bool IsDark { get; set; }

        public int Drawn { get; set; }
    }
}
