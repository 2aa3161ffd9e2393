using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.Intrinsics.Vector512;

namespace AutoDiffCnn;

/// <summary>Elementary functions on sixteen floats, made of IEEE 754 operations only: no library's, so the bits do not
/// depend on machine or operating system. Errors stay within a few units in the last place;
/// the tests hold the bounds.</summary>
internal static class LaneMath
{
    private const float Ln2 = 0.693147181f;

    // Adding it rounds to a whole number, which then stands in the last bits: 1.5 · 2²³.
    private const float Whole = 12582912;

    // The same in double precision: 1.5 · 2⁵².
    private const double WholeDouble = 6755399441055744;

    /// <summary>eˣ = 2ⁿ eʳ with |r| ≤ ½ ln 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Exp(Lanes a)
    {
        // Beyond these limits the result is 0 or ∞ all the same.
        var x = AtMost(AtLeast(a.Value, -104), 89);
        var n = Numerics.Fma(x, Create(1 / Ln2), Create(Whole)) - Create(Whole);
        var r = Numerics.Fma(n, Create(-0.693359375f), x);
        r = Numerics.Fma(n, Create(2.12194440e-4f), r);
        return new(Scale(Numerics.Fma(Numerics.Fma(Growth(r), r, Create(1f)), r, Create(1f)), n));
    }

    /// <summary>(eʳ − 1 − r) / r² for |r| ≤ ½ ln 2, fitted so that eʳ − 1 is good to 1.3e-8 of itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Growth(Vector512<float> r)
    {
        var sum = Numerics.Fma(Create(1.388240357e-3f), r, Create(8.36658599e-3f));
        sum = Numerics.Fma(sum, r, Create(4.166720333e-2f));
        sum = Numerics.Fma(sum, r, Create(0.1666654312f));
        return Numerics.Fma(sum, r, Create(0.5f));
    }

    /// <summary>eˣ − 1 for |x| ≤ 20: 2ⁿ (eʳ − 1) + (2ⁿ − 1), without loss near 0 too. n is so small that a single
    /// product with ln 2 is good enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ShortExpm1(Vector512<float> x)
    {
        var shifted = Numerics.Fma(x, Create(1 / Ln2), Create(Whole));
        var r = Numerics.Fma(shifted - Create(Whole), Create(-Ln2), x);
        var power = (ShiftLeft(shifted.AsInt32(), 23) + Create(1f).AsInt32()).AsSingle();
        var less = Numerics.Fma(Growth(r), r * r, r);
        return Numerics.Fma(less, power, power - Create(1f));
    }

    /// <summary>eˣ − 1 as 2 (2ⁿ⁻¹ (eʳ − 1) + (2ⁿ⁻¹ − ½)), where 2ⁿ may be too large for a float and eˣ is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Expm1(Lanes a)
    {
        // Beyond these limits the result is −1 or ∞ all the same.
        var x = AtMost(AtLeast(a.Value, -18), 89);
        var shifted = Numerics.Fma(x, Create(1 / Ln2), Create(Whole));
        var n = shifted - Create(Whole);
        var r = Numerics.Fma(n, Create(2.12194440e-4f), Numerics.Fma(n, Create(-0.693359375f), x));
        var half = (ShiftLeft(shifted.AsInt32(), 23) + Create(0.5f).AsInt32()).AsSingle();
        var y = Numerics.Fma(Numerics.Fma(Growth(r), r * r, r), half, half - Create(0.5f));

        // Adding loses the sign of a zero.
        return new(ConditionalSelect(Vector512.Equals(x, Create(0f)), x, y + y));
    }

