using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static AutoDiffCnn.WinogradTerms;

namespace AutoDiffCnn;

/// <summary>Winograd's transforms of what is small enough to stay in registers.</summary>
internal static unsafe class WinogradKernels
{
    /// <summary>u = G w Gᵀ for each of some channels, a multiple of sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Weights(Field w, Field u, int channels)
    {
        for (var c = 0; c < channels; c += Lanes.Count)
        {
            float* from = w.At + c, to = u.At + c;
            var (w00, w01, w02) = (Vector512.Load(from), Vector512.Load(from + w.Column), Vector512.Load(from + 2 * w.Column));
            from += w.Row;
            var (w10, w11, w12) = (Vector512.Load(from), Vector512.Load(from + w.Column), Vector512.Load(from + 2 * w.Column));
            from += w.Row;
            var (w20, w21, w22) = (Vector512.Load(from), Vector512.Load(from + w.Column), Vector512.Load(from + 2 * w.Column));
            Row(w00 * All(0.25f), w01 * All(0.25f), w02 * All(0.25f), to, u.Column);
            var (e0, e1, e2) = ((w00 + w20) * All(-1f / 6), (w01 + w21) * All(-1f / 6), (w02 + w22) * All(-1f / 6));
            to += u.Row;
            Row(Fma(-1f / 6, w10, e0), Fma(-1f / 6, w11, e1), Fma(-1f / 6, w12, e2), to, u.Column);
            to += u.Row;
            Row(Fma(1f / 6, w10, e0), Fma(1f / 6, w11, e1), Fma(1f / 6, w12, e2), to, u.Column);
            (e0, e1) = (Fma(1f / 6, w20, w00 * All(1f / 24)), Fma(1f / 6, w21, w01 * All(1f / 24)));
            e2 = Fma(1f / 6, w22, w02 * All(1f / 24));
            to += u.Row;
            Row(Fma(1f / 12, w10, e0), Fma(1f / 12, w11, e1), Fma(1f / 12, w12, e2), to, u.Column);
            to += u.Row;
            Row(Fma(-1f / 12, w10, e0), Fma(-1f / 12, w11, e1), Fma(-1f / 12, w12, e2), to, u.Column);
            to += u.Row;
            Row(w20, w21, w22, to, u.Column);
        }
    }

    /// <summary>The same of the turned kernels of sixteen targets, whose channels lie along rows: sixteen of them at a
    /// time.</summary>
    /// <param name="rows">The first element, its rows.</param>
    /// <param name="element">From element to element of the kernel.</param>
    /// <param name="step">From row to row, target to target.</param>
    /// <param name="count">How many channels.</param>
    /// <param name="u">Where the first channel's go.</param>
    /// <param name="to">From channel to channel there.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void TurnedWeights(float* rows, nint element, nint step, int count, Field u, int to)
    {
        var columns = stackalloc Vector512<float>[Winograd.Kernel * Lanes.Count];
        for (var channel = 0; channel < count; channel += Lanes.Count)
        {
            for (var k = 0; k < Winograd.Kernel; k++)
            {
                Square.Transpose(rows + k * element + channel, step, Lanes.Count, Lanes.Count,
                    columns + (Winograd.Kernel - 1 - k) * Lanes.Count);
            }

            for (var c = 0; c < Lanes.Count; c++)
            {
                Weights(new((float*)(columns + c), 3 * Square.Size, Square.Size), u.Plus((channel + c) * to), Lanes.Count);
            }
        }
    }

    /// <summary>dw = Gᵀ du G for each of some channels, a multiple of sixteen: the transpose of
    /// <see cref="Weights"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Gradient(Field du, Field dw, int channels)
    {
        for (var c = 0; c < channels; c += Lanes.Count)
        {
            float* from = du.At + c, to = dw.At + c;
            Row(from, du.Column, out var a0, out var b0, out var c0);
            Row(from + du.Row, du.Column, out var a1, out var b1, out var c1);
            Row(from + 2 * du.Row, du.Column, out var a2, out var b2, out var c2);
            Row(from + 3 * du.Row, du.Column, out var a3, out var b3, out var c3);
            Row(from + 4 * du.Row, du.Column, out var a4, out var b4, out var c4);
            Row(from + 5 * du.Row, du.Column, out var a5, out var b5, out var c5);
            Column(a0, a1, a2, a3, a4, a5, to, dw.Row);
            Column(b0, b1, b2, b3, b4, b5, to + dw.Column, dw.Row);
            Column(c0, c1, c2, c3, c4, c5, to + 2 * dw.Column, dw.Row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(float* u, nint from, out Vector512<float> w0, out Vector512<float> w1, out Vector512<float> w2)
    {
        var (u0, u1, u2) = (Vector512.Load(u), Vector512.Load(u + from), Vector512.Load(u + 2 * from));
        var (u3, u4, u5) = (Vector512.Load(u + 3 * from), Vector512.Load(u + 4 * from), Vector512.Load(u + 5 * from));
        var (sum, wideSum) = (u1 + u2, u3 + u4);
        w0 = Fma(0.25f, u0, Fma(-1f / 6, sum, wideSum * All(1f / 24)));
        w1 = Fma(1f / 6, u2 - u1, (u3 - u4) * All(1f / 12));
        w2 = Fma(1f / 6, wideSum - sum, u5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column(Vector512<float> u0, Vector512<float> u1, Vector512<float> u2, Vector512<float> u3, Vector512<float> u4,
        Vector512<float> u5, float* w, nint to)
    {
        var (sum, wideSum) = (u1 + u2, u3 + u4);
        Fma(0.25f, u0, Fma(-1f / 6, sum, wideSum * All(1f / 24))).Store(w);
        Fma(1f / 6, u2 - u1, (u3 - u4) * All(1f / 12)).Store(w + to);
        Fma(1f / 6, wideSum - sum, u5).Store(w + 2 * to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(Vector512<float> w0, Vector512<float> w1, Vector512<float> w2, float* u, nint to)
    {
        var (even, wideEven) = ((w0 + w2) * All(-1f / 6), Fma(1f / 6, w2, w0 * All(1f / 24)));
        (w0 * All(0.25f)).Store(u);
        Fma(-1f / 6, w1, even).Store(u + to);
        Fma(1f / 6, w1, even).Store(u + 2 * to);
        Fma(1f / 12, w1, wideEven).Store(u + 3 * to);
        Fma(-1f / 12, w1, wideEven).Store(u + 4 * to);
        w2.Store(u + 5 * to);
    }
}
