using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Rewrites a graph so that its images are in another order wherever that is faster. Variables, constants and
/// outputs stay as they are; at the borders there are transposes.</summary>
internal static class Layout
{
    /// <summary>An equal graph with layouts chosen by <see cref="LayoutSearch"/>.</summary>
    public static Graph Assign(Graph graph)
    {
        var order = ImageOrder.For(graph);
        var last = LayoutSearch.Solve(LayoutProblem.Of(graph, order));
        return Array.IndexOf(last, true) < 0 ? graph : Apply(graph, order, graph.Nodes.Where((_, i) => last[i]).ToHashSet());
    }

    /// <summary>An equal graph in which the given nodes are computed in another order.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="order">The order.</param>
    /// <param name="last">Nodes that <see cref="LayoutProblem"/> does not fix; nodes of a group together.</param>
    public static Graph Apply(Graph graph, ImageOrder order, IReadOnlySet<Node> last)
    {
        var wanted = Wanted(graph, last);
        var made = new Dictionary<(Node, bool), Node>();
        foreach (var node in graph.Nodes)
        {
            if (LayoutProblem.IsView(node))
            {
                foreach (var form in (bool[])[false, true])
                {
                    if (wanted.Contains((node, form)))
                    {
                        var x = made[Form(node.Inputs[0], OfView(node, form))];
                        made[(node, form)] = Marked(View(order, node, form, x), node, x);
                    }
                }

                continue;
            }

            var (isLast, own) = (last.Contains(node), GivesLast(node, last));
            ImmutableArray<Node> inputs =
                [.. node.Inputs.Select((input, i) => made[Form(input, isLast && Reordered.TakesImage(node.Op, i))])];
            var value = Marked(isLast ? Last(order, node, inputs) : node.With(inputs), node, inputs);
            made[(node, own)] = value;
            if (wanted.Contains((node, !own)))
            {
                var turn = own ? order.First(node.Shape.Rank) : order.Last(node.Shape.Rank);
                made[(node, !own)] = Marked(turn.Of(value), node, value);
            }
        }

        return Rewrite.Apply(new Graph([.. graph.Outputs.Select(output => made[(output, false)])]), Rules.Shapes);
    }

    /// <summary>The forms in which each node is read: true for the other order.</summary>
    private static HashSet<(Node, bool)> Wanted(Graph graph, IReadOnlySet<Node> last)
    {
        var wanted = new HashSet<(Node, bool)>(graph.Outputs.Select(output => (output, false)));
        for (var i = graph.Nodes.Length - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (LayoutProblem.IsView(node))
            {
                foreach (var form in (bool[])[false, true])
                {
                    if (wanted.Contains((node, form)))
                    {
                        wanted.Add(Form(node.Inputs[0], OfView(node, form)));
                    }
                }

                continue;
            }

            for (var k = 0; k < node.Inputs.Length; k++)
            {
                wanted.Add(Form(node.Inputs[k], last.Contains(node) && Reordered.TakesImage(node.Op, k)));
            }
        }

        return wanted;
    }

    /// <summary>A node in a form; below rank 3 both are one.</summary>
    private static (Node, bool) Form(Node node, bool last) => (node, last && node.Shape.Rank > 2);

    /// <summary>Whether a node that is computed in the other order also gives its result so.</summary>
    private static bool GivesLast(Node node, IReadOnlySet<Node> last) =>
        last.Contains(node) && Reordered.GivesImage(node.Op) && node.Shape.Rank == node.Inputs[0].Shape.Rank;

    /// <summary>Which form of its input a view needs. A number is the same in both, and sizes that broadcasting adds
    /// are added first.</summary>
    private static bool OfView(Node view, bool last) => last
        && (view.Op is Reshape || view.Inputs[0] is { Shape: var x } && x.Rank == view.Shape.Rank && x.Elements != 1);

    /// <summary>A view in a form, of its input in the form that it needs.</summary>
    private static Node View(ImageOrder order, Node node, bool last, Node x) => (node.Op, last) switch
    {
        (_, false) => node.With([x]),
        (Reshape, _) => Functions.Reshape(x, order.ToLast(node.Shape)),
        _ when OfView(node, last) || x.Shape.Elements == 1 => Broadcast.To(x, order.ToLast(node.Shape)),
        _ => Broadcast.To(
            order.Last(node.Shape.Rank).Of(Functions.Reshape(x, ImageOrder.Padded(x.Shape, node.Shape.Rank))),
            order.ToLast(node.Shape)),
    };

    /// <summary>A node computed from images in another order.</summary>
    private static Node Last(ImageOrder order, Node node, ImmutableArray<Node> inputs)
    {
        var rank = inputs[0].Shape.Rank;
        return node.Op switch
        {
            IElementwise => node.With(inputs),
            SumTo sum when sum.Shape.Elements == 1 => sum.Of(inputs[0]),
            SumTo sum => new SumTo(order.ToLast(ImageOrder.Padded(sum.Shape, rank))).Of(inputs[0]) is var y
                && sum.Shape.Rank == rank ? y : Functions.Reshape(order.First(rank).Of(y), sum.Shape),
            Concat concat => new Concat(Axis(concat.Axis)).Apply(inputs),
            Slice s => new Slice(order.ToLast(s.Start), order.ToLast(s.Size), order.ToLast(s.Step))
                .Apply(inputs),
            Place p => new Place(order.ToLast(p.Start), order.ToLast(p.Step), order.ToLast(p.Shape))
                .Apply(inputs),
            Reverse reverse => new Reverse(Shape.From(reverse.Axes.Select(Axis))).Apply(inputs),
            Max max => new Max(Axis(max.Axis)).Apply(inputs),
            ArgMax max => new ArgMax(Axis(max.Axis)).Apply(inputs),
            TakeAlong take => new TakeAlong(Axis(take.Axis)).Apply(inputs),
            PutAlong put => new PutAlong(Axis(put.Axis), put.Size).Apply(inputs),
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
}
