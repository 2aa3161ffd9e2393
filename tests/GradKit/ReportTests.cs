using System.Xml.Linq;
using FsCheck.Fluent;

namespace GradKitTests;

/// <summary>What is said of an attack, and that it is the same every time.</summary>
public sealed class ReportTests
{
    [Fact]
    public void A_report_counts_what_held_and_says_where_there_was_nothing_to_say()
    {
        var x = Variable("x", [1]);
        var report = GradKit.Attack(new Subject("kink", Gen.Constant(new Case(2 * Relu(x), [(x, Tensor.Of([0]))]))), new Budget(Cases: 8));
        Assert.Equal(
            """
            kink: holds in 8 cases, seed 1
              shapes                            8
              repeatable                        8
              linear                            8
              differences                       0  nothing to say in 8
              differences of each op            4
            """, string.Join('\n', $"{report}".Split('\n').Take(6)));
    }

    [Fact]
    public void As_HTML_it_is_a_table_with_what_each_property_proves()
    {
        var table = XDocument.Parse($"<div>{GradKit.Attack(Exp, new Budget(Cases: 3)).ToHtml()}</div>").Root!.Element("table")!;
        Assert.Equal("function: holds in 3 cases, seed 1", table.Element("caption")!.Value);
        Assert.Equal(Property.All.Select(property => property.Name), table.Element("tbody")!.Elements("tr").Select(row => row.Elements("td").First().Value));
        Assert.Contains(Property.Linear.Proves, table.Element("tbody")!.Elements("tr").Select(row => row.Elements("td").First().Attribute("title")!.Value));
    }

    [Fact]
    public void As_HTML_a_finding_stands_below()
    {
        var html = GradKit.Attack(x => CustomVjp(v => v * v, (v, _, dy) => v * dy)(x)).ToHtml();
        Assert.Contains("falsified in case 1", html);
        Assert.Contains("<pre>", html);
        XDocument.Parse($"<div>{html}</div>");
    }

    /// <summary>Drawn on one machine, to be drawn on all others.</summary>
    [Fact]
    public void The_same_seed_gives_the_same_cases_on_every_machine()
    {
        Subject[] subjects = [Subject.Of(x => MaxPool(x, 2)), Subject.Graphs(OpTable.Rows), .. OpTable.Rows.Select(Subject.Of)];
        var cases = subjects.SelectMany(subject => subject.Cases.Sample(3, new FsCheck.Rnd(12345, 6789), 30))
            .SelectMany(at => at.Inputs).SelectMany(input => input.Value.ToDoubles());
        var hash = System.Security.Cryptography.SHA256.HashData([.. cases.SelectMany(BitConverter.GetBytes)]);
        Assert.Equal("6F0FF9F1F53D1771", Convert.ToHexString(hash)[..16]);
    }

    [Fact]
    public void A_budget_in_seconds_ends_an_attack()
    {
        var report = GradKit.Attack(Tanh, new Budget(Cases: int.MaxValue, Seconds: 0.2));
        Assert.InRange(report.Cases, 1, 10_000);
    }

    [Fact]
    public void Plants_are_ties_zeros_huge_and_tiny_values()
    {
        var values = Values.Planted([20]).Sample(200).SelectMany(tensor => tensor.ToDoubles()).ToArray();
        Assert.Contains(0.0, values);
        Assert.Contains(1e6, values);
        Assert.Contains(1e-12, values);
        Assert.Contains(Values.Planted([20]).Sample(20), tensor => tensor.ToDoubles().Distinct().Count() < 15);
    }

    [Fact]
    public void Windows_have_strides_that_do_not_divide_and_images_that_are_not_square()
    {
        var windows = Shapes.Walk.Sample(300);
        Assert.Contains(windows, window => window.Size.Rank == 2 && window.Size[0] != window.Size[1]);
        Assert.Contains(windows, window => window.Size.Contains(1));
        Assert.Contains(windows, window => window.Window.Stride[0] > 1
            && (window.Size[0] + window.Window.Before[0] + window.Window.After[0] - window.Window.Dilation[0] * (window.Kernel[0] - 1) - 1) % window.Window.Stride[0] != 0);
    }

    [Fact]
    public void A_function_that_no_shape_fits_asks_for_one() => Assert.StartsWith(
        "None of 60 random shapes fits the function; give one that does.",
        Assert.Throws<ArgumentException>(() => GradKit.Check(x => Reshape(x, [7, 11, 13]))).Message);
}
