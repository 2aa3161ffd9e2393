using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>Elementary functions on sixteen floats, made of IEEE 754 operations only: no library's, so the bits do not
/// depend on machine or operating system. Errors stay within a few units in the last place;
/// the tests hold the bounds.</summary>
internal static class LaneMath
{
    private static Vector512<float> All(float value) => Vector512.Create(value);

    /// <summary>c₀ + c₁x + c₂x² + …, highest first, each step a fused multiply-add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Step(Vector512<float> sum, Vector512<float> x, float coefficient) =>
        Vector512.FusedMultiplyAdd(sum, x, All(coefficient));

    /// <summary>eˣ = 2ⁿ eʳ with |r| ≤ ½ ln 2; eʳ = 1 + r + r² p(r), p by the Cephes library.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Exp(Lanes a)
    {
        // Beyond these limits the result is 0 or ∞ all the same.
        var x = AtMost(AtLeast(a.Value, -104), 89);
        var n = Vector512.Floor(Vector512.FusedMultiplyAdd(x, All(1.44269504f), All(0.5f)));
        var r = Vector512.FusedMultiplyAdd(n, All(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, All(2.12194440e-4f), r);
        var sum = Step(All(1.9875691500e-4f), r, 1.3981999507e-3f);
        sum = Step(sum, r, 8.3334519073e-3f);
        sum = Step(sum, r, 4.1665795894e-2f);
        sum = Step(sum, r, 1.6666665459e-1f);
        sum = Step(sum, r, 5.0000001201e-1f);
        return new(Scale(Vector512.FusedMultiplyAdd(sum, r * r, r) + All(1), n));
    }

    /// <summary>Near 0 the Taylor polynomial without its 1, elsewhere eˣ − 1.</summary>
    public static Lanes Expm1(Lanes a)
    {
        var x = a.Value;
        var sum = Step(All(1f / 40320), x, 1f / 5040);
        sum = Step(sum, x, 1f / 720);
        sum = Step(sum, x, 1f / 120);
        sum = Step(sum, x, 1f / 24);
        sum = Step(sum, x, 1f / 6);
        sum = Step(sum, x, 0.5f);
        var near = Vector512.FusedMultiplyAdd(sum * x, x, x);
        var y = Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(x), All(0.6f)), near,
            Exp(a).Value - All(1));

