using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>Where data is drawn: the axes and the rectangle that they span.</summary>
internal sealed record Frame(Axis X, Axis Y, double Left, double Top, double Width, double Height)
{
    public double Right => Left + Width;

    public double Bottom => Top + Height;

    public double Px(double x) => Left + X.Place(x) * Width;

    public double Py(double y) => Bottom - Y.Place(y) * Height;
}

/// <summary>Data in a chart.</summary>
internal abstract record Series(string Name)
{
    /// <summary>What it is, in words.</summary>
    public abstract string Type { get; }

    /// <summary>Whether others may be in the same axes.</summary>
    public virtual bool IsShared => true;

    /// <summary>The room that must be on the right beside the axes.</summary>
    public virtual double RoomRight => 0;

    /// <summary>Where its values are from left to right.</summary>
    public virtual ImmutableArray<double> Xs => [];

    /// <summary>Where its values are from bottom to top.</summary>
    public virtual ImmutableArray<double> Ys => [];

    /// <summary>Whether axes end where it ends.</summary>
    public virtual bool IsExact => false;

    public virtual Axis XAxis(IEnumerable<Series> all, bool log, int most) =>
        Axis.Of(all.SelectMany(series => series.Xs), log, most, exact: all.Any(series => series.IsExact || series is Points { Joined: true }));

    public virtual Axis YAxis(IEnumerable<Series> all, bool log, int most) =>
        Axis.Of(all.SelectMany(series => series.Ys), log, most, exact: all.Any(series => series.IsExact));

    /// <summary>How many values have no place on the axes, and how many have.</summary>
    public abstract (int Out, int In) Count(bool logX, bool logY);

    public abstract IEnumerable<XElement> Draw(Frame frame, int number);

    public abstract JsonObject Json();

    /// <summary>Numbers for plotly, with null where one is not finite.</summary>
    protected static JsonArray Numbers(IEnumerable<double> values) =>
        new([.. values.Select(value => double.IsFinite(value) ? (JsonNode)JsonValue.Create(value) : null)]);

    protected static JsonArray Strings(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(Ink.Clean(text))!)]);
}

/// <summary>Points, joined by lines or not.</summary>
internal sealed record Points(string Name, ImmutableArray<double> Xs, ImmutableArray<double> Ys, bool Joined) : Series(Name)
{
    public override ImmutableArray<double> Xs { get; } = Xs;

    public override ImmutableArray<double> Ys { get; } = Ys;

    // More would hide the line; less would be lost on it.
    private const int MostMarked = 40;

    // A line is at most so fine: about two points for each pixel.
    private const int MostDrawn = 1500;

    public override string Type => Joined ? "line" : "scatter";

    public override (int Out, int In) Count(bool logX, bool logY)
    {
        var held = Xs.Zip(Ys).Count(point => Axis.Has(point.First, logX) && Axis.Has(point.Second, logY));
        return (Ys.Length - held, held);
    }

    public override IEnumerable<XElement> Draw(Frame frame, int number)
    {
        var tint = Tint.Series(number);
        var stretches = Stretches(frame).ToArray();
        foreach (var stretch in Joined ? stretches : [])
        {
            yield return Ink.Path(Thinned(stretch), tint, Ink.Of("stroke-width", 2), Ink.Of("stroke-linejoin", "round"), Tint.Dashes(number));
        }

        foreach (var (x, y) in stretches.Where(stretch => !Joined || Ys.Length <= MostMarked || stretch.Count == 1).SelectMany(stretch => stretch))
        {
            yield return Ink.Dot(x, y, Joined ? 3 : 3.5, tint, Joined ? null : Ink.Of("fill-opacity", 0.75));
        }
    }

    public override JsonObject Json() => new()
    {
        ["type"] = "scatter",
        ["mode"] = !Joined ? "markers" : Ys.Length <= MostMarked ? "lines+markers" : "lines",
        ["name"] = Ink.Clean(Name),
        ["x"] = Numbers(Xs),
        ["y"] = Numbers(Ys),
    };

    /// <summary>The points that follow each other without one that has no place between them.</summary>
    private IEnumerable<List<(double X, double Y)>> Stretches(Frame frame)
    {
        var stretch = new List<(double, double)>();
        for (var i = 0; i <= Ys.Length; i++)
        {
            if (i < Ys.Length && Axis.Has(Xs[i], frame.X.IsLog) && Axis.Has(Ys[i], frame.Y.IsLog))
            {
                stretch.Add((frame.Px(Xs[i]), frame.Py(Ys[i])));
            }
            else if (stretch.Count > 0)
            {
                yield return stretch;
                stretch = [];
            }
        }
    }

    /// <summary>Of very many points the highest and the lowest of each small part: what one sees is the same.</summary>
    private static IEnumerable<(double X, double Y)> Thinned(List<(double X, double Y)> points) => points.Count <= MostDrawn ? points
        : points.Chunk((2 * points.Count + MostDrawn - 1) / MostDrawn).SelectMany(part =>
            new[] { part.MinBy(point => point.Y), part.MaxBy(point => point.Y) }.OrderBy(point => Array.IndexOf(part, point)));
}

/// <summary>A bar for each name.</summary>
internal sealed record Bars(string Name, ImmutableArray<string> Names, ImmutableArray<double> Values, bool Upright) : Series(Name)
{
    public override string Type => "bar chart";

    public override bool IsShared => false;

