namespace AutoDiffCnn;

/// <summary>The real numbers of Reference: double precision.</summary>
internal readonly record struct DoubleReal(double Value) : IReal<DoubleReal>
{
    public static DoubleReal Of(double value) => new(value);

    public static DoubleReal operator +(DoubleReal a, DoubleReal b) => new(a.Value + b.Value);

    public static DoubleReal operator -(DoubleReal a, DoubleReal b) => new(a.Value - b.Value);

    public static DoubleReal operator *(DoubleReal a, DoubleReal b) => new(a.Value * b.Value);

    public static DoubleReal operator /(DoubleReal a, DoubleReal b) => new(a.Value / b.Value);

    public static DoubleReal operator -(DoubleReal a) => new(-a.Value);

    public static DoubleReal Fma(DoubleReal a, DoubleReal b, DoubleReal c) =>
        new(Math.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    public static DoubleReal Abs(DoubleReal a) => new(Math.Abs(a.Value));

    public static DoubleReal Sqrt(DoubleReal a) => new(Math.Sqrt(a.Value));

    public static DoubleReal Floor(DoubleReal a) => new(Math.Floor(a.Value));

    public static DoubleReal Max(DoubleReal a, DoubleReal b) => new(Math.Max(a.Value, b.Value));

    public static DoubleReal Min(DoubleReal a, DoubleReal b) => new(Math.Min(a.Value, b.Value));

    public static DoubleReal IfLess(DoubleReal a, DoubleReal b, DoubleReal then, DoubleReal otherwise) =>
        a.Value < b.Value ? then : otherwise;

    public static DoubleReal IfLessOrEqual(DoubleReal a, DoubleReal b, DoubleReal then, DoubleReal otherwise) =>
        a.Value <= b.Value ? then : otherwise;

    public static DoubleReal IfEqual(DoubleReal a, DoubleReal b, DoubleReal then, DoubleReal otherwise) =>
        a.Value == b.Value ? then : otherwise;

    public static DoubleReal Exp(DoubleReal a) => new(Math.Exp(a.Value));

    /// <summary>sinh and cosh share no cancellation: eᵃ − 1 = 2 sinh(a/2) e^(a/2).</summary>
    public static DoubleReal Expm1(DoubleReal a) =>
        new(Math.Abs(a.Value) < 1 ? 2 * Math.Sinh(a.Value / 2) * Math.Exp(a.Value / 2) : Math.Exp(a.Value) - 1);

    public static DoubleReal Log(DoubleReal a) => new(Math.Log(a.Value));

    /// <summary>Kahan's correction: ln(1 + a) = a · ln(u) / (u − 1) with u = 1 + a as rounded.</summary>
    public static DoubleReal Log1p(DoubleReal a)
    {
        var u = 1 + a.Value;
        return new(u == 1 || double.IsPositiveInfinity(u) ? a.Value : Math.Log(u) * (a.Value / (u - 1)));
    }

    public static DoubleReal Sin(DoubleReal a) => new(Math.Sin(a.Value));

    public static DoubleReal Cos(DoubleReal a) => new(Math.Cos(a.Value));

    public static DoubleReal Tanh(DoubleReal a) => new(Math.Tanh(a.Value));

    public static DoubleReal Erf(DoubleReal a) => new(ErrorFunction.Erf(a.Value));

    public static DoubleReal Pow(DoubleReal a, DoubleReal b) => new(Math.Pow(a.Value, b.Value));
}
