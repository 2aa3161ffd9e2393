using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A table of a model's layers for one input, with totals. Prints as text; <see cref="Details"/> and
/// <see cref="InFormulas"/> say more.</summary>
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
/// net.Summary([1, 28, 28]).Details()
/// // name      output       parameters  multiply-adds  backward  activation bytes  receptive field
/// // input     [1, 28, 28]                                                         [1, 1]
/// // conv1     [6, 24, 24]         156         86,400    86,400            13,824  [5, 5]
/// // pool1     [6, 12, 12]           0              0         0             3,456  [6, 6]
/// // flatten1  [864]                 0              0         0             3,456  [6, 6]
/// // dense1    [10]              8,650          8,640    17,280                40  [28, 28]
/// // total                       8,806         95,040   103,680            20,776
/// </code></example>
[TypeFormatterSource("AutoDiffCnn.SummaryFormatters, AutoDiffCnn")]
public sealed record Summary(ImmutableArray<SummaryRow> Rows, Shape Input)
{
    /// <summary>The number of values that training changes.</summary>
    public long Parameters => Rows.Sum(row => row.Parameters);

    /// <summary>The multiply-adds of one forward pass: those of convolutions and matrix products.</summary>
    public long MultiplyAdds => Rows.Sum(row => row.MultiplyAdds);

    /// <summary>The multiply-adds of the gradients with respect to all parameters, beside those of the forward pass; null
    /// if there is no such gradient.</summary>
    public long? BackwardMultiplyAdds => Rows.All(row => row.BackwardMultiplyAdds is not null)
        ? Rows.Sum(row => row.BackwardMultiplyAdds)
        : null;

    /// <summary>What the results of all rows take in single precision.</summary>
    public long ActivationBytes => Rows.Sum(row => row.ActivationBytes);

    /// <summary>The pixels that one element of the result sees along each axis.</summary>
    public Shape ReceptiveField { get; private init; } = Shape.Repeat(1, Math.Max(0, Input.Rank - 1));

    /// <summary>One row for each layer that is not made of others, or that has parameters or products of its own. A layer
    /// that is tied to another is in the other's row.</summary>
    internal static Summary Of(Layer layer, Shape input)
    {
        var model = layer.Build([1, .. input]);
        var nodes = new Graph(model.Output).Nodes.ToLookup(PathOf);
        var backward = Backward(model)?.ToLookup(PathOf, Cost.MultiplyAdds);
        var parameters = model.Parameters.ToLookup(parameter => Owner(parameter, model));
        var fields = ReceptiveFields.Of(model);
        var rows = model.Layers
            .Where(applied => applied.IsLeaf || parameters.Contains(applied.Path) || nodes[applied.Path].Sum(Cost.MultiplyAdds) > 0)
            .DistinctBy(applied => applied.Path)
            .Select(applied => new SummaryRow(applied.Path, $"{applied.Layer}", applied.Y.Shape[1..],
                parameters[applied.Path].Sum(parameter => parameter.Shape.Elements), nodes[applied.Path].Sum(Cost.MultiplyAdds))
            {
                BackwardMultiplyAdds = backward?[applied.Path].Sum(),
                ReceptiveField = fields.TryGetValue(applied.Y, out var field) ? field.Pixels : [],
                OutputFormula = Formulas.Output(nodes[applied.Path]),
                ParametersFormula = Formulas.Parameters([.. parameters[applied.Path]]),
                MultiplyAddsFormula = Formulas.MultiplyAdds([.. nodes[applied.Path].Where(node => Cost.MultiplyAdds(node) > 0)]),
            });
        return new Summary([.. rows], input) { ReceptiveField = fields.TryGetValue(model.Output, out var seen) ? seen.Pixels : [] };
    }

    private static string PathOf(Node node) => node.Origin?.Path ?? "";

