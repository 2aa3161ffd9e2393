using FsCheck.Fluent;

namespace OnnxTests;

/// <summary>Every op of the table, forward and backward, as ONNX Runtime runs it.</summary>
public sealed class OpTests
{
    private const int CasesOfEach = 8;

    // Single precision has steps of 6e-8; values are of order 1 to 100, and sums are of up to a hundred of them.
    private const double Tolerance = 2e-5;

    [RuntimeFact]
    public void Every_op_and_its_gradient_mean_the_same_in_the_runtime()
    {
        var cases = OpTable.Rows.Where(row => !IsRandom(row.Op))
            .SelectMany(row => Law.Sample(row.Cases, CasesOfEach).Select(each => Differentiated(row, each))).ToArray();
        var failures = Written.Failures(cases, Tolerance);
        Assert.True(failures.Count == 0, $"{failures.Count} of {cases.Length}:\n{string.Join("\n", failures.Take(60))}");
    }

    [RuntimeFact]
    public void Elementwise_ops_mean_the_same_where_formulas_break()
    {
        var cases = OpTable.Rows.Where(row => row.Op.IsAssignableTo(typeof(IElementwise))).SelectMany(row => Law.Sample(row.Cases, 1).Select(each =>
        {
            var xs = Enumerable.Range(0, each.Inputs.Length).Select(i => Variable($"x{i}", [200])).ToArray();
            var values = xs.Select((x, i) => (x, Written.Single(Law.Sample(Values.Wild([200]), i + 1)[i]))).ToArray();
            return new Trial($"{each.Op}", OnnxGraph.Of(("y", each.Apply([.. xs]))), values);
        })).ToArray();
        var failures = Written.Failures(cases, 1e-5, (outputs, values) => [.. Reference.Run(outputs, values).Select(Written.Single)]);
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    [Fact]
    public void Random_numbers_are_an_error_that_says_what_to_do() => Law.ForAll(
        Gen.OneOf(OpTable.Rows.Where(row => IsRandom(row.Op)).Select(row => row.Cases)),
        each =>
        {
            var error = Assert.Throws<OnnxExportError>(() => Written.Bytes(OnnxGraph.Of(("y", each.Apply(each.Variables())))));
            Assert.Equal($"{each.Op} draws random numbers from a key, for which opset 16 has no operators. Possible: make what is drawn "
                + "an input (WithDrawsAsInputs), or build the model for use (without Mode.Train).", error.Message);
        }, 20);

    public static bool IsRandom(Type op) => op == typeof(RandomUniform) || op == typeof(RandomNormal) || op == typeof(RandomPermutation) || op == typeof(FoldIn);

    /// <summary>A case with the gradients that there are.</summary>
    private static Trial Differentiated(OpRow row, OpCase each)
    {
        var xs = each.Variables();
        var y = each.Apply(xs);
        var u = Variable("u", y.Shape);
        Node[] varied = row.Derivative == Derivative.True && y.Kind == Kind.Real ? [.. xs.Where((x, i) => x.Kind == Kind.Real && row.DomainOf(i) != Domain.Mask)] : [];
        var gradients = varied.Length > 0 ? Gradient.Vjp(y, u, [.. varied]) : [];
        (Node, Tensor)[] values = [.. xs.Zip(each.Inputs, (x, value) => (x, Written.Single(value))), (u, Written.Single(Key.Of(7).Normal(y.Shape)))];
        return new($"{each.Op} on {string.Join(" and ", each.Inputs.Select(input => input.Shape))}",
            OnnxGraph.Of([("y", y), .. varied.Zip(gradients, (x, dx) => ($"{x.Op.Name}.grad", dx))]), values);
    }
}
