using System.Collections.Immutable;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Forward mode.</summary>
public class JvpTests
{
    private static readonly Node x = Variable("x", [3]);

    public static TheoryData<string> Differentiable { get; } =
        [.. OpTable.Rows.Where(row => row.Derivative == Derivative.True).Select(row => row.Op.Name)];

    /// <summary>An op that means its input, with a rule.</summary>
    private sealed record Wrong(Func<Node, Node> Rule) : Op1
    {
        public override Shape Infer(Shape x) => x;

        public override Tensor Reference(Tensor x) => x;

        public override Node? Vjp(Node x, Node y, Node dy) => Rule(dy);
    }

    [Theory, MemberData(nameof(Differentiable))]
    public void The_jvp_and_the_vjp_agree_in_every_inner_product(string name) =>
        Law.ForAll(OpTable.Rows.Single(row => row.Op.Name == name).Cases, at =>
        {
            var xs = at.Variables();
            var values = xs.Zip(at.Inputs).ToDictionary(pair => pair.First, pair => pair.Second);
            AssertAdjoint(at.Apply(xs), [.. xs.Where(input => input.Kind == Kind.Real)], values);
        }, times: 40);

    [Fact]
    public void They_agree_on_random_graphs() => Law.ForAll(RandomGraph.All, random =>
    {
        var y = random.Graph.Outputs.Where(output => output.Kind == Kind.Real)
            .Aggregate(Zeros([2]), (sum, output) => sum + Sum(Sin(output)) * Tensor.Of([1, -2]));
        AssertAdjoint(y, [.. random.Values.Keys.Where(variable => variable.Kind == Kind.Real)], random.Values);
    });

    [Fact]
    public void The_second_derivatives_of_random_graphs_are_symmetric() => Law.ForAll(RandomGraph.All, random =>
    {
        // ⟨H v, u⟩ = ⟨v, H u⟩, where H v is the tangent of the gradient along v.
        ImmutableArray<Node> xs = [.. random.Values.Keys.Where(variable => variable.Kind == Kind.Real)];
        var loss = random.Graph.Outputs.Where(output => output.Kind == Kind.Real && IsSmooth(random.Graph))
            .Aggregate(Zeros([]), (sum, output) => sum + Sum(Sin(output)));
        var gradient = Gradient.Of(loss, xs);
        ImmutableArray<Tensor> Along(string name) => [.. xs.Select((x, i) => Key.Of(8).FoldIn($"{name}{i}").Normal(x.Shape))];
        var (u, v) = (Along("u"), Along("v"));
        Tensor Moved(Node dx, ImmutableArray<Tensor> along) =>
            Reference.Run([Gradient.Jvp(dx, xs, [.. along.Select(v => Constant(v))])], random.Values)[0];
        var left = gradient.Zip(u).Sum(pair => Inner(Moved(pair.First, v), pair.Second));
        var right = gradient.Zip(v).Sum(pair => Inner(Moved(pair.First, u), pair.Second));
        Assert.Equal(left, right, 1e-9 * (1 + Math.Abs(left)));
    }, times: 40);

    [Fact]
    public void A_jvp_is_what_differences_measure() => Law.ForAll(Values.Real([2, 3]).Two(), at =>
    {
        var z = Variable("z", [2, 3]);
        var y = Softmax(z * Tanh(z)) + Exp(MatMul(z, Transpose(z)) is var square ? Sum(square) * 0.1 : z);
        var tangent = Reference.Run(Gradient.Jvp(y, z, at.Item2), (z, at.Item1));
        for (var i = 0; i < tangent.Count; i++)
        {
            var measured = GradientCheck.Richardson(t => Reference.Run(y,
                (z, Tensor.From([2, 3], k => at.Item1.At(k) + t * at.Item2.At(k)))).At(i));
            Assert.Equal(measured, tangent.At(i), 1e-6 * (1 + Math.Abs(measured)));
        }
    });

    [Fact]
    public void Several_inputs_move_together()
    {
        var w = Variable("w", [3]);
        var dy = Gradient.Jvp(x * w, [x, w], [Tensor.Of([1, 2, 3]), Tensor.Of([4, 5, 6])]);
        Assert.Equal(Tensor.Of([7 + 8, 2 * 8 + 5, 3 * 9 + 6 * 2]), Reference.Run(dy, (x, Tensor.Of([2, 1, 2])), (w, Tensor.Of([7, 8, 9]))));
        Assert.Equal(Tensor.Of([0, 0, 0]), Gradient.Jvp(w, x, Ones([3])).Value);
        Assert.Equal(Tensor.Of([1, 1, 1]), Gradient.Jvp(x, x, Ones([3])).Value);
    }

