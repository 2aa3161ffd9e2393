using System.Collections.Immutable;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Graphs;

public class GradientTests
{
    private static readonly Node x = Variable("x", [3]);
    private static readonly Tensor at = Tensor.Of([1, 2, 3]);

    private sealed record Wrong : Op1
    {
        public override Shape Infer(Shape x) => x;

        public override Tensor Reference(Tensor x) => x;

        public override Node? Vjp(Node x, Node y, Node dy) => Sum(dy);
    }

    private sealed record Opaque : Op2
    {
        public override Shape Infer(Shape a, Shape b) => a;

        public override Tensor Reference(Tensor a, Tensor b) => a;

        public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) => (dy, NotDifferentiable("it is a secret"));
    }

    [Fact]
    public void The_gradient_of_a_sum_of_squares_is_twice_x() =>
        Assert.Equal(Tensor.Of([2, 4, 6]), Reference.Run(Gradient.Of(Sum(x * x), x), (x, at)));

    [Fact]
    public void Higher_orders_are_gradients_of_gradients()
    {
        var first = Gradient.Of(Sum(x * x * x), x);
        var second = Gradient.Of(Sum(first), x);
        var third = Gradient.Of(Sum(second), x);
        Assert.Equal(Tensor.Of([3, 12, 27]), Reference.Run(first, (x, at)));
        Assert.Equal(Tensor.Of([6, 12, 18]), Reference.Run(second, (x, at)));
        Assert.Equal(Tensor.Of([6, 6, 6]), Reference.Run(third, (x, at)));
        Assert.Equal(Tensor.Of([0, 0, 0]), Reference.Run(Gradient.Of(Sum(third), x), (x, at)));
    }

    [Fact]
    public void A_value_used_k_times_gets_k_minus_1_additions()
    {
        var loss = Sum(Exp(x) + Sin(x) * Cos(x));
        var added = new Graph(Gradient.Of(loss, x)).Nodes.Except(new Graph(loss).Nodes).Count(node => node.Op is Add);
        Assert.Equal(2, added);
    }

    [Fact]
    public void Paths_are_added_and_not_walked_one_by_one()
    {
        // 2⁶⁰ paths lead through this graph; its gradient has a few nodes for each of its 60.
        var y = Variable("y", []);
        var sum = Enumerable.Range(0, 60).Aggregate(y, (total, _) => total + total);
        var dy = Gradient.Of(sum, y);
        Assert.Equal(Math.Pow(2, 60), dy.Value.Scalar);
        Assert.InRange(new Graph(dy).Nodes.Length, 60, 240);
    }

    [Fact]
    public void What_the_loss_does_not_depend_on_has_zeros()
    {
        var other = Variable("other", [2, 2]);
        var gradients = Gradient.Of(Sum(x), [x, other]);
        Assert.Equal(Tensor.Of([1, 1, 1]), gradients[0].Value);
        Assert.Equal(Tensor.Of([[0, 0], [0, 0]]), gradients[1].Value);
    }

    [Fact]
    public void A_gradient_may_be_taken_to_an_inner_node_and_to_the_loss_itself()
    {
        var y = Exp(x);
        var loss = Sum(y * y);
        Assert.Equal(2 * Math.E, Reference.Run(Gradient.Of(loss, y), (x, at)).At(0), 1e-15);
        Assert.Equal(1, Gradient.Of(loss, loss).Value.Scalar);
    }

    [Fact]
    public void Nodes_off_the_way_are_not_differentiated()
    {
        // An op without a derivative does no harm where no variable passes it.
        var labels = Indices(Tensor.Of([0, 2, 1]));
        var loss = Sum(OneHot(labels, 3) * x);
        Assert.Equal(Tensor.Of([1, 1, 1]), Gradient.Of(loss, x).Value);
    }

    [Fact]
    public void A_loss_has_one_element()
    {
        var error = Assert.Throws<ShapeError>(() => Gradient.Of(x * x, x));
        Assert.Equal("Gradient.Of Multiply [3]: a loss has 1 element, this has 3.\n"
            + "Possible: Sum(loss), Mean(loss), Gradient.Vjp with a cotangent of this shape.", error.Message);
        Assert.Equal(Tensor.Of([2, 4, 6]), Reference.Run(Gradient.Of(Sum(x * x), x), (x, at)));
        Assert.Equal(Tensor.Of([2, 4, 6]), Reference.Run(Gradient.Vjp(x * x, Ones([3]), [x])[0], (x, at)));
        Assert.Equal([1, 1], Gradient.Of(Reshape(Sum(x), [1, 1]), Reshape(Sum(x), [1, 1])).Shape);
    }

    [Fact]
    public void A_cotangent_has_the_results_shape()
    {
        var error = Assert.Throws<ShapeError>(() => Gradient.Vjp(x * x, Ones([2]), [x]));
        Assert.Equal("Gradient.Vjp of Multiply: y has [3], its cotangent [2].\nPossible: a cotangent of [3].", error.Message);
        Assert.NotNull(Gradient.Vjp(x * x, Ones([3]), [x])[0]);
    }

    [Fact]
    public void An_index_has_no_derivative()
    {
        var labels = Variable("labels", [3], Kind.Index);
        static string Text(Action derive) => Assert.Throws<NotDifferentiableError>(derive).Message;
        Assert.Equal("the gradient with respect to labels [3] does not exist: it is an index.", Text(() => Gradient.Of(Sum(OneHot(labels, 3)), labels)));
        Assert.Equal("the loss is an index, the ArgMax [1]; indices have no derivative.", Text(() => Gradient.Of(ArgMax(x, 0), x)));
        Assert.Equal(
            "OneHot is not differentiable: an index takes no values in between (in the gradient with respect to input 0 of OneHot(Classes: 3)).",
            Text(() => Gradient.Of(Sum(OneHot(ArgMax(x, 0), 3)), x)));
    }

    [Fact]
    public void A_missing_rule_is_an_error_only_where_it_is_needed()
    {
        var y = Variable("y", [3]);
        var opaque = Sum(new Opaque().Of(x, y));
        Assert.Equal(Tensor.Of([1, 1, 1]), Gradient.Of(opaque, x).Value);
        Assert.Equal(
            "Opaque is not differentiable: it is a secret (in the gradient with respect to input 1 of Opaque).",
            Assert.Throws<NotDifferentiableError>(() => Gradient.Of(opaque, y)).Message);
    }

    [Fact]
    public void A_rule_that_gives_another_shape_is_caught() => Assert.Equal(
        "the Vjp of Wrong gave [] for input 0, which has [3].",
        Assert.Throws<GraphError>(() => Gradient.Of(Sum(new Wrong().Of(x)), x)).Message);

    [Fact]
    public void Each_backward_node_says_its_rule_and_forward_node()
    {
        var y = Tanh(x);
        var loss = Sum(y * Exp(x));
        var forward = new Graph(loss).Nodes.ToHashSet();
        var backward = new Graph(Gradient.Of(loss, x)).Nodes.Where(node => !forward.Contains(node) && !node.Inputs.IsEmpty).ToArray();
        Assert.All(backward, node => Assert.Contains(node.Origin!.Forward!, forward));
        Assert.All(forward, node => Assert.Null(node.Origin));

        // 1 − y·y is written in the rule of tanh alone.
        var slope = Assert.Single(backward, node => node.Op is Subtract);
        Assert.Same(y, slope.Origin!.Forward);
        Assert.Equal("Vjp of Tanh", slope.Origin.Rule);
        Assert.Equal("Vjp of Tanh", slope.Origin.ToString());
        Assert.Equal("Vjp of Tanh, block1.act", (slope.Origin with { Path = "block1.act" }).ToString());
    }

    [Fact]
    public void The_gradient_of_random_graphs_is_what_differences_measure() => Law.ForAll(RandomGraph.All.Where(IsSmooth), random =>
    {
        // Masks are not varied: at 0 they jump.
        var masks = random.Graph.Nodes.Where(node => node.Op is Select).Select(node => node.Inputs[0]);
        ImmutableArray<Node> reals = [.. random.Values.Keys.Where(variable => variable.Kind == Kind.Real).Except(masks)];
        Node[] rest = [.. random.Values.Keys.Except(reals)];
        var loss = random.Graph.Outputs.Where(output => output.Kind == Kind.Real).Aggregate(Zeros([]), (sum, output) => sum + Sum(Sin(output)));
        loss = GradientCheck.Substituted(loss, [.. rest], [.. rest.Select(node => node.Kind == Kind.Index ? Indices(random.Values[node]) : Constant(random.Values[node]))]);
        Verify.Check(new Graph([loss, .. Gradient.Of(loss, reals)]));
        Assert.Null(GradientCheck.Failure(xs => GradientCheck.Substituted(loss, reals, xs), [.. reals.Select(x => random.Values[x])], 1, Key.Of(5)));
    }, times: 60);

    /// <summary>Without stops, and without a maximum of two computed values, which may tie.</summary>
    private static bool IsSmooth(RandomGraph random) => !random.Graph.Nodes.Any(node => node.Op is StopGradient or Maximum or Minimum);
}
