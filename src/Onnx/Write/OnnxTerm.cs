namespace AutoDiffCnn;

/// <summary>What an elementwise op's formula comes to, as ONNX operators.</summary>
internal abstract record OnnxTerm
{
    /// <summary>An input of the op.</summary>
    public sealed record Input(int Index) : OnnxTerm;

    /// <summary>A number.</summary>
    public sealed record Number(double Value) : OnnxTerm;

    /// <summary>An operator on terms.</summary>
    public sealed record Call(string Type, OnnxTerm A, OnnxTerm? B = null, OnnxTerm? C = null) : OnnxTerm;

    /// <summary>The terms that an operator is applied to.</summary>
    public IEnumerable<OnnxTerm> Parts => this is Call(_, var a, var b, var c) ? ((OnnxTerm?[])[a, b, c]).OfType<OnnxTerm>() : [];

    /// <summary>The inputs that the value depends on.</summary>
    public IEnumerable<int> Inputs => this is Input(var index) ? [index] : Parts.SelectMany(part => part.Inputs);

    /// <summary>The formula of an elementwise op.</summary>
    public static OnnxTerm Of(IElementwise op) => op.Accept(new Tracer());

    private sealed class Tracer : IFormulaVisitor<OnnxTerm>
    {
        public OnnxTerm Visit1<F>()
            where F : IFormula1 => F.Of(new OnnxReal(new Input(0))).Term;

        public OnnxTerm Visit2<F>()
            where F : IFormula2 => F.Of(new OnnxReal(new Input(0)), new OnnxReal(new Input(1))).Term;

        public OnnxTerm Visit3<F>()
            where F : IFormula3 => F.Of(new OnnxReal(new Input(0)), new OnnxReal(new Input(1)), new OnnxReal(new Input(2))).Term;
    }
}

/// <summary>A real number that remembers what it is computed from: an elementwise op's formula, run on it, tells
/// itself.</summary>
internal readonly record struct OnnxReal(OnnxTerm Term) : IReal<OnnxReal>
{
    public static OnnxReal Of(double value) => new(new OnnxTerm.Number(value));

    public static OnnxReal operator +(OnnxReal a, OnnxReal b) => Call("Add", a, b);

    public static OnnxReal operator -(OnnxReal a, OnnxReal b) => Call("Sub", a, b);

    public static OnnxReal operator *(OnnxReal a, OnnxReal b) => Call("Mul", a, b);

    public static OnnxReal operator /(OnnxReal a, OnnxReal b) => Call("Div", a, b);

    public static OnnxReal operator -(OnnxReal a) => Call("Neg", a);

    public static OnnxReal Fma(OnnxReal a, OnnxReal b, OnnxReal c) => a * b + c;

    public static OnnxReal Abs(OnnxReal a) => Call("Abs", a);

    public static OnnxReal Sqrt(OnnxReal a) => Call("Sqrt", a);

    public static OnnxReal Floor(OnnxReal a) => Call("Floor", a);

    public static OnnxReal Max(OnnxReal a, OnnxReal b) => Call("Max", a, b);

    public static OnnxReal Min(OnnxReal a, OnnxReal b) => Call("Min", a, b);

    public static OnnxReal IfLess(OnnxReal a, OnnxReal b, OnnxReal then, OnnxReal otherwise) => If(Call("Less", a, b), then, otherwise);

    public static OnnxReal IfLessOrEqual(OnnxReal a, OnnxReal b, OnnxReal then, OnnxReal otherwise) =>
        If(Call("LessOrEqual", a, b), then, otherwise);

    public static OnnxReal IfEqual(OnnxReal a, OnnxReal b, OnnxReal then, OnnxReal otherwise) => If(Call("Equal", a, b), then, otherwise);

    public static OnnxReal Exp(OnnxReal a) => Call("Exp", a);

    /// <summary>tanh(a/2) = (eᵃ − 1)/(eᵃ + 1), where nothing cancels.</summary>
    public static OnnxReal Expm1(OnnxReal a) => Tanh(Of(0.5) * a) * (Exp(a) + Of(1));

    public static OnnxReal Log(OnnxReal a) => Call("Log", a);

    /// <summary>Kahan's correction: ln(1 + a) = a · ln(u) / (u − 1) with u = 1 + a as rounded.</summary>
    public static OnnxReal Log1p(OnnxReal a)
    {
        var u = Of(1) + a;
        return IfEqual(u, Of(1), a, IfEqual(u, Of(double.PositiveInfinity), u, Log(u) * (a / (u - Of(1)))));
    }

    public static OnnxReal Sin(OnnxReal a) => Call("Sin", a);

    public static OnnxReal Cos(OnnxReal a) => Call("Cos", a);

    public static OnnxReal Tanh(OnnxReal a) => Call("Tanh", a);

    public static OnnxReal Erf(OnnxReal a) => Call("Erf", a);

    public static OnnxReal Pow(OnnxReal a, OnnxReal b) => Call("Pow", a, b);

    private static OnnxReal If(OnnxReal condition, OnnxReal then, OnnxReal otherwise) =>
        (then.Term, otherwise.Term) is (OnnxTerm.Number(1), OnnxTerm.Number(0))
        ? Call("Cast", condition)
        : new(new OnnxTerm.Call("Where", condition.Term, then.Term, otherwise.Term));

    private static OnnxReal Call(string type, OnnxReal a) => new(new OnnxTerm.Call(type, a.Term));

    private static OnnxReal Call(string type, OnnxReal a, OnnxReal b) => new(new OnnxTerm.Call(type, a.Term, b.Term));
}
