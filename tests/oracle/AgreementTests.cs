using System.Collections.Immutable;

namespace OracleTests;

/// <summary>Both executors against PyTorch in double precision: values, gradients, second order and Jvp.</summary>
public class AgreementTests
{
    /// <summary>Reference computes in double, in another order of additions.</summary>
    private const double InDouble = 1e-9;

    /// <summary>Cpu computes in single precision: 24 bits are 6e-8, and values here come from up to some hundred terms
    /// in a few operations. Relative to the largest element of a tensor, since sums may cancel.</summary>
    private const double InSingle = 4e-6;

    public static TheoryData<string> Ops { get; } = [.. Case.All.Select(at => at.Op).Distinct()];

    [Fact]
    public void There_are_at_least_600_cases_and_most_are_of_second_order()
    {
        Assert.InRange(Case.All.Length, 600, int.MaxValue);
        Assert.InRange(Case.All.Count(at => at.Derivatives?.Second is not null), 500, int.MaxValue);
    }

    [Fact]
    public void Every_op_of_the_table_has_cases() => Assert.Empty(Table.Functions.Keys.Except(Case.All.Select(at => at.Op)));

    /// <summary>Each primitive is computed somewhere in a value or a derivative that PyTorch gave, but for random numbers,
    /// which are the library's own, and for what stands for other ops.</summary>
    [Fact]
    public void Every_primitive_of_the_table_is_in_a_case()
    {
        var seen = Case.All.GroupBy(at => at.Op).SelectMany(cases => cases.Take(3)).SelectMany(at => new Graph([.. Wanted(at).Wanted.Select(wanted => wanted.Node)]).Nodes).Select(node => node.Op.GetType()).ToHashSet();
        Assert.Equal("After AllReduce Checkpoint CustomVjp FoldIn Idiom RandomNormal RandomPermutation RandomUniform Recompute",
            string.Join(' ', OpTable.Rows.Select(row => row.Op).Where(op => !seen.Contains(op)).Select(op => op.Name).Order(StringComparer.Ordinal)));
    }

    [Theory, MemberData(nameof(Ops))]
    public void Reference_agrees(string op) => Agrees(op, Reference.Run, (expected, actual, _) =>
        Math.Abs(expected - actual) <= InDouble * (1 + Math.Abs(expected)));

    [Theory, MemberData(nameof(Ops))]
    public void Cpu_agrees(string op) => Agrees(op, (outputs, values) => Cpu.Run(outputs, values), (expected, actual, largest) =>
        Math.Abs(expected - actual) <= InSingle * (1 + largest));

    private static void Agrees(string op, Func<ImmutableArray<Node>, Dictionary<Node, Tensor>, ImmutableArray<Tensor>> run,
        Func<double, double, double, bool> close) => Assert.All(Case.All.Where(at => at.Op == op), at =>
    {
        var (values, wanted) = Wanted(at);
        var results = run([.. wanted.Select(each => each.Node)], values);
        foreach (var ((what, _, expected), actual) in wanted.Zip(results))
        {
            Assert.True(expected.Shape == actual.Shape, $"{at}: {what} has {actual.Shape}, expected {expected.Shape}");
            var largest = expected.ToDoubles().Max(Math.Abs);
            for (var i = 0; i < expected.Count; i++)
            {
                Assert.True(close(expected.At(i), actual.At(i), largest),
                    $"{at}: {what}, element {i}: {actual.At(i):R}, expected {expected.At(i):R}");
            }
        }
    });

    /// <summary>The nodes that compute what a case tells, with the values of their variables.</summary>
    private static (Dictionary<Node, Tensor> Values, List<(string What, Node Node, Tensor Expected)> Wanted) Wanted(Case at)
    {
        Node[] inputs = [.. at.Inputs.Select((input, i) =>
            Variable($"x{i}", input.Value.Shape, input.Kind == "index" ? Kind.Index : Kind.Real))];
        var y = Apply(at, inputs);
        var values = inputs.Zip(at.Inputs).ToDictionary(pair => pair.First, pair => pair.Second.Value);
        List<(string, Node, Tensor)> wanted = [("y", y, at.Y)];
        if (at.Derivatives is not { } derivatives)
        {
            return (values, wanted);
        }

        Node[] xs = [.. inputs.Where((_, i) => at.Inputs[i].Kind == "real")];
        var dy = Variable("dy", derivatives.Dy.Shape);
        values[dy] = derivatives.Dy;
        var dx = Gradient.Vjp(y, dy, xs);

        // ⟨dx, v⟩ is linear in dy: its gradient there is (∂y/∂x) v.
        var along = dx.Zip(derivatives.V).Aggregate(Zeros([]), (sum, pair) => sum + Sum(pair.First * (Node)pair.Second));
        var next = Gradient.Of(along, [.. xs, dy]);
        wanted.AddRange(dx.Select((node, i) => ($"dx{i}", node, derivatives.Dx[i])));
        wanted.Add(("jvp", next[^1], derivatives.Jvp));
        wanted.AddRange((derivatives.Second ?? []).Select((expected, i) => ($"second{i}", next[i], expected)));
        return (values, wanted);
    }

    private static Node Apply(Case at, Node[] inputs)
    {
        Assert.True(Table.Functions.ContainsKey(at.Op), $"{at}: Table.cs has no {at.Op}.");
        var attributes = new Attributes(at.Attributes);
        var y = Table.Functions[at.Op](attributes, inputs);
        Assert.True(!attributes.Unknown.Any(), $"{at}: Table.cs does not use {string.Join(", ", attributes.Unknown)}.");
        return y;
    }
}
