using System.Diagnostics;

namespace FacadeTests;

public class PlotlyTests
{
    private static readonly string Script = Path.Combine(Drawn.Here(), "plotly/node_modules/plotly.js-dist-min/plotly.min.js");

    [PlotlyFact]
    public void Plotly_draws_each_kind_of_chart_in_a_browser_without_a_network()
    {
        Chart[] charts =
        [
            Chart.Plot(Chart.Line([1, double.NaN, 3], "</script><b>"), Chart.Scatter([0, 2], [1, 2])).WithLogY(), Chart.Column(["a", "b"], [1, 2]), Chart.Bar(["a", "b"], [1, 2]),
            Chart.Histogram([1, 2, 2, 3]), Chart.Heatmap(Tensor.Of([[1, -2], [3, 4]])), Chart.Confusion(ConfusionMatrix.Of(2, [(0, 0), (1, 0)])),
            Chart.Contour(w => Sum(w * w), (-1, 1), (-1, 1)),
        ];
        Scratch.In(folder =>
        {
            var path = Path.Combine(folder, "charts.html");
            File.WriteAllText(path, "<!DOCTYPE html><meta charset=\"utf-8\"><body>" + string.Join("\n", charts.Select((chart, i) => chart.ToHtml(i == 0 ? File.ReadAllText(Script) : "", $"figure{i}")))
                + "<script>document.title = document.querySelectorAll('.main-svg').length > 0 ? 'figures ' + document.querySelectorAll('.js-plotly-plot').length"
                + " + ', faults ' + [...document.querySelectorAll('.js-plotly-plot')].flatMap(plot => Plotly.validate(plot.data, plot.layout) || []).map(fault => fault.msg).join('; ') : 'none'</script>");
            using var process = Process.Start(new ProcessStartInfo("chromium",
                ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--virtual-time-budget=10000", "--dump-dom", $"file://{path}"])
            { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var error = process.StandardError.ReadToEndAsync();
            var shown = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, error.Result);
            Assert.Equal($"<title>figures {charts.Length}, faults </title>", shown[shown.IndexOf("<title>", StringComparison.Ordinal)..(shown.IndexOf("</title>", StringComparison.Ordinal) + 8)]);
        });
    }

    /// <summary>A test that needs plotly's script and Chromium, which test.sh installs where it can; skipped with what is
    /// missing.</summary>
    private sealed class PlotlyFactAttribute : FactAttribute
    {
        public PlotlyFactAttribute()
        {
            string[] missing =
            [
                .. File.Exists(Script) ? Array.Empty<string>() : ["plotly"],
                .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(at => File.Exists(Path.Combine(at, "chromium"))) ? Array.Empty<string>() : ["chromium"],
            ];
            Skip = missing.Length == 0 ? null : $"{string.Join(" and ", missing)} could not be installed; see test.sh";
        }
    }
}
