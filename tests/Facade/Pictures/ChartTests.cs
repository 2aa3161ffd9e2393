using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public class ChartTests
{
    private static readonly string[] Hostile = ["", "<script>alert(1)</script>", "a & b \"c\" 'd'", "\0\u0001\ud800", "]]>", "日本語 ﷽", new('W', 500), "-->", "😀"];

    private static readonly Gen<double> Value = Gen.OneOf(
        ArbMap.Default.GeneratorFor<double>(),
        ArbMap.Default.GeneratorFor<int>().Select(n => n / 10.0),
        Gen.Elements(0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.MinValue, double.Epsilon, 1e-300, 1e300, 1, 1 + 1e-15));

    [Fact]
    public void Any_values_and_names_give_a_picture_that_is_whole_or_an_error_that_says_why() =>
        Prop.ForAll(Gen.Zip(Value.ListOf(12), Gen.Choose(0, 1 << 20)).ToArbitrary(), given =>
        {
            var (values, seed) = (given.Item1.ToArray(), given.Item2);
            string Name(int i) => Hostile[(seed + i) % Hostile.Length];
            static bool HasPlace(double value) => Math.Abs(value) < 1e299;
            var some = values.Any(HasPlace);
            var somePair = values.Zip(values.Reverse()).Any(pair => HasPlace(pair.First) && HasPlace(pair.Second));
            foreach (var (drawable, make) in ((bool, Func<Chart>)[])
            [
                (some, () => Chart.Line(values, Name(1))), (somePair, () => Chart.Scatter(values.Reverse(), values, Name(2))),
                (some, () => Chart.Histogram(values, seed % 7, Name(3))),
                (some, () => Chart.Column(values.Select((_, i) => Name(i)), values)), (some, () => Chart.Bar(values.Select((_, i) => Name(i)), values)),
                (some, () => Chart.Heatmap(Tensor.Of([values.Length > 0 ? 1 : 0, values.Length], values), name: Name(4))),
                (some, () => Chart.Plot(Chart.Line(values, Name(5)), Chart.Scatter(values, values, Name(6)), Chart.Line(values))),
            ])
            {
                try
                {
                    var chart = make().WithTitle(Name(7)).WithXTitle(Name(8)).WithYTitle(Name(9)).WithSize(200 + seed % 500, 200 + seed % 300);
                    chart = seed % 3 == 0 ? chart.WithLogY() : seed % 3 == 1 ? chart.WithLogX() : chart;
                    var picture = chart.ToPicture();
                    Drawn.Check(picture);
                    Assert.Equal(picture, chart.ToPicture());
                    JsonDocument.Parse(chart.ToPlotly());
                }
                catch (ArgumentException error)
                {
                    Assert.Contains("there is no", error.Message);
                    Assert.False(drawable && seed % 3 == 2, $"{error}");
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Marks_are_round_few_and_inside() => Prop.ForAll(Gen.Choose(-300, 300).Three().ToArbitrary(), given =>
    {
        var (low, high, most) = (given.Item1 * Math.Pow(1.3, given.Item2 / 9.0), given.Item2 * 1.7, 2 + Math.Abs(given.Item3) % 11);
        var axis = Axis.Of([low, high], false, most);
        Assert.InRange(axis.Ticks.Length, 1, most + 2);
        Assert.All(axis.Ticks, tick => Assert.InRange(axis.Place(tick.At), -1e-6, 1 + 1e-6));
        Assert.Equal(axis.Ticks.Length, axis.Ticks.Select(tick => tick.Label).Distinct().Count());
        Assert.InRange(axis.Place(low), 0, 1);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, 1, 5, "0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(-3, 27, 6, "−5 0 5 10 15 20 25 30")]
    [InlineData(0, 12345678, 5, "0 5e6 1e7")]
    [InlineData(0.00001, 0.00003, 4, "1e−5 1.5e−5 2e−5 2.5e−5 3e−5")]
    public void The_marks_of_an_axis(double low, double high, int most, string labels) =>
        Assert.Equal(labels, string.Join(" ", Axis.Of([low, high], false, most).Ticks.Select(tick => tick.Label)));

    [Theory]
    [InlineData(0.001, 100, "0.001 0.01 0.1 1 10 100")]
    [InlineData(1, 40, "1 2 5 10 20")]
    [InlineData(1e-12, 1e12, "1e−12 1e−7 0.01 1000 1e8")]
    public void The_marks_of_a_logarithmic_axis(double low, double high, string labels) =>
        Assert.Equal(labels, string.Join(" ", Axis.Of([low, high], true, 5, exact: true).Ticks.Select(tick => tick.Label)));

    [Fact]
    public void A_line_breaks_where_a_value_is_not_finite_and_says_so()
    {
        var document = Drawn.Check(Chart.Line([1, 2, double.NaN, 2, 3, double.PositiveInfinity]).ToPicture());
        Assert.Contains("2 values are not drawn: not finite", Drawn.Texts(document));
        Assert.Equal(2, Drawn.All(document, "path").Count(path => path.Attribute("stroke-width")?.Value == "2"));
    }

    [Fact]
    public void A_long_line_is_thinned_and_keeps_its_peaks()
    {
        var values = Enumerable.Range(0, 100_000).Select(i => i == 54_321 ? 50.0 : Math.Sin(i / 500.0)).ToArray();
        var text = Chart.Line(values).ToPicture().Text;
        Assert.InRange(text.Length, 1000, 60_000);
        Assert.Equal(50, Axis.Of(values, false, 5, exact: true).High);
    }

    [Fact]
    public void A_histogram_counts_each_finite_value_once() => Prop.ForAll(Value.ListOf(40).ToArbitrary(), list =>
    {
        var finite = list.Count(value => Axis.Has(value, false));
        if (finite > 0)
        {
            Assert.Equal((list.Count - finite, finite), Bins.Of([.. list], 0, "").Count(false, false));
            Assert.Equal((list.Count - finite, finite), Bins.Of([.. list], 7, "").Count(false, false));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_confusion_matrix_has_counts_and_shares_of_the_true_class()
    {
        var document = Drawn.Check(Chart.Confusion(ConfusionMatrix.Of(2, [(0, 0), (0, 0), (0, 0), (0, 1), (1, 1)]), ["cat", "dog"]).ToPicture());
        var texts = Drawn.Texts(document).ToList();
        Assert.Contains("75 %", texts);
        Assert.Contains("25 %", texts);
        Assert.Contains("predicted class", texts);
        Assert.Contains("true class", texts);
        Assert.Contains("cat, dog: 1, 25 %", Drawn.All(document, "title").Select(title => title.Value));
    }

    [Fact]
    public void Plotly_gets_the_data_with_null_for_what_is_not_a_number()
    {
        var json = JsonDocument.Parse(Chart.Line([1, double.NaN], "</script>").WithLogY().ToPlotly()).RootElement;
        Assert.Equal("[1,null]", json.GetProperty("data")[0].GetProperty("y").GetRawText());
        Assert.Equal("log", json.GetProperty("layout").GetProperty("yaxis").GetProperty("type").GetString());
        Assert.DoesNotContain("</script><", Chart.Line([1], "</script><b>").ToHtml().Replace("</script>\n", ""), StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_say_what_is_missing()
    {
        static string Message(Action draw) => Assert.Throws<ArgumentException>(draw).Message;
        Assert.Equal("Chart.Line: there is no value to draw. (Parameter 'y')", Message(() => Chart.Line([])));
        Assert.Equal("Chart.Plot: there is no chart to draw. (Parameter 'charts')", Message(() => Chart.Plot()));
        Assert.Equal("Chart.Histogram: there is no finite value to draw. (Parameter 'values')", Message(() => Chart.Histogram([double.NaN])));
        Assert.Equal("Chart.Scatter: 2 places, but 1 values. (Parameter 'x')", Message(() => Chart.Scatter([1, 2], [1])));
        Assert.Equal("Chart.Plot: a histogram has axes of its own and cannot share them. (Parameter 'charts')",
            Message(() => Chart.Plot(Chart.Line([1]), Chart.Histogram([1]))));
        Assert.Equal("Chart.ToPicture: there is no value that is finite and above 0 where an axis is logarithmic to draw. (Parameter 'series')",
            Message(() => Chart.Line([-1]).WithLogY().ToPicture()));
        Assert.StartsWith("x.png: the picture is image/svg+xml, its file must end in .svg.", Message(() => Chart.Line([1]).ToPicture().Save("x.png")));
    }

    [Fact]
    public void Pictures_do_not_depend_on_the_machines_language()
    {
        var before = CultureInfo.CurrentCulture;
        var chart = Chart.Line([1.5, 2.5]);
        var text = $"{chart}";
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            Assert.Equal(text, $"{chart}");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
