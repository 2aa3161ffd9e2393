using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Logarithm and exponential in double precision made of plain arithmetic: the platform's own may differ in
/// the last bit from machine to machine.</summary>
internal static class PortableMath
{
    /// <summary>ln x for positive normal x: x = m 2ᵉ with m in [√½, √2), ln m = 2 artanh((m − 1)/(m + 1)) by its
    /// series.</summary>
    public static double Log(double x) => Log(Vector512.Create(x))[0];

    /// <inheritdoc cref="Log(double)"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static Vector512<double> Log(Vector512<double> x)
    {
        var bits = x.AsInt64();
        var exponent = Doubles.Of((bits >>> 52).AsUInt64()) - Vector512.Create(1023.0);
        var m = (bits & Vector512.Create(0xFFFFFFFFFFFFFL) | Vector512.Create(0x3FF0000000000000L)).AsDouble();
        var high = Vector512.GreaterThan(m, Vector512.Create(1.4142135623730951));
        m = Vector512.ConditionalSelect(high, m * 0.5, m);
        exponent = Vector512.ConditionalSelect(high, exponent + Vector512<double>.One, exponent);
        var t = (m - Vector512<double>.One) / (m + Vector512<double>.One);
        var square = t * t;
        var sum = Vector512<double>.Zero;
        for (var n = 23; n > 0; n -= 2)
        {
            sum = Vector512.FusedMultiplyAdd(sum, square, Vector512.Create(1.0 / n));
        }

        return (t + t) * sum + exponent * 0.6931471805599453;
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
