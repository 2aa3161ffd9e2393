namespace GradKitTests;

/// <summary>Where a function is not differentiable: that is said, and the declared subgradient is checked.</summary>
public sealed class KinkTests
{
    [Theory]
    [InlineData("relu"), InlineData("max"), InlineData("tie")]
    public void A_kink_is_recognised_and_no_failure(string name)
    {
        var x = Variable("x", [2]);
        var at = name == "tie" ? Tensor.Of([1.5, 1.5]) : Tensor.Of([0, 1]);
        var y = name switch
        {
            "relu" => Relu(x) * 2,
            "max" => Maximum(x, 0),
            _ => Max(x, 0),
        };
        var report = GradKit.Attack(new Subject(name, FsCheck.Fluent.Gen.Constant(new Case(y, [(x, at)]))), new Budget(Cases: 4));
        Assert.True(report.Holds, $"{report}");
        Assert.Contains("not differentiable here", report.Notes.Keys);
        Assert.Contains("times: not differentiable here", $"{report}");
    }

    /// <summary>relu(x) − relu(−x) is x, but at 0 its gradient is 0 by the convention of each part.</summary>
    [Fact]
    public void A_graph_of_kinks_is_not_blamed_for_its_parts_conventions()
    {
        var x = Variable("x", [1]);
        GradKit.Check(Relu(x) - Relu(-x), (x, Tensor.Of([0])));
    }

    [Fact]
    public void A_subgradient_outside_the_slopes_around_is_a_mistake()
    {
        var x = Variable("x", [1]);
        var twoAtZero = CustomVjp(Relu, (v, _, dy) => dy * (LessOrEqual(0, v) + Equal(v, 0)));
        var error = Assert.Throws<FalsifiedError>(() => GradKit.Check(twoAtZero(x), (x, Tensor.Of([0]))));
        Assert.Contains("not differentiable here, slopes between", error.Message);
        Assert.Equal("CustomVjp", error.Report.Finding!.Op!.Name);
    }

    [Fact]
    public void Infinite_slopes_and_overflows_are_no_failures()
    {
        GradKit.Check(x => Sqrt(Abs(x)), new Budget(Cases: 50));
        GradKit.Check(x => Exp(Exp(x)), new Budget(Cases: 50));
        GradKit.Check(x => 1 / x, new Budget(Cases: 50));
    }
}
