namespace AutoDiffCnn;

/// <summary>Who reads what in a graph: for each node the nodes that have it as an input. Two arrays, not a list a node:
/// graphs may be large.</summary>
internal sealed class Users
{
    private readonly Dictionary<Node, int> index;
    private readonly int[] start;
    private readonly Node[] users;

    public Users(Graph graph)
    {
        index = new Dictionary<Node, int>(graph.Nodes.Length);
        start = new int[graph.Nodes.Length + 1];
        foreach (var node in graph.Nodes)
        {
            index.Add(node, index.Count);
            foreach (var input in node.Inputs)
            {
                start[index[input] + 1]++;
            }
        }

        for (var i = 1; i < start.Length; i++)
        {
            start[i] += start[i - 1];
        }

        users = new Node[start[^1]];
        var filled = start.ToArray();
        foreach (var node in graph.Nodes)
        {
            foreach (var input in node.Inputs)
            {
                users[filled[index[input]]++] = node;
            }
        }
    }

    /// <summary>The users of a node, in the order of the graph; one that uses it twice comes twice.</summary>
    public ReadOnlySpan<Node> this[Node node] => users.AsSpan(start[index[node]]..start[index[node] + 1]);
}
