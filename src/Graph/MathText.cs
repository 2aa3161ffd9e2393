namespace AutoDiffCnn;

/// <summary>How tightly a formula's outermost sign binds; what binds less than its surroundings gets parentheses.</summary>
/// <example><code>(MathText.Symbol("a") + MathText.Symbol("b")).Binding // Sum</code></example>
public enum Binding
{
    /// <summary>a + b, −a.</summary>
    Sum,

    /// <summary>Matrix products, ⋆ and Σ.</summary>
    Star,

    /// <summary>a ⊙ b, a / b.</summary>
    Product,

    /// <summary>aᵇ, aᵀ.</summary>
    Power,

    /// <summary>A name, a number, f(a).</summary>
    Atom,
}

/// <summary>A piece of mathematics as LaTeX, as Unicode and as plain ASCII; what an op's
/// <see cref="Op.Write"/> is made of.</summary>
/// <param name="Latex">For a typesetter.</param>
/// <param name="Unicode">For a console.</param>
/// <param name="Text">For anything.</param>
/// <param name="Binding">How tightly it holds together.</param>
/// <example><code>
/// var z = MathText.Symbol("Z1");
/// MathText.Call("relu", z).Unicode // relu(Z₁)
/// MathText.Call("relu", z).Latex // \operatorname{relu}\left(Z_{1}\right)
/// (MathText.Number(1) - z).Text // 1 - Z1
/// </code></example>
public sealed partial record MathText(string Latex, string Unicode, string Text, Binding Binding = Binding.Atom)
{
    /// <summary>Whether it stands for one number, so that a product with it needs no ⊙.</summary>
    public bool IsScalar { get; init; }

    /// <summary>A name; digits at its end become a subscript, and a name of several letters is set upright.</summary>
    public static MathText Symbol(string name)
    {
        var stem = name.TrimEnd("0123456789".ToCharArray());
        var digits = name[stem.Length..];
        var isLetter = stem.Length == 1 && char.IsLetter(stem[0]);
        return isLetter && digits.Length > 0 ? Symbol(stem).Sub(Verbatim(digits))
            : isLetter ? new(stem, stem, stem)
            : new($@"\text{{{Escaped(name)}}}", name, name);
    }

    /// <summary>Digits and the like, the same in every way.</summary>
    public static MathText Verbatim(string text) => new(text, text, text);

    /// <summary>A number with six significant digits.</summary>
    public static MathText Number(double value)
    {
        var text = Tensor.Number(Math.Abs(value));
        var (digits, exponent) = text.Split("E") is [var left, var right]
            ? (left, int.Parse(right, System.Globalization.CultureInfo.InvariantCulture)) : (text, 0);
        var plain = double.IsNaN(value) ? new("\\text{NaN}", "NaN", "NaN")
            : double.IsInfinity(value) ? new("\\infty", "∞", "infinity")
            : exponent == 0 ? new(text, text, text)
            : new MathText($@"{digits} \cdot 10^{{{exponent}}}", $"{digits}·10{Small(exponent, Superscripts)}", text, Binding.Product);
        return (value < 0 ? -plain : plain) with { IsScalar = true };
    }

    /// <summary>f(a, b).</summary>
    public static MathText Call(string function, params IReadOnlyList<MathText> arguments) => new(
        $@"\operatorname{{{Escaped(function)}}}\left({Join(arguments, each => each.Latex)}\right)",
        $"{function}({Join(arguments, each => each.Unicode)})", $"{function}({Join(arguments, each => each.Text)})");

    /// <summary>A function with a sign of its own applied: σ(x).</summary>
    public MathText Of(MathText x) => new($@"{Latex}\left({x.Latex}\right)", $"{Unicode}({x.Unicode})", $"{Text}({x.Text})") { IsScalar = x.IsScalar };

    /// <summary>A function whose name LaTeX knows, without parentheses where none are needed: ln x.</summary>
    public static MathText Operator(string name, MathText x)
    {
        var a = x.Above(Binding.Product);
        return new($@"\{name} {a.Latex}", $"{name} {a.Unicode}", $"{name} {a.Text}", Binding.Product) { IsScalar = x.IsScalar };
    }

    /// <summary>√a.</summary>
    public static MathText Root(MathText x) =>
        new($@"\sqrt{{{x.Latex}}}", $"√{x.Above(Binding.Power).Unicode}", $"sqrt({x.Text})", Binding.Power) { IsScalar = x.IsScalar };

    /// <summary>1 where a relation holds, else 0: [a &lt; b], turned around if a is a number.</summary>
    public static MathText Relation(MathText a, string latex, string unicode, string text, MathText b)
    {
        var turned = a.IsScalar && !b.IsScalar;
        var (x, y) = turned ? (b, a) : (a, b);
        string Turn(string sign) => turned ? sign.Replace('<', '>').Replace('≤', '≥').Replace(@"\le", @"\ge") : sign;
        return new($@"\left[{x.Latex} {Turn(latex)} {y.Latex}\right]", $"[{x.Unicode} {Turn(unicode)} {y.Unicode}]",
            $"[{x.Text} {Turn(text)} {y.Text}]")
        { IsScalar = a.IsScalar && b.IsScalar };
    }

    /// <summary>a + b.</summary>
    public static MathText operator +(MathText a, MathText b) => Infix(a, "+", "+", "+", Positive(b), Binding.Sum);

