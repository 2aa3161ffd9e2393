using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Rewrites a graph so that its images, and the weights of convolutions, are in another order wherever that
/// is faster. What the user gives and takes may be kept in another order too: it is turned when it is given or
/// taken.</summary>
internal static class Layout
{
    /// <summary>An equal graph with layouts chosen by <see cref="LayoutSearch"/>: of images first, which decides how
    /// kernels take weights, then of weights.</summary>
    public static Arrangement Assign(Arrangement given) =>
        Assign(Assign(given, AxisOrder.For(given.Graph)), AxisOrder.WeightsLast);

    private static Arrangement Assign(Arrangement given, AxisOrder order)
    {
        var last = LayoutSearch.Solve(LayoutProblem.Of(given, order));
        return Array.IndexOf(last, true) is var first && (first < 0 || first >= given.Graph.Nodes.Length)
            ? given
            : Apply(given, order, given.Graph.Nodes.Where((_, i) => last[i]).ToHashSet());
    }

    /// <summary>An equal graph in which the given nodes are computed in another order, and variables among them are
    /// kept in it.</summary>
    /// <param name="given">The graph.</param>
    /// <param name="order">The order.</param>
    /// <param name="last">Nodes that <see cref="LayoutProblem"/> does not fix; nodes of a group together.</param>
    public static Arrangement Apply(Arrangement given, AxisOrder order, IReadOnlySet<Node> last)
    {
        var graph = given.Graph;
        ImmutableArray<Kept> kept = [.. given.Variables.Select(variable => last.Contains(variable.Node)
            ? variable.By(Variable(order, variable.Node), order)
            : variable)];
        var leaves = given.Variables.Zip(kept).ToDictionary(pair => pair.First.Node, pair => pair.Second.Node);
        bool[] isLast = [.. given.Wanted.Select(wanted => GivesLast(wanted.Node, last) || order.IsFirst(wanted.Node.Op)),
            .. given.Updates.Select(pair => last.Contains(pair.Variable))];
        var outputs = graph.Outputs.Select((output, i) => FormOf(output, isLast[i]));
        var wanted = Wanted(graph, last, outputs);
        var made = new Dictionary<Form, Node>();
        foreach (var node in graph.Nodes)
        {
            if (LayoutProblem.IsView(node))
            {
                foreach (var form in (bool[])[false, true])
                {
                    if (wanted.Contains(new(node, form)))
                    {
                        var x = made[FormOf(node.Inputs[0], OfView(node, form))];
                        made[new(node, form)] = Marked(View(order, node, form, x), node, x);
                    }
                }

                continue;
            }

            var (moves, own) = (last.Contains(node), GivesLast(node, last));
            ImmutableArray<Node> inputs =
                [.. node.Inputs.Select((input, i) => made[FormOf(input, moves && Reordered.TakesImage(node.Op, i))])];
            var value = leaves.GetValueOrDefault(node)
                ?? Marked(moves ? Last(order, node, inputs) : node.With(inputs), node, inputs);
            made[new(node, own)] = value;
            if (wanted.Contains(new(node, !own)))
            {
                var turn = own ? order.First(node.Shape.Rank) : order.Last(node.Shape.Rank);
                made[new(node, !own)] = Marked(turn.Of(value), node, value);
            }
        }

        var after = ProductAlgebra.GiveTurned(Rewrite.Apply(
            new Graph(outputs.Select(output => made[output])), Rules.Shapes, ProductAlgebra.Rule, Rewrite.Fold));
        var results = given.Wanted.Select((kept, i) => kept.By(after.Outputs[i], isLast[i] ? order : null));
        return new(after, kept, [.. results], given.State);
    }

    /// <summary>The forms in which each node is read: true for the other order.</summary>
    private static HashSet<Form> Wanted(Graph graph, IReadOnlySet<Node> last, ImmutableArray<Form> outputs)
    {
        var wanted = outputs.ToHashSet();
        for (var i = graph.Nodes.Length - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (LayoutProblem.IsView(node))
            {
                foreach (var form in (bool[])[false, true])
                {
                    if (wanted.Contains(new(node, form)))
                    {
                        wanted.Add(FormOf(node.Inputs[0], OfView(node, form)));
                    }
                }

                continue;
            }

            for (var k = 0; k < node.Inputs.Length; k++)
            {
                wanted.Add(FormOf(node.Inputs[k], last.Contains(node) && Reordered.TakesImage(node.Op, k)));
            }
        }

        return wanted;
    }

