using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Graphs;

public class RewriteTests
{
    private static readonly Node x = Variable("x", [2, 3]);
    private static readonly Node y = Variable("y", [2, 3]);

    private static string Simple(Node node) => Verify.Check(new Graph(node).Simplify()).Outputs[0].Print();

    private static void Becomes(Node expected, Node given) => Assert.Equal(expected.Print(), Simple(given));

    [Fact]
    public void Algebra_has_these_rules()
    {
        Becomes(x, x + Fill([2, 3], -0.0));
        Becomes(x, -0.0 + x);
        Becomes(x, x - 0);
        Becomes(x - y, x + -y);
        Becomes(x + y, x - -y);
        Becomes(x, x * 1);
        Becomes(x, Ones([2, 3]) * x);
        Becomes(x, x / 1);
        Becomes(x, -(-x));
        Becomes(x * y, -x * -y);
        Becomes(BroadcastTo(Variable("b", [3]), [4, 2, 3]), BroadcastTo(BroadcastTo(Variable("b", [3]), [2, 3]), [4, 2, 3]));
        Becomes(x, new Broadcast([2, 3]).Of(x));
        Becomes(SumTo.Of(x, []), SumTo.Of(SumTo.Of(x, [3]), []));
        Becomes(x, new SumTo([2, 3]).Of(x));
    }

    [Fact]
    public void Shape_ops_have_these_rules()
    {
        Becomes(Reshape(x, [3, 2]), Reshape(Reshape(x, [6]), [3, 2]));
        Becomes(x, new Reshape([2, 3]).Of(x));
        Becomes(x, Reshape(Reshape(x, [6]), [2, 3]));
        Becomes(x, Transpose(Transpose(x)));
        var cube = Variable("c", [2, 3, 4]);
        Becomes(Transpose(cube, [2, 0, 1]), Transpose(Transpose(cube, [1, 2, 0]), [1, 2, 0]));
        Becomes(x, Transpose(x, [0, 1]));
        var line = Variable("l", [2, 1, 1, 4]);
        Becomes(Reshape(line, [1, 2, 4, 1]), Transpose(line, [1, 0, 3, 2]));
        Becomes(line, Transpose(Reshape(Transpose(line, [0, 3, 1, 2]), [1, 2, 4, 1]), [1, 0, 3, 2]) is var back
            ? Reshape(back, [2, 1, 1, 4]) : back);
        Becomes(Transpose(line, [3, 0, 1, 2]), Transpose(line, [3, 0, 1, 2]));
        Becomes(x, Reverse(Reverse(x, [1]), [1]));
        Becomes(x, Pad(x, [0, 0], [0, 0]));
        Becomes(x, Slice(x, [0, 0], x.Shape));
        Becomes(x, StopGradient(x));
    }

    [Fact]
    public void What_is_not_the_same_for_every_value_stays()
    {
        foreach (var node in (Node[])[x * 0, x - x, x / x, x + 0, x - -0.0, Reverse(Reverse(x, [0]), [1]), 0 - x, x * 2 / 2])
        {
            Assert.Equal(node.Print(), Simple(node));
        }
    }

    [Fact]
    public void The_sign_of_a_zero_survives()
    {
        var z = Variable("z", []);
        foreach (var node in (Node[])[1 / (z + 0), 1 / (z - 0), 1 / (z * 1), 1 / -(-z), 1 / (z - -0.0), 1 / (z + -0.0)])
        {
            foreach (var zero in (double[])[0.0, -0.0])
            {
                Assert.Equal(Reference.Run(node, (z, Tensor.Of(zero))), Reference.Run(new Graph(node).Simplify().Outputs[0], (z, Tensor.Of(zero))));
            }
        }
    }