    public override Axis XAxis(IEnumerable<Series> all, bool log, int most) => Upright ? Axis.Of(Names, 60) : Lengths(log, most);

    public override Axis YAxis(IEnumerable<Series> all, bool log, int most) => Upright ? Lengths(log, most) : Turned(Axis.Of(Names, 60));

    public override (int Out, int In) Count(bool logX, bool logY)
    {
        var held = Values.Count(value => Axis.Has(value, Upright ? logY : logX));
        return (Values.Length - held, held);
    }

    public override IEnumerable<XElement> Draw(Frame frame, int number)
    {
        var (along, thick) = (Upright ? frame.Y : frame.X, 0.8 * (Upright ? frame.Width : frame.Height) / Names.Length);
        var zero = along.IsLog ? 0 : Math.Clamp(along.Place(0), 0, 1);
        for (var i = 0; i < Values.Length; i++)
        {
            if (!Axis.Has(Values[i], along.IsLog))
            {
                continue;
            }

            var (from, to) = (Math.Min(zero, along.Place(Values[i])), Math.Max(zero, along.Place(Values[i])));
            var bar = Upright
                ? Ink.Rect(frame.Px(i) - thick / 2, frame.Bottom - to * frame.Height, thick, (to - from) * frame.Height, Tint.Series(number))
                : Ink.Rect(frame.Left + from * frame.Width, frame.Py(i) - thick / 2, (to - from) * frame.Width, thick, Tint.Series(number));
            bar.Add(Ink.Hover($"{Names[i]}: {Axis.Short(Values[i])}"));
            yield return bar;
        }
    }

    public override JsonObject Json() => new()
    {
        ["type"] = "bar",
        ["orientation"] = Upright ? "v" : "h",
        ["name"] = Ink.Clean(Name),
        [Upright ? "x" : "y"] = Strings(Names),
        [Upright ? "y" : "x"] = Numbers(Values),
    };

    private Axis Lengths(bool log, int most) => Axis.Of(log ? Values : Values.Add(0), log, most);

    /// <summary>From top to bottom.</summary>
    internal static Axis Turned(Axis axis) => axis with { Low = axis.High, High = axis.Low };
}

/// <summary>How many values lie in each range.</summary>
/// <param name="Name">What the values are called.</param>
/// <param name="Start">Where the first range begins.</param>
/// <param name="Size">How wide each is.</param>
/// <param name="Counts">How many values each has; the last one's end belongs to it.</param>
/// <param name="Left">How many values are not finite.</param>
internal sealed record Bins(string Name, double Start, double Size, ImmutableArray<int> Counts, int Left) : Series(Name)
{
    private const int Usual = 20;

    public override string Type => "histogram";

    public override bool IsShared => false;

    private double End => Start + Counts.Length * Size;

    public static Bins Of(ImmutableArray<double> values, int bins, string name)
    {
        if (bins is < 0 or > 1000)
        {
            throw new ArgumentException($"Chart.Histogram: {bins} ranges; possible are 1 to 1000, or 0 for about {Usual}.", nameof(bins));
        }

        double[] held = [.. values.Where(value => Axis.Has(value, log: false))];
        if (held.Length == 0)
        {
            throw Chart.Nothing("Histogram", values.IsEmpty ? "no value" : "no finite value", nameof(values));
        }

        var axis = Axis.Of(held, false, Usual, exact: true);
        var step = bins > 0 ? (axis.High - axis.Low) / bins : Axis.Step(axis.High - axis.Low, Usual);
        var start = bins > 0 ? axis.Low : Math.Floor(axis.Low / step) * step;
        var counts = new int[bins > 0 ? bins : (int)Math.Ceiling((axis.High - start) / step - 1e-9)];
        foreach (var value in held)
        {
            counts[Math.Clamp((int)((value - start) / step), 0, counts.Length - 1)]++;
        }

        return new(name, start, step, [.. counts], values.Length - held.Length);
    }

    public override Axis XAxis(IEnumerable<Series> all, bool log, int most) => Axis.Of([Start, End], false, most, exact: true);

    public override Axis YAxis(IEnumerable<Series> all, bool log, int most) =>
        Axis.Of(Counts.Select(count => (double)count).Where(count => !log || count > 0).Append(log ? 0.8 : 0), log, most);

    public override (int Out, int In) Count(bool logX, bool logY) => (Left, Counts.Sum());

    public override IEnumerable<XElement> Draw(Frame frame, int number) => Enumerable.Range(0, Counts.Length).Where(i => Counts[i] > 0).Select(i =>
    {
        var (left, right) = (frame.Px(Start + i * Size), frame.Px(Start + (i + 1) * Size));
        var top = frame.Py(Counts[i]);
        return Ink.Rect(left, top, Math.Max(right - left - 1, 0.5), frame.Bottom - top, Tint.Series(number),
            Ink.Hover($"{Axis.Short(Start + i * Size)} to {Axis.Short(Start + (i + 1) * Size)}: {Counts[i]}"));
    });

    // As bars of given places: plotly would choose others.
    public override JsonObject Json() => new()
    {
        ["type"] = "bar",
        ["name"] = Ink.Clean(Name),
        ["x"] = Numbers(Counts.Select((_, i) => Start + (i + 0.5) * Size)),
        ["y"] = Numbers(Counts.Select(count => (double)count)),
        ["width"] = Size,
    };
}
