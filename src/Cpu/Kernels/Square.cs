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

        if (!Avx512F.IsSupported)
        {
            for (var i = 0; i < Lanes.Count; i += 4, source += 4 * step)
            {
                for (var j = 0; j < Lanes.Count; j += 4)
                {
                    Four(source + j, source + step + j, source + 2 * step + j, source + 3 * step + j,
                        (float*)(columns + j) + i, Lanes.Count);
                }
            }

            return;
        }

        // Pairs, then fours of rows within each quarter of a register, then the quarters.
        var (a0, a1, a2, a3) = Fours(source, step);
        var (b0, b1, b2, b3) = Fours(source + 4 * step, step);
        var (c0, c1, c2, c3) = Fours(source + 8 * step, step);
        var (d0, d1, d2, d3) = Fours(source + 12 * step, step);
        Quarters(a0, b0, c0, d0, columns);
        Quarters(a1, b1, c1, d1, columns + 1);
        Quarters(a2, b2, c2, d2, columns + 2);
        Quarters(a3, b3, c3, d3, columns + 3);
    }

    /// <summary>Four columns of sixteen rows. Quarter q of register r has four of row 4q + r: so each quarter is
    /// transposed alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> P0, Vector512<float> P1, Vector512<float> P2, Vector512<float> P3) Fours(
        Vector512<float> r0, Vector512<float> r1, Vector512<float> r2, Vector512<float> r3)
    {
        var (low01, high01) = (Avx512F.UnpackLow(r0, r1).AsDouble(), Avx512F.UnpackHigh(r0, r1).AsDouble());
        var (low23, high23) = (Avx512F.UnpackLow(r2, r3).AsDouble(), Avx512F.UnpackHigh(r2, r3).AsDouble());
        return (Avx512F.UnpackLow(low01, low23).AsSingle(), Avx512F.UnpackHigh(low01, low23).AsSingle(),
            Avx512F.UnpackLow(high01, high23).AsSingle(), Avx512F.UnpackHigh(high01, high23).AsSingle());
    }

    /// <summary>Four rows of four to four columns, a step apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Four(float* row0, float* row1, float* row2, float* row3, float* target, nint step)
    {
        if (Sse.IsSupported)
        {
            var (r0, r1, r2, r3) = (Vector128.Load(row0), Vector128.Load(row1), Vector128.Load(row2), Vector128.Load(row3));
            var (low01, high01) = (Sse.UnpackLow(r0, r1), Sse.UnpackHigh(r0, r1));
            var (low23, high23) = (Sse.UnpackLow(r2, r3), Sse.UnpackHigh(r2, r3));
            Sse.MoveLowToHigh(low01, low23).Store(target);
            Sse.MoveHighToLow(low23, low01).Store(target + step);
            Sse.MoveLowToHigh(high01, high23).Store(target + 2 * step);
            Sse.MoveHighToLow(high23, high01).Store(target + 3 * step);
            return;
        }

        for (var i = 0; i < 4; i++, target += step)
        {
            (target[0], target[1], target[2], target[3]) = (row0[i], row1[i], row2[i], row3[i]);
        }
    }

    /// <summary>Four rows, transposed within each quarter of a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> P0, Vector512<float> P1, Vector512<float> P2, Vector512<float> P3) Fours(
        float* source, nint step) =>
        Fours(Vector512.Load(source), Vector512.Load(source + step),
            Vector512.Load(source + 2 * step), Vector512.Load(source + 3 * step));

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