    [Fact]
    public void Nothing_is_left_of_the_auxiliary_variable()
    {
        var dy = Gradient.Jvp(Exp(x) * Relu(x) / (1 + x), x, Ones([3]));
        Assert.Equal([x], new Graph(dy).Variables.AsEnumerable());
    }

    [Fact]
    public void A_tangent_has_its_inputs_shape()
    {
        static string Text(Action derive) => Assert.Throws<ShapeError>(derive).Message;
        Assert.Equal("Gradient.Jvp of Multiply [3]: x has [3], its tangent [2].\nPossible: a tangent of [3].",
            Text(() => Gradient.Jvp(x * x, x, Ones([2]))));
        Assert.Equal("Gradient.Jvp of Multiply [3]: 1 inputs have 2 tangents.\nPossible: 1 tangents.",
            Text(() => Gradient.Jvp(x * x, [x], [x, x])));
        Assert.NotNull(Gradient.Jvp(x * x, [x], [Ones([3])]));
    }

    [Fact]
    public void A_rule_that_is_not_linear_in_its_cotangent_is_named()
    {
        static string Text(Func<Node, Node> rule) =>
            Assert.Throws<GraphError>(() => Gradient.Jvp(Exp(new Wrong(rule).Of(Sin(x))), x, Ones([3]))).Message;
        Assert.StartsWith("the Vjp of Wrong(", Text(dy => dy * dy));
        Assert.EndsWith("is not linear in its cotangent: it gave Multiply of it, so there is no Jvp.", Text(dy => dy * dy));
        Assert.Contains("it gave StopGradient of it", Text(dy => StopGradient(dy)));
        Assert.Contains("it gave Exp of it", Text(dy => Exp(dy)));
        Assert.Contains("Vjp of Wrong(", Text(dy => 2 * dy + 1));
        Assert.Contains("it gave Add of it", Text(dy => 2 * dy + 1));
        Assert.Contains("it gave Subtract of it", Text(dy => Tensor.Of([0, 0, 1]) - dy));
        Assert.Contains("it gave Concat(Axis: 0) of it", Text(dy => Concat(0, Part(dy, 0, 0, 2), Ones([1]))));
        Assert.Contains("it gave Select of it", Text(dy => Where(Less(x, 0), dy, 1)));
        Assert.Equal("a Vjp behind Exp [3] is not linear in its cotangent, so there is no Jvp.", Text(_ => Ones([3])));
        Assert.Contains("it gave Recompute", Assert.Throws<GraphError>(() =>
            Gradient.Jvp(Checkpoint(x => new Wrong(dy => dy + 1).Of(x))(x), x, Ones([3]))).Message);
    }

    [Fact]
    public void A_rule_that_adds_nothing_is_linear()
    {
        var y = new Wrong(dy => 3 * dy + Zeros([3]) * x - Where(Less(x, 0), 0, dy)).Of(x);
        Assert.Equal(Tensor.Of([2, 2, 2]), Reference.Run(Gradient.Jvp(y, x, Ones([3])), (x, Tensor.Of([0, 1, 2]))));
    }

    [Fact]
    public void A_derivative_that_does_not_exist_is_named()
    {
        static string Text(Action derive) => Assert.Throws<NotDifferentiableError>(derive).Message;
        Assert.StartsWith("OneHot is not differentiable: an index takes no values in between",
            Text(() => Gradient.Jvp(OneHot(ArgMax(x, 0), 3), x, x)));
        Assert.Equal("the result is an index, the ArgMax [1]; indices have no derivative.", Text(() => Gradient.Jvp(ArgMax(x, 0), x, x)));
    }

    /// <summary>⟨J v, u⟩ = ⟨v, Jᵀ u⟩.</summary>
    private static void AssertAdjoint(Node y, ImmutableArray<Node> xs, IReadOnlyDictionary<Node, Tensor> values)
    {
        var u = Key.Of(3).Normal(y.Shape);
        ImmutableArray<Tensor> vs = [.. xs.Select((x, i) => Key.Of(4).FoldIn($"{i}").Normal(x.Shape))];
        var dy = Gradient.Jvp(y, xs, [.. vs.Select(v => Constant(v))]);
        Verify.Check(new Graph(dy));
        var results = Reference.Run([dy, .. Gradient.Vjp(y, u, xs)], values);
        var (left, right) = (Inner(results[0], u), vs.Select((v, i) => Inner(v, results[i + 1])).Sum());
        Assert.Equal(left, right, 1e-10 * (1 + Math.Abs(left)));
    }

    private static bool IsSmooth(Graph graph) => !graph.Nodes.Any(node => node.Op is StopGradient);

    private static double Inner(Tensor a, Tensor b) => Enumerable.Range(0, a.Count).Sum(i => a.At(i) * b.At(i));
}