    /// <summary>x = m 2ᵉ with m in [√½, √2); ln m by the Cephes library's polynomial.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Log(Lanes a)
    {
        var x = a.Value;

        var (m, exponent) = Parts(x);
        var low = LessThan(m, Create(0.707106781f));
        exponent -= ConditionalSelect(low, Create(1f), Create(0f));
        m = m - Create(1f) + ConditionalSelect(low, m, Create(0f));

        var sum = Numerics.Fma(Create(7.0376836292e-2f), m, Create(-1.1514610310e-1f));
        sum = Numerics.Fma(sum, m, Create(1.1676998740e-1f));
        sum = Numerics.Fma(sum, m, Create(-1.2420140846e-1f));
        sum = Numerics.Fma(sum, m, Create(1.4249322787e-1f));
        sum = Numerics.Fma(sum, m, Create(-1.6668057665e-1f));
        sum = Numerics.Fma(sum, m, Create(2.0000714765e-1f));
        sum = Numerics.Fma(sum, m, Create(-2.4999993993e-1f));
        sum = Numerics.Fma(sum, m, Create(3.3333331174e-1f));
        var square = m * m;
        var y = Numerics.Fma(exponent, Create(-2.12194440e-4f), sum * m * square);
        y = Numerics.Fma(Create(-0.5f), square, y);
        y = Numerics.Fma(exponent, Create(0.693359375f), m + y);

        y = ConditionalSelect(Vector512.Equals(x, Create(float.PositiveInfinity)), x, y);
        y = ConditionalSelect(Vector512.Equals(x, Create(0f)), Create(float.NegativeInfinity), y);
        return new(ConditionalSelect(GreaterThanOrEqual(x, Create(0f)), y, Create(float.NaN)));
    }

    /// <summary>x = m 2ᵉ with m in [½, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> M, Vector512<float> Exponent) Parts(Vector512<float> x)
    {
        if (Avx512F.IsSupported)
        {
            const byte FromHalfWithoutSign = 0x06;
            return (Avx512F.GetMantissa(x, FromHalfWithoutSign), Avx512F.GetExponent(x) + Create(1f));
        }

        // A denormal is scaled up first, so that its exponent can be read off.
        var small = LessThan(x, Create(1.17549435e-38f));
        var bits = ConditionalSelect(small, x * Create(8388608f), x).AsInt32();
        var exponent = ConvertToSingle(ShiftRightLogical(bits, 23) - Create(126));
        return (((bits & Create(0x007FFFFF)) | Create(0x3F000000)).AsSingle(), exponent - ConditionalSelect(small, Create(23f), Create(0f)));
    }

    /// <summary>Kahan's correction: ln(1 + x) = ln(u) · x / (u − 1) with u = 1 + x as rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Log1p(Lanes a)
    {
        var u = Create(1f) + a.Value;
        var exact = Vector512.Equals(u, Create(1f)) | Vector512.Equals(u, Create(float.PositiveInfinity));
        return new(ConditionalSelect(exact, a.Value, Log(new(u)).Value * (a.Value / (u - Create(1f)))));
    }

    /// <summary>e / (e + 2) with e = e^(2|x|) − 1; from 9.1 on the float nearest is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Tanh(Lanes a)
    {
        var size = AtMost(Abs(a.Value), 9.1f);
        var e = ShortExpm1(size + size);
        return new(WithSign(e / (e + Create(2f)), a.Value));
    }

    /// <summary>1 − e^p(|x|) with p a polynomial for ln erfc, fitted so that the result is good to 4e-8 of itself.
    /// From 4 on the float nearest is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Erf(Lanes a)
    {
        var size = AtMost(Abs(a.Value), 4);
        var sum = Numerics.Fma(Create(-4.070789181e-5f), size, Create(3.809985779e-4f));
        sum = Numerics.Fma(sum, size, Create(-1.251735674e-3f));
        sum = Numerics.Fma(sum, size, Create(-2.057378688e-4f));
        sum = Numerics.Fma(sum, size, Create(1.932173523e-2f));
        sum = Numerics.Fma(sum, size, Create(-0.1028144182f));
        sum = Numerics.Fma(sum, size, Create(-0.6366164956f));
        sum = Numerics.Fma(sum, size, Create(-1.128379207f));
        return new(WithSign(ShortExpm1(sum * size), a.Value));
    }