    [Fact]
    public void Constants_are_computed_unless_they_grow()
    {
        Assert.Equal("x : [2, 3]\n%0 = Multiply(x, 6) : [2, 3]\nreturn %0", Simple(x * (Node)(Exp(0) + 5)));
        var grows = Uniform([100], Indices(Key.Of(1).ToTensor()));
        Assert.Contains("RandomUniform", Simple(grows));
        Assert.DoesNotContain("FoldIn", Simple(FoldIn(Indices(Key.Of(1).ToTensor()), 2)));
    }

    [Fact]
    public void Common_subexpressions_are_merged()
    {
        var twice = new Graph(Tanh(x) * Tanh(x) + Tanh(x)).Simplify();
        Assert.Single(twice.Nodes, node => node.Op is Tanh);

        // Equal constants too, but not ops with other parameters or inputs in another order, nor different variables.
        Assert.Equal(2, new Graph(Concat(0, Reshape(x, [6]), Reshape(y, [6])), Reshape(x, [3, 2])).Simplify().Nodes.Count(node => node.Op is Reshape) - 1);
        Assert.Equal(2, new Graph(x - y, y - x).Simplify().Nodes.Count(node => node.Op is Subtract));
        Assert.Single(new Graph(x * Tensor.Of([1, 2, 3]), y * Tensor.Of([1, 2, 3])).Simplify().Nodes, node => node.Op is Constant);
    }

    [Fact]
    public void Variables_stay_the_objects_that_they_are() =>
        Assert.Equal([x, y], new Graph(Sum(x * 1 + y)).Simplify().Variables.AsEnumerable());

    [Fact]
    public void Simplifying_twice_changes_nothing_more() => Law.ForAll(RandomGraph.All, graph =>
    {
        var once = graph.Graph.Simplify();
        Assert.Equal(once.Print(), once.Simplify().Print());
    });

    [Fact]
    public void No_rewrite_changes_a_value() => Law.ForAll(RandomGraph.All, graph => Unchanged(WithGradients(graph), graph.Values), times: 150);

    [Fact]
    public void No_rewrite_changes_a_value_that_is_not_finite() => Law.ForAll(
        from graph in RandomGraph.All
        from wild in Gen.CollectToArray(graph.Values, pair => pair.Key.Kind == Kind.Index ? Gen.Constant(pair.Value) : Values.Wild(pair.Key.Shape))
        select (graph, wild), pair =>
    {
        var values = pair.graph.Values.Keys.Zip(pair.wild).ToDictionary(bound => bound.First, bound => bound.Second);
        Unchanged(pair.graph.Graph, values);
    }, times: 300);

    private static Graph WithGradients(RandomGraph graph)
    {
        var loss = graph.Graph.Outputs.Where(output => output.Kind == Kind.Real).Aggregate(Zeros([]), (sum, output) => sum + Sum(output));
        return new Graph([.. graph.Graph.Outputs, .. Gradient.Of(loss, [.. graph.Values.Keys.Where(variable => variable.Kind == Kind.Real)])]);
    }

    private static void Unchanged(Graph graph, IReadOnlyDictionary<Node, Tensor> values)
    {
        var before = Reference.Run(graph.Outputs, values);
        foreach (var pass in (Func<Graph, Graph>[])[g => g.Simplify(), g => Rewrite.Apply(g), g => Rewrite.Apply(g, Rewrite.Algebra),
            g => Rewrite.Apply(g, Rules.Shapes), g => Rewrite.Apply(g, Rewrite.Fold)])
        {
            var after = Reference.Run(Verify.Check(pass(graph)).Outputs, values);
            for (var k = 0; k < after.Length; k++)
            {
                Assert.Equal(before[k].Shape, after[k].Shape);

                // Sums of sums are added in another order, so the last bits may differ; nothing else does.
                Assert.All(Enumerable.Range(0, after[k].Count), i => Assert.Equal(before[k].At(i), after[k].At(i), 1e-11 * (1 + Magnitude(before[k].At(i)))));
            }
        }
    }

    private static double Magnitude(double value) => double.IsFinite(value) ? Math.Abs(value) : 0;
}
