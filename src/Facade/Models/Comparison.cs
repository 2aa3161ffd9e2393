using System.Globalization;

namespace AutoDiffCnn;

/// <summary>What two networks cost on the same input, side by side. Prints as a table with the ratio of the second to the
/// first.</summary>
/// <param name="First">The one.</param>
/// <param name="Second">The other.</param>
/// <param name="Input">The shape of one input, without the batch.</param>
/// <example><code>
/// Conv2D(5, 3, bias: false).Compare(SeparableConv2D(5, 3, bias: false), [3, 6, 6])
/// // on [3, 6, 6]      Conv2D(5, 3, bias: false)  SeparableConv2D(5, 3, bias: false)  ratio
/// // output                            [5, 4, 4]                           [5, 4, 4]
/// // parameters                              135                                  42  0.311
/// // multiply-adds                         2,160                                 672  0.311
/// // backward                              2,160                                 912  0.422
/// // activation bytes                        320                                 512    1.6
/// // receptive field                      [3, 3]                              [3, 3]
/// </code></example>
[TypeFormatterSource]
public sealed record Comparison(Layer First, Layer Second, Shape Input)
{
    private const int Longest = 40;

    /// <summary>The table.</summary>
    public override string ToString()
    {
        var (a, b) = (First.Summary(Input), Second.Summary(Input));
        return TextTable.Of(1,
        [
            [$"on {Input}", Title(First), Title(Second), "ratio"],
            ["output", $"{First.Build([1, .. Input]).Output.Shape[1..]}", $"{Second.Build([1, .. Input]).Output.Shape[1..]}", ""],
            Line("parameters", a.Parameters, b.Parameters),
            Line("multiply-adds", a.MultiplyAdds, b.MultiplyAdds),
            Line("backward", a.BackwardMultiplyAdds, b.BackwardMultiplyAdds),
            Line("activation bytes", a.ActivationBytes, b.ActivationBytes),
            ["receptive field", $"{a.ReceptiveField}", $"{b.ReceptiveField}", ""],
        ]);
    }

    private static string[] Line(string name, long? a, long? b) =>
        [name, Summary.OrNone(a), Summary.OrNone(b), a > 0 && b is not null ? ((double)b / (double)a).ToString("G3", CultureInfo.InvariantCulture) : ""];

    private static string Title(Layer layer) => $"{layer}" is var text && text.Length > Longest ? text[..(Longest - 1)] + "…" : text;
}
