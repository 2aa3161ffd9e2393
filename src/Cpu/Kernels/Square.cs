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
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Transpose(float* source, nint step, int rows, int count, Vector512<float>* columns)
    {
        var row = stackalloc float*[Lanes.Count];
        for (var i = 0; i < Lanes.Count; i++)
        {
            row[i] = source + Math.Min(i, rows - 1) * step;
        }

        if (!Avx512F.IsSupported)
        {
            for (var i = 0; i < count * Lanes.Count; i++)
            {
                ((float*)columns)[i] = row[i % Lanes.Count][i / Lanes.Count];
            }

            return;
        }

        // Pairs, then fours of rows within each quarter of a register, then the quarters.
        var fours = stackalloc Vector512<float>[Lanes.Count];
        for (var i = 0; i < Lanes.Count; i += 4)
        {
            var (r0, r1, r2, r3) = (Tail.Load512(row[i], count), Tail.Load512(row[i + 1], count),
                Tail.Load512(row[i + 2], count), Tail.Load512(row[i + 3], count));
            var (low01, high01) = (Avx512F.UnpackLow(r0, r1).AsDouble(), Avx512F.UnpackHigh(r0, r1).AsDouble());
            var (low23, high23) = (Avx512F.UnpackLow(r2, r3).AsDouble(), Avx512F.UnpackHigh(r2, r3).AsDouble());
            fours[i] = Avx512F.UnpackLow(low01, low23).AsSingle();
            fours[i + 1] = Avx512F.UnpackHigh(low01, low23).AsSingle();
            fours[i + 2] = Avx512F.UnpackLow(high01, high23).AsSingle();
            fours[i + 3] = Avx512F.UnpackHigh(high01, high23).AsSingle();
        }

        const byte Even = 0x88;
        const byte Odd = 0xDD;
        for (var q = 0; q < 4; q++)
        {
            var (even0, even1) = (Avx512F.Shuffle4x128(fours[q], fours[q + 4], Even), Avx512F.Shuffle4x128(fours[q + 8], fours[q + 12], Even));
            var (odd0, odd1) = (Avx512F.Shuffle4x128(fours[q], fours[q + 4], Odd), Avx512F.Shuffle4x128(fours[q + 8], fours[q + 12], Odd));
            columns[q] = Avx512F.Shuffle4x128(even0, even1, Even);
            columns[q + 4] = Avx512F.Shuffle4x128(odd0, odd1, Even);
            columns[q + 8] = Avx512F.Shuffle4x128(even0, even1, Odd);
            columns[q + 12] = Avx512F.Shuffle4x128(odd0, odd1, Odd);
        }
    }
}