    /// <summary>a − b.</summary>
    public static MathText operator -(MathText a, MathText b) =>
        Infix(a, "-", "−", "-", b.Binding == Binding.Sum ? b.Wrapped : b, Binding.Sum);

    /// <summary>−a.</summary>
    public static MathText operator -(MathText a) =>
        a.Above(Binding.Sum) is var x ? new($"-{x.Latex}", $"−{x.Unicode}", $"-{x.Text}", Binding.Sum) { IsScalar = a.IsScalar } : a;

    /// <summary>The product of each element: a ⊙ b, with a number in front a · b.</summary>
    public static MathText operator *(MathText a, MathText b)
    {
        var (x, y) = !a.IsScalar && b.IsScalar ? (b, a) : (a, b);
        (x, y) = (x.Above(Binding.Star), y.Above(Binding.Star));
        return a.IsScalar || b.IsScalar
            ? Infix(x, @"\cdot", "·", "*", y, Binding.Product)
            : Infix(x, @"\odot", "⊙", ".*", y, Binding.Product);
    }

    /// <summary>a / b, element by element.</summary>
    public static MathText operator /(MathText a, MathText b)
    {
        var (x, y) = (a.Above(Binding.Star), b.Above(Binding.Product));
        return new($@"\frac{{{a.Latex}}}{{{b.Latex}}}", $"{x.Unicode} / {y.Unicode}", $"{x.Text} / {y.Text}", Binding.Product)
        { IsScalar = a.IsScalar && b.IsScalar };
    }

    /// <summary>A sign that does not associate, between two factors: a ⋆ b; or nothing but space, for matrices.</summary>
    public static MathText Star(MathText a, string latex, string unicode, string text, MathText b) =>
        Infix(a.Above(Binding.Product), latex, unicode, text, b.Above(Binding.Product), Binding.Star) with { IsScalar = false };

    /// <summary>An infix sign between two formulas as they are.</summary>
    public static MathText Infix(MathText a, string latex, string unicode, string text, MathText b, Binding binding) => new(
        $"{a.Latex} {latex} {b.Latex}", $"{a.Unicode} {unicode} {b.Unicode}", $"{a.Text} {text} {b.Text}", binding)
    { IsScalar = a.IsScalar && b.IsScalar };

    /// <summary>Σ over indices, named or not.</summary>
    public MathText Sum(string indices = "")
    {
        var x = Above(Binding.Sum);
        var (latex, plain) = indices.Length == 0 ? ("", "") : ($"_{{{indices}}}", $"_{indices}");
        return new($@"\sum{latex} {x.Latex}", $"Σ{plain} {x.Unicode}", $"sum{plain} {x.Text}", Binding.Star);
    }

    /// <summary>aᵇ.</summary>
    public MathText To(MathText power)
    {
        var x = Above(Binding.Power);
        var unicode = power.Unicode.All(Superscripts.ContainsKey)
            ? string.Concat(power.Unicode.Select(c => Superscripts[c])) : $"^{power.Above(Binding.Power).Unicode}";
        return new($"{x.Latex}^{{{power.Latex}}}", x.Unicode + unicode, $"{x.Text}^{power.Above(Binding.Power).Text}", Binding.Power)
        { IsScalar = IsScalar && power.IsScalar };
    }

    /// <summary>With a short text above right, such as ᵀ or ′.</summary>
    public MathText Mark(string latex, string unicode, string text) => Above(Binding.Power) is var x
        ? new($"{x.Latex}^{{{latex}}}", x.Unicode + unicode, x.Text + text, Binding.Power) : this;

    /// <summary>With something below right: a number, or several.</summary>
    public MathText Sub(MathText below) => this with
    {
        Latex = $"{Latex}_{{{below.Latex}}}",
        Unicode = Unicode + string.Concat(below.Unicode.Select(c => Subscripts.GetValueOrDefault(c, c))),
        Text = Text + below.Text,
    };

    /// <summary>In parentheses.</summary>
    public MathText Wrapped => new($@"\left({Latex}\right)", $"({Unicode})", $"({Text})") { IsScalar = IsScalar };

    /// <summary>In parentheses unless it binds more tightly than that.</summary>
    public MathText Above(Binding binding) => Binding > binding ? this : Wrapped;

    /// <summary>The Unicode text.</summary>
    public override string ToString() => Unicode;

    private static readonly Dictionary<char, char> Superscripts = "−-0123456789".Zip("⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹").ToDictionary(pair => pair.First, pair => pair.Second);

    private static readonly Dictionary<char, char> Subscripts = "0123456789".Zip("₀₁₂₃₄₅₆₇₈₉").ToDictionary(pair => pair.First, pair => pair.Second);

    private static string Small(int number, Dictionary<char, char> characters) =>
        string.Concat(number.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(c => characters[c]));

    private static MathText Positive(MathText b) => b.Unicode.StartsWith('−') ? b.Wrapped : b;

    private static string Join(IReadOnlyList<MathText> parts, Func<MathText, string> text) => string.Join(", ", parts.Select(text));

    internal static string Escaped(string name) => string.Concat(name.Select(c => c switch
    {
        '\\' => @"\textbackslash{}",
        '^' => @"\textasciicircum{}",
        '~' => @"\textasciitilde{}",
        '_' or '#' or '$' or '&' or '{' or '}' or '%' => $@"\{c}",
        _ => $"{c}",
    }));
}
