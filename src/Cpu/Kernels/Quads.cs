using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>Transposes sixteen by four floats in four registers: y[s · to + t] = x[t · from + s]. Each quarter of a
/// register is a square of four by four, which needs no exchange between quarters; reading or writing by quarters
/// arranges them.</summary>
internal static unsafe class Quads
{
    /// <summary>Sixteen short rows to four lines: t &lt; 16, s &lt; 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToLines(float* x, nint from, float* y, nint to)
    {
        if (!Avx512F.IsSupported)
        {
            for (var t = 0; t < 16; t += 4, x += 4 * from)
            {
                Square.Four(x, x + from, x + 2 * from, x + 3 * from, y + t, to);
            }

            return;
        }

        var (y0, y1, y2, y3) = Turn(
            Quarters(x, from), Quarters(x + from, from), Quarters(x + 2 * from, from), Quarters(x + 3 * from, from));
        y0.Store(y);
        y1.Store(y + to);
        y2.Store(y + 2 * to);
        y3.Store(y + 3 * to);
    }

    /// <summary>Four lines, at distances of their own, to sixteen short rows: t &lt; 4, s &lt; 16. Rows are written in
    /// order, so that they may overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToRows(float* x0, float* x1, float* x2, float* x3, float* y, nint to)
    {
        if (!Avx512F.IsSupported)
        {
            for (var s = 0; s < 16; s += 4, y += 4 * to)
            {
                Square.Four(x0 + s, x1 + s, x2 + s, x3 + s, y, to);
            }

            return;
        }

        var (y0, y1, y2, y3) =
            Turn(Vector512.Load(x0), Vector512.Load(x1), Vector512.Load(x2), Vector512.Load(x3));
        Avx512F.ExtractVector128(y0, 0).Store(y);
        Avx512F.ExtractVector128(y1, 0).Store(y + to);
        Avx512F.ExtractVector128(y2, 0).Store(y + 2 * to);
        Avx512F.ExtractVector128(y3, 0).Store(y + 3 * to);
        y += 4 * to;
        Avx512F.ExtractVector128(y0, 1).Store(y);
        Avx512F.ExtractVector128(y1, 1).Store(y + to);
        Avx512F.ExtractVector128(y2, 1).Store(y + 2 * to);
        Avx512F.ExtractVector128(y3, 1).Store(y + 3 * to);
        y += 4 * to;
        Avx512F.ExtractVector128(y0, 2).Store(y);
        Avx512F.ExtractVector128(y1, 2).Store(y + to);
        Avx512F.ExtractVector128(y2, 2).Store(y + 2 * to);
        Avx512F.ExtractVector128(y3, 2).Store(y + 3 * to);
        y += 4 * to;
        Avx512F.ExtractVector128(y0, 3).Store(y);
        Avx512F.ExtractVector128(y1, 3).Store(y + to);
        Avx512F.ExtractVector128(y2, 3).Store(y + 2 * to);
        Avx512F.ExtractVector128(y3, 3).Store(y + 3 * to);
    }

    /// <summary>Transposes each quarter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) Turn(
        Vector512<float> x0, Vector512<float> x1, Vector512<float> x2, Vector512<float> x3)
    {
        var (low01, high01) = (Avx512F.UnpackLow(x0, x1).AsDouble(), Avx512F.UnpackHigh(x0, x1).AsDouble());
        var (low23, high23) = (Avx512F.UnpackLow(x2, x3).AsDouble(), Avx512F.UnpackHigh(x2, x3).AsDouble());
        return (Avx512F.UnpackLow(low01, low23).AsSingle(), Avx512F.UnpackHigh(low01, low23).AsSingle(),
            Avx512F.UnpackLow(high01, high23).AsSingle(), Avx512F.UnpackHigh(high01, high23).AsSingle());
    }

    /// <summary>Four floats of each fourth row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float* x, nint from)
    {
        var quarters = Vector128.Load(x).ToVector256Unsafe().ToVector512Unsafe();
        quarters = Avx512F.InsertVector128(quarters, Vector128.Load(x + 4 * from), 1);
        quarters = Avx512F.InsertVector128(quarters, Vector128.Load(x + 8 * from), 2);
        return Avx512F.InsertVector128(quarters, Vector128.Load(x + 12 * from), 3);
    }
}
