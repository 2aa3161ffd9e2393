using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>What there is to choose, and what a choice costs. Places are those of the graph's nodes; two more stand
/// for all that wants or gives the user's order, and the other one, whatever is chosen. A variable may be kept in
/// either order, and a wanted value computed in either: turning them is not part of a run.</summary>
/// <param name="Group">For each place the place that decides for it: indices cannot be transposed, so what makes them
/// and what reads them go together.</param>
/// <param name="Fixed">For each deciding place what is known: true for the other order, null where both are
/// possible.</param>
/// <param name="Reads">For each place what it reads, and how many elements move if that has the other form.</param>
/// <param name="Readers">For each place who reads it.</param>
/// <param name="Weight">For each place how many elements move if its result is wanted in the other form.</param>
internal sealed record LayoutProblem(ImmutableArray<int> Group, ImmutableArray<bool?> Fixed,
    ImmutableArray<List<(int Source, long Cost)>> Reads, ImmutableArray<List<int>> Readers, ImmutableArray<long> Weight)
{
    /// <summary>The choices in a graph.</summary>
    public static LayoutProblem Of(Arrangement given, AxisOrder order)
    {
        var graph = given.Graph;
        var places = new Dictionary<Node, int>(graph.Nodes.Length);
        foreach (var node in graph.Nodes)
        {
            places.Add(node, places.Count);
        }

        ImmutableArray<int> group = [.. Leaders(graph).Select(leader => places[leader]), places.Count, places.Count + 1];
        var pinned = Pinned(graph);
        var fixes = ImmutableArray.CreateRange(graph.Nodes.Select(node => pinned.Contains(node) ? false : Known(node, order)));
        var links = new Links(given, places, order);
        return new(group, fixes.Add(false).Add(true), [.. links.Reads], [.. links.Readers], [.. links.Weight]);
    }

    /// <summary>Whether a node is only another view, in either form, of its input in that form: broadcasts, and
    /// reshapes that leave batch and channels alone.</summary>
    public static bool IsView(Node node) => node switch
    {
        { Op: Broadcast } => true,
        { Op: Reshape, Shape: [var n, var c, _, ..], Inputs: [{ Shape: [var m, var d, _, ..] }] } => n == m && c == d,
        _ => false,
    };

    /// <summary>Who decides for each node: itself, or the node that made the indices that it reads. A max pool and its
    /// positions, which one kernel gives, stay together too.</summary>
    private static IEnumerable<Node> Leaders(Graph graph)
    {
        var positions = graph.Nodes.Where(node => node.Op is MaxPoolIndices)
            .ToDictionary(node => (node.Op, node.Inputs[0]));
        return graph.Nodes.Select(node => node switch
        {
            { Op: MaxPool pool, Inputs: [var x] } =>
                positions.GetValueOrDefault((new MaxPoolIndices(pool.Kernel, pool.Window), x), node),
            { Op: PlanePut or PlaneTake or PutAlong or TakeAlong, Inputs: [_, var index] } => index,
            _ => node,
        });
    }

    /// <summary>Indices that somebody wants as [n, c, spatial…].</summary>
    private static HashSet<Node> Pinned(Graph graph) =>
    [
        .. graph.Outputs.Where(output => output.Kind == Kind.Index),
        .. graph.Nodes.Where(node => node.Op is not (PlanePut or PlaneTake or PutAlong or TakeAlong))
            .SelectMany(node => node.Inputs).Where(input => input.Kind == Kind.Index),
    ];

    /// <summary>What is known of a node by itself.</summary>
    private static bool? Known(Node node, AxisOrder order) => node.Op switch
    {
        Convolution c => order.Suits(node.Inputs[1].Shape, c.Groups),
        ConvolutionInput c => order.Suits(node.Inputs[1].Shape, c.Groups),
        ConvolutionKernel c => order.Suits(c.W, c.Groups),
        Variable => node.Kind == Kind.Real && order.Cost(node.Shape) > 0 ? null : false,
        IElementwise or AllReduce or SumTo or Concat or Slice or Place or Reverse or Max or ArgMax => MayMove(node, order) ? null : false,
        MaxPool or MaxPoolIndices or SumPool or SumPoolInput => order.IsOfImages && MayMove(node, order) ? null : false,
        PlanePut or PlaneTake => order.IsOfImages && node.Shape.Rank > 2 && node.Inputs[1].Shape[1] == node.Shape[1] ? null : false,
        PutAlong or TakeAlong => node.Shape.Rank > 2 ? null : false,
        Gather or ScatterAdd or Mix => order.Cost(node.Shape) > 0 || order.Cost(node.Inputs[0].Shape) > 0 ? null : false,
        _ => false,
    };

    private static bool MayMove(Node node, AxisOrder order) =>
        node.Inputs.All(input => input.Kind == Kind.Real)
        && node.Inputs.Prepend(node).Max(tensor => order.Cost(tensor.Shape)) > 0;

    /// <summary>Who reads what. A view is passed through to what it views. A transpose to the other order, or from
    /// it, is none if its input, or what reads it, is in that order; any other takes and gives either form, since two
    /// transposes become one.</summary>
    private sealed class Links
    {
        private readonly AxisOrder order;
        private readonly int outside;
        private readonly int inside;

        public Links(Arrangement given, Dictionary<Node, int> places, AxisOrder order)
        {
            var graph = given.Graph;
            this.order = order;
            (outside, inside) = (places.Count, places.Count + 1);
            Reads = [.. Arrays.Range(0, inside + 1).Select(_ => new List<(int, long)>())];
            Readers = [.. Arrays.Range(0, inside + 1).Select(_ => new List<int>())];
            Weight = [.. graph.Nodes.Select(WeightOf), 0, 0];
            var sources = new (int Place, long Cost)[outside];
            for (var place = 0; place < outside; place++)
            {
                var node = graph.Nodes[place];
                sources[place] = node switch
                {
                    { Op: Transpose turn } when order.IsLast(turn) => default,
                    { Op: Transpose turn } => order.IsFirst(turn) ? (inside, Weight[place]) : default,
                    _ when IsView(node) => Viewed(node, sources[places[node.Inputs[0]]]),
                    { Op: ConvolutionKernel } => (outside, Weight[place]),
                    _ when IsReduced(node) => default,
                    _ => (place, Weight[place]),
                };
                if (node.Op is Transpose other)
                {
                    Link(order.IsLast(other) ? sources[places[node.Inputs[0]]] : default, inside);
                }
                else if (!IsView(node))
                {
                    Read(node, place, input => sources[places[input]]);
                }
            }

            foreach (var node in given.Wanted.Select(wanted => wanted.Node))
            {
                if (sources[places[node]].Place != places[node] && !order.IsFirst(node.Op))
                {
                    Link(sources[places[node]], outside);
                }
            }

            foreach (var (variable, next) in given.Updates)
            {
                Link(sources[places[next]], places.GetValueOrDefault(variable, outside));
            }
        }

        public List<(int Source, long Cost)>[] Reads { get; }

        public List<int>[] Readers { get; }

        public long[] Weight { get; }

        private void Read(Node node, int place, Func<Node, (int, long)> source)
        {
            for (var i = 0; i < node.Inputs.Length; i++)
            {
                if (node.Inputs[i].Kind == Kind.Real && node.Inputs.IndexOf(node.Inputs[i]) == i)
                {
                    Link(source(node.Inputs[i]), Reordered.TakesImage(node.Op, i) ? place : outside);
                }
            }

            // Sixteen channels of a window's elements are a vector without further ado, which is worth a part of a
            // transpose.
            if (order == AxisOrder.ChannelsLast
                && node.Op is MaxPool or SumPool or SumPoolInput && node.Shape[1] >= Lanes.Count)
            {
                Link((inside, Weight[place] / 4), place);
            }

            if (IsReduced(node) && Weight[place] > 0)
            {
                Readers[place].Add(outside);
            }
        }

        private void Link((int Place, long Cost) source, int reader)
        {
            if (source.Cost > 0 && source.Place != reader)
            {
                Reads[reader].Add(source);
                Readers[source.Place].Add(reader);
            }
        }

        /// <summary>A sum to a smaller rank, which is always given as [n, c, spatial…].</summary>
        private static bool IsReduced(Node node) => node.Op is SumTo && node.Shape.Rank < node.Inputs[0].Shape.Rank;

        private long WeightOf(Node node) => order.Cost(
            IsReduced(node) ? AxisOrder.Padded(node.Shape, node.Inputs[0].Shape.Rank) : node.Shape);

        private (int Place, long Cost) Viewed(Node view, (int Place, long Cost) source) => view switch
        {
            { Op: Reshape } => source,
            { Inputs: [{ Shape: var x }] } when x.Rank < view.Shape.Rank =>
                (outside, order.Cost(AxisOrder.Padded(x, view.Shape.Rank))),
            _ => source,
        };
    }
}
