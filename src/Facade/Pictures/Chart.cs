using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Data with axes: lines, points, bars, histograms, heat maps. A value that <c>With…</c> changes into another, drawn as
/// SVG or handed to plotly. Values that have no place on an axis (NaN, infinite, not above 0 on a logarithmic one) are left out, and
/// the chart says how many.</summary>
/// <example><code>
/// var losses = Chart.Plot(Chart.Line([2.3, 0.9, 0.4], "training"), Chart.Line([1.8, 1.1, 0.9], "validation"))
///     .WithTitle("loss").WithXTitle("epoch").WithYTitle("cross-entropy in nats").WithLogY();
/// losses.ToPicture().Save("losses.svg");
/// Chart.Scatter([1, 2], [3, 4], "cats").ToPlotly() // {"data":[{"type":"scatter","mode":"markers","name":"cats","x":[1,2],"y":[3,4]}],…
/// </code></example>
[TypeFormatterSource("AutoDiffCnn.ChartFormatters, AutoDiffCnn", PreferredMimeTypes = ["image/svg+xml"])]
public sealed partial class Chart
{
    private readonly ImmutableArray<Series> series;
    private readonly ChartLook look;

    private Chart(ImmutableArray<Series> series, ChartLook look)
    {
        (this.series, this.look) = (series, look);
    }

    private Chart(Series series, string x, string y) : this([series], new(XTitle: x, YTitle: y))
    {
    }

    /// <summary>Several charts in the same axes; titles are those of the first.</summary>
    /// <exception cref="ArgumentException">There is none, or one with names on an axis is put together with others.</exception>
    public static Chart Plot(params IEnumerable<Chart> charts)
    {
        var looks = charts.Select(chart => chart.look).ToArray();
        ImmutableArray<Series> all = [.. charts.SelectMany(chart => chart.series)];
        return looks.Length == 0 ? throw Nothing("Plot", "no chart", nameof(charts))
            : all.Length > 1 && all.FirstOrDefault(each => !each.IsShared) is { } alone
                ? throw new ArgumentException($"Chart.Plot: a {alone.Type} has axes of its own and cannot share them.", nameof(charts))
                : new(all, looks[0]);
    }

    /// <summary>Values one after the other, joined by lines; a gap where one is not finite.</summary>
    /// <param name="y">The values, at 0, 1, 2, ….</param>
    /// <param name="name">What the line is called in the legend.</param>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static Chart Line(IEnumerable<double> y, string name = "") => Line(null, y, name);

    /// <summary>Values over places, joined by lines in the order in which they come.</summary>
    /// <param name="x">The places; 0, 1, 2, … if null.</param>
    /// <param name="y">The values, as many.</param>
    /// <param name="name">What the line is called in the legend.</param>
    /// <exception cref="ArgumentException">There is no value, or the numbers of places and values differ.</exception>
    public static Chart Line(IEnumerable<double>? x, IEnumerable<double> y, string name = "") =>
        new(Points("Line", x, y, name, joined: true), "index", "value");

    /// <summary>Points.</summary>
    /// <inheritdoc cref="Line(IEnumerable{double}, IEnumerable{double}, string)"/>
    public static Chart Scatter(IEnumerable<double> x, IEnumerable<double> y, string name = "") =>
        new(Points("Scatter", x, y, name, joined: false), "x", "y");

    /// <summary>Upright bars from 0.</summary>
    /// <param name="names">What stands under each.</param>
    /// <param name="values">As many values.</param>
    /// <param name="name">What the bars are called.</param>
    /// <exception cref="ArgumentException">There is no value, or the numbers of names and values differ.</exception>
    public static Chart Column(IEnumerable<string> names, IEnumerable<double> values, string name = "") =>
        new(Named("Column", names, values, name, upright: true), "", "value");

    /// <summary>Lying bars from 0, the first above.</summary>
    /// <inheritdoc cref="Column"/>
    public static Chart Bar(IEnumerable<string> names, IEnumerable<double> values, string name = "") =>
        new(Named("Bar", names, values, name, upright: false), "value", "");

    /// <summary>How often values lie in each of some ranges of equal width.</summary>
    /// <param name="values">The values; those that are not finite are counted apart.</param>
    /// <param name="bins">How many ranges, from the smallest to the largest value; about twenty with round ends if 0.</param>
    /// <param name="name">What the values are called.</param>
    /// <exception cref="ArgumentException">There is no finite value, or the number of ranges is not from 0 to 1,000.</exception>
    public static Chart Histogram(IEnumerable<double> values, int bins = 0, string name = "") =>
        new(Bins.Of([.. values], bins, name), name.Length > 0 ? name : "value", "count");

    /// <summary>A matrix as colours. Where values of both signs come the colours have white at 0.</summary>
    /// <param name="z">The values [rows, columns]; the first row is above.</param>
    /// <param name="rows">Names of the rows; their numbers if null.</param>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="name">What the values are.</param>
    /// <exception cref="ArgumentException">It is no matrix, has no finite value, or the numbers of names are others.</exception>
    public static Chart Heatmap(Tensor z, IEnumerable<string>? rows = null, IEnumerable<string>? columns = null, string name = "") =>
        new(Cells.Of(z, rows, columns, name), "column", "row");

