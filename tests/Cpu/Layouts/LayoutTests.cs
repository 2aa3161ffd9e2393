using System.Collections.Immutable;
using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Layouts change where elements lie, and nothing else.</summary>
public class LayoutTests
{
    private static readonly Gen<AxisOrder> orders = Gen.Elements(AxisOrder.ChannelsLast, AxisOrder.BatchLast);
    private static readonly Gen<AxisOrder> all = Gen.Elements(AxisOrder.ChannelsLast, AxisOrder.BatchLast, AxisOrder.WeightsLast);

    public static TheoryData<string> Names => [.. OpTable.Rows.Select(row => row.Op.Name)];

    public static TheoryData<string> OfImages =>
    [
        nameof(Convolution), nameof(ConvolutionInput), nameof(ConvolutionKernel), nameof(MaxPool),
        nameof(MaxPoolIndices), nameof(PlaneTake), nameof(PlanePut), nameof(SumPool), nameof(SumPoolInput),
    ];

    [Theory]
    [MemberData(nameof(OfImages))]
    public void Reordered_an_op_means_the_same(string name) =>
        Law.ForAll(from at in RowOf(name).Cases from order in orders select (at, order), test =>
    {
        var (at, order) = test;
        var last = new Reordered(order, at.Op);
        var inputs = at.Inputs.Select((input, i) => last.OfInput(i)?.Last(input.Shape.Rank).Reference(input) ?? input).ToArray();
        var variables = inputs.Select((input, i) => Variable($"x{i}", input.Shape, at.Op.InputKind(i))).ToArray();
        var y = Verify.Check(new Graph(last.Of(variables))).Outputs[0];
        var values = variables.Zip(inputs).ToDictionary(pair => pair.First, pair => pair.Second);
        var expected = at.Closed().Value;
        expected = last.OfResult?.Last(expected.Shape.Rank).Reference(expected) ?? expected;
        Assert.Equal(expected, Reference.Run([y], values)[0]);
        Close.All(expected, Cpu.Run([y], values)[0]);
    }, 80);

