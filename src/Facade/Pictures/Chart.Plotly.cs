using System.Text.Json.Nodes;

namespace AutoDiffCnn;

// For a browser: what plotly.js draws, to be zoomed and hovered over.
public sealed partial class Chart
{
    /// <summary>The chart as plotly's JSON: <c>data</c> and <c>layout</c>, as <c>Plotly.newPlot</c> takes them. Numbers that
    /// are not finite are null.</summary>
    public string ToPlotly() => new JsonObject
    {
        ["data"] = new JsonArray([.. series.Select(each => each.Json())]),
        ["layout"] = new JsonObject
        {
            ["title"] = Title(look.Title),
            ["xaxis"] = Side(look.XTitle, look.LogX),
            ["yaxis"] = Side(look.YTitle, look.LogY),
            ["width"] = look.Width,
            ["height"] = look.Height,
            ["showlegend"] = series.Length > 1,
            ["colorway"] = new JsonArray([.. Enumerable.Range(0, 6).Select(i => (JsonNode)JsonValue.Create(Tint.Series(i).Light)!)]),
        },
    }.ToJsonString();

    /// <summary>A page part in which plotly draws the chart; until it does, and where scripts are stripped, it shows the SVG.
    /// The script is not in this package: it is <c>plotly.min.js</c> of the npm package <c>plotly.js-dist-min</c>, or
    /// the smaller <c>plotly.js-basic-dist-min</c>, which has no heat maps.</summary>
    /// <param name="script">The script's text, or empty where the page has loaded it already.</param>
    /// <param name="id">The id of the element, letters and digits; another for each figure of a page.</param>
    /// <exception cref="ArgumentException">The id has other characters.</exception>
    public string ToHtml(string script = "", string id = "figure1")
    {
        if (id.Length == 0 || !id.All(char.IsAsciiLetterOrDigit))
        {
            throw new ArgumentException($"'{id}' is no id: letters and digits only.", nameof(id));
        }

        var load = script.Length == 0 ? "" : $"<script>{script.Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase)}</script>\n";
        return $"{load}<div id=\"{id}\">{ToPicture().Text}</div>\n<script>(function () {{ const figure = {ToPlotly()}, place = document.getElementById(\"{id}\"); "
            + "if (window.Plotly) { place.replaceChildren(); Plotly.newPlot(place, figure.data, figure.layout, {responsive: true}); } })();</script>";
    }

    private static JsonObject Title(string text) => new() { ["text"] = Ink.Clean(text) };

    private JsonObject Side(string title, bool isLog)
    {
        var side = new JsonObject { ["title"] = Title(title), ["automargin"] = true };
        if (isLog)
        {
            side["type"] = "log";
        }

        return side;
    }
}
