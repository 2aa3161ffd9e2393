using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The inverse of the normal distribution function, with the same bits on every machine.</summary>
/// <remarks>Wichura's AS 241 (PPND16), Applied Statistics 37 (1988) 477-484; relative error about 1e-16,
/// for 10⁻¹¹ &lt; p &lt; 1 − 10⁻¹¹: a uniform number of 32 bits lies farther inside.</remarks>
internal static class NormalQuantile
{
    /// <summary>The most numbers that <see cref="Of(Span{double})"/> takes.</summary>
    public const int Most = 256;

    /// <summary>The quantile of p.</summary>
    public static double Of(double p)
    {
        var all = Vector512.Create(p);
        return (Outside(all) == 0 ? Middle(all) : Tail(all))[0];
    }

    /// <summary>The quantiles of some numbers, in their place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Of(Span<double> numbers)
    {
        // One in seven lies in the tails. They are gathered, so that the longer formula is computed for them only.
        Span<double> tails = stackalloc double[Most + Vector512<double>.Count];
        Span<int> places = stackalloc int[Most];
        var (count, i) = (0, 0);
        for (; i + Vector512<double>.Count <= numbers.Length; i += Vector512<double>.Count)
        {
            var p = Vector512.Create(numbers[i..]);
            for (var rest = Outside(p); rest != 0; rest &= rest - 1)
            {
                places[count] = i + BitOperations.TrailingZeroCount(rest);
                tails[count] = numbers[places[count]];
                count++;
            }

            Middle(p).CopyTo(numbers[i..]);
        }

        for (; i < numbers.Length; i++)
        {
            numbers[i] = Of(numbers[i]);
        }

        tails[count..(count + Vector512<double>.Count)].Fill(0.5);
        for (var first = 0; first < count; first += Vector512<double>.Count)
        {
            Tail(Vector512.Create(tails[first..])).CopyTo(tails[first..]);
        }

        for (var tail = 0; tail < count; tail++)
        {
            numbers[places[tail]] = tails[tail];
        }
    }

    /// <summary>A bit for each number for which <see cref="Middle"/> is not made.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Outside(Vector512<double> p) =>
        Vector512.GreaterThan(Vector512.Abs(p - Vector512.Create(0.5)), Vector512.Create(0.425)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Middle(Vector512<double> p)
    {
        var q = p - Vector512.Create(0.5);
        return q * Ratio(Vector512.Create(0.180625) - q * q,
            [3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3],
            [1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector512<double> Tail(Vector512<double> p)
    {
        var tail = Vector512.Sqrt(-PortableMath.Log(Vector512.Min(p, Vector512<double>.One - p)));
        var value = Ratio(tail - Vector512.Create(1.6),
            [1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504, 1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4],
            [1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9]);
        return Vector512.CopySign(value, p - Vector512.Create(0.5));
    }

    /// <summary>One polynomial divided by another; both at once, since each of their sums waits for the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Ratio(Vector512<double> x, ReadOnlySpan<double> numerator, ReadOnlySpan<double> denominator)
    {
        var (above, below) = (Vector512.Create(numerator[^1]), Vector512.Create(denominator[^1]));
        for (var i = numerator.Length - 2; i >= 0; i--)
        {
            above = Vector512.FusedMultiplyAdd(above, x, Vector512.Create(numerator[i]));
            below = Vector512.FusedMultiplyAdd(below, x, Vector512.Create(denominator[i]));
        }

        return above / below;
    }
}
