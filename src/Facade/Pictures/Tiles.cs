using System.Collections.Immutable;
using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>Small pictures in rows, each with its name above.</summary>
internal static class Tiles
{
    // More could not be told apart on a page.
    private const int Most = 256;
    private const double Margin = 12;
    private const double Gap = 8;
    private const double Smallest = 56;
    private const double Bar = 12;

    /// <summary>The tiles in rows.</summary>
    /// <param name="title">What they are.</param>
    /// <param name="tiles">Name and pixels [1 or 3, h, w] of each; all of one size.</param>
    /// <param name="columns">How many stand side by side.</param>
    /// <param name="colours">The meaning of the colours, drawn below; nothing if null.</param>
    /// <param name="smallest">How wide or high a tile is at least, whichever is more.</param>
    public static Picture Of(string title, ImmutableArray<(string Name, Tensor Pixels)> tiles, int columns, ColourMap? colours, double smallest = Smallest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        var shown = tiles[..Math.Min(tiles.Length, Most)];
        var (h, w) = (shown[0].Pixels.Shape[^2], shown[0].Pixels.Shape[^1]);
        var scale = Math.Max(1, Math.Ceiling(smallest / Math.Max(h, w)));
        var (tileWidth, tileHeight) = (Math.Max(w * scale, 24), h * scale);
        columns = Math.Min(columns, shown.Length);
        var rows = (shown.Length + columns - 1) / columns;
        var width = Math.Max(2 * Margin + columns * (tileWidth + Gap) - Gap, 220);
        var (top, rowHeight) = (Margin + Ink.Line + 4, tileHeight + Ink.Line + Gap);
        var below = top + rows * rowHeight;
        var note = tiles.Length > Most ? $"the first {Most} of {tiles.Length}" : "";
        var height = below + (colours is null ? 0 : Bar + Ink.Line + 4) + (note.Length > 0 ? Ink.Line : 0) + Margin / 2;
        return Ink.Sheet(width, height, title,
        [
            Ink.Text(Margin, Margin + Ink.Letter, Ink.Fit(title, width - 2 * Margin), "start", null, Ink.Of("font-weight", "bold")),
            .. shown.SelectMany((tile, i) =>
            {
                var (left, y) = (Margin + i % columns * (tileWidth + Gap), top + i / columns * rowHeight);
                return (XElement[])[Ink.Text(left, y + Ink.Letter, Ink.Fit(tile.Name, tileWidth, 10), "start", Tint.Quiet, Ink.Of("font-size", 10)),
                    Ink.Image(left, y + Ink.Line, w * scale, h * scale, tile.Pixels)];
            }),
            .. colours is null ? [] : Scale(colours, below, Math.Min(width - 2 * Margin, 260)),
            .. note.Length == 0 ? Array.Empty<XElement>() : [Ink.Text(Margin, height - Margin / 2 - 4, note, "start", Tint.Quiet)],
        ]);
    }

    private static IEnumerable<XElement> Scale(ColourMap colours, double top, double width)
    {
        const int Steps = 64;
        for (var i = 0; i < Steps; i++)
        {
            yield return Ink.Cell(Margin + i * width / Steps, top, width / Steps + (i == Steps - 1 ? 0 : 0.5), Bar,
                colours.Hex(colours.Low + (colours.High - colours.Low) * (i + 0.5) / Steps));
        }

        yield return Ink.Text(Margin, top + Bar + Ink.Letter + 2, Axis.Short(colours.Low), "start", Tint.Quiet);
        yield return Ink.Text(Margin + width, top + Bar + Ink.Letter + 2, Axis.Short(colours.High), "end", Tint.Quiet);
    }
}
