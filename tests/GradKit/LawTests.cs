using FsCheck.Fluent;

namespace GradKitTests;

/// <summary>Laws between ops: the right ones hold, a wrong one falls.</summary>
public sealed class LawTests
{
    public static TheoryData<string> Names => [.. Laws.All.Select(law => law.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_law_holds(string name) => GradKit.Check(Laws.All.First(law => law.Name == name), new Budget(Cases: 60));

    [Fact]
    public void A_law_that_does_not_hold_falls_at_a_small_case()
    {
        var law = Subject.Law("cross-correlation is commutative", xs => Conv1D(xs[0], xs[1], padding: 1),
            xs => Conv1D(xs[1], xs[0], padding: 1), Gen.Constant<Shape[]>([[1, 1, 3], [1, 1, 3]]));
        var report = GradKit.Attack(law);
        Assert.False(report.Holds);
        Assert.Equal("same", report.Finding!.Property.Name);
        Assert.InRange(report.Finding.Case.Inputs.Sum(input => input.Value.Count), 2, 6);
        Assert.Contains("Console.WriteLine(Reference.Run(", report.Finding.CSharp);
    }
}
