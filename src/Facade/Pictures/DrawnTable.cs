using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>Lines of cells as a picture, and as HTML.</summary>
internal static class DrawnTable
{
    private const double Margin = 12;
    private const double Letter = 11;
    private const double Apart = 18;
    private const double Widest = 640;

    /// <summary>The table as SVG: a head, lines with every second on a panel, the last with a rule above.</summary>
    /// <param name="title">What it is.</param>
    /// <param name="words">How many columns are words; the others are numbers.</param>
    /// <param name="lines">The lines, each with as many cells; the first is the head, the last the total.</param>
    public static Picture Of(string title, int words, string[][] lines)
    {
        var widths = lines[0].Select((_, column) => Math.Min(lines.Max(line => Ink.Width(line[column], Letter)), Widest)).ToArray();
        var width = widths.Sum() + Apart * (widths.Length - 1) + 2 * Margin + 8;
        return Ink.Sheet(width, lines.Length * Ink.Line + 2 * Margin, title, lines.SelectMany((line, i) => Line(line, i, lines.Length, words, widths, width)));
    }

    /// <summary>The table as HTML, without styles: a page's own apply.</summary>
    public static string Html(int words, string[][] lines)
    {
        XElement Row(string[] line, string cell) => new("tr", line.Select((text, column) =>
            new XElement(cell, column < words ? null : new XAttribute("align", "right"), Ink.Clean(text))));
        return new XElement("table", new XElement("thead", Row(lines[0], "th")), new XElement("tbody", lines[1..].Select(line => Row(line, "td")))).ToString();
    }

    private static IEnumerable<XElement> Line(string[] line, int i, int count, int words, double[] widths, double width)
    {
        var (x, top) = (Margin + 4, Margin + i * Ink.Line);
        if (i % 2 == 0 && i > 0)
        {
            yield return Ink.Rect(Margin, top, width - 2 * Margin, Ink.Line, Tint.Panel);
        }

        if (i == 1 || i == count - 1)
        {
            yield return Ink.Segment(Margin, top, width - Margin, top, Tint.Quiet);
        }

        for (var column = 0; column < line.Length; x += widths[column++] + Apart)
        {
            yield return Ink.Text(column < words ? x : x + widths[column], top + 13, Ink.Fit(line[column], widths[column] + 1, Letter), column < words ? "start" : "end", null,
                Ink.Of("font-size", Letter), i == 0 || i == count - 1 ? Ink.Of("font-weight", "bold") : null);
        }
    }
}
