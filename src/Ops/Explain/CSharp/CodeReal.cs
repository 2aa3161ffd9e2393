namespace AutoDiffCnn;

/// <summary>A real number as C# code: what an elementwise op's formula writes, with exactly Reference's
/// operations.</summary>
/// <param name="Text">An expression that needs no parentheses around it.</param>
internal readonly record struct CodeReal(string Text) : IReal<CodeReal>
{
    public static CodeReal Of(double value) => new(Literal(value));

    public static CodeReal operator +(CodeReal a, CodeReal b) => new($"({a.Text} + {b.Text})");

    public static CodeReal operator -(CodeReal a, CodeReal b) => new($"({a.Text} - {b.Text})");

    public static CodeReal operator *(CodeReal a, CodeReal b) => new($"({a.Text} * {b.Text})");

    public static CodeReal operator /(CodeReal a, CodeReal b) => new($"({a.Text} / {b.Text})");

    public static CodeReal operator -(CodeReal a) => new($"(-{a.Text})");

    public static CodeReal Fma(CodeReal a, CodeReal b, CodeReal c) => new($"Math.FusedMultiplyAdd({a.Text}, {b.Text}, {c.Text})");

    public static CodeReal Abs(CodeReal a) => Call("Math.Abs", a);

    public static CodeReal Sqrt(CodeReal a) => Call("Math.Sqrt", a);

    public static CodeReal Floor(CodeReal a) => Call("Math.Floor", a);

    public static CodeReal Max(CodeReal a, CodeReal b) => new($"Math.Max({a.Text}, {b.Text})");

    public static CodeReal Min(CodeReal a, CodeReal b) => new($"Math.Min({a.Text}, {b.Text})");

    public static CodeReal IfLess(CodeReal a, CodeReal b, CodeReal then, CodeReal otherwise) => If("<", a, b, then, otherwise);

    public static CodeReal IfLessOrEqual(CodeReal a, CodeReal b, CodeReal then, CodeReal otherwise) => If("<=", a, b, then, otherwise);

    public static CodeReal IfEqual(CodeReal a, CodeReal b, CodeReal then, CodeReal otherwise) => If("==", a, b, then, otherwise);

    public static CodeReal Exp(CodeReal a) => Call("Math.Exp", a);

    public static CodeReal Expm1(CodeReal a) => Call("Expm1", a);

    public static CodeReal Log(CodeReal a) => Call("Math.Log", a);

    public static CodeReal Log1p(CodeReal a) => Call("Log1p", a);

    public static CodeReal Sin(CodeReal a) => Call("Math.Sin", a);

    public static CodeReal Cos(CodeReal a) => Call("Math.Cos", a);

    public static CodeReal Tanh(CodeReal a) => Call("Math.Tanh", a);

    public static CodeReal Erf(CodeReal a) => Call("Erf", a);

    public static CodeReal Pow(CodeReal a, CodeReal b) => new($"Math.Pow({a.Text}, {b.Text})");

    /// <summary>A double that reads back to the same bits.</summary>
    public static string Literal(double value)
    {
        var text = value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        return double.IsNaN(value) ? "double.NaN"
            : double.IsInfinity(value) ? $"double.{(value > 0 ? "Positive" : "Negative")}Infinity"
            : double.IsNegative(value) ? $"({Digits(text)})" : Digits(text);

        static string Digits(string text) => text.AsSpan().ContainsAny('.', 'E') ? text : $"{text}.0";
    }

    private static CodeReal Call(string function, CodeReal a) => new($"{function}({Bare(a.Text)})");

    private static CodeReal If(string sign, CodeReal a, CodeReal b, CodeReal then, CodeReal otherwise) =>
        new($"({a.Text} {sign} {b.Text} ? {then.Text} : {otherwise.Text})");

    /// <summary>Without the parentheses that are around all of it.</summary>
    public static string Bare(string text)
    {
        if (text is not ['(', .., ')'])
        {
            return text;
        }

        var depth = 0;
        for (var i = 0; i < text.Length - 1; i++)
        {
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (depth == 0)
            {
                return text;
            }
        }

        return text[1..^1];
    }

    /// <summary>The formula of an elementwise op on these expressions.</summary>
    internal sealed class Writer(IReadOnlyList<string> inputs) : IFormulaVisitor<string>
    {
        public string Visit1<F>()
            where F : IFormula1 => F.Of(new CodeReal(inputs[0])).Text;

        public string Visit2<F>()
            where F : IFormula2 => F.Of(new CodeReal(inputs[0]), new CodeReal(inputs[1])).Text;

        public string Visit3<F>()
            where F : IFormula3 => F.Of(new CodeReal(inputs[0]), new CodeReal(inputs[1]), new CodeReal(inputs[2])).Text;
    }
}
