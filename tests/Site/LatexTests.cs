using System.Text.Json;
using System.Xml.Linq;
using FsCheck.Fluent;

namespace SiteTests;

/// <summary>LaTeX as MathML.</summary>
public sealed class LatexTests
{
    public static TheoryData<string, string> Small => new()
    {
        { "x", "<mi>x</mi>" },
        { "12.5", "<mn>12.5</mn>" },
        { "x_1^2", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>" },
        { "x^23", "<mrow><msup><mi>x</mi><mn>2</mn></msup><mn>3</mn></mrow>" },
        { "a-b", "<mrow><mi>a</mi><mo>−</mo><mi>b</mi></mrow>" },
        { @"\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>" },
        { @"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>" },
        { @"\sum_{i}^n", "<munderover><mo movablelimits=\"true\">∑</mo><mi>i</mi><mi>n</mi></munderover>" },
        { @"\mathbf{w}", "<mi>𝐰</mi>" },
        { @"\mathbb{R}", "<mi>ℝ</mi>" },
        { @"\mathcal{L}", "<mi>ℒ</mi>" },
        { @"\mathsf{T}", "<mi>𝖳</mi>" },
        { @"\text{a\_b c}", "<mtext>a_b\u00A0c</mtext>" },
        { @"x''", "<msup><mi>x</mi><mrow><mo>′</mo><mo>′</mo></mrow></msup>" },
        { @"a<b", "<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>" },
    };

    public static TheoryData<string, string> Wrong => new()
    {
        { @"\foo", "1: expected a command that can be drawn, got '\\foo'.\nPossible: \\operatorname{…} for a function, \\text{…} for words, or another way to write it" },
        { @"\frac{1}", "9: expected something in braces, got the end.\nPossible: something in braces there" },
        { "{x", "3: expected '}', got the end.\nPossible: '}' there" },
        { "x}", "2: expected something before that it belongs to, got '}'.\nPossible: one less, or \\begin{aligned} and \\end{aligned} around rows" },
        { "x_1_2", "4: expected one subscript, got a second.\nPossible: braces around what belongs together" },
        { @"\left( x", "9: expected \\right, got the end.\nPossible: \\right. for nothing to be seen" },
        { @"\begin{table}", "7: expected a table that can be drawn, got table.\nPossible: matrix, pmatrix, bmatrix, vmatrix, cases, aligned, gathered or array" },
        { "50%", "3: expected something to draw, got %.\nPossible: \\%" },
    };

    /// <summary>What the notebooks and the derivations need, and more.</summary>
    private static string[] Formulas =>
    [
        @"\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_{j=1}^{n} e^{z_j}}, \qquad \frac{\partial L}{\partial z} = \hat{y} - y",
        @"\begin{aligned} m_t &= \beta_1 m_{t-1} + (1 - \beta_1) g_t \\ \theta_t &= \theta_{t-1} - \eta \, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon} \end{aligned}",
        @"\begin{bmatrix} 1 & 2 \\ 0 & 1 \end{bmatrix} \star \begin{pmatrix} 2 & 0 \\ 1 & 0 \end{pmatrix} \odot \begin{vmatrix} a \\ b \end{vmatrix}",
        @"\operatorname{relu}(x) = \begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}, \quad W \in R^{m \times n}",
        @"\left( \sum_{i=0}^{k-1} \sum_{j=0}^{k-1} x_{r+i, c+j} \, w_{ij} \right) \left[ \frac{a}{b} \right] \left. \frac{df}{dx} \right|_{x=0}",
        @"\underbrace{a + b}_{\text{two}} \overline{xy} \int_0^1 f(x)\,dx \prod_k \sqrt[3]{2} \lim_{n \to \infty} \max_i a_i \operatorname*{argmax}_{w} p",
        @"\left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1 \le \lceil x \rceil \ne \|w\|_2^2 \approx \mathrm{d}W \cdot \nabla L^{\top}",
        @"f'(x) \equiv x'' \pm 50\% \; \vec{v} \bar{x} \tilde{x} \dot{x} \widehat{xy} \Gamma \Omega \lambda_{\max} \mapsto \Rightarrow \ldots \cdots \vdots",
        @"\binom{n}{k} \bigl( a \bigr) \Big[ b \Big] \overset{!}{=} \underset{x}{y} \stackrel{a}{=} 1{,}000 \pmod 3 \substack{a \\ b} \{ x \mid y \}",
        @"\begin{array}{lcr} a & b & c \\ d & e & f \end{array} \dfrac{1}{2} \tfrac{1}{2} \displaystyle \sum_i x_i",
        .. Directory.GetFiles(Path.Combine(Checkout.Root, "tests/Explain/Golden"), "*.tex").Order(StringComparer.Ordinal).Select(File.ReadAllText),
    ];

    [Theory]
    [MemberData(nameof(Small))]
    public void A_formula_is_elements(string latex, string inside) =>
        Assert.Equal($"<math>{inside}</math>", Latex.ToMathMl(latex, isDisplay: false));

    [Fact]
    public void Derivations_are_drawn_row_by_row() => Assert.All(Formulas.Where(latex => latex.Contains("Backward", StringComparison.Ordinal)), latex =>
        Assert.Equal(latex.Split(@"\\").Length, XElement.Parse(Latex.ToMathMl(latex, isDisplay: true)).Descendants("mtr").Count()));

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_drawn_is_told_with_its_place(string latex, string message)
    {
        var error = Assert.Throws<MathError>(() => Latex.ToMathMl(latex, isDisplay: false));
        Assert.Equal($"the formula '{latex}', sign {message}.", $"{error.Message}\nPossible: {error.Possible}.");
    }

    [Fact]
    public void Any_text_is_drawn_or_refused()
    {
        string[] parts = [@"\frac", @"\left", @"\right", @"\begin{aligned}", @"\end{aligned}", "{", "}", "_", "^", "&", @"\\", "x", "1", "(", "]", "|", "'", @"\sqrt", "[", @"\text", @"\", "<", "\ud800", "\0", "é", "😀", " "];
        Law.ForAll(Gen.ArrayOf(Gen.Elements(parts)).Select(string.Concat), latex =>
        {
            try
            {
                XElement.Parse(Latex.ToMathMl(latex, isDisplay: true));
            }
            catch (MathError)
            {
            }
        }, times: 3000);
        Assert.Throws<MathError>(() => Latex.ToMathMl(new string('{', 100_000), isDisplay: true));
    }

    [KatexFact]
    public void A_formula_has_the_structure_and_the_signs_that_KaTeX_gives_it()
    {
        string[] formulas = [.. Formulas, .. Symbols.Letters.Keys.Concat(Symbols.Upright.Keys).Concat(Symbols.Operators.Keys).Concat(Symbols.Large.Keys)
            .Concat(Symbols.Functions).Concat(Symbols.Limits).Select(name => $@"x \{name} y").Order(StringComparer.Ordinal)];
        var there = JsonSerializer.Deserialize<string?[]>(Katex.Run("mathml.js", JsonSerializer.Serialize(formulas)))!;
        var differences =
            from pair in formulas.Zip(there)
            let other = pair.Second is null ? "refused" : Looks(XElement.Parse(pair.Second).Descendants().First(element => element.Name.LocalName == "semantics").Elements().First())
            let mine = Looks(XElement.Parse(Latex.ToMathMl(pair.First, isDisplay: true)))
            where other != mine
            select $"{pair.First}\n{other}\n{mine}";
        var told = string.Join("\n", differences);
        Assert.True(told.Length == 0, told);
    }

    private static string Looks(XElement formula) => $"{Signs(formula)} {Structure(formula)}";

    /// <summary>What is written; of signs that look alike, one.</summary>
    private static string Signs(XElement formula) => string.Concat(formula.Value.Where(sign => !char.IsWhiteSpace(sign) && sign is not ('\u2061' or '\u2063'))
        .Select(sign => sign switch { '|' => '∣', '∥' => '‖', '\u20D7' => '→', 'ˉ' => '¯', _ => sign }));

    private static string Structure(XElement formula)
    {
        string[] counted = ["mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd"];
        return string.Join(' ', formula.DescendantsAndSelf().Select(element => element.Name.LocalName).Where(counted.Contains));
    }
}

/// <summary>Programs that use KaTeX.</summary>
internal static class Katex
{
    public static string Folder { get; } = Path.Combine(Checkout.Root, "tests/Explain/katex");

    public static string Run(string script, string input) => Tools.Output("node", [Path.Combine(Folder, script)], input);
}

/// <summary>A test that needs KaTeX, which test.sh installs where it can; skipped with that reason where it is missing.</summary>
internal sealed class KatexFactAttribute : FactAttribute
{
    public KatexFactAttribute()
    {
        Skip = Directory.Exists(Path.Combine(Katex.Folder, "node_modules/katex")) ? null : "KaTeX could not be installed; see test.sh";
    }
}
