using System.Collections.Immutable;
using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>A graph as boxes in rows, values going down.</summary>
internal static class GraphDrawing
{
    private const double Margin = 14;
    private const double BoxHeight = 40;
    private const double RowHeight = 74;
    private const double WidestText = 190;
    private const double ArrowHead = 5;
    private const int MostLines = 24;

    public static Picture Of(Graph graph, int? depth)
    {
        var boxes = Boxes.Of(graph, depth);
        var (formulas, captions) = (Formulas(graph), Captions(boxes, graph));
        var widths = boxes.All.Zip(captions, (box, caption) =>
            Math.Max(Math.Min(Ink.Width(box.Title), WidestText), Math.Min(Ink.Width(caption, 11), WidestText)) + 20).ToArray();
        var layout = Layered.Of(widths, boxes.Edges);
        var width = Math.Max(layout.Width + 2 * Margin, 330);
        var (left, top) = ((width - layout.Width) / 2, Margin + Ink.Line + 10);
        return Ink.Sheet(width, top + layout.Height * RowHeight - (RowHeight - BoxHeight) + Margin, $"graph of {graph.Nodes.Length} nodes",
        [
            .. Legend([.. boxes.All.Select(box => box.Kind).Distinct().Order()]),
            .. Lines(boxes, layout, widths, left, top),
            .. boxes.All.Select((box, i) => Draw(box, left + layout.Middles[i] - widths[i] / 2, top + layout.Rows[i] * RowHeight, widths[i], captions[i], formulas)),
        ]);
    }

    private static XElement Draw(DrawnBox box, double x, double y, double width, string caption, Dictionary<Node, string> formulas) => Ink.Group(
        Ink.Rect(x, y, width, BoxHeight, Fill(box.Kind), Ink.Of("rx", box.Kind == BoxKind.Leaf ? 16 : 4), Ink.Of("data-nodes", box.Nodes.Length)),
        Border(box, x, y, width),
        Ink.Text(x + width / 2, y + 17, Ink.Fit(box.Title, width - 12), "middle", null, Ink.Of("font-weight", "bold"), Ink.Of("font-size", 11)),
        Ink.Text(x + width / 2, y + 32, Ink.Fit(caption, width - 12, 11), "middle", Tint.Quiet, Ink.Of("font-size", 11)),
        Ink.Hover(string.Join("\n", box.Nodes.Take(MostLines).Select(node => formulas[node]))
            + (box.Nodes.Length > MostLines ? $"\n… and {box.Nodes.Length - MostLines} more" : "")));

    /// <summary>Results have a strong border, derivatives a broken one.</summary>
    private static XElement Border(DrawnBox box, double x, double y, double width) => Ink.Element("rect",
        Ink.Of("x", x), Ink.Of("y", y), Ink.Of("width", width), Ink.Of("height", BoxHeight), Ink.Of("rx", box.Kind == BoxKind.Leaf ? 16 : 4),
        Ink.Of("fill", "none"), Line(box.Kind).Stroke, Ink.Of("stroke-width", box.IsResult ? 3 : 1.2),
        box.Kind == BoxKind.Backward ? Ink.Of("stroke-dasharray", "5 2") : null);

    private static Tint Fill(BoxKind kind) => kind switch { BoxKind.Leaf => Tint.Leaf, BoxKind.Forward => Tint.Forward, _ => Tint.Backward };

    private static Tint Line(BoxKind kind) => Tint.Series(kind switch { BoxKind.Leaf => 2, BoxKind.Forward => 0, _ => 1 });

    /// <summary>For each box the shapes of what leaves it.</summary>
    private static string[] Captions(Boxes boxes, Graph graph)
    {
        var of = boxes.All.Index().SelectMany(pair => pair.Item.Nodes.Select(node => (Node: node, Box: pair.Index))).ToDictionary(pair => pair.Node, pair => pair.Box);
        var leaving = graph.Nodes.Where(of.ContainsKey).SelectMany(node => node.Inputs.Where(input => of.GetValueOrDefault(input, -1) != of[node])).Concat(graph.Outputs).ToHashSet();
        return [.. boxes.All.Select(box =>
        {
            var shapes = box.Nodes.Where(node => box.Nodes.Length == 1 || node.Op is not Variable && leaving.Contains(node))
                .Select(node => $"{node.Shape}{(node.Kind == Kind.Index ? " index" : "")}").Distinct().ToArray();
            return shapes.Length <= 2 ? string.Join(" ", shapes) : $"{shapes[0]} and {shapes.Length - 1} more";
        })];
    }

