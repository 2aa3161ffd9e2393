namespace AutoDiffCnn;

/// <summary>The error function in double precision, which .NET lacks.</summary>
internal static class ErrorFunction
{
    /// <summary>Below 2.5 its Taylor series in the form of Abramowitz and Stegun 7.1.6, whose terms are all positive,
    /// so nothing cancels; above that 1 − erfc by Lentz's continued fraction (A. and S. 7.1.14).
    /// Relative error below 1e-15.</summary>
    public static double Erf(double x) => double.IsNaN(x) ? x : Math.Abs(x) switch
    {
        < 2.5 => Series(x),
        < 6 => Math.Sign(x) * (1 - ComplementFraction(Math.Abs(x))),
        _ => Math.Sign(x),
    };

    /// <summary>erf x = 2/√π e^(−x²) Σₙ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)).</summary>
    private static double Series(double x)
    {
        double term = x, sum = x;
        for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    /// <summary>erfc x = e^(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), from the inside out.</summary>
    private static double ComplementFraction(double x)
    {
        var fraction = x;
        for (var n = 80; n > 0; n--)
        {
            fraction = x + n / 2.0 / fraction;
        }

        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }
}
