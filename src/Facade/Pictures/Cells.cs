using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>A matrix as colours.</summary>
/// <param name="Name">What the values are.</param>
/// <param name="Z">The values [rows, columns].</param>
/// <param name="Rows">Names of the rows.</param>
/// <param name="Columns">Names of the columns.</param>
/// <param name="Texts">What stands in each cell, row by row; nothing if empty.</param>
/// <param name="Colours">The colours of the values.</param>
internal sealed record Cells(string Name, Tensor Z, ImmutableArray<string> Rows, ImmutableArray<string> Columns,
    ImmutableArray<string> Texts, ColourMap Colours) : Series(Name)
{
    // Beyond that the cells are pixels, which cannot be hovered over.
    private const int MostElements = 2500;
    private const double Bar = 14;

    public override string Type => "heat map";

    public override bool IsShared => false;

    public override double RoomRight => Bar + 60;

    public static Cells Of(Tensor z, IEnumerable<string>? rows, IEnumerable<string>? columns, string name)
    {
        if (z.Shape is not [> 0 and var height, > 0 and var width])
        {
            throw new ArgumentException($"Chart.Heatmap: a matrix has the shape [rows, columns] with at least one of each, not {z.Shape}.", nameof(z));
        }

        return z.ToDoubles().Any(double.IsFinite)
            ? new(name, z, Names(rows, height, "rows"), Names(columns, width, "columns"), [], ColourMap.Of(z.ToDoubles()))
            : throw Chart.Nothing("Heatmap", "no finite value", nameof(z));
    }

    public static Cells Of(ConfusionMatrix matrix, IEnumerable<string>? names)
    {
        if (matrix.Classes == 0)
        {
            throw Chart.Nothing("Confusion", "no class", nameof(matrix));
        }

        var labels = Names(names, matrix.Classes, "classes");
        var totals = Enumerable.Range(0, matrix.Classes).Select(actual => Enumerable.Range(0, matrix.Classes).Sum(predicted => (long)matrix[actual, predicted])).ToArray();
        var shares = Tensor.From([matrix.Classes, matrix.Classes], i => 100.0 * matrix.Counts[i] / Math.Max(1, totals[i / matrix.Classes]));
        return new("% of the true class", shares, labels, labels,
            [.. matrix.Counts.Select((count, i) => string.Create(CultureInfo.InvariantCulture, $"{count}\n{shares.At(i):0.#} %"))], new(0, 100, false));
    }

    public override Axis XAxis(IEnumerable<Series> all, bool log, int most) => Axis.Of(Columns, 30);

    public override Axis YAxis(IEnumerable<Series> all, bool log, int most) => Bars.Turned(Axis.Of(Rows, 30));

    public override (int Out, int In) Count(bool logX, bool logY)
    {
        var held = Z.ToDoubles().Count(double.IsFinite);
        return (Z.Count - held, held);
    }

    public override IEnumerable<XElement> Draw(Frame frame, int number)
    {
        var (width, height) = (frame.Width / Columns.Length, frame.Height / Rows.Length);
        if (Z.Count > MostElements)
        {
            return [Ink.Image(frame.Left, frame.Top, frame.Width, frame.Height, Coloured(Z, Colours)), .. Scale(frame)];
        }

        return
        [
            .. Enumerable.Range(0, Z.Count).Select(i => (I: i, X: frame.Left + i % Columns.Length * width, Y: frame.Top + i / Columns.Length * height))
                .SelectMany(cell => Cell(cell.I, cell.X, cell.Y, width, height)),
            .. Scale(frame),
        ];
    }

    public override JsonObject Json()
    {
        var json = new JsonObject
        {
            ["type"] = "heatmap",
            ["name"] = Ink.Clean(Name),
            ["x"] = Strings(Columns),
            ["y"] = Strings(Rows),
            ["z"] = new JsonArray([.. Enumerable.Range(0, Rows.Length).Select(row => Numbers(Z.Part(row).ToDoubles()))]),
            ["zmin"] = Colours.Low,
            ["zmax"] = Colours.High,
            ["colorscale"] = Colours.PlotlyName,
            ["colorbar"] = new JsonObject { ["title"] = new JsonObject { ["text"] = Ink.Clean(Name) } },
        };
        if (!Texts.IsEmpty)
        {
            json["text"] = new JsonArray([.. Texts.Chunk(Columns.Length).Select(row => Strings(row.Select(text => text.Replace("\n", "<br>"))))]);
            json["texttemplate"] = "%{text}";
        }

        return json;
    }

    /// <summary>A matrix as a picture [3, rows, columns].</summary>
    public static Tensor Coloured(Tensor z, ColourMap colours) => Tensor.From([3, .. z.Shape], i =>
        colours.Of(z.At(i % z.Count)) is var (r, g, b) ? (i / z.Count) switch { 0 => r, 1 => g, _ => b } : 0);

    private IEnumerable<XElement> Cell(int i, double x, double y, double width, double height)
    {
        var (row, column, value) = (Rows[i / Columns.Length], Columns[i % Columns.Length], Z.At(i));
        yield return Ink.Cell(x, y, width, height, Colours.Hex(value),
            Ink.Hover($"{row}, {column}: {(Texts.IsEmpty ? Axis.Short(value) : Texts[i].Replace("\n", ", "))}"));
        var lines = Texts.IsEmpty ? [Axis.Short(value)] : Texts[i].Split('\n');
        var size = Math.Min(Ink.Letter, Math.Min(height / (lines.Length * 1.4), width / (0.7 * lines.Max(line => line.Length))));
        for (var line = 0; line < lines.Length && size >= 7; line++)
        {
            yield return Ink.Element("text", Ink.Of("x", x + width / 2), Ink.Of("y", y + height / 2 + size * (1.25 * line - 0.625 * (lines.Length - 1) + 0.36)),
                Ink.Of("text-anchor", "middle"), Ink.Of("font-size", size), Ink.Of("fill", Colours.Contrast(value)), Ink.Of("pointer-events", "none"), lines[line]);
        }
    }

    /// <summary>The colours with their values, on the right.</summary>
    private IEnumerable<XElement> Scale(Frame frame)
    {
        const int Steps = 64;
        var (left, axis) = (frame.Right + 14, Axis.Of([Colours.Low, Colours.High], false, 5, exact: true));
        for (var i = 0; i < Steps; i++)
        {
            yield return Ink.Cell(left, frame.Bottom - (i + 1) * frame.Height / Steps, Bar, frame.Height / Steps + (i == 0 ? 0 : 0.5),
                Colours.Hex(Colours.Low + (Colours.High - Colours.Low) * (i + 0.5) / Steps));
        }

        foreach (var tick in axis.Ticks)
        {
            var y = frame.Bottom - axis.Place(tick.At) * frame.Height;
            yield return Ink.Text(left + Bar + 4, y + 4, Ink.Fit(tick.Label, 42, 11), "start", Tint.Quiet, Ink.Of("font-size", 11));
        }

        yield return Ink.Text(left + Bar + 56, frame.Top - 8, Ink.Fit(Name, frame.Width), "end", Tint.Quiet);
    }

    private static ImmutableArray<string> Names(IEnumerable<string>? names, int count, string what)
    {
        ImmutableArray<string> all = names is null
            ? [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture))] : [.. names];
        return all.Length == count ? all : throw new ArgumentException($"{all.Length} names, but {count} {what}.", nameof(names));
    }
}
