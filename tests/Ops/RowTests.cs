using System.Reflection;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>What holds for every op, row by row of the table.</summary>
public class RowTests
{
    public static TheoryData<string> Names { get; } = [.. OpTable.Rows.Select(row => row.Op.Name)];

    public static TheoryData<string> Differentiable { get; } = NamesOf(Derivative.True);

    public static TheoryData<string> Stopped { get; } = NamesOf(Derivative.StoppedByDefinition);

    public static TheoryData<string> Undifferentiable { get; } = NamesOf(Derivative.None);

    private static TheoryData<string> NamesOf(Derivative derivative) =>
        [.. OpTable.Rows.Where(row => row.Derivative == derivative).Select(row => row.Op.Name)];

    private static OpRow Row(string name) => OpTable.Rows.Single(row => row.Op.Name == name);

    [Fact]
    public void Every_sealed_op_has_exactly_one_row()
    {
        var ops = new[] { typeof(Op).Assembly, typeof(Convolution).Assembly }.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsSealed && type.IsSubclassOf(typeof(Op)) && !type.IsSubclassOf(typeof(Op0)))
            .Select(type => type.Name).Order(StringComparer.Ordinal);
        Assert.Equal(ops, OpTable.Rows.Select(row => row.Op.Name).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Differentiable))]
    public void The_gradient_is_what_differences_measure_order_1(string name) => CheckGradient(Row(name), 1);

    [Theory, MemberData(nameof(Differentiable))]
    public void The_gradient_is_what_differences_measure_order_2(string name) => CheckGradient(Row(name), 2);

    private static void CheckGradient(OpRow row, int order)
    {
        Law.ForAll(row.Cases, at => Assert.Null(GradientCheck.Failure(at, order, Key.Of(at.ToString().Length))), times: 40);
    }

    [Theory, MemberData(nameof(Names))]
    public void D17_shapes_are_as_inferred_and_cotangents_have_the_inputs_shapes(string name) => Law.ForAll(Row(name).Cases, at =>
    {
        var xs = at.Variables();
        var y = at.Apply(xs);
        Assert.Equal(y.Shape, at.Closed().Value.Shape);
        Verify.Check(new Graph(y));
        if (Row(name).Derivative == Derivative.None)
        {
            return;
        }

        var reals = xs.Where(x => x.Kind == Kind.Real).ToArray();
        var cotangents = Gradient.Vjp(y, Variable("dy", y.Shape), reals);
        Assert.Equal(reals.Select(x => x.Shape), cotangents.Select(dx => dx.Shape));
        Verify.Check(new Graph(cotangents));
    });

    [Theory, MemberData(nameof(Undifferentiable))]
    public void Asking_for_a_derivative_that_does_not_exist_is_an_error_with_the_reason(string name)
    {
        var row = Row(name);
        Law.ForAll(row.Cases, at =>
        {
            var rule = at.Op.GetType().GetMethod("Vjp")!;
            var x = at.Variables()[0];
            var y = at.Apply(x);
            var stand = (Node)rule.Invoke(at.Op, [x, y, Zeros(y.Shape)])!;
            var error = Assert.Throws<NotDifferentiableError>(() => stand.Value);
            Assert.Equal($"{at.Op.Name} is not differentiable: {row.Reason}", error.Message);
        }, times: 5);
    }

    [Theory, MemberData(nameof(Stopped))]
    public void A_derivative_stopped_by_definition_is_zero(string name)
    {
        var row = Row(name);
        Law.ForAll(row.Cases, at => Assert.All(
            Gradient.Of(Sum(at.Apply(at.Variables())), at.Variables()), dx => Assert.True(dx.Value.ToDoubles().All(v => v == 0))));
    }

    [Theory, MemberData(nameof(Names))]
    public void Ops_are_values_that_print_as_their_constructor_call(string name) => Law.ForAll(Row(name).Cases, at =>
    {
        var twin = at.Op with { };
        Assert.Equal(at.Op, twin);
        Assert.Equal(at.Op.GetHashCode(), twin.GetHashCode());
        Assert.Matches(@"^\w+(\((\w+: .+|\[[\d, ]*\](, \w+: .+)?)\))?$", at.Op.ToString());
        Assert.StartsWith(at.Op.Name, at.Op.ToString());
    });

    [Fact]
    public void Different_parameters_make_different_ops() => Law.ForAll(OpTable.AnyCase.Two(), pair =>
        Assert.Equal(pair.Item1.Op.ToString() == pair.Item2.Op.ToString(), pair.Item1.Op == pair.Item2.Op), times: 2000);
}
