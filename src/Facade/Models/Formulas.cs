using System.Globalization;

namespace AutoDiffCnn;

/// <summary>A layer's cost in letters and in numbers: N images, C and O channels before and after, spatial sizes H and W
/// (L; D, H, W), kernel k, stride s, padding p, dilation d, groups g. Read off the nodes that the layer makes.</summary>
internal static class Formulas
{
    /// <summary>The sizes of the result: <c>H' = ⌊(H + 2p − d·(k−1) − 1)/s⌋ + 1 = … = 28</c>, for each axis that differs
    /// from the one before.</summary>
    public static string Output(IEnumerable<Node> nodes) => string.Join("; ", nodes.Select(node => node.Op switch
    {
        Convolution op => Axes(node, (axis, name) => Walk(name, node.Inputs[0].Shape[axis + 2], op.Window, axis, node.Inputs[1].Shape[axis + 2], node.Shape[axis + 2])),
        MaxPool op => Axes(node, (axis, name) => Walk(name, node.Inputs[0].Shape[axis + 2], op.Window, axis, op.Kernel[axis], node.Shape[axis + 2])),
        SumPool op => Axes(node, (axis, name) => Walk(name, node.Inputs[0].Shape[axis + 2], op.Window, axis, op.Kernel[axis], node.Shape[axis + 2])),
        ConvolutionInput op => Axes(node, (axis, name) => Spread(name, node.Inputs[0].Shape[axis + 2], op.Window, axis, node.Inputs[1].Shape[axis + 2], node.Shape[axis + 2])),
        _ => "",
    }).Where(text => text.Length > 0));

    /// <summary>The parameters: <c>O·C·k·k + O = 6·1·5·5 + 6 = 156</c>.</summary>
    public static string Parameters(IReadOnlyList<Parameter> parameters)
    {
        if (parameters.Count == 0)
        {
            return "";
        }

        var hasWeight = parameters.Any(parameter => parameter.Shape.Rank > 1);
        return Equation(
            parameters.Select(parameter => string.Join("·", parameter.Shape.Select((_, axis) => axis == 0 && hasWeight ? "O" : axis <= 1 ? "C" : "k").DefaultIfEmpty("1"))),
            parameters.Select(parameter => string.Join("·", parameter.Shape.DefaultIfEmpty(1))),
            parameters.Sum(parameter => parameter.Shape.Elements));
    }

    /// <summary>The multiply-adds: <c>O·H'·W'·C·k·k = 6·28·28·1·5·5 = 117,600</c>.</summary>
    public static string MultiplyAdds(IReadOnlyList<Node> nodes) => nodes.Count == 0 ? "" : Equation(
        nodes.Select(node => node.Op switch
        {
            Convolution op => string.Join("·", ["O", .. Names(node).Select(name => name + "'"), Channels(op.Groups), .. Names(node).Select(_ => "k")]),
            ConvolutionInput op => string.Join("·", ["C", .. Names(node), op.Groups == 1 ? "O" : "O/g", .. Names(node).Select(_ => "k")]),
            _ => "O·C",
        }),
        nodes.Select(node => node.Op switch
        {
            Convolution => Product([.. node.Shape[1..], .. node.Inputs[1].Shape[1..]]),
            ConvolutionInput => Product([.. node.Inputs[0].Shape[1..], .. node.Inputs[1].Shape[1..]]),
            _ => Product([(int)node.Shape.Elements, (int)(Cost.MultiplyAdds(node) / Math.Max(1, node.Shape.Elements))]),
        }),
        nodes.Sum(Cost.MultiplyAdds));

    /// <summary>A whole number with commas.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Equation(IEnumerable<string> letters, IEnumerable<string> numbers, long result) =>
        $"{string.Join(" + ", letters)} = {string.Join(" + ", numbers)} = {Number(result)}";

    private static string Product(IEnumerable<int> factors) => string.Join("·", factors);

    private static string Channels(int groups) => groups == 1 ? "C" : "C/g";

    private static string[] Names(Node node) => node.Shape.Rank switch
    {
        3 => ["L"],
        4 => ["H", "W"],
        5 => ["D", "H", "W"],
        var rank => [.. Enumerable.Range(1, Math.Max(0, rank - 2)).Select(axis => $"S{axis}")],
    };

    /// <summary>The formula of each axis whose numbers differ from those of the axis before.</summary>
    private static string Axes(Node node, Func<int, string, string> formula)
    {
        var texts = Names(node).Select((name, axis) => (Text: formula(axis, name), Numbers: formula(axis, ""))).ToList();
        return string.Join(", ", texts.Where((text, axis) => axis == 0 || text.Numbers != texts[axis - 1].Numbers).Select(text => text.Text));
    }

    private static string Walk(string name, int size, Window window, int axis, int k, int result) =>
        $"{name}' = ⌊({name} + {(Even(window, axis) ? "2p" : "p")} − d·(k−1) − 1)/s⌋ + 1 = "
        + $"⌊({size} + {Padding(window, axis)} − {window.Dilation[axis]}·({k}−1) − 1)/{window.Stride[axis]}⌋ + 1 = {result}";

    private static string Spread(string name, int size, Window window, int axis, int k, int result)
    {
        var (s, d) = (window.Stride[axis], window.Dilation[axis]);
        var more = result - ((size - 1) * s - window.Before[axis] - window.After[axis] + d * (k - 1) + 1);
        return $"{name}' = ({name}−1)·s − 2p + d·(k−1) + 1 + o = ({size}−1)·{s} − {Padding(window, axis)} + {d}·({k}−1) + 1 + {more} = {result}";
    }

    private static bool Even(Window window, int axis) => window.Before[axis] == window.After[axis];

    private static string Padding(Window window, int axis) =>
        Even(window, axis) ? $"2·{window.Before[axis]}" : $"({window.Before[axis]} + {window.After[axis]})";
}
