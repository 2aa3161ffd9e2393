using Microsoft.Playwright;

namespace SiteTests;

/// <summary>The pages of this repository, built once, and one browser for all tests.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>Where the program is, or null.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);

    /// <summary>Why there are no such tests; null where there are.</summary>
    public static string? Missing { get; } = Program is null ? "chromium could not be installed; see test.sh" : null;

    /// <summary>A folder for the tests, gone afterwards.</summary>
    public string Scratch { get; } = Directory.CreateTempSubdirectory("autodiffcnn-").FullName;

    /// <summary>The folder of the pages.</summary>
    public string Folder => Path.Combine(Scratch, "site");

    public string Url(string path) => new Uri(Path.Combine(Folder, path)).AbsoluteUri;

    public async Task InitializeAsync()
    {
        if (Program is null)
        {
            return;
        }

        Builder.Write(Checkout.Root, Folder);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = ["--no-sandbox"] });
    }

    /// <summary>A window of its own, without a network.</summary>
    public async Task<IPage> Open(int width = 1400)
    {
        var context = await browser!.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, Offline = true });
        return await context.NewPageAsync();
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        Directory.Delete(Scratch, recursive: true);
    }
}

/// <summary>A test that needs Chromium, which test.sh installs where it can; skipped with that reason where it is
/// missing.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        Skip = Browser.Missing;
    }
}

/// <summary>The same with data.</summary>
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute()
    {
        Skip = Browser.Missing;
    }
}
