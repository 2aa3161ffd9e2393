using Microsoft.Playwright;

namespace SiteTests;

/// <summary>The pages of this repository in a real browser.</summary>
public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    [BrowserFact]
    public async Task Shots()
    {
        var page = await browser.Open(dark: false, width: 1400);
        foreach (var path in new[] { "index.html", "docs/pictures.html", "notebooks/02-convolution-by-hand.html", "docs/derivations.html" })
        {
            await page.GotoAsync(browser.Url(path));
            foreach (var (dark, width) in new[] { (false, 1400), (true, 1400), (true, 360), (false, 360) })
            {
                await page.SetViewportSizeAsync(width, 900);
                await page.EmulateMediaAsync(new() { ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light });
                await page.ScreenshotAsync(new() { Path = $"/tmp/w/docs9/shots/{path.Replace('/', '_')}-{(dark ? "dark" : "light")}-{width}.png" });
            }
        }
    }
}
