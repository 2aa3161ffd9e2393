using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>From functions to functions.</summary>
public class TransformTests
{
    private static readonly Node x = Variable("x", [3]);
    private static readonly Tensor at = Tensor.Of([1, 2, 3]);

    [Fact]
    public void What_a_function_captures_is_constant_to_it()
    {
        // Were y the same as x, the derivative would be 2x.
        var two = Constant(Tensor.Of(2.0));
        Assert.Equal(2, Grad(y => two * y)(two).Value.Scalar);
        var s = Variable("s", []);
        Assert.Same(s, new Graph(Grad(y => s * y)(s)).Simplify().Outputs[0]);

        // d/dx (x · d/dy (x·y)) = d/dx x² = 2x; the classic of perturbation confusion.
        Assert.Equal(4, Grad(x => x * Grad(y => x * y)(two))(two).Value.Scalar);
        Assert.Equal(1, Grad(x => x * Jvp(y => x + y, 1, 1).Tangent)(two).Value.Scalar);
    }

    [Fact]
    public void Closed_arguments_show_their_values()
    {
        Assert.Equal("[2, 4, 6]", Grad(x => Sum(x * x))(at).ToString());
        var (value, gradient) = ValueAndGrad(x => Sum(x * x))(at);
        Assert.Equal(("14", "[2, 4, 6]"), (value.ToString(), gradient.ToString()));
        Assert.Equal("[[2, 0, 0], [0, 2, 0], [0, 0, 2]]", Hessian(x => Sum(x * x))(at).ToString());
    }

    [Fact]
    public void Transforms_nest_to_any_depth()
    {
        static Node Cube(Node x) => x * x * x * x;
        Assert.Equal(24 * 2, Grad(Grad(Grad(Cube)))(2).Value.Scalar);
        Assert.Equal(24, Grad(Grad(Grad(Grad(Cube))))(2).Value.Scalar);
        Assert.Equal(24 * 2, Jvp(Grad(Grad(Cube)), 2, 1).Tangent.Value.Scalar);
        Assert.Equal(24 * 2, Grad(x => Jvp(x => Jvp(Cube, x, 1).Tangent, x, 1).Tangent)(2).Value.Scalar);
        Assert.Equal(24 * 2, Grad(Grad(Checkpoint(x => Grad(Cube)(x))))(2).Value.Scalar);
    }

    [Fact]
    public void The_jvp_of_a_gradient_is_the_gradient_of_a_jvp() => Law.ForAll(Values.Real([4]).Two(), pair =>
    {
        var (x, v) = ((Node)pair.Item1, (Node)pair.Item2);
        var forward = Jvp(Grad(Bowl), x, v).Tangent.Value;
        var backward = Grad(x => Jvp(Bowl, x, v).Tangent)(x).Value;
        var product = Hvp(Bowl)(x, v).Value;
        var pulled = Vjp(Grad(Bowl), x).Pullback(v).Value;
        AssertClose(forward, backward);
        AssertClose(forward, product);
        AssertClose(forward, pulled);
        AssertClose(forward, new MatMul().Of(Hessian(Bowl)(x), Reshape(v, [4, 1])).Value.Reshape([4]));
    });

    [Fact]
    public void Both_jacobians_are_equal_and_what_differences_measure() => Law.ForAll(Values.Real([2, 3]), at =>
    {
        static Node Wide(Node x) => Concat(0, Reshape(x * Sum(x), [6]), Tanh(Reshape(x, [6])));
        static Node Narrow(Node x) => Exp(MatMul(x, Ones([3, 1])) * 0.3);
        foreach (var f in (Func<Node, Node>[])[Wide, Narrow, x => Sum(x * x)])
        {
            var (forward, reverse) = (JacobianForward(f)(at).Value, JacobianReverse(f)(at).Value);
            Assert.Equal([.. f(at).Shape, 2, 3], forward.Shape);
            AssertClose(forward, reverse);
            AssertClose(forward, Jacobian(f)(at).Value);
            for (var i = 0; i < forward.Count; i++)
            {
                var measured = GradientCheck.Richardson(t =>
                    f(Tensor.From([2, 3], k => at.At(k) + (k == i % 6 ? t : 0))).Value.At(i / 6));
                Assert.Equal(measured, forward.At(i), 1e-8 * (1 + Math.Abs(measured)));
            }
        }
    }, times: 10);

    [Fact]
    public void A_jacobian_takes_the_way_with_fewer_passes()
    {
        // All passes are the rows of one product.
        static int Passes(Node node) => new Graph(node).Simplify().Nodes.Single(node => node.Op is MatMul).Shape[0];
        var (wide, narrow) = (Variable("wide", [100, 2]), Variable("narrow", [2, 100]));
        foreach (var w in (Node[])[wide, narrow])
        {
            var (rows, columns) = (w.Shape[0], w.Shape[1]);
            var z = Variable("z", [columns, 1]);
            Node F(Node z) => MatMul(w, z);
            Assert.Equal(rows, Passes(JacobianReverse(F)(z)));
            Assert.Equal(columns, Passes(JacobianForward(F)(z)));
            Assert.Equal(2, Passes(Jacobian(F)(z)));
        }
    }

