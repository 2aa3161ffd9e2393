namespace AutoDiffCnn;

/// <summary>The functions that .NET lacks, as Reference computes them, as local functions.</summary>
internal static class CSharpHelpers
{
    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["Expm1"] = """
            // e^a - 1 without cancellation.
            static double Expm1(double a) => Math.Abs(a) < 1 ? 2 * Math.Sinh(a / 2) * Math.Exp(a / 2) : Math.Exp(a) - 1;
            """,
        ["Log1p"] = """
            // ln(1 + a), corrected for the rounding of 1 + a.
            static double Log1p(double a)
            {
                var u = 1 + a;
                return u == 1 || double.IsPositiveInfinity(u) ? a : Math.Log(u) * (a / (u - 1));
            }
            """,
        ["Erf"] = """
            // The error function: a series below 2.5, a continued fraction above.
            static double Erf(double x)
            {
                if (double.IsNaN(x) || Math.Abs(x) >= 6)
                {
                    return double.IsNaN(x) ? x : Math.Sign(x);
                }

                if (Math.Abs(x) < 2.5)
                {
                    double term = x, sum = x;
                    for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
                    {
                        term *= 2 * x * x / (2 * n + 1);
                        sum += term;
                    }

                    return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
                }

                var z = Math.Abs(x);
                var fraction = z;
                for (var n = 80; n > 0; n--)
                {
                    fraction = z + n / 2.0 / fraction;
                }

                return Math.Sign(x) * (1 - Math.Exp(-z * z) / Math.Sqrt(Math.PI) / fraction);
            }
            """,
        ["Larger"] = """
            // A NaN counts as larger than all numbers.
            static bool Larger(double a, double b) => a > b || double.IsNaN(a) && !double.IsNaN(b);
            """,
    };
}
