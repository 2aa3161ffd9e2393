using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>Transposes sixteen by sixteen floats in registers.</summary>
internal static unsafe class Square
{
    /// <summary>The floats of a square.</summary>
    public const int Size = Lanes.Count * Lanes.Count;

    /// <summary>columns[j][i] = source[i · step + j]; of fewer than sixteen rows the last one is repeated, fewer than
    /// sixteen columns are followed by others that mean nothing.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Transpose(float* source, nint step, int rows, int count, Vector512<float>* columns)
    {
        if (!Avx512F.IsSupported)
        {
            for (var i = 0; i < count * Lanes.Count; i++)
            {
                ((float*)columns)[i] = source[Math.Min(i % Lanes.Count, rows - 1) * step + i / Lanes.Count];
            }

            return;
        }

        var padded = stackalloc Vector512<float>[Lanes.Count];
        if (rows < Lanes.Count || count < Lanes.Count)
        {
            for (var i = 0; i < Lanes.Count; i++)
            {
                padded[i] = Tail.Load512(source + Math.Min(i, rows - 1) * step, count);
            }

            source = (float*)padded;
            step = Lanes.Count;
        }

        // Pairs, then fours of rows within each quarter of a register, then the quarters.
        Fours(source, step, out var a0, out var a1, out var a2, out var a3);
        Fours(source + 4 * step, step, out var b0, out var b1, out var b2, out var b3);
        Fours(source + 8 * step, step, out var c0, out var c1, out var c2, out var c3);
        Fours(source + 12 * step, step, out var d0, out var d1, out var d2, out var d3);
        Quarters(a0, b0, c0, d0, columns);
        Quarters(a1, b1, c1, d1, columns + 1);
        Quarters(a2, b2, c2, d2, columns + 2);
        Quarters(a3, b3, c3, d3, columns + 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fours(float* source, nint step, out Vector512<float> first, out Vector512<float> second,
        out Vector512<float> third, out Vector512<float> fourth)
    {
        var (r0, r1) = (Vector512.Load(source), Vector512.Load(source + step));
        var (r2, r3) = (Vector512.Load(source + 2 * step), Vector512.Load(source + 3 * step));
        var (low01, high01) = (Avx512F.UnpackLow(r0, r1).AsDouble(), Avx512F.UnpackHigh(r0, r1).AsDouble());
        var (low23, high23) = (Avx512F.UnpackLow(r2, r3).AsDouble(), Avx512F.UnpackHigh(r2, r3).AsDouble());
        first = Avx512F.UnpackLow(low01, low23).AsSingle();
        second = Avx512F.UnpackHigh(low01, low23).AsSingle();
        third = Avx512F.UnpackLow(high01, high23).AsSingle();
        fourth = Avx512F.UnpackHigh(high01, high23).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, Vector512<float>* columns)
    {
        const byte Even = 0x88;
        const byte Odd = 0xDD;
        var (even0, even1) = (Avx512F.Shuffle4x128(a, b, Even), Avx512F.Shuffle4x128(c, d, Even));
        var (odd0, odd1) = (Avx512F.Shuffle4x128(a, b, Odd), Avx512F.Shuffle4x128(c, d, Odd));
        columns[0] = Avx512F.Shuffle4x128(even0, even1, Even);
        columns[4] = Avx512F.Shuffle4x128(odd0, odd1, Even);
        columns[8] = Avx512F.Shuffle4x128(even0, even1, Odd);
        columns[12] = Avx512F.Shuffle4x128(odd0, odd1, Odd);
    }
}
