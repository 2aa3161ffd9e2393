namespace AutoDiffCnn;

/// <summary>Logarithm and exponential in double precision made of plain arithmetic: the platform's own may differ in
/// the last bit from machine to machine.</summary>
internal static class PortableMath
{
    /// <summary>ln x for a positive normal x: x = m 2ᵉ with m in [√½, √2),
    /// ln m = 2 artanh((m − 1)/(m + 1)) by its series.</summary>
    public static double Log(double x)
    {
        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);
        (mantissa, exponent) = mantissa > 1.4142135623730951 ? (mantissa / 2, exponent + 1) : (mantissa, exponent);
        var t = (mantissa - 1) / (mantissa + 1);
        double term = t, sum = 0;
        for (var n = 1; n < 44; n += 2)
        {
            sum += term / n;
            term *= t * t;
        }

        return 2 * sum + exponent * 0.6931471805599453;
    }

    /// <summary>eˣ = 2ⁿ eʳ with |r| ≤ ½ ln 2, eʳ by its Taylor series.</summary>
    public static double Exp(double x)
    {
        if (x is > 700 or < -700)
        {
            return x > 0 ? double.PositiveInfinity : 0;
        }

        var n = Math.Floor(x * 1.4426950408889634 + 0.5);
        var r = Math.FusedMultiplyAdd(n, -0.6931471805599453, x);
        r = Math.FusedMultiplyAdd(n, -2.3190468138462996e-17, r);
        double term = 1, sum = 1;
        for (var k = 1; k < 20; k++)
        {
            term *= r / k;
            sum += term;
        }

        return Math.ScaleB(sum, (int)n);
    }
}