    /// <summary>The nodes of the gradients alone.</summary>
    private static IEnumerable<Node>? Backward(Model model)
    {
        try
        {
            var gradients = Gradient.Of(Functions.Sum(model.Output), [.. model.Parameters.Select(parameter => parameter.Variable)]);
            return new Graph([.. gradients]).Nodes.Where(node => node.Origin?.Forward is not null);
        }
        catch (NotDifferentiableError)
        {
            return null;
        }
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
    public override string ToString() => TextTable.Of(3, Lines);

    /// <summary>The table as a picture.</summary>
    public Picture Draw() => DrawnTable.Of("summary of a network", 3, Lines);

    /// <summary>The table as HTML.</summary>
    public string ToHtml() => DrawnTable.Html(3, Lines);

    private string[][] Lines =>
    [
        ["name", "layer", "output", "parameters", "multiply-adds"],
        ["input", "", $"{Input}", "", ""],
        .. Rows.Select(row => (string[])[row.Path, row.Layer, $"{row.Output}", Formulas.Number(row.Parameters), Formulas.Number(row.MultiplyAdds)]),
        ["total", "", "", Formulas.Number(Parameters), Formulas.Number(MultiplyAdds)],
    ];

    /// <summary>A table with all that is counted: also the multiply-adds of the gradients (backward), the bytes of each
    /// result in single precision, and the pixels that one element of it sees.</summary>
    public string Details() => TextTable.Of(2,
    [
        ["name", "output", "parameters", "multiply-adds", "backward", "activation bytes", "receptive field"],
        ["input", $"{Input}", "", "", "", "", $"{Shape.Repeat(1, Math.Max(0, Input.Rank - 1))}"],
        .. Rows.Select(row => (string[])[row.Path, $"{row.Output}", Formulas.Number(row.Parameters), Formulas.Number(row.MultiplyAdds),
            OrNone(row.BackwardMultiplyAdds), Formulas.Number(row.ActivationBytes), $"{row.ReceptiveField}"]),
        ["total", "", Formulas.Number(Parameters), Formulas.Number(MultiplyAdds), OrNone(BackwardMultiplyAdds), Formulas.Number(ActivationBytes), ""],
    ], last: 6);

    /// <summary>A table of how the numbers come about, for each of N images: channels C before and O after, sizes H and W
    /// (L; D, H, W), kernel k, stride s, padding p, dilation d, groups g; ' means after.</summary>
    public string InFormulas() => TextTable.Of(4,
    [
        ["name", "output", "parameters", "multiply-adds"],
        .. Rows.Select(row => (string[])[row.Path, row.OutputFormula, row.ParametersFormula, row.MultiplyAddsFormula]),
    ]);

    internal static string OrNone(long? number) => number is { } known ? Formulas.Number(known) : "none";
}

/// <summary>One layer in a <see cref="Summary"/>.</summary>
/// <param name="Path">Its path: <c>block1.conv2</c>.</param>
/// <param name="Layer">The layer as it is written.</param>
/// <param name="Output">The shape of its result, without the batch.</param>
/// <param name="Parameters">The number of values that training changes.</param>
/// <param name="MultiplyAdds">The multiply-adds of its convolutions and matrix products.</param>
/// <example><code>
/// var row = lenet.Summary([1, 28, 28]).Rows[0];
/// row.Parameters // 156
/// row.OutputFormula // H' = ⌊(H + 2p − d·(k−1) − 1)/s⌋ + 1 = ⌊(28 + 2·2 − 1·(5−1) − 1)/1⌋ + 1 = 28
/// row.ParametersFormula // O·C·k·k + O = 6·1·5·5 + 6 = 156
/// row.MultiplyAddsFormula // O·H'·W'·C·k·k = 6·28·28·1·5·5 = 117,600
/// </code></example>
public sealed record SummaryRow(string Path, string Layer, Shape Output, long Parameters, long MultiplyAdds)
{
    /// <summary>The multiply-adds of what it adds to the gradients with respect to all parameters; null if there is no
    /// such gradient. The gradient with respect to the model's input is not needed.</summary>
    public long? BackwardMultiplyAdds { get; init; }

    /// <summary>What its result takes in single precision: four bytes an element.</summary>
    public long ActivationBytes => 4 * Output.Elements;

    /// <summary>The pixels of the input that one element of its result sees along each spatial axis, padding included; the
    /// whole image after a dense layer or a global pool.</summary>
    public Shape ReceptiveField { get; init; }

    /// <summary>The sizes of its result, in letters and in numbers; empty if there is nothing to compute.</summary>
    public string OutputFormula { get; init; } = "";

    /// <summary>The number of its parameters, likewise.</summary>
    public string ParametersFormula { get; init; } = "";

    /// <summary>Its multiply-adds, likewise.</summary>
    public string MultiplyAddsFormula { get; init; } = "";
}
