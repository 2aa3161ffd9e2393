namespace AutoDiffCnn;

/// <summary>Shows nodes in notebooks: as numbers if they are, otherwise as the drawn graph that they are the result of.</summary>
internal sealed class NodeFormatters
{
    /// <summary>Found by its name.</summary>
    public IEnumerable<object> CreateTypeFormatters() =>
    [
        new ValueFormatter<Node>("text/html", node => node.IsClosed
            ? TensorFormatters.Html(node.Value)
            : GraphFormatters.Html(new Graph(node))),
        ValueFormatter.Plain,
    ];
}

/// <summary>Shows graphs in notebooks: drawn, and as text behind a fold; one that would be too large a drawing as text alone.</summary>
internal sealed class GraphFormatters
{
    private const int MostBoxes = 200;

    /// <summary>Found by its name.</summary>
    public IEnumerable<object> CreateTypeFormatters() => [new ValueFormatter<Graph>("text/html", Html), ValueFormatter.Plain];

    /// <summary>The drawing with the text behind it. The drawing is part of the page, so that formulas appear under the pointer.</summary>
    public static string Html(Graph graph)
    {
        var text = ValueFormatter.Preformatted(graph.Print());
        return Boxes.Of(graph, null).All.Length > MostBoxes
            ? text
            : $"{graph.Draw().Text}<details><summary>as text</summary>{text}</details>";
    }
}
