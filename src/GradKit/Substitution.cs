using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Graphs with other nodes in the place of some.</summary>
internal static class Substitution
{
    public static Node Put(Node node, Node old, Node with) => Put([node], [(old, with)])[0];

    public static ImmutableArray<Node> Put(ImmutableArray<Node> nodes, IEnumerable<(Node Old, Node With)> pairs)
    {
        var known = pairs.ToDictionary(pair => pair.Old, pair => pair.With);
        foreach (var node in new Graph(nodes).Nodes)
        {
            if (!known.ContainsKey(node))
            {
                known[node] = node.With([.. node.Inputs.Select(input => known[input])]);
            }
        }

        return [.. nodes.Select(node => known[node])];
    }
}
