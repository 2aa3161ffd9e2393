namespace AutoDiffCnn;

/// <summary>Shows nodes in notebooks: as numbers if they are, otherwise as the graph that they are the result of.</summary>
internal sealed class NodeFormatters
{
    /// <summary>Found by its name.</summary>
    public IEnumerable<object> CreateTypeFormatters() =>
    [
        new ValueFormatter<Node>("text/html", node => ValueFormatter.Preformatted(Text(node))),
        new ValueFormatter<Node>("text/plain", Text),
    ];

    private static string Text(Node node) => node.IsClosed ? $"{node}" : node.Print();
}
