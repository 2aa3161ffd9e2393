using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>A chart as SVG: title, legend, axes with marks and titles, data.</summary>
internal static class ChartDrawing
{
    private const double Margin = 14;
    private const double Sample = 28;
    private const double WidestLabel = 150;

    public static Picture Of(ImmutableArray<Series> series, ChartLook look)
    {
        var counts = series.Select(each => each.Count(look.LogX, look.LogY)).ToArray();
        var (without, held) = (counts.Sum(count => count.Out), counts.Sum(count => count.In));
        if (held == 0)
        {
            throw Chart.Nothing("ToPicture", $"no value that is finite{(look.LogX || look.LogY ? " and above 0 where an axis is logarithmic" : "")}", nameof(series));
        }

        var legend = Legend(series, look.Width - 2 * Margin);
        var top = Margin + (look.Title.Length > 0 ? 22 : 4) + legend.Height + (series[0].RoomRight > 0 ? Ink.Line : 0);
        var (height, widest) = (look.Height + legend.Height, Math.Min(WidestLabel, look.Width / 4.0));
        var bottom = Margin + 2 * Ink.Line + 6 + (without > 0 ? Ink.Line : 0);
        var y = series[0].YAxis(series, look.LogY, Math.Max(2, (int)((height - top - bottom) / 45)));
        var labels = y.Ticks.Select(tick => Math.Min(Ink.Width(tick.Label), widest)).DefaultIfEmpty(0).Max();
        var left = Margin + labels + 8 + (look.YTitle.Length > 0 ? Ink.Line : 0);
        var width = look.Width - left - 2 * Margin - series[0].RoomRight;
        var x = series[0].XAxis(series, look.LogX, Math.Max(2, (int)(width / 75)));
        var frame = new Frame(x, y, left, top, width, height - top - bottom);
        return Ink.Sheet(look.Width, height, Description(series, look),
        [
            .. look.Title.Length == 0 ? Array.Empty<XElement>()
                : [Ink.Text(look.Width / 2.0, Margin + 8, Ink.Fit(look.Title, look.Width - 2 * Margin, 15), "middle", null, Ink.Of("font-size", 15), Ink.Of("font-weight", "bold"))],
            .. legend.Marks.Select(mark => mark(Margin + (look.Title.Length > 0 ? 22 : 4))),
            .. Sides(frame, look, widest),
            .. series.SelectMany((each, number) => each.Draw(frame, number)),
            .. without == 0 ? Array.Empty<XElement>()
                : [Ink.Text(look.Width - Margin, height - Margin / 2, Ink.Fit(Missing(without, look), look.Width - 2 * Margin, 11), "end", Tint.Quiet, Ink.Of("font-size", 11))],
        ]);
    }

    private static string Missing(int count, ChartLook look) => string.Create(CultureInfo.InvariantCulture,
        $"{count:N0} {(count == 1 ? "value is" : "values are")} not drawn: not finite{(look.LogX || look.LogY ? ", or not above 0" : "")}");

    private static string Description(ImmutableArray<Series> series, ChartLook look) =>
        $"{(look.Title.Length > 0 ? look.Title : series[0].Type)}: {(look.YTitle.Length > 0 ? look.YTitle : "names")} over {(look.XTitle.Length > 0 ? look.XTitle : "names")}"
        + string.Concat(series.Where(each => each.Name.Length > 0).Select((each, i) => $"{(i == 0 ? "; " : ", ")}{each.Name}"));

    /// <summary>A line for each series, in rows, if there are several or the only one has a name that stands nowhere
    /// else.</summary>
    private static (double Height, List<Func<double, XElement>> Marks) Legend(ImmutableArray<Series> series, double room)
    {
        var marks = new List<Func<double, XElement>>();
        if (!series[0].IsShared || series.All(each => each.Name.Length == 0))
        {
            return (0, marks);
        }

        var (x, row) = (0.0, 0);
        foreach (var i in Enumerable.Range(0, series.Length).Where(i => series[i] is Points))
        {
            var (name, number) = (Ink.Fit(series[i].Name.Length > 0 ? series[i].Name : $"{i + 1}", Math.Min(room, 300) - Sample), i);
            var width = Sample + 6 + Ink.Width(name);
            (x, row) = x > 0 && x + width > room ? (0, row + 1) : (x, row);
            var (left, line) = (Margin + x, row);
            marks.Add(top => Ink.Group(
                series[number] is Points { Joined: false }
                    ? Ink.Dot(left + Sample / 2, top + line * Ink.Line + 8, 4, Tint.Series(number))
                    : Ink.Segment(left, top + line * Ink.Line + 8, left + Sample, top + line * Ink.Line + 8, Tint.Series(number), Ink.Of("stroke-width", 2), Tint.Dashes(number)),
                Ink.Text(left + Sample + 6, top + line * Ink.Line + 12, name)));
            x += width + 18;
        }

        return ((row + 1) * Ink.Line + 6, marks);
    }

    /// <summary>Grid, marks and titles of both axes.</summary>
    private static IEnumerable<XElement> Sides(Frame frame, ChartLook look, double widest)
    {
        foreach (var tick in frame.Y.Ticks)
        {
            var y = frame.Py(tick.At);
            yield return Ink.Segment(frame.Left, y, frame.Right, y, Tint.Grid);
            yield return Ink.Text(frame.Left - 6, y + 4, Ink.Fit(tick.Label, widest), "end", Tint.Quiet);
        }

        var apart = frame.X.Ticks.Length < 2 ? frame.Width : frame.Px(frame.X.Ticks[1].At) - frame.Px(frame.X.Ticks[0].At);
        var every = Math.Max(1, (int)Math.Ceiling(Math.Min(40, frame.X.Ticks.Select(tick => Ink.Width(tick.Label) + 6).DefaultIfEmpty(0).Max()) / apart));
        foreach (var (i, tick) in frame.X.Ticks.Index())
        {
            var x = frame.Px(tick.At);
            yield return Ink.Segment(x, frame.Top, x, frame.Bottom + 4, Tint.Grid);
            if (i % every == 0)
            {
                var half = Math.Min(apart * every / 2, Math.Min(x - 2, look.Width - x - 2));
                yield return Ink.Text(x, frame.Bottom + Ink.Line, Ink.Fit(tick.Label, 2 * half - 2), "middle", Tint.Quiet);
            }
        }

        yield return Ink.Path([(frame.Left, frame.Top), (frame.Left, frame.Bottom), (frame.Right, frame.Bottom)], Tint.Quiet);
        yield return Ink.Text(frame.Left + frame.Width / 2, frame.Bottom + 2 * Ink.Line + 4, Ink.Fit(look.XTitle, frame.Width), "middle");
        var (side, middle) = (Margin + 4, frame.Top + frame.Height / 2);
        yield return Ink.Text(side, middle, Ink.Fit(look.YTitle, frame.Height), "middle", null, Ink.Of("transform", $"rotate(-90 {Ink.N(side)} {Ink.N(middle)})"));
    }
}
