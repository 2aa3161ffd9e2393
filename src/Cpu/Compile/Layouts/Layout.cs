using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Rewrites a graph so that its images are [n, spatial…, c] wherever that is faster. Variables, constants and
/// outputs stay as they are; at the borders there are transposes.</summary>
internal static class Layout
{
    /// <summary>An equal graph with layouts chosen by <see cref="LayoutSearch"/>.</summary>
    public static Graph Assign(Graph graph)
    {
        var problem = LayoutProblem.Of(graph);
        var last = LayoutSearch.Solve(problem);
        return Array.IndexOf(last, true) < 0 ? graph : Apply(graph, graph.Nodes.Where((_, i) => last[i]).ToHashSet());
    }

    /// <summary>An equal graph in which the given nodes are computed channels-last.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="last">Nodes that <see cref="LayoutProblem"/> does not fix; nodes of a group together.</param>
    public static Graph Apply(Graph graph, IReadOnlySet<Node> last)
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
                        made[(node, form)] = Marked(View(node, form, x), node, x);
                    }
                }

                continue;
            }

            var (isLast, own) = (last.Contains(node), GivesLast(node, last));
            ImmutableArray<Node> inputs =
                [.. node.Inputs.Select((input, i) => made[Form(input, isLast && ChannelsLast.TakesImage(node.Op, i))])];
            var value = Marked(isLast ? Last(node, inputs) : node.With(inputs), node, inputs);
            made[(node, own)] = value;
            if (wanted.Contains((node, !own)))
            {
                var turn = own ? ImageAxes.First(node.Shape.Rank) : ImageAxes.Last(node.Shape.Rank);
                made[(node, !own)] = Marked(turn.Of(value), node, value);
            }
        }

        return Rewrite.Apply(new Graph([.. graph.Outputs.Select(output => made[(output, false)])]), Rules.Shapes);
    }

    /// <summary>The forms in which each node is read: true for channels last.</summary>
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
                wanted.Add(Form(node.Inputs[k], last.Contains(node) && ChannelsLast.TakesImage(node.Op, k)));
            }
        }

        return wanted;
    }

    /// <summary>A node in a form; below rank 3 both are one.</summary>
    private static (Node, bool) Form(Node node, bool last) => (node, last && node.Shape.Rank > 2);

    /// <summary>Whether a node that is computed channels-last also gives its result so.</summary>
    private static bool GivesLast(Node node, IReadOnlySet<Node> last) =>
        last.Contains(node) && ChannelsLast.GivesImage(node.Op) && node.Shape.Rank == node.Inputs[0].Shape.Rank;

    /// <summary>Which form of its input a view needs. A number is the same in both, and sizes that broadcasting adds
    /// are added first.</summary>
    private static bool OfView(Node view, bool last) => last
        && (view.Op is Reshape || view.Inputs[0] is { Shape: var x } && x.Rank == view.Shape.Rank && x.Elements != 1);

    /// <summary>A view in a form, of its input in the form that it needs.</summary>
    private static Node View(Node node, bool last, Node x) => (node.Op, last) switch
    {
        (_, false) => node.With([x]),
        (Reshape, _) => Functions.Reshape(x, ImageAxes.ToLast(node.Shape)),
        _ when OfView(node, last) || x.Shape.Elements == 1 => Broadcast.To(x, ImageAxes.ToLast(node.Shape)),
        _ => Broadcast.To(
            ImageAxes.Last(node.Shape.Rank).Of(Functions.Reshape(x, ImageAxes.Padded(x.Shape, node.Shape.Rank))),
            ImageAxes.ToLast(node.Shape)),
    };

    /// <summary>A node computed from images with their channels last.</summary>
    private static Node Last(Node node, ImmutableArray<Node> inputs)
    {
        var rank = inputs[0].Shape.Rank;
        return node.Op switch
        {
            IElementwise => node.With(inputs),
            SumTo sum when sum.Shape.Elements == 1 => sum.Of(inputs[0]),
            SumTo sum => new SumTo(ImageAxes.ToLast(ImageAxes.Padded(sum.Shape, rank))).Of(inputs[0]) is var y
                && sum.Shape.Rank == rank ? y : Functions.Reshape(ImageAxes.First(rank).Of(y), sum.Shape),
            Concat concat => new Concat(Axis(concat.Axis)).Apply(inputs),
            Slice s => new Slice(ImageAxes.ToLast(s.Start), ImageAxes.ToLast(s.Size), ImageAxes.ToLast(s.Step))
                .Apply(inputs),
            Place p => new Place(ImageAxes.ToLast(p.Start), ImageAxes.ToLast(p.Step), ImageAxes.ToLast(p.Shape))
                .Apply(inputs),
            Reverse reverse => new Reverse(Shape.From(reverse.Axes.Select(Axis))).Apply(inputs),
            Max max => new Max(Axis(max.Axis)).Apply(inputs),
            ArgMax max => new ArgMax(Axis(max.Axis)).Apply(inputs),
            TakeAlong take => new TakeAlong(Axis(take.Axis)).Apply(inputs),
            PutAlong put => new PutAlong(Axis(put.Axis), put.Size).Apply(inputs),
            _ => new ChannelsLast(node.Op).Apply(inputs),
        };

        int Axis(int axis) => ImageAxes.ToLast(axis, rank);
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