    /// <summary>sin(x + quarterTurns·π/2). The argument is reduced by Cody and Waite's method: the first product is exact
    /// up to |x| = 2¹³; beyond in double precision, which is good up to 2³⁰. Then Taylor polynomials on [−π/4, π/4].</summary>
    public static Lanes Sin(Lanes a, int quarterTurns)
    {
        var x = a.Value;
        var shifted = Numerics.Fma(x, Create((float)(2 / Math.PI)), Create(Whole));
        var n = shifted - Create(Whole);
        var r = Numerics.Fma(n, Create(-1.57079637f), x);
        r = Numerics.Fma(n, Create(1.71512451e-15f), Numerics.Fma(n, Create(4.37113883e-08f), r));
        var quadrant = shifted.AsInt32();
        var near = LessThan(Abs(x), Create(8192f));
        if (near.AsInt32() != Vector512<int>.AllBitsSet)
        {
            (r, quadrant) = Far(x, r, quadrant, near);
        }

        quadrant += Create(quarterTurns);
        var square = r * r;
        var sine = Numerics.Fma(Create(2.75573192e-6f), square, Create(-1.98412698e-4f));
        sine = Numerics.Fma(sine, square, Create(8.33333333e-3f));
        sine = Numerics.Fma(sine, square, Create(-1.66666667e-1f));
        sine = ConditionalSelect(Vector512.Equals(r, Create(0f)), x, Numerics.Fma(sine * square, r, r));
        var cosine = Numerics.Fma(Create(2.48015873e-5f), square, Create(-1.38888889e-3f));
        cosine = Numerics.Fma(cosine, square, Create(4.16666667e-2f));
        cosine = Numerics.Fma(cosine, square, Create(-0.5f));
        cosine = Numerics.Fma(cosine, square, Create(1f));

        var odd = Vector512.Equals(quadrant & Create(1), Create(1)).AsSingle();
        var negative = ShiftLeft(quadrant & Create(2), 30).AsSingle();
        return new(ConditionalSelect(odd, cosine, sine) ^ negative);
    }

