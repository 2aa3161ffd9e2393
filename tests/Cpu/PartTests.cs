using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Parts of values, which loops read where they lie if enough elements lie side by side.</summary>
public class PartTests
{
    /// <summary>Parts along any axes, one of them twice cut or turned, read by loops, sums, rows of a softmax, variances, and by
    /// what copies; with and without the part itself among the results.</summary>
    [Fact]
    public void What_is_computed_from_parts_is_that_of_reference_and_so_are_the_gradients() => Law.ForAll(
        from sizes in Gen.Elements(1, 2, 3, 5, 7, 40).ArrayOf(3)
        from columns in Gen.Elements(1, 8, 33, 64, 100)
        from cuts in Gen.Choose(0, 100).ArrayOf(12)
        from what in Gen.Choose(0, 63)
        select (Shape: Shape.Of([.. sizes, columns]), cuts, what), at =>
    {
        var (x, shape) = (Variable("x", at.Shape), at.Shape);
        var size = shape.Select((n, axis) => 1 + at.cuts[axis] * n / 101);
        var a = Slice(x, shape.Select((n, axis) => at.cuts[4 + axis] * (n - size[axis] + 1) / 101), size);
        var inner = Tanh(x) * 2;
        var b = Slice(inner, shape.Select((n, axis) => at.cuts[8 + axis] * (n - size[axis] + 1) / 101), size);
        b = (at.what & 1) == 0 ? b : Slice(Reverse(inner, [0]), Shape.Repeat(0, 4), size);
        var y = Exp(a) * b - (((at.what & 2) == 0) ? a : Sigmoid(b));
        var terms = new List<Node> { y };
        terms.AddRange((at.what & 4) == 0 ? [] : [Sum(a * a, [0, 2]), Sum(b, [3]), Variance(a, [0, 1, 2])]);
        terms.AddRange((at.what & 8) == 0 ? [] : [Softmax(b), LayerNorm(a)]);
        terms.AddRange((at.what & 16) == 0 ? [] : [Concat(0, a, y, b)]);
        terms.AddRange((at.what & 32) == 0 ? [] : [b, a]);
        var loss = terms.Select(term => Sum(Sin(term))).Aggregate((sum, next) => sum + next);
        Runs.Agree([.. terms, Gradient.Of(loss, x)], Runs.Uniform(x), 10 * Close.Bound);
    }, 120);

    [Fact]
    public void Halves_of_a_value_are_not_copied()
    {
        var x = Variable("x", [4, 8, 6, 6]);
        var y = Glu(x, 1);
        Assert.DoesNotContain("Slice", Cpu.Compile([y, Gradient.Vjp(y, Variable("dy", y.Shape), [x])[0]]).Print(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_is_not_overwritten_before_its_parts_are_read()
    {
        var (x, dx) = (Variable("x", [2, 64]), Variable("dx", [2, 64]));
        var first = BroadcastTo(Slice(x, [0, 0], [1, 64]), [2, 64]);
        var values = Runs.Uniform(x, dx);
        Runs.SameBits([], [(x, x - dx * first)], values);
        var next = Cpu.Compile([], [(x, x - dx * first)]).Values(values, [x])[0];
        Close.All(Reference.Run([x - dx * first], values)[0], next);
    }
}
