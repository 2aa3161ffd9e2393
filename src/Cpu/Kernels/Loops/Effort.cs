namespace AutoDiffCnn;

/// <summary>The kind of real on which a formula computes what it costs: about the number of instructions on a
/// register.</summary>
internal readonly record struct Effort(int Value) : IReal<Effort>
{
    private const int Division = 8;
    private const int Function = 20;
    private const int LongFunction = 40;
    private const int LongestFunction = 60;
    private const int DoubleFunction = 160;
    private const int Most = 1000;

    public static Effort Of(double value) => default;

    public static Effort operator +(Effort a, Effort b) => Sum(1, a, b);

    public static Effort operator -(Effort a, Effort b) => Sum(1, a, b);

    public static Effort operator *(Effort a, Effort b) => Sum(1, a, b);

    public static Effort operator /(Effort a, Effort b) => Sum(Division, a, b);

    public static Effort operator -(Effort a) => Sum(1, a);

    public static Effort Fma(Effort a, Effort b, Effort c) => Sum(1, a, b, c);

    public static Effort Abs(Effort a) => Sum(1, a);

    public static Effort Sqrt(Effort a) => Sum(Division, a);

    public static Effort Floor(Effort a) => Sum(1, a);

    public static Effort Max(Effort a, Effort b) => Sum(2, a, b);

    public static Effort Min(Effort a, Effort b) => Sum(2, a, b);

    public static Effort IfLess(Effort a, Effort b, Effort then, Effort otherwise) => Sum(2, a, b, then, otherwise);

    public static Effort IfLessOrEqual(Effort a, Effort b, Effort then, Effort otherwise) =>
        Sum(2, a, b, then, otherwise);

    public static Effort IfEqual(Effort a, Effort b, Effort then, Effort otherwise) => Sum(2, a, b, then, otherwise);

    public static Effort Exp(Effort a) => Sum(Function, a);

    public static Effort Expm1(Effort a) => Sum(Function, a);

    public static Effort Log(Effort a) => Sum(LongFunction, a);

    public static Effort Log1p(Effort a) => Sum(LongestFunction, a);

    public static Effort Sin(Effort a) => Sum(LongFunction, a);

    public static Effort Cos(Effort a) => Sum(LongFunction, a);

    public static Effort Tanh(Effort a) => Sum(Function, a);

    public static Effort Erf(Effort a) => Sum(Function, a);

    public static Effort Pow(Effort a, Effort b) => Sum(DoubleFunction, a, b);

    private static Effort Sum(int own, params ReadOnlySpan<Effort> operands)
    {
        foreach (var operand in operands)
        {
            own = Math.Min(Most, own + operand.Value);
        }

        return new(own);
    }
}