    [Fact]
    public void There_is_no_derivative_after_layouts()
    {
        var (x, w) = (Variable("x", [1, 4, 4, 2]), Variable("w", [2, 2, 2, 3]));
        var y = new Reordered(AxisOrder.ChannelsLast, new Convolution(Window.Of(2))).Of(x, w);
        Assert.Equal([1, 3, 3, 3], y.Shape);
        Assert.Equal("ChannelsLast(Conv2D)", $"{y.Op}");
        Assert.Throws<NotDifferentiableError>(() => Gradient.Of(Sum(y), w));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_choice_for_an_op_means_the_same(string name) =>
        Law.ForAll(from at in RowOf(name).Cases from order in all select (at, order), test =>
    {
        var (at, order) = test;
        var inputs = at.Variables();
        var y = at.Apply(inputs);
        Node[] outputs = y.Kind == Kind.Real && RowOf(name).Derivative != Derivative.None
            ? [y, .. Gradient.Of(Sum(y * y), [.. inputs.Where(input => input.Kind == Kind.Real)])] : [y];
        var values = inputs.Zip(at.Inputs).ToDictionary(pair => pair.First, pair => pair.Second);
        Unchanged(new Graph([.. outputs]).Simplify(), values, given => Chosen(given, order, _ => true));
    }, 60);

    [Fact]
    public void The_chosen_layouts_of_networks_mean_the_same()
    {
        var (last, both) = (0, 0);
        Law.ForAll(RandomNetwork.All, network => Unchanged(network.Graph.Simplify(), network.Values, given =>
        {
            var after = Layout.Assign(given);
            var some = after.Graph.Nodes.Any(node => node.Op is Reordered);
            last += some ? 1 : 0;
            both += some && after.Graph.Nodes.Any(node => node.Op is Convolution) ? 1 : 0;
            return after;
        }), 150);

        // The law is about something: most networks move, and many in part.
        Assert.InRange(last, 75, 150);
        Assert.InRange(both, 20, 150);
    }

    [Fact]
    public void Any_layouts_of_networks_mean_the_same() => Law.ForAll(
        from network in RandomNetwork.All
        from coins in Gen.Choose(0, 1).ArrayOf(97)
        from order in all
        select (network, coins, order),
        at => Unchanged(at.network.Graph.Simplify(), at.network.Values,
            given => Chosen(given, at.order, place => at.coins[place % at.coins.Length] == 1)), 150);

    [Fact]
    public void Random_graphs_mean_the_same() => Law.ForAll(RandomGraph.All, random =>
        Unchanged(random.Graph.Simplify(), random.Values, given => Chosen(given, AxisOrder.ChannelsLast, place => place % 3 > 0)), 150);

    [Fact]
    public void Compiled_networks_mean_the_same() => Law.ForAll(RandomNetwork.All, network =>
    {
        Node[] outputs = [.. network.Graph.Outputs];
        using var session = Cpu.Compile(outputs).Start(2);
        foreach (var (variable, value) in network.Values.Where(pair => session.Plan.Has(pair.Key)))
        {
            session.Set(variable, value);
        }

        session.Run();
        Close.All(Reference.Run([.. outputs], network.Values), [.. outputs.Select(session.Get)], 1e-4);
    }, 60);

    [Fact]
    public void A_state_may_be_an_image()
    {
        var (x, w) = (Variable("x", [1, 16, 4, 4]), Variable("w", [16, 16, 1, 1]));
        var plan = Cpu.Compile([], [(x, Relu(Conv2D(x, w)))]);
        using var session = plan.Start(1);
        var (first, weights) = (Close.Rounded(Key.Of(1).Normal(x.Shape)), Close.Rounded(Key.Of(2).Normal(w.Shape)));
        session.Set(x, first);
        session.Set(w, weights);
        session.Run();
        session.Run();
        Close.All(Reference.Run(Relu(Conv2D(Relu(Conv2D(x, w)), w)), (x, first), (w, weights)), session.Get(x));
    }

    [Fact]
    public void A_graph_without_wide_convolutions_stays_the_object_that_it_is()
    {
        var (x, w) = (Variable("x", [4, 3, 9, 9]), Variable("w", [15, 3, 3, 3]));
        var given = Arranged(new Graph(MaxPool(Relu(Conv2D(x, w)), 2)).Simplify());
        Assert.Same(given, Layout.Assign(given));
    }

    [Fact]
    public void Time_is_linear_in_the_depth()
    {
        var small = Milliseconds(60);

        // Ten times the nodes; a square would be a hundred times the time, and other programs want the processor too.
        Assert.InRange(Milliseconds(600), 0, 40 * small + 200);

        static double Milliseconds(int depth)
        {
            var y = Variable("x", [2, 16, 8, 8]);
            var w = Enumerable.Range(0, depth).Select(i => Variable($"w{i}", [16, 16, 3, 3])).ToArray();
            var loss = Sum(w.Aggregate(y, (x, kernel) => x + Relu(Normalised(Conv2D(x, kernel, Same)))));
            var given = Arranged(new Graph([loss, .. Gradient.Of(loss, w)]).Simplify());
            var best = double.MaxValue;
            for (var attempt = 0; attempt < 3; attempt++)
            {
                var start = Stopwatch.GetTimestamp();
                Layout.Assign(given);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return best;
        }

        static Node Normalised(Node x) => Moments(x, [0, 2, 3]) is var (mean, variance)
            ? (x - mean) * Rsqrt(variance + 1e-5) : x;
    }

    private static OpRow RowOf(string name) => OpTable.Rows.First(row => row.Op.Name == name);

    /// <summary>As a user gives it: all outputs wanted, or the last ones next values of some variables.</summary>
    private static Arrangement Arranged(Graph graph, params ImmutableArray<Node> state) =>
        Arrangement.Of(graph, graph.Outputs[..^state.Length], state);

    /// <summary>Layouts by a rule instead of the search; convolutions and groups that are open follow it.</summary>
    private static Arrangement Chosen(Arrangement given, AxisOrder order, Func<int, bool> last)
    {
        var problem = LayoutProblem.Of(given, order);
        return Layout.Apply(given, order, given.Graph.Nodes.Where((node, i) => last(problem.Group[i])
            && (problem.Fixed[problem.Group[i]] is null
                || order.IsOfImages && node.Op is Convolution or ConvolutionInput or ConvolutionKernel)).ToHashSet());
    }

    /// <summary>A layout changes no value. If the last outputs have the shapes of variables, they are their next
    /// values.</summary>
    private static void Unchanged(Graph graph, IReadOnlyDictionary<Node, Tensor> values, Func<Arrangement, Arrangement> pass)
    {
        ImmutableArray<Node> state = [.. values.Keys];
        var isStep = graph.Outputs.Length > state.Length
            && state.Zip(graph.Outputs[^state.Length..]).All(pair => (pair.First.Shape, pair.First.Kind) == (pair.Second.Shape, pair.Second.Kind));
        var given = isStep ? Arranged(graph, state) : Arranged(graph);
        var after = pass(given);
        Verify.Check(after.Graph);
        Assert.Equal(given.Variables.Select(kept => kept.Given), after.Variables.Select(kept => kept.Given));
        var kept = after.Variables.Where(kept => values.ContainsKey(kept.Given))
            .ToDictionary(kept => kept.Node, kept => new Transpose(kept.Axes).Reference(values[kept.Given]));
        Assert.All(after.Updates, pair => Assert.Equal(pair.Variable.Shape, pair.Next.Shape));
        var axes = after.Wanted.Select(wanted => wanted.Axes)
            .Concat(after.State.Select(variable => after.Variables.Single(kept => kept.Given == variable).Axes));
        var results = Reference.Run(graph.Outputs, values).Zip(axes, (value, axes) => new Transpose(axes).Reference(value))
            .Zip(Reference.Run(after.Graph.Outputs, kept));
        foreach (var (expected, actual) in results)
        {
            Assert.Equal(expected.Shape, actual.Shape);

            // Sums are added in another order, so the last bits may differ; nothing else does.
            var most = expected.ToDoubles().Select(Math.Abs).Append(1).Max();
            Assert.All(Enumerable.Range(0, actual.Count),
                i => Assert.Equal(expected.At(i), actual.At(i), 1e-12 * most));
        }
    }
}
