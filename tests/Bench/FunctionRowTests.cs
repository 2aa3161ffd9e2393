namespace AutoDiffCnn.Tests;

/// <summary>The functions of nodes that are measured beside PyTorch's.</summary>
public class FunctionRowTests
{
    private static readonly IReadOnlyList<FunctionRow> Rows = [.. FunctionRow.Find("all")];

    [Fact]
    public void Every_function_has_a_row_or_a_reason_to_have_none() =>
        Assert.Equal(FunctionRow.Without.Keys.Order(StringComparer.Ordinal), FunctionRow.Missing());

    [Fact]
    public void Names_are_those_of_one_row_and_groups_are_not_rows()
    {
        Assert.Equal(Rows.Count, Rows.Select(row => row.Name).Distinct().Count());
        Assert.DoesNotContain(FunctionRow.Groups, group => Rows.Any(row => row.Name == group.Name));
        Assert.Equal(["relu"], FunctionRow.Find("relu").Select(row => row.Name));
        Assert.Empty(FunctionRow.Find("nothing"));
    }

    [Fact]
    public void A_row_knows_what_it_calls()
    {
        Assert.Equal(["Where", "Greater"], FunctionRow.Find("where").Single().Calls);
        Assert.Empty(FunctionRow.Find("add").Single().Calls);
    }

    [Fact]
    public void Every_row_can_be_put_together_and_derived()
    {
        foreach (var row in Rows)
        {
            Assert.Equal(BenchMode.Infer, FunctionSweep.Modes(row).First());
            Assert.True(row.Torch is null || row.Torch.Contains('(') || row.Torch.Contains("x["), row.Name);
        }
    }

    [Fact]
    public void Inputs_are_what_their_kinds_say()
    {
        var row = new FunctionRow("t", "3,5:w 7:p 4:o 6:s 9:i3 2,2:uc", x => x[0], null);
        var inputs = FunctionInput.Of(row);
        var x = inputs.Select((input, i) => input.Variable(i)).ToArray();
        using var session = Cpu.Compile([.. x.Select(each => each.Kind == Kind.Real ? each * 2 : OneHot(each, 3))]).Start(1);
        for (var i = 0; i < x.Length; i++)
        {
            inputs[i].Fill(session, x[i], (uint)i + 1);
        }

        Assert.Equal([true, true, true, true, false, false], inputs.Select(input => input.IsVariable));
        Assert.All(session.Reals(x[0]).ToArray(), value => Assert.InRange(value, -3, 3));
        Assert.All(session.Reals(x[1]).ToArray(), value => Assert.InRange(value, 0.25, 1.25));
        Assert.All(session.Reals(x[2]).ToArray(), value => Assert.InRange(value, 0.75, 1.25));
        Assert.All(session.Reals(x[3]).ToArray(), value => Assert.Equal(1, Math.Abs(value)));
        Assert.All(session.Indices(x[4]).ToArray(), index => Assert.InRange(index, 0, 2));
        Assert.All(session.Reals(x[5]).ToArray(), value => Assert.InRange(value, -1, 1));
    }
}