    /// <summary>The lines from boxes through the rows to their readers, with arrow heads there.</summary>
    private static IEnumerable<XElement> Lines(Boxes boxes, Layered layout, double[] widths, double left, double top)
    {
        var (readers, ports) = (boxes.Edges.ToLookup(edge => edge.From, edge => edge.To), Ports(boxes, layout, widths));
        foreach (var box in Enumerable.Range(0, boxes.All.Length).Where(readers.Contains))
        {
            var tint = boxes.All[box].Kind == BoxKind.Backward ? Tint.Series(1) : Tint.Quiet;
            var row = layout.Rows[box];
            var places = layout.Ways[box].Prepend(layout.Middles[box]).Select((x, i) => (X: left + x, Top: top + (row + i) * RowHeight, Bottom: top + (row + i) * RowHeight + BoxHeight)).ToArray();
            var way = places.Zip(places.Skip(1), (upper, lower) => $"{Bend(upper.X, upper.Bottom, lower.X, lower.Top)}L{Ink.N(lower.X)} {Ink.N(lower.Bottom)}");
            if (places.Length > 1)
            {
                yield return Ink.Curve($"M{Ink.N(places[0].X)} {Ink.N(places[0].Bottom)}{string.Concat(way)}", tint, Ink.Of("stroke-opacity", 0.8));
            }

            foreach (var reader in readers[box])
            {
                var from = places[layout.Rows[reader] - row - 1];
                var (x, y) = (left + ports[(box, reader)], top + layout.Rows[reader] * RowHeight);
                yield return Ink.Curve($"M{Ink.N(from.X)} {Ink.N(from.Bottom)}{Bend(from.X, from.Bottom, x, y - ArrowHead)}", tint, Ink.Of("stroke-opacity", 0.8));
                yield return Ink.Polygon([(x - 3.5, y - ArrowHead - 2), (x + 3.5, y - ArrowHead - 2), (x, y)], tint);
            }
        }
    }

    /// <summary>Where on a box's upper side each line ends: beside each other, in the order in which they come.</summary>
    private static Dictionary<(int From, int To), double> Ports(Boxes boxes, Layered layout, double[] widths) => boxes.Edges.GroupBy(edge => edge.To)
        .SelectMany(edges =>
        {
            var sources = edges.Select(edge => edge.From)
                .OrderBy(source => layout.Rows[edges.Key] - layout.Rows[source] - 2 is >= 0 and var at ? layout.Ways[source][at] : layout.Middles[source]).ToArray();
            var apart = Math.Min(16, 0.8 * widths[edges.Key] / sources.Length);
            return sources.Select((source, i) => ((source, edges.Key), At: layout.Middles[edges.Key] + (i - (sources.Length - 1) / 2.0) * apart));
        }).ToDictionary(port => port.Item1, port => port.At);

    private static string Bend(double x1, double y1, double x2, double y2) =>
        $"C{Ink.N(x1)} {Ink.N((y1 + y2) / 2)} {Ink.N(x2)} {Ink.N((y1 + y2) / 2)} {Ink.N(x2)} {Ink.N(y2)}";

    private static IEnumerable<XElement> Legend(BoxKind[] kinds)
    {
        var x = Margin;
        foreach (var kind in kinds)
        {
            var word = kind switch { BoxKind.Leaf => "given", BoxKind.Forward => "values", _ => "derivatives" };
            yield return Ink.Rect(x, Margin, 16, 12, Fill(kind), Line(kind).Stroke.Skip(1), kind == BoxKind.Backward ? Ink.Of("stroke-dasharray", "5 2") : null);
            yield return Ink.Text(x + 22, Margin + 10, word, "start", Tint.Quiet, Ink.Of("font-size", 11));
            x += 22 + Ink.Width(word, 11) + 16;
        }
    }

    /// <summary>What is said of a node while the pointer is on it: its line as the graph prints, its mathematics, where it comes
    /// from.</summary>
    private static Dictionary<Node, string> Formulas(Graph graph)
    {
        var (names, count) = (new Dictionary<Node, string>(), 0);
        foreach (var node in graph.Nodes)
        {
            names[node] = node.Op is Variable ? node.Op.Name : GraphPrint.IsCounted(node) ? $"%{count++}" : NumberOf(node);
        }

        return graph.Nodes.ToDictionary(node => node, node => node.Inputs.IsEmpty
            ? $"{names[node]} : {node.Shape}"
            : $"{names[node]} = {node.Op}({string.Join(", ", node.Inputs.Select(input => names[input]))}) : {node.Shape}\n"
                + $"  {node.Op.Write(node, [.. node.Inputs.Select(input => MathText.Verbatim(names[input]))]).Unicode}"
                + (node.Origin is { } origin && $"{origin}".Length > 0 ? $"   ({origin})" : ""));
    }

    private static string NumberOf(Node node) => Axis.Short((node.Op as Constant ?? (Constant)node.Inputs[0].Op).Value.Scalar);
}