        // Adding loses the sign of a zero.
        return new(Vector512.ConditionalSelect(Vector512.Equals(x, All(0)), x, y));
    }

    /// <summary>x = m 2ᵉ with m in [√½, √2); ln m by the Cephes library's polynomial.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Log(Lanes a)
    {
        var x = a.Value;

        // A denormal is scaled up first, so that its exponent can be read off.
        var small = Vector512.LessThan(x, All(1.17549435e-38f));
        var scaled = Vector512.ConditionalSelect(small, x * All(8388608f), x);
        var bits = scaled.AsInt32();
        var exponent = Vector512.ConvertToSingle(Vector512.ShiftRightLogical(bits, 23) - Vector512.Create(126))
            - Vector512.ConditionalSelect(small, All(23), All(0));
        var m = ((bits & Vector512.Create(0x007FFFFF)) | Vector512.Create(0x3F000000)).AsSingle();
        var low = Vector512.LessThan(m, All(0.707106781f));
        exponent -= Vector512.ConditionalSelect(low, All(1), All(0));
        m = m - All(1) + Vector512.ConditionalSelect(low, m, All(0));

        var sum = Step(All(7.0376836292e-2f), m, -1.1514610310e-1f);
        sum = Step(sum, m, 1.1676998740e-1f);
        sum = Step(sum, m, -1.2420140846e-1f);
        sum = Step(sum, m, 1.4249322787e-1f);
        sum = Step(sum, m, -1.6668057665e-1f);
        sum = Step(sum, m, 2.0000714765e-1f);
        sum = Step(sum, m, -2.4999993993e-1f);
        sum = Step(sum, m, 3.3333331174e-1f);
        var square = m * m;
        var y = Vector512.FusedMultiplyAdd(exponent, All(-2.12194440e-4f), sum * m * square);
        y = Vector512.FusedMultiplyAdd(All(-0.5f), square, y);
        y = Vector512.FusedMultiplyAdd(exponent, All(0.693359375f), m + y);

        y = Vector512.ConditionalSelect(Vector512.Equals(x, All(float.PositiveInfinity)), x, y);
        y = Vector512.ConditionalSelect(Vector512.Equals(x, All(0)), All(float.NegativeInfinity), y);
        return new(Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, All(0)), y, All(float.NaN)));
    }

    /// <summary>Kahan's correction: ln(1 + x) = ln(u) · x / (u − 1) with u = 1 + x as rounded.</summary>
    public static Lanes Log1p(Lanes a)
    {
        var u = All(1) + a.Value;
        var exact = Vector512.Equals(u, All(1)) | Vector512.Equals(u, All(float.PositiveInfinity));
        return new(Vector512.ConditionalSelect(exact, a.Value, Log(new(u)).Value * (a.Value / (u - All(1)))));
    }

    /// <summary>Near 0 the Cephes library's polynomial, elsewhere ±(1 − 2/(e^(2|x|) + 1)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Tanh(Lanes a)
    {
        var x = a.Value;
        var size = Vector512.Abs(x);
        var square = x * x;
        var sum = Step(All(-5.70498872745e-3f), square, 2.06390887954e-2f);
        sum = Step(sum, square, -5.37397155531e-2f);
        sum = Step(sum, square, 1.33314422036e-1f);
        sum = Step(sum, square, -3.33332819422e-1f);
        var near = Vector512.FusedMultiplyAdd(sum * square, size, size);
        var far = All(1) - All(2) / (Exp(new(size + size)).Value + All(1));
        return new(WithSign(Vector512.ConditionalSelect(Vector512.LessThan(size, All(0.625f)), near, far), x));
    }

    /// <summary>Up to 1 a polynomial in x² times x, then 1 − e^(−p(|x|)) with p a polynomial for −ln erfc; both fitted
    /// at Chebyshev's nodes, to 4e-11 and 7e-10. From 4 on the float nearest is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Erf(Lanes a)
    {
        var x = a.Value;
        var size = Vector512.Abs(x);
        var square = x * x;
        var sum = Step(All(-9.673589847807306e-06f), square, 0.00011268253568005092f);
        sum = Step(sum, square, -0.0008484396507168413f);
        sum = Step(sum, square, 0.005221053409645435f);
        sum = Step(sum, square, -0.026865438309499477f);
        sum = Step(sum, square, 0.11283782622043528f);
        sum = Step(sum, square, -0.37612638475989435f);
        var near = Step(sum, square, 1.1283791670623595f) * x;

        var limited = AtMost(size, 4);
        var power = Step(All(-1.6140616109428072e-06f), limited, 4.5590622610443937e-05f);
        power = Step(power, limited, -0.0005927695392961144f);
        power = Step(power, limited, 0.004740222348911506f);
        power = Step(power, limited, -0.0263647173847882f);
        power = Step(power, limited, 0.10997824516823024f);
        power = Step(power, limited, 0.6319370936224734f);
        power = Step(power, limited, 1.130166675536872f);
        power = Step(power, limited, -0.0003032129772938054f);
        var far = WithSign(All(1) - Exp(new(-power)).Value, x);
        return new(Vector512.ConditionalSelect(Vector512.LessThan(size, All(1)), near, far));
    }

    /// <summary>sin(x + quarterTurns·π/2). The argument is reduced in double precision by Cody and Waite's method,
    /// which is good up to |x| = 2³⁰; then Taylor polynomials on [−π/4, π/4].</summary>
    public static Lanes Sin(Lanes a, int quarterTurns)
    {
        var (lower, upper) = Vector512.Widen(a.Value);
        var (r0, n0) = Reduce(lower);
        var (r1, n1) = Reduce(upper);
        var r = Vector512.Narrow(r0, r1);
        var quadrant = Vector512.Narrow(n0, n1) + Vector512.Create(quarterTurns);

        var square = r * r;
        var sine = Step(All(2.75573192e-6f), square, -1.98412698e-4f);
        sine = Step(sine, square, 8.33333333e-3f);
        sine = Step(sine, square, -1.66666667e-1f);
        sine = Vector512.ConditionalSelect(Vector512.Equals(r, All(0)), r,
            Vector512.FusedMultiplyAdd(sine * square, r, r));
        var cosine = Step(All(2.48015873e-5f), square, -1.38888889e-3f);
        cosine = Step(cosine, square, 4.16666667e-2f);
        cosine = Step(cosine, square, -0.5f);
        cosine = Step(cosine, square, 1);

        var odd = Vector512.Equals(quadrant & Vector512.Create(1), Vector512.Create(1)).AsSingle();
        var negative = Vector512.ShiftLeft(quadrant & Vector512.Create(2), 30).AsSingle();
        return new(Vector512.ConditionalSelect(odd, cosine, sine) ^ negative);
    }

    /// <summary>Float powers through double ones: scalar, because powers are rare. Special cases are IEEE's, the rest
    /// is e^(b ln a) from the parts below.</summary>
    public static Lanes Pow(Lanes a, Lanes b)
    {
        var result = a.Value;
        for (var i = 0; i < Lanes.Count; i++)
        {
            result = result.WithElement(i, PortableMath.Pow(a.Value[i], b.Value[i]));
        }

        return new(result);
    }

    private static (Vector512<double> Reduced, Vector512<long> Turns) Reduce(Vector512<double> x)
    {
        var n = Vector512.Floor(Vector512.FusedMultiplyAdd(x, Vector512.Create(2 / Math.PI), Vector512.Create(0.5)));
        var rest = Vector512.FusedMultiplyAdd(n, Vector512.Create(-1.5707963267948966), x);
        rest = Vector512.FusedMultiplyAdd(n, Vector512.Create(-6.123233995736766e-17), rest);
        return (rest, Vector512.ConvertToInt64(n));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> WithSign(Vector512<float> size, Vector512<float> sign) =>
        size | (sign & All(-0f));

    /// <summary>x · 2ⁿ for whole n, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scale(Vector512<float> x, Vector512<float> n)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.Scale(x, n);
        }

        // In two factors: n reaches −150, where a single float could not hold 2ⁿ. The first product is exact.
        var whole = Vector512.ConvertToInt32(n);
        var half = Vector512.ShiftRightArithmetic(whole, 1);
        return x * PowerOfTwo(half) * PowerOfTwo(whole - half);
    }

    /// <summary>The larger of x and a limit that is not 0; NaN stays NaN. One instruction where the runtime's Max,
    /// which cares for zeros and NaN on either side, needs several.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AtLeast(Vector512<float> x, float limit) =>
        Avx512F.IsSupported ? Avx512F.Max(All(limit), x) : Vector512.Max(All(limit), x);

    /// <summary>The smaller of x and a limit that is not 0; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AtMost(Vector512<float> x, float limit) =>
        Avx512F.IsSupported ? Avx512F.Min(All(limit), x) : Vector512.Min(All(limit), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<int> n) =>
        Vector512.ShiftLeft(n + Vector512.Create(127), 23).AsSingle();
}
