using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>Sixteen numbers as two times eight doubles, and back.</summary>
/// <remarks>Without AVX-512 the runtime's own conversions of registers that wide are calls, and some go element by
/// element.</remarks>
internal static class Doubles
{
    // 2⁵²: in a double of this size the lowest bits count ones.
    private const double Whole = 1L << 52;

    private static bool InHalves => Avx.IsSupported && !Vector512.IsHardwareAccelerated;

    /// <summary>Each float as a double, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double> Lower, Vector512<double> Upper) Widen(Vector512<float> x) =>
        InHalves ? (Wide(x.GetLower()), Wide(x.GetUpper())) : Vector512.Widen(x);

    /// <summary>Each double as the nearest float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Narrow(Vector512<double> lower, Vector512<double> upper) =>
        InHalves ? Vector512.Create(Near(lower), Near(upper)) : Vector512.Narrow(lower, upper);

    /// <summary>Whole numbers below 2⁵² as doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Of(Vector512<ulong> x) =>
        (x | Vector512.Create(Whole).AsUInt64()).AsDouble() - Vector512.Create(Whole);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Wide(Vector256<float> x) =>
        Vector512.Create(Avx.ConvertToVector256Double(x.GetLower()), Avx.ConvertToVector256Double(x.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Near(Vector512<double> x) =>
        Vector256.Create(Avx.ConvertToVector128Single(x.GetLower()), Avx.ConvertToVector128Single(x.GetUpper()));
}
