using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Decides which nodes are computed together.</summary>
internal static class Fusion
{
    // Beyond this a loop's tiles no longer fit the nearest cache, and fusing saves nothing more.
    private const int MostNodes = 64;

    /// <summary>The units of a graph, each after those that it reads.</summary>
    /// <param name="graph">The simplified graph.</param>
    /// <param name="kept">The nodes whose values are wanted in the end.</param>
    public static ImmutableArray<Unit> Units(Graph graph, IReadOnlySet<Node> kept)
    {
        var users = new Users(graph);
        var loops = Loops(graph, users);
        var pairs = PoolPairs(graph);
        var placed = new HashSet<Unit>();
        var units = ImmutableArray.CreateBuilder<Unit>();
        foreach (var node in graph.Nodes)
        {
            if (node.Op is IElementwise)
            {
                if (loops[node] is var members && members[0] == node)
                {
                    var nodes = members.AsEnumerable().Reverse().ToImmutableArray();
                    var results = nodes.Where(member => member == node || kept.Contains(member));
                    units.Add(new Unit(nodes, [.. results], true));
                }
            }
            else if (node.Op is Broadcast)
            {
                if (kept.Contains(node) || !AllElementwise(users[node]))
                {
                    units.Add(new Unit([node], [node], true));
                }
            }
            else if (pairs.TryGetValue(node, out var pair))
            {
                // Where the first of the two stands: both need the image only, and either may have a user before the other.
                if (placed.Add(pair))
                {
                    units.Add(pair);
                }
            }
            else if (node.Op is not (Variable or Constant or Reshape))
            {
                units.Add(new Unit([node], [node], false));
            }
        }

        return units.ToImmutable();
    }

    /// <summary>Max pools of which both the values and the positions are wanted: one look at the image gives both.</summary>
    private static Dictionary<Node, Unit> PoolPairs(Graph graph)
    {
        var positions = graph.Nodes.Where(node => node.Op is MaxPoolIndices or Reordered { Inner: MaxPoolIndices })
            .ToDictionary(node => (node.Op, node.Inputs[0]));
        var pairs = new Dictionary<Node, Unit>();
        foreach (var node in graph.Nodes)
        {
            Op? partner = node.Op switch
            {
                MaxPool pool => new MaxPoolIndices(pool.Kernel, pool.Window),
                Reordered { Inner: MaxPool pool } reordered =>
                    reordered with { Inner = new MaxPoolIndices(pool.Kernel, pool.Window) },
                _ => null,
            };
            if (partner is not null && positions.TryGetValue((partner, node.Inputs[0]), out var indices))
            {
                pairs[node] = pairs[indices] = new Unit([indices, node], [indices, node], false);
            }
        }

        return pairs;
    }

    /// <summary>Groups elementwise nodes, each group listed from its last node backwards: a node joins the group of its
    /// users if they are all in one group and of its shape. So nothing leaves a group but through kept nodes and the
    /// last one, and no group can wait for itself.</summary>
    private static Dictionary<Node, List<Node>> Loops(Graph graph, Users users)
    {
        var loops = new Dictionary<Node, List<Node>>(graph.Nodes.Length);
        foreach (var node in graph.Nodes.Reverse())
        {
            if (node.Op is not IElementwise)
            {
                continue;
            }

            var group = CommonGroup(loops, users[node], node.Shape) is { Count: < MostNodes } found ? found : [];
            group.Add(node);
            loops[node] = group;
        }

        return loops;
    }

    /// <summary>The group that all users are in, if they have the shape; null otherwise.</summary>
    private static List<Node>? CommonGroup(Dictionary<Node, List<Node>> loops, ReadOnlySpan<Node> users, Shape shape)
    {
        List<Node>? common = null;
        foreach (var user in users)
        {
            if (user.Shape != shape || !loops.TryGetValue(user, out var group) || common is not null && group != common)
            {
                return null;
            }

            common = group;
        }

        return common;
    }

    private static bool AllElementwise(ReadOnlySpan<Node> users)
    {
        foreach (var user in users)
        {
            if (user.Op is not IElementwise)
            {
                return false;
            }
        }

        return true;
    }
}
