using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>What a box in a graph's drawing stands for.</summary>
internal enum BoxKind
{
    /// <summary>A variable or a constant.</summary>
    Leaf,

    /// <summary>What computes values.</summary>
    Forward,

    /// <summary>What computes derivatives.</summary>
    Backward,
}

/// <summary>A node, or several of one layer, drawn as one.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Title">Its name.</param>
/// <param name="Nodes">The nodes, in order.</param>
/// <param name="IsResult">Whether one of them is an output of the graph.</param>
internal sealed record DrawnBox(BoxKind Kind, string Title, ImmutableArray<Node> Nodes, bool IsResult);

/// <summary>A graph as boxes with edges, each box after those that it reads. Numbers are no boxes: they stand in the formulas.</summary>
internal sealed record Boxes(ImmutableArray<DrawnBox> All, ImmutableArray<(int From, int To)> Edges)
{
    // What one sees without scrolling far.
    private const int Few = 60;

    /// <summary>The boxes of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="depth">How many parts of layers' names are told apart, 0 for each node by itself; null for the finest that has
    /// few boxes.</param>
    public static Boxes Of(Graph graph, int? depth)
    {
        var nodes = graph.Nodes.Where(node => node.Op is Variable || GraphPrint.IsCounted(node) || graph.Outputs.Contains(node));
        var paths = nodes.Select(node => node.Origin?.Path ?? "").Where(path => path.Length > 0).ToHashSet();
        if (depth is { } given)
        {
            return Of(graph, nodes, paths, given);
        }

        var deepest = paths.Select(path => path.Count(c => c == '.') + 1).DefaultIfEmpty(0).Max();
        var all = Of(graph, nodes, paths, 0);
        for (var finer = deepest; all.All.Length > Few && finer > 0; finer--)
        {
            all = Of(graph, nodes, paths, finer);
        }

        return all;
    }

    /// <summary>Nodes of one name and kind are one box, unless it would read what is computed from it: such boxes are taken apart
    /// again.</summary>
    private static Boxes Of(Graph graph, ImmutableArray<Node> nodes, HashSet<string> paths, int depth)
    {
        var names = nodes.Select(node => depth == 0 ? "" : Name(node, paths, depth)).ToArray();
        while (true)
        {
            var groups = new Dictionary<(string, bool), int>();
            var boxes = new List<List<Node>>();
            var of = new Dictionary<Node, int>();
            foreach (var (i, node) in nodes.Index())
            {
                var key = (names[i], IsBackward(node));
                if (names[i].Length == 0 || !groups.TryGetValue(key, out var box))
                {
                    box = boxes.Count;
                    boxes.Add([]);
                    groups[key] = box;
                }

                boxes[box].Add(node);
                of[node] = box;
            }

            var edges = nodes.SelectMany(node => node.Inputs.Where(of.ContainsKey).Select(input => (From: of[input], To: of[node])))
                .Where(edge => edge.From != edge.To).Distinct().ToArray();
            var order = Sorted(boxes.Count, edges);
            if (order.Count == boxes.Count)
            {
                return Made(graph, boxes, edges, order, names.Zip(nodes).ToDictionary(pair => pair.Second, pair => pair.First));
            }

            // What can be sorted neither from the front nor from the back lies on a circle, or between two.
            var free = order.Concat(Sorted(boxes.Count, [.. edges.Select(edge => (edge.To, edge.From))])).ToHashSet();
            var apart = boxes.Where((_, box) => !free.Contains(box)).SelectMany(box => box).ToHashSet();
            names = [.. names.Select((name, i) => apart.Contains(nodes[i]) ? "" : name)];
        }
    }

    /// <summary>The first parts of the layer's path; for a parameter those of its own name, if that is a layer.</summary>
    private static string Name(Node node, HashSet<string> paths, int depth)
    {
        var path = node.Op is Variable { Name: var name } ? name[..Math.Max(0, name.LastIndexOf('.'))] : node.Origin?.Path ?? "";
        return paths.Contains(path) ? string.Join('.', path.Split('.').Take(depth)) : "";
    }

    private static bool IsBackward(Node node) => node.Origin?.Forward is not null;

    /// <summary>The boxes in an order in which each comes after what it reads; without those on a circle and behind
    /// it.</summary>
    private static List<int> Sorted(int count, (int From, int To)[] edges)
    {
        var (readers, open) = (edges.ToLookup(edge => edge.From, edge => edge.To), new int[count]);
        foreach (var (_, to) in edges)
        {
            open[to]++;
        }

        var (order, ready) = (new List<int>(count), new PriorityQueue<int, int>(Enumerable.Range(0, count).Where(box => open[box] == 0).Select(box => (box, box))));
        while (ready.TryDequeue(out var box, out _))
        {
            order.Add(box);
            foreach (var reader in readers[box])
            {
                if (--open[reader] == 0)
                {
                    ready.Enqueue(reader, reader);
                }
            }
        }

        return order;
    }

    private static Boxes Made(Graph graph, List<List<Node>> boxes, (int From, int To)[] edges, List<int> order, Dictionary<Node, string> names)
    {
        var place = new int[boxes.Count];
        foreach (var (i, box) in order.Index())
        {
            place[box] = i;
        }

        var results = graph.Outputs.ToHashSet();
        return new([.. order.Select(box =>
        {
            var (nodes, last) = (boxes[box], boxes[box][^1]);
            var kind = nodes.All(node => node.Inputs.IsEmpty) ? BoxKind.Leaf : IsBackward(last) ? BoxKind.Backward : BoxKind.Forward;
            var title = names[last].Length == 0 ? last.Op is Constant ? "Constant" : last.Op.Name : IsBackward(last) ? $"∂ {names[last]}" : names[last];
            return new DrawnBox(kind, title, [.. nodes], nodes.Any(results.Contains));
        })], [.. edges.Select(edge => (place[edge.From], place[edge.To])).Order()]);
    }
}
