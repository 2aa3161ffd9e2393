using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Functions with a derivative that is given, and functions that are computed twice.</summary>
public class CustomRuleTests
{
    private static readonly Node x = Variable("x", [3]);
    private static readonly Tensor at = Tensor.Of([1, -2, 3]);

    [Fact]
    public void The_value_is_the_functions_and_the_gradient_the_rules()
    {
        var clipped = CustomVjp(x => x * x, (x, y, dy) => Maximum(-1, Minimum(1, dy * 2 * x)));
        Assert.Equal(Tensor.Of([1, 4, 9]), clipped(at).Value);
        Assert.Equal(Tensor.Of([1, -1, 1]), Grad(x => Sum(clipped(x)))(at).Value);
        var blocked = CustomVjp(x => x * x, (_, _, _) => null);
        Assert.Equal(Tensor.Of([0, 0, 0]), Grad(x => Sum(blocked(x)))(at).Value);
        var product = CustomVjp((a, b) => a * b, (a, b, y, dy) => (dy * y, null));
        Assert.Equal(Tensor.Of([1, 4, 9]), Grad(a => Sum(product(a, at)))(at).Value);
        Assert.Equal(Tensor.Of([0, 0, 0]), Grad(b => Sum(product(at, b)))(at).Value);
    }

    [Fact]
    public void A_rule_is_transposed_for_a_tangent_and_derived_for_the_second_order()
    {
        var reversed = CustomVjp(x => x * x, (x, y, dy) => -2 * x * dy);
        Assert.Equal(Tensor.Of([-2, 4, -6]), Jvp(reversed, at, Ones([3])).Tangent.Value);
        Assert.Equal(Tensor.Of([-2, -2, -2]), Grad(x => Sum(Grad(x => Sum(reversed(x)))(x)))(at).Value);
        Assert.Throws<GraphError>(() => Jvp(CustomVjp(x => x, (x, y, dy) => dy * dy), at, at));
    }

    [Fact]
    public void The_rules_shapes_are_checked_when_it_is_applied()
    {
        var error = Assert.Throws<GraphError>(() => CustomVjp(x => x * x, (x, y, dy) => Sum(dy))(x));
        Assert.Equal("the rule of CustomVjp gave SumTo [] for input 0, which has [3].", error.Message);
        error = Assert.Throws<GraphError>(() => CustomVjp((a, b) => a + Sum(b), (a, b, y, dy) => (dy, dy))(x, Zeros([2])));
        Assert.Equal("the rule of CustomVjp gave dy [3] for input 1, which has [2].", error.Message);
    }

    [Fact]
    public void What_a_custom_function_captures_has_a_value_but_no_derivative()
    {
        var w = Variable("w", [3]);
        var scaled = CustomVjp(x => x * Exp(w), (x, y, dy) => dy);
        var y = scaled(x);
        Assert.Equal(Math.E, Reference.Run(y, (x, Ones([3]).Value), (w, Ones([3]).Value)).At(0), 1e-15);
        Assert.Equal(Tensor.Of([1, 1, 1]), Gradient.Of(Sum(y), x).Value);
        Assert.Equal("CustomVjp is not differentiable: its rule is for its arguments, and this is captured from outside; make it an argument "
            + "(in the gradient with respect to input 1 of CustomVjp(Body: [3], [3] -> [3], 1 nodes)).",
            Assert.Throws<NotDifferentiableError>(() => Gradient.Of(Sum(y), w)).Message);
    }

    [Fact]
    public void A_checkpoint_changes_neither_values_nor_derivatives() => Law.ForAll(Values.Real([3]), at =>
    {
        var w = Variable("w", [3]);
        Node Block(Node x) => Sin(x * w) + Exp(Tanh(x)) * Sum(w);
        Node Deep(Func<Node, Node> block) => Sum(block(block(block(x))));
        var (plain, saved) = (Deep(Block), Deep(Checkpoint(x => Checkpoint(Block)(x))));
        var values = new Dictionary<Node, Tensor> { [x] = at, [w] = Key.Of(1).Normal([3]) };
        var second = (Node loss) => Gradient.Of(Sum(Gradient.Of(loss, x)), w);
        var tangent = (Node loss) => Gradient.Jvp(loss, [x, w], [w, x]);
        var (expected, actual) = (Reference.Run([plain, .. Gradient.Of(plain, [x, w]), second(plain), tangent(plain)], values),
            Reference.Run([saved, .. Gradient.Of(saved, [x, w]), second(saved), tangent(saved)], values));
        for (var k = 0; k < expected.Length; k++)
        {
            Assert.All(Enumerable.Range(0, expected[k].Count), i =>
                Assert.Equal(expected[k].At(i), actual[k].At(i), 1e-11 * (1 + Math.Abs(expected[k].At(i)))));
        }
    }, times: 20);

    [Fact]
    public void A_checkpoint_captures_what_its_function_does()
    {
        var (w, key) = (Variable("w", [3]), Variable("key", [2], Kind.Index));
        var y = Checkpoint(x => Dropout(x, 0.5, FoldIn(key, 1)) * Exp(w) + Tensor.Of([1, 2, 3]))(x);
        Assert.Equal([x, w, key], new Graph(y).Variables.Order(Comparer<Node>.Create((a, b) => a.GetHashCode() - b.GetHashCode())));

        // Exp(w) does not depend on x: it is an input as it stands. The mask is drawn inside.
        Assert.Equal(["x", "key", "Exp"], y.Inputs.Select(input => input.Op.Name));
        Assert.Equal(2, Gradient.Of(Sum(y), [x, w]).Length);
    }

    [Fact]
    public void A_missing_derivative_inside_a_checkpoint_harms_only_those_who_ask()
    {
        var w = Variable("w", [3]);
        var y = Sum(Checkpoint(x => x + Reshape(OneHot(ArgMax(x, 0), 3), [3]) * 0 + w)(x));
        Assert.Equal(Tensor.Of([1, 1, 1]), Reference.Run(Gradient.Of(y, w), (x, at), (w, at)));
        Assert.StartsWith("OneHot is not differentiable", Assert.Throws<NotDifferentiableError>(() => Gradient.Of(y, x)).Message);
    }

    [Fact]
    public void Simplifying_puts_the_function_in_the_place_of_the_op()
    {
        var y = CustomVjp(Checkpoint(x => Exp(x) + 1), (_, _, dy) => dy)(x);
        Assert.Equal("x : [3]\n%0 = CustomVjp(Body: [3] -> [3], 1 nodes)(x) : [3]\nreturn %0", y.Print());
        Assert.Equal((Exp(x) + 1).Print(), new Graph(y).Simplify().Outputs[0].Print());
    }
}
