using System.Text;

namespace AutoDiffCnn;

/// <summary>A graph as text, a node a line; the same graph always gives the same text.</summary>
/// <example><code>
/// var x = Variable("x", [3]);
/// Sum(x * x).Print()
/// // x : [3]
/// // %0 = Multiply(x, x) : [3]
/// // %1 = SumTo(Shape: [])(%0) : []
/// // return %1
/// </code></example>
public static class GraphPrint
{
    /// <summary>The nodes in order with their shapes, and behind # where they come from. Variables are called by their
    /// name, scalar constants by their value, broadcast or not.</summary>
    public static string Print(this Graph graph)
    {
        var text = new StringBuilder();
        var names = new Dictionary<Node, string>(graph.Nodes.Length);
        var count = 0;
        foreach (var node in graph.Nodes)
        {
            if (Number(node) is { } number)
            {
                names[node] = number;
                continue;
            }

            if (node.Op is Variable)
            {
                names[node] = node.Op.Name;
                text.Append($"{node.Op.Name} : {Type(node)}\n");
                continue;
            }

            names[node] = $"%{count++}";
            var inputs = string.Join(", ", node.Inputs.Select(input => names[input]));
            var op = node.Op is Constant ? "Constant" : node.Op.ToString();
            text.Append($"{names[node]} = {op}{(node.Inputs.IsEmpty ? "" : $"({inputs})")} : {Type(node)}");
            text.Append(Label(node, names)).Append('\n');
        }

        return text.Append($"return {string.Join(", ", graph.Outputs.Select(output => names[output]))}").ToString();
    }

    /// <summary>A node's whole graph as text.</summary>
    public static string Print(this Node node) => new Graph(node).Print();

    /// <summary>Whether a node is printed as %0, %1, …; variables go by their names, numbers by their value.</summary>
    internal static bool IsCounted(Node node) => node.Op is not Variable && Number(node) is null;

    /// <summary>A scalar constant, or one that is repeated: its value says it all.</summary>
    private static string? Number(Node node) => node switch
    {
        { Op: Constant { Value: { Shape.Rank: 0 } value } } => Tensor.Number(value.Scalar),
        { Op: Broadcast, Inputs: [{ Op: Constant { Value: { Shape.Rank: 0 } value } }] } => Tensor.Number(value.Scalar),
        _ => null,
    };

    private static string Type(Node node) => node.Kind == Kind.Real ? $"{node.Shape}" : $"{node.Shape} index";

    private static string Label(Node node, Dictionary<Node, string> names) => node.Origin switch
    {
        null or { Path: "", Forward: null } => "",
        { Forward: { } forward } origin when names.TryGetValue(forward, out var name) =>
            $"   # {origin.ToString().Replace(origin.Rule!, $"{origin.Rule} {name}")}",
        var origin => $"   # {origin}",
    };
}
