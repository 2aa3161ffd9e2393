using System.Collections.Immutable;
using System.Globalization;

namespace AutoDiffCnn;

/// <summary>A table of a model's layers for one input, with totals. Prints as text.</summary>
/// <param name="Rows">The layers in order.</param>
/// <param name="Input">The shape of one input, without the batch.</param>
/// <example><code>
/// var net = Conv2D(6, 5) >> MaxPool(2) >> Flatten >> Dense(10);
/// net.Summary([1, 28, 28])
/// // name      layer         output       parameters  multiply-adds
/// // input                   [1, 28, 28]
/// // conv1     Conv2D(6, 5)  [6, 24, 24]         156         86,400
/// // pool1     MaxPool(2)    [6, 12, 12]           0              0
/// // flatten1  Flatten       [864]                 0              0
/// // dense1    Dense(10)     [10]              8,650          8,640
/// // total                                     8,806         95,040
/// </code></example>
public sealed record Summary(ImmutableArray<SummaryRow> Rows, Shape Input)
{
    /// <summary>The number of values that training changes.</summary>
    public long Parameters => Rows.Sum(row => row.Parameters);

    /// <summary>The multiply-adds of one forward pass: those of convolutions and matrix products.</summary>
    public long MultiplyAdds => Rows.Sum(row => row.MultiplyAdds);

    /// <summary>One row for each layer that is not made of others,
    /// or that has parameters or products of its own.</summary>
    internal static Summary Of(Layer layer, Shape input)
    {
        var model = layer.Build([1, .. input]);
        var products = new Graph(model.Output).Nodes.ToLookup(node => node.Origin?.Path ?? "", Cost.MultiplyAdds);
        var parameters =
            model.Parameters.ToLookup(parameter => Owner(parameter, model), parameter => parameter.Shape.Elements);
        var rows = model.Layers
            .Select(applied =>
                (applied.IsLeaf, Row: new SummaryRow(applied.Path, $"{applied.Layer}", applied.Output[1..],
                parameters[applied.Path].Sum(), products[applied.Path].Sum())))
            .Where(layer => layer.IsLeaf || layer.Row.Parameters > 0 || layer.Row.MultiplyAdds > 0)
            .Select(layer => layer.Row);
        return new Summary([.. rows], input);
    }

    /// <summary>The innermost layer that a parameter was declared in.</summary>
    private static string Owner(Parameter parameter, Model model) => model.Layers.Select(layer => layer.Path)
        .Where(path => parameter.Name.StartsWith(path + ".", StringComparison.Ordinal))
            .MaxBy(path => path.Length) ?? "";

    /// <summary>Whether both have the same rows.</summary>
    public bool Equals(Summary? other) => other is not null && Input == other.Input && Rows.SequenceEqual(other.Rows);

    /// <inheritdoc/>
    public override int GetHashCode() => Rows.Aggregate(Input.GetHashCode(), HashCode.Combine);

    /// <summary>The table as text, numbers with commas, ready for a console.</summary>
    public override string ToString()
    {
        string[][] lines =
        [
            ["name", "layer", "output", "parameters", "multiply-adds"],
            ["input", "", $"{Input}", "", ""],
            .. Rows.Select(row =>
                (string[])[row.Path, row.Layer, $"{row.Output}", Number(row.Parameters), Number(row.MultiplyAdds)]),
            ["total", "", "", Number(Parameters), Number(MultiplyAdds)],
        ];
        var widths = Enumerable.Range(0, 5).Select(column => lines.Max(line => line[column].Length)).ToArray();
        return string.Join("\n", lines.Select(line => string.Join("  ", line.Select((cell, column) =>
            column < 3 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd()));
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>One layer in a <see cref="Summary"/>.</summary>
/// <param name="Path">Its path: <c>block1.conv2</c>.</param>
/// <param name="Layer">The layer as it is written.</param>
/// <param name="Output">The shape of its result, without the batch.</param>
/// <param name="Parameters">The number of values that training changes.</param>
/// <param name="MultiplyAdds">The multiply-adds of its convolutions and matrix products.</param>
/// <example><code>lenet.Summary([1, 28, 28]).Rows[0].Parameters // 156</code></example>
public sealed record SummaryRow(string Path, string Layer, Shape Output, long Parameters, long MultiplyAdds);
