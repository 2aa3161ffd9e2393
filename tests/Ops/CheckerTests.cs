using System.Collections.Immutable;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>The checker itself: classic mistakes must be caught.</summary>
public class CheckerTests
{
    private static readonly Key key = Key.Of(7);
    private static readonly Tensor x = Key.Of(1).Normal([3, 4]);
    private static readonly Tensor square = Key.Of(2).Normal([3, 3]);

    private sealed record Custom(Func<Tensor, Tensor> Meaning, Func<Node, Node, Node, Node?> Rule) : Op1
    {
        public override Shape Infer(Shape x) => x;

        public override Tensor Reference(Tensor x) => Meaning(x);

        public override Node? Vjp(Node x, Node y, Node dy) => Rule(x, y, dy);
    }

    private static void MustFail(Func<Tensor, Tensor> meaning, Func<Node, Node, Node, Node?> rule, Tensor at, int order = 1) =>
        Assert.Contains($"order 1: Vjp gave", GradientCheck.Failure(xs => new Custom(meaning, rule).Of(xs[0]), [at], order, key));

    private static Tensor Turned(Tensor m) => Tensor.From(m.Shape, i => m[i % 3, i / 3]);

    [Fact]
    public void A_right_rule_passes_both_orders()
    {
        for (var order = 1; order <= 2; order++)
        {
            Assert.Null(GradientCheck.Failure(xs => new Custom(v => v.Map(Math.Sin), (x, _, dy) => dy * Cos(x)).Of(xs[0]), [x], order, key));
        }
    }

    [Fact]
    public void A_wrong_sign_is_caught() => MustFail(v => v.Map(Math.Cos), (x, _, dy) => dy * Sin(x), x);

    [Fact]
    public void A_missing_factor_is_caught() => MustFail(v => v.Map(a => a * a), (x, _, dy) => dy * x, x);

    [Fact]
    public void A_missing_transpose_is_caught() => MustFail(Turned, (_, _, dy) => dy, square);

    [Fact]
    public void A_forgotten_cotangent_is_caught() => MustFail(v => v.Map(Math.Exp), (_, y, _) => y, x);

    [Fact]
    public void A_rule_off_by_a_millionth_is_caught() => MustFail(v => v.Map(Math.Exp), (_, y, dy) => 1.000001 * dy * y, x);

    [Fact]
    public void A_forgotten_gradient_is_caught() => MustFail(v => v.Map(Math.Exp), (_, _, _) => null, x);

    [Fact]
    public void A_rule_that_is_right_but_has_a_wrong_rule_itself_is_caught_at_order_2()
    {
        // The derivative of x³ by an op for x² whose own rule lacks the 2.
        var wrongSquare = new Custom(v => v.Map(a => a * a), (x, _, dy) => dy * x);
        var cube = new Custom(v => v.Map(a => a * a * a), (x, _, dy) => 3 * dy * wrongSquare.Of(x));
        ImmutableArray<Tensor> at = [x];
        Assert.Null(GradientCheck.Failure(xs => cube.Of(xs[0]), at, 1, key));
        Assert.NotNull(GradientCheck.Failure(xs => cube.Of(xs[0]), at, 2, key));
    }

    [Fact]
    public void A_rule_that_bakes_in_a_value_is_caught_at_order_2() =>
        MustFail(v => v.Map(a => a * a), (x, _, dy) => 2 * dy * StopGradient(x), x, order: 2);
}
