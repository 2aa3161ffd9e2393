using System.Collections.Immutable;
using Xunit.Abstractions;

namespace GradKitTests;

/// <summary>The kit itself: planted wrong rules are found, blamed and named.</summary>
/// <remarks>Time is the processor's, so that nobody else's work counts, and none of it the compiler's.</remarks>
public sealed class MutantTests(ITestOutputHelper output)
{
    /// <summary>What stands around a mutant in a graph.</summary>
    private static readonly ImmutableArray<OpRow> Around =
        [.. new[] { nameof(Tanh), nameof(Multiply), nameof(Add), nameof(Sin), nameof(Reshape), nameof(Sigmoid) }.Select(name => OpTable.Rows.First(row => row.Op.Name == name))];

    static MutantTests() => GradKit.Attack(Subject.Graphs([Mutants.All[0].Row, .. Around]), new Budget(Cases: 20));

    public static TheoryData<string> Titles => [.. Mutants.All.Select(mutant => mutant.Title)];

    [Fact]
    public void There_are_at_least_30() => Assert.InRange(Mutants.All.DistinctBy(mutant => mutant.Title).Count(), 30, 100);

    [Theory, MemberData(nameof(Titles))]
    public void A_wrong_rule_in_a_graph_is_found_within_2_seconds_blamed_and_named(string title)
    {
        var (row, _, mistake) = Mutants.All.First(mutant => mutant.Title == title);
        var subject = Subject.Graphs([row, row, row, .. Around]) with { Properties = Property.OfGradients };
        var names = new List<string>();
        foreach (var seed in (long[])[1, 1001, 2001])
        {
            var start = Environment.CpuUsage.TotalTime;
            var report = GradKit.Attack(subject, new Budget(Cases: 300, Seed: seed));
            var seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
            output.WriteLine($"{seconds:F2} s\n{report}");
            Assert.False(report.Holds, $"{report}");
            Assert.Equal(title, report.Finding!.Op?.Name);
            Assert.InRange(seconds, 0, 2);
            names.Add(report.Finding.Mistake ?? "");
        }

        // A case may be too poor to tell mistakes apart, as an image of one pixel; not all three.
        Assert.Contains(names, name => name.StartsWith(mistake ?? "", StringComparison.Ordinal));
    }
}
