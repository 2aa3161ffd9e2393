using System.Text;

namespace AutoDiffCnn;

// What is printed.
public sealed partial class Derivation
{
    private bool IsDifferential => Notation == Notation.Differential;

    /// <summary>The derivation in Unicode.</summary>
    public override string ToString() =>
        Print(formula => formula.Unicode, IsDifferential ? "dV = ∂L/∂V" : "δₗ = ∂L/∂Zₗ, ∇V = ∂L/∂V");

    /// <summary>The derivation in ASCII: <c>.*</c> is the product of each element, <c>@</c> that of matrices, <c>(*)</c>
    /// cross-correlation.</summary>
    public string ToText() =>
        Plain(Print(formula => formula.Text, IsDifferential ? "dV = dL/dV" : "deltal = dL/dZl, grad V = dL/dV"));

    /// <summary>The derivation in LaTeX, an <c>aligned</c> environment with the rules beside the lines.</summary>
    public string ToLatex() => GraphLatex.Aligned(
    [
        @"&\textbf{Forward}",
        .. Forward.Select(Latex),
        .. Legend.Chunk(2).Select(pairs => $@"&\quad {string.Join(@",\; ", pairs.Select(pair => $@"{pair.Key.Latex}\text{{ is {MathText.Escaped(pair.Value)}}}"))}"),
        @"&\textbf{Backward},\quad " + (IsDifferential
            ? @"dV = \frac{\partial L}{\partial V}"
            : @"\delta_l = \frac{\partial L}{\partial Z_l},\; \nabla V = \frac{\partial L}{\partial V}"),
        .. Backward.Select(Latex),
    ]);

    private static string Latex(DerivationLine line) =>
        $@"{line.Left.Latex} &= {line.Right.Latex} && \text{{{Words(MathText.Escaped(line.Rule))}}}";

    private string Print(Func<MathText, string> show, string meaning)
    {
        var text = new StringBuilder("Forward\n");
        Print(text, Forward, show);
        text.Append(Legend.Count == 0 ? "" : $"  {string.Join(", ", Legend.Select(pair => $"{show(pair.Key)} is {pair.Value}"))}\n");
        text.Append($"Backward, {meaning}\n");
        Print(text, Backward, show);
        var failed = Backward.Where(line => !line.IsChecked).ToArray();
        return text.Append(failed.Length == 0 ? $"Each derivative {Differences.Checked}."
            : string.Join("\n", failed.Select(line => $"Not proved: {show(line.Formula)} {line.Check}."))).ToString();
    }

    private static void Print(StringBuilder text, IReadOnlyCollection<DerivationLine> lines, Func<MathText, string> show)
    {
        var width = lines.Max(line => show(line.Formula).Length);
        foreach (var line in lines)
        {
            text.Append($"  {show(line.Formula).PadRight(width)}   {line.Rule}".TrimEnd()).Append('\n');
        }
    }

    /// <summary>The signs that rules have in their words.</summary>
    private static string Words(string rule) => rule.Replace("⊙", @"$\odot$").Replace("°", @"$^\circ$").Replace("−", "$-$").Replace("Σ", @"$\sum$");

    private static string Plain(string text) => text.Replace("⊙", ".*").Replace("°", " degrees").Replace("−", "-").Replace("Σ", "sum");
}