    [Fact]
    public void A_jacobian_is_what_single_passes_give_and_its_graph_does_not_grow() => Law.ForAll(Values.Real([5]), at =>
    {
        static Node F(Node x) => Tanh(MatMul(Reshape(x, [x.Shape[0], 1]), Ones([1, 2])) * Sum(x * x));
        var v = Variable("v", [5]);
        var y = F(v);
        var rows = Enumerable.Range(0, 10).Select(k =>
            Reshape(Gradient.Vjp(y, Tensor.From([5, 2], i => i == k ? 1 : 0), [v])[0], [1, 5]));
        AssertClose(Reference.Run(Reshape(Concat(0, [.. rows]), [5, 2, 5]), (v, at)), JacobianReverse(F)(at).Value);
        Assert.Equal(new Graph(Jacobian(F)(v)).Nodes.Length, new Graph(Jacobian(F)(Variable("long", [50]))).Nodes.Length);
    }, times: 10);

    [Fact]
    public void An_empty_jacobian_has_its_shape()
    {
        Assert.Equal([0, 3], Jacobian(x => Slice(x, [0], [0]))(at).Value.Shape);
        Assert.Equal([2, 0], Jacobian(x => Ones([2]) * Sum(x))(Zeros([0])).Value.Shape);
    }

    [Fact]
    public void A_hessian_is_symmetric() => Law.ForAll(Values.Real([4]), at =>
    {
        var hessian = Hessian(Bowl)(at).Value;
        AssertClose(hessian, Tensor.From([4, 4], i => hessian[i % 4, i / 4]));
    });

    [Fact]
    public void A_pullback_and_a_tangent_come_with_the_value()
    {
        var (value, pullback) = Vjp(x => x * x, at);
        Assert.Equal(Tensor.Of([1, 4, 9]), value.Value);
        Assert.Equal(Tensor.Of([2, 8, 18]), pullback(at).Value);
        var (again, tangent) = Jvp(x => x * x, at, Tensor.Of([1, 0, 2]));
        Assert.Equal(Tensor.Of([1, 4, 9]), again.Value);
        Assert.Equal(Tensor.Of([2, 0, 12]), tangent.Value);
    }

    [Fact]
    public void What_cannot_be_derived_says_why()
    {
        Assert.StartsWith("OneHot is not differentiable: an index takes no values in between",
            Assert.Throws<NotDifferentiableError>(() => Grad(x => Sum(OneHot(ArgMax(x, 0), 3)))(x)).Message);
        Assert.StartsWith("Gradient.Of Multiply [3]: a loss has 1 element",
            Assert.Throws<ShapeError>(() => Grad(x => x * x)(x)).Message);
        Assert.StartsWith("the result is an index",
            Assert.Throws<NotDifferentiableError>(() => Vjp(x => ArgMax(x, 0), x).Pullback(Ones([1]))).Message);
        Assert.Contains("it is an index", Assert.Throws<NotDifferentiableError>(
            () => Grad(i => Sum(OneHot(i, 3)))(Indices(Tensor.Of([1, 2])))).Message);
    }

    [Fact]
    public void A_scan_is_the_loop()
    {
        // Running sums, and their gradient: the i-th element is in all sums from the i-th on.
        static (Node, Node) Step(Node sum, Node x) => (sum + x, sum + x);
        for (var n = 0; n <= 5; n++)
        {
            var xs = Tensor.From([n, 2], i => i + 1);
            var (carry, sums) = Scan(Step, Zeros([2]), xs);
            Assert.Equal([n, 2], sums.Shape);
            double Column(int rows, int c) => Enumerable.Range(0, rows).Sum(i => xs[i, c]);
            Assert.Equal(Tensor.From([2], c => Column(n, c)), carry.Value);
            Assert.Equal(Tensor.From([n, 2], i => Column(i / 2 + 1, i % 2)), sums.Value);
            Assert.Equal(Tensor.From([n, 2], i => n - i / 2), Grad(xs => Sum(Scan(Step, Zeros([2]), xs).Ys))(xs).Value);
        }
    }

    [Fact]
    public void A_scans_gradient_is_what_differences_measure() => Assert.Null(GradientCheck.Failure(
        xs => Scan((h, x) => Tanh(h * xs[2] + x) is var next ? (next, next * x) : default, xs[0], xs[1]) is var (carry, ys)
            ? carry + Sum(ys, [0]) : xs[0],
        [Key.Of(1).Normal([3]), Key.Of(2).Normal([4, 3]), Key.Of(3).Normal([3])], 2, Key.Of(4)));

    [Fact]
    public void A_scans_step_is_made_once()
    {
        var calls = 0;
        var (carry, _) = Scan((w, x) => (w * Variable($"w{calls++}", []) + Sum(x), x), 0, Variable("xs", [7, 2]));
        Assert.Equal(["w0", "xs"], new Graph(carry).Variables.Select(variable => variable.Op.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_scan_keeps_the_carrys_shape()
    {
        var error = Assert.Throws<ShapeError>(() => Scan((c, x) => (Concat(0, c, x), x), Zeros([2]), Zeros([4, 2])));
        Assert.Equal("Scan over [4, 2]: the carry has [2], a step makes it [4].\nPossible: a carry of [4], a step that gives [2].", error.Message);
        Assert.Equal("Scan over []: a scalar has no first axis.\nPossible: Reshape [] to [1].",
            Assert.Throws<ShapeError>(() => Scan((c, x) => (c, x), 0, 0)).Message);
        Assert.Equal(0, Scan((c, x) => (c, x), 0, Reshape(0, [1])).Carry.Value.Scalar);
    }

    private static Node Bowl(Node x) => Sum(Tanh(x) * Exp(Part(x, 0, 1, 1))) + Log(Sum(Exp(x * x)));

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.All(Enumerable.Range(0, expected.Count), i =>
            Assert.Equal(expected.At(i), actual.At(i), 1e-10 * (1 + Math.Abs(expected.At(i)))));
    }
}