    /// <summary>A variable for the same value in another order.</summary>
    private static Node Variable(AxisOrder order, Node variable) =>
        Functions.Variable(((Variable)variable.Op).Name, order.ToLast(variable.Shape));

    /// <summary>A node in a form; below rank 3 both are one.</summary>
    private static Form FormOf(Node node, bool last) => new(node, last && node.Shape.Rank > 2);

    /// <summary>Whether a node that is computed in the other order also gives its result so.</summary>
    private static bool GivesLast(Node node, IReadOnlySet<Node> last) => last.Contains(node)
        && (node.Op is Variable || Reordered.GivesImage(node.Op) && node.Shape.Rank == node.Inputs[0].Shape.Rank);

    /// <summary>Which form of its input a view needs. A number is the same in both, and sizes that broadcasting adds
    /// are added first.</summary>
    private static bool OfView(Node view, bool last) => last
        && (view.Op is Reshape || view.Inputs[0] is { Shape: var x } && x.Rank == view.Shape.Rank && x.Elements != 1);

    /// <summary>A view in a form, of its input in the form that it needs.</summary>
    private static Node View(AxisOrder order, Node node, bool last, Node x) => (node.Op, last) switch
    {
        (_, false) => node.With([x]),
        (Reshape, _) => Functions.Reshape(x, order.ToLast(node.Shape)),
        _ when OfView(node, last) || x.Shape.Elements == 1 => Broadcast.To(x, order.ToLast(node.Shape)),
        _ => Broadcast.To(
            order.Last(node.Shape.Rank).Of(Functions.Reshape(x, AxisOrder.Padded(x.Shape, node.Shape.Rank))),
            order.ToLast(node.Shape)),
    };

    /// <summary>A node computed from images in another order.</summary>
    private static Node Last(AxisOrder order, Node node, ImmutableArray<Node> inputs)
    {
        var rank = inputs[0].Shape.Rank;
        return node.Op switch
        {
            IElementwise or AllReduce => node.With(inputs),
            SumTo sum when sum.Shape.Elements == 1 => sum.Of(inputs[0]),
            SumTo sum => new SumTo(order.ToLast(AxisOrder.Padded(sum.Shape, rank))).Of(inputs[0]) is var y
                && sum.Shape.Rank == rank ? y : Functions.Reshape(order.First(rank).Of(y), sum.Shape),
            Concat concat => new Concat(Axis(concat.Axis)).Apply(inputs),
            Slice s => new Slice(order.ToLast(s.Start), order.ToLast(s.Size), order.ToLast(s.Step))
                .Apply(inputs),
            Place p => new Place(order.ToLast(p.Start), order.ToLast(p.Step), order.ToLast(p.Shape))
                .Apply(inputs),
            Reverse reverse => new Reverse(Shape.From(reverse.Axes.Select(Axis))).Apply(inputs),
            Max max => new Max(Axis(max.Axis)).Apply(inputs),
            ArgMax max => new ArgMax(Axis(max.Axis)).Apply(inputs),
            Gather gather => new Gather(Axis(gather.Axis)).Apply(inputs),
            ScatterAdd add => new ScatterAdd(Axis(add.Axis), add.Size).Apply(inputs),
            Mix mix => (mix with { Axis = Axis(mix.Axis) }).Apply(inputs),
            TakeAlong take => new TakeAlong(Axis(take.Axis)).Apply(inputs),
            PutAlong put => new PutAlong(Axis(put.Axis), put.Size).Apply(inputs),
            Convolution or ConvolutionInput when order.OfWeights is { } weights =>
                new Reordered(order, node.Op).Of(inputs[0], weights.Last(inputs[1].Shape.Rank).Of(inputs[1])),
            ConvolutionKernel when order.OfWeights is { } weights =>
                weights.First(node.Shape.Rank).Of(new Reordered(order, node.Op).Apply(inputs)),
            _ => new Reordered(order, node.Op).Apply(inputs),
        };

        int Axis(int axis) => order.ToLast(axis, rank);
    }

    /// <summary>New nodes, made of some others, come from where the node comes that they stand for.</summary>
    private static Node Marked(Node made, Node node, params ImmutableArray<Node> from)
    {
        if (made != node)
        {
            Node.Mark(made, from, node.Origin ?? new Origin(""));
        }

        return made;
    }

    /// <summary>A node in the user's order or in the other one.</summary>
    private sealed record Form(Node Node, bool IsLast);
}