    /// <summary>What was taken for what: counts, and their shares of each true class in percent, which are the colour.</summary>
    /// <param name="matrix">The counts.</param>
    /// <param name="names">Names of the classes; their numbers if null.</param>
    /// <exception cref="ArgumentException">There is no class, or the number of names is another.</exception>
    public static Chart Confusion(ConfusionMatrix matrix, IEnumerable<string>? names = null) =>
        new Chart(Cells.Of(matrix, names), "predicted class", "true class").WithTitle("confusion matrix")
            .With(look => look with { Width = 200 + Math.Clamp(matrix.Classes * 44, 160, 640), Height = 120 + Math.Clamp(matrix.Classes * 40, 160, 600) });

    /// <summary>The loss of each epoch, in training and validation.</summary>
    /// <exception cref="ArgumentException">There is no epoch.</exception>
    public static Chart Loss(IEnumerable<EpochResult> history) =>
        History([.. history], epoch => epoch.Loss, validation => validation.Loss, "loss");

    /// <summary>The accuracy of each epoch, in training and validation.</summary>
    /// <exception cref="ArgumentException">There is no epoch.</exception>
    public static Chart Accuracy(IEnumerable<EpochResult> history) =>
        History([.. history], epoch => 100 * epoch.Accuracy, validation => 100 * validation.Accuracy, "accuracy").WithYTitle("accuracy (%)");

    /// <summary>A learning rate in the course of training.</summary>
    /// <param name="schedule">The factor at each point from 0 to 1: one of <see cref="Schedules"/>.</param>
    /// <param name="rate">The learning rate at factor 1.</param>
    /// <param name="name">What the line is called in the legend.</param>
    public static Chart LearningRate(Func<double, double> schedule, double rate = 1, string name = "")
    {
        var points = Enumerable.Range(0, 201).Select(i => i / 200.0).ToArray();
        return Line(points.Select(t => 100 * t), points.Select(t => rate * schedule(t)), name)
            .WithTitle("learning rate").WithXTitle("training (%)").WithYTitle("learning rate");
    }

    /// <summary>The chart with a title.</summary>
    public Chart WithTitle(string title) => With(look => look with { Title = title });

    /// <summary>The chart with other words below: quantity and unit.</summary>
    public Chart WithXTitle(string title) => With(look => look with { XTitle = title });

    /// <summary>The chart with other words on its left: quantity and unit.</summary>
    public Chart WithYTitle(string title) => With(look => look with { YTitle = title });

    /// <summary>The chart with equal ratios equally far apart from left to right.</summary>
    public Chart WithLogX() => With(look => look with { LogX = true });

    /// <summary>The chart with equal ratios equally far apart upwards.</summary>
    public Chart WithLogY() => With(look => look with { LogY = true });

    /// <summary>The chart in another size, in pixels; what the legend takes comes on top.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not from 200 to 4,000.</exception>
    public Chart WithSize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 4000);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, 4000);
        return With(look => look with { Width = width, Height = height });
    }

    /// <summary>The chart as SVG.</summary>
    /// <exception cref="ArgumentException">No value has a place on the axes: none is finite, or none above 0 on a logarithmic
    /// one.</exception>
    public Picture ToPicture() => ChartDrawing.Of(series, look);

    /// <summary>What the picture says of itself.</summary>
    public override string ToString() => ToPicture().ToString();

    internal static ArgumentException Nothing(string function, string what, string argument) => new($"Chart.{function}: there is {what} to draw.", argument);

    private Chart With(Func<ChartLook, ChartLook> change) => new(series, change(look));

    private static Chart History(EpochResult[] epochs, Func<EpochResult, double> training, Func<Evaluation, double> validation, string what)
    {
        var validated = epochs.Where(epoch => epoch.Validation is not null).ToArray();
        var line = Line(epochs.Select(epoch => (double)epoch.Epoch), epochs.Select(training), "training");
        return (validated.Length == 0 ? line : Plot(line,
            Line(validated.Select(epoch => (double)epoch.Epoch), validated.Select(epoch => validation(epoch.Validation!)), "validation")))
            .WithTitle(what).WithXTitle("epoch").WithYTitle(what);
    }

    private static Points Points(string function, IEnumerable<double>? x, IEnumerable<double> y, string name, bool joined)
    {
        ImmutableArray<double> ys = [.. y];
        ImmutableArray<double> xs = x is null ? [.. ys.Select((_, i) => (double)i)] : [.. x];
        return ys.IsEmpty ? throw Nothing(function, "no value", nameof(y))
            : xs.Length == ys.Length ? new Points(name, xs, ys, joined)
            : throw new ArgumentException($"Chart.{function}: {xs.Length} places, but {ys.Length} values.", nameof(x));
    }

    private static Bars Named(string function, IEnumerable<string> names, IEnumerable<double> values, string name, bool upright)
    {
        ImmutableArray<string> labels = [.. names];
        ImmutableArray<double> heights = [.. values];
        return heights.IsEmpty ? throw Nothing(function, "no value", nameof(values))
            : labels.Length == heights.Length ? new Bars(name, labels, heights, upright)
            : throw new ArgumentException($"Chart.{function}: {labels.Length} names, but {heights.Length} values.", nameof(names));
    }
}

/// <summary>What is around the data.</summary>
internal sealed record ChartLook(string XTitle, string YTitle, string Title = "", bool LogX = false, bool LogY = false, int Width = 640, int Height = 400);
