using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The inverse of the normal distribution function, with the same bits on every machine.</summary>
internal static class NormalQuantile
{
    /// <summary>Wichura's AS 241 (PPND16), Applied Statistics 37 (1988) 477-484; relative error about 1e-16,
    /// for 10⁻¹¹ &lt; p &lt; 1 − 10⁻¹¹: a uniform number of 32 bits lies farther inside.</summary>
    public static double Of(double p) => Of(Vector512.Create(p))[0];

    /// <inheritdoc cref="Of(double)"/>
    public static Vector512<double> Of(Vector512<double> p)
    {
        var q = p - Vector512.Create(0.5);
        var middle = q * Ratio(Vector512.Create(0.180625) - q * q,
            [3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3],
            [1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3]);
        var isMiddle = Vector512.LessThanOrEqual(Vector512.Abs(q), Vector512.Create(0.425));
        if (Vector512.EqualsAll(isMiddle.AsInt64(), Vector512<long>.AllBitsSet))
        {
            return middle;
        }

        var tail = Vector512.Sqrt(-PortableMath.Log(Vector512.Min(p, Vector512<double>.One - p)));
        var value = Ratio(tail - Vector512.Create(1.6),
            [1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504, 1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4],
            [1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9]);
        return Vector512.ConditionalSelect(isMiddle, middle, Vector512.CopySign(value, q));
    }

    private static Vector512<double> Ratio(Vector512<double> x, ReadOnlySpan<double> numerator, ReadOnlySpan<double> denominator) =>
        Polynomial(x, numerator) / Polynomial(x, denominator);

    private static Vector512<double> Polynomial(Vector512<double> x, ReadOnlySpan<double> coefficients)
    {
        var sum = Vector512.Create(coefficients[^1]);
        for (var i = coefficients.Length - 2; i >= 0; i--)
        {
            sum = Vector512.FusedMultiplyAdd(sum, x, Vector512.Create(coefficients[i]));
        }

        return sum;
    }
}