    /// <summary>Arguments that are not near, reduced in double precision.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Vector512<float> Reduced, Vector512<int> Turns) Far(
        Vector512<float> x, Vector512<float> r, Vector512<int> quadrant, Vector512<float> near)
    {
        var (lower, upper) = Doubles.Widen(x);
        var (r0, n0) = Reduce(lower);
        var (r1, n1) = Reduce(upper);
        return (ConditionalSelect(near, r, Doubles.Narrow(r0, r1)), ConditionalSelect(near.AsInt32(), quadrant, Narrow(n0, n1)));
    }

    /// <summary>IEEE 754 pow: |a|ᵇ = e^(b ln|a|) in double precision, whose error of 1e-10 disappears when it is
    /// rounded; special arguments as the standard says, which fixes their results exactly.</summary>
    public static Lanes Pow(Lanes a, Lanes b)
    {
        var (x, y) = (a.Value, b.Value);
        var (x0, x1) = Doubles.Widen(Abs(x));
        var (y0, y1) = Doubles.Widen(y);
        var size = Doubles.Narrow(DoubleExp(y0 * DoubleLog(x0)), DoubleExp(y1 * DoubleLog(x1)));

        var isOdd = ~Vector512.Equals(Floor(y * Create(0.5f)), y * Create(0.5f));
        var below = ConditionalSelect(isOdd, -size, size);
        below = ConditionalSelect(Vector512.Equals(Floor(y), y), below, Create(float.NaN));
        var result = ConditionalSelect(LessThan(x, Create(0f)), below, size);

        var special = Vector512.Equals(x, Create(0f)) | Vector512.Equals(x, Create(1f)) | Vector512.Equals(y, Create(0f))
            | ~LessThan(Abs(x), Create(float.PositiveInfinity)) | ~LessThan(Abs(y), Create(float.PositiveInfinity));
        return special == Vector512<float>.Zero ? new(result) : new(Special(special, result, x, y));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> Special(
        Vector512<float> special, Vector512<float> result, Vector512<float> x, Vector512<float> y)
    {
        for (var i = 0; i < Lanes.Count; i++)
        {
            if (special.AsUInt32()[i] != 0)
            {
                result = result.WithElement(i, MathF.Pow(x[i], y[i]));
            }
        }

        return result;
    }

    /// <summary>ln x of a normal positive x = m 2ᵉ with m in [√½, √2): ln m = 2 artanh((m − 1)/(m + 1)) by its
    /// series.</summary>
    /// <remarks>Not inlined: without AVX-512 each operation counts as several, and the runtime inlines only so many into
    /// one method.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector512<double> DoubleLog(Vector512<double> x)
    {
        var bits = x.AsInt64();
        var exponent = (ShiftRightLogical(bits, 52) | Create(WholeDouble).AsInt64()).AsDouble() - Create(WholeDouble + 1023);
        var m = ((bits & Create(0xFFFFFFFFFFFFFL)) | Create(0x3FF0000000000000L)).AsDouble();
        var high = GreaterThan(m, Create(1.4142135623730951));
        m = ConditionalSelect(high, m * Create(0.5), m);
        exponent += ConditionalSelect(high, Create(1.0), Create(0.0));
        var t = (m - Create(1.0)) / (m + Create(1.0));
        var square = t * t;
        var sum = FusedMultiplyAdd(Create(1.0 / 13), square, Create(1.0 / 11));
        sum = FusedMultiplyAdd(sum, square, Create(1.0 / 9));
        sum = FusedMultiplyAdd(sum, square, Create(1.0 / 7));
        sum = FusedMultiplyAdd(sum, square, Create(1.0 / 5));
        sum = FusedMultiplyAdd(sum, square, Create(1.0 / 3));
        sum = FusedMultiplyAdd(sum, square, Create(1.0));
        return FusedMultiplyAdd(exponent, Create(0.6931471805599453), (t + t) * sum);
    }

    /// <summary>eˣ = 2ⁿ eʳ with |r| ≤ ½ ln 2, eʳ by its Taylor series; x is cut off where a float is 0 or ∞ all the
    /// same.</summary>
    /// <remarks>Not inlined either.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static Vector512<double> DoubleExp(Vector512<double> x)
    {
        x = Min(Max(x, Create(-700.0)), Create(700.0));
        var shifted = FusedMultiplyAdd(x, Create(1.4426950408889634), Create(WholeDouble));
        var r = FusedMultiplyAdd(shifted - Create(WholeDouble), Create(-0.6931471805599453), x);
        var sum = FusedMultiplyAdd(Create(1.0 / 362880), r, Create(1.0 / 40320));
        sum = FusedMultiplyAdd(sum, r, Create(1.0 / 5040));
        sum = FusedMultiplyAdd(sum, r, Create(1.0 / 720));
        sum = FusedMultiplyAdd(sum, r, Create(1.0 / 120));
        sum = FusedMultiplyAdd(sum, r, Create(1.0 / 24));
        sum = FusedMultiplyAdd(sum, r, Create(1.0 / 6));
        sum = FusedMultiplyAdd(sum, r, Create(0.5));
        sum = FusedMultiplyAdd(sum, r, Create(1.0));
        sum = FusedMultiplyAdd(sum, r, Create(1.0));
        return sum * (ShiftLeft(shifted.AsInt64(), 52) + Create(1.0).AsInt64()).AsDouble();
    }

    private static (Vector512<double> Reduced, Vector512<long> Turns) Reduce(Vector512<double> x)
    {
        var shifted = FusedMultiplyAdd(x, Create(2 / Math.PI), Create(WholeDouble));
        var n = shifted - Create(WholeDouble);
        var rest = FusedMultiplyAdd(n, Create(-1.5707963267948966), x);
        rest = FusedMultiplyAdd(n, Create(-6.123233995736766e-17), rest);
        return (rest, shifted.AsInt64());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> WithSign(Vector512<float> value, Vector512<float> sign) =>
        ConditionalSelect(Create(-0f), sign, value);

    /// <summary>x · 2ⁿ for whole n, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scale(Vector512<float> x, Vector512<float> n)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.Scale(x, n);
        }

        // In two factors: n reaches −150, where a single float could not hold 2ⁿ. The first product is exact.
        // What NaN becomes is of no matter, x is NaN then.
        var whole = ConvertToInt32Native(n);
        var half = ShiftRightArithmetic(whole, 1);
        return x * PowerOfTwo(half) * PowerOfTwo(whole - half);
    }

    /// <summary>The larger of x and a limit that is not 0; NaN stays NaN. One instruction where the runtime's Max,
    /// which cares for zeros and NaN on either side, needs several.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AtLeast(Vector512<float> x, float limit) =>
        Avx512F.IsSupported ? Avx512F.Max(Create(limit), x)
        : Avx.IsSupported ? Create(Avx.Max(Vector256.Create(limit), x.GetLower()), Avx.Max(Vector256.Create(limit), x.GetUpper()))
        : Max(Create(limit), x);

    /// <summary>The smaller of x and a limit that is not 0; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AtMost(Vector512<float> x, float limit) =>
        Avx512F.IsSupported ? Avx512F.Min(Create(limit), x)
        : Avx.IsSupported ? Create(Avx.Min(Vector256.Create(limit), x.GetLower()), Avx.Min(Vector256.Create(limit), x.GetUpper()))
        : Min(Create(limit), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<int> n) =>
        ShiftLeft(n + Create(127), 23).AsSingle();
}
