using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static AutoDiffCnn.WinogradTerms;

namespace AutoDiffCnn;

/// <summary>The transforms of Winograd's minimal filtering along a row, F(m, r) with m + r = 9: m neighbouring results of r taps from
/// eight inputs with eight products instead of m · r, y = Aᵀ((G w) ⊙ (Bᵀ x)). Its points are 0, 1, −1, 2, −2, ½, −½ and ∞.
/// A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, 2015.</summary>
internal static unsafe class RowWinograd
{
    /// <summary>The products of a tile.</summary>
    public const int Products = 8;

    /// <summary>m + r.</summary>
    public const int Span = Products + 1;

    /// <summary>The fewest taps: six results are the most that <see cref="Output"/> makes.</summary>
    public const int LeastTaps = 3;

    /// <summary>The most taps: with more there is little to gain.</summary>
    public const int MostTaps = 7;

    // So many tiles of cotangents ahead memory is asked.
    private const int Ahead = 4;

    private static readonly double[] Points = [0, 1, -1, 2, -2, 0.5, -0.5];

    private static readonly double[] Weights = [1, -2.0 / 9, -2.0 / 9, 1.0 / 90, 1.0 / 90, 32.0 / 45, 32.0 / 45];

    /// <summary>G[product, tap] of some taps, row by row.</summary>
    public static float[] G(int taps) => [.. from product in Enumerable.Range(0, Products) from tap in Enumerable.Range(0, taps) select
        product < Points.Length ? (float)(Weights[product] * Math.Pow(Points[product], tap)) : tap == taps - 1 ? 1 : 0];

    /// <summary>Bᵀ x of tiles that overlap: tile j begins at x + j · step. Sixteen floats are read and written where fewer
    /// count, so tiles are written by rising j.</summary>
    /// <param name="x">The first element.</param>
    /// <param name="count">The floats of an element.</param>
    /// <param name="step">From tile to tile in x.</param>
    /// <param name="tiles">How many tiles.</param>
    /// <param name="y">The first product; a tile has one element of each.</param>
    /// <param name="to">From product to product.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Inputs(float* x, nint count, nint step, int tiles, float* y, nint to)
    {
        for (var tile = 0; tile < tiles; tile++, x += step, y += count)
        {
            for (nint c = 0; c < count; c += Lanes.Count)
            {
                float* from = x + c, at = y + c;
                var (x0, x1, x2) = (Vector512.Load(from), Vector512.Load(from + count), Vector512.Load(from + 2 * count));
                var (x3, x4, x5) = (Vector512.Load(from + 3 * count), Vector512.Load(from + 4 * count), Vector512.Load(from + 5 * count));
                var (x6, x7) = (Vector512.Load(from + 6 * count), Vector512.Load(from + 7 * count));
                Fma(5.25f, x4 - x2, x0 - x6).Store(at);
                var (even, odd) = (Fma(-4.25f, x4, x2 + x6), Fma(-4.25f, x3, x1 + x5));
                (even + odd).Store(at + to);
                (even - odd).Store(at + 2 * to);
                (even, odd) = (Fma(0.25f, x2, Fma(-1.25f, x4, x6)), Fma(0.5f, x1, Fma(-2.5f, x3, x5 + x5)));
                (even + odd).Store(at + 3 * to);
                (even - odd).Store(at + 4 * to);
                (even, odd) = (Fma(4, x2, Fma(-5, x4, x6)), Fma(0.5f, x5, Fma(-2.5f, x3, x1 + x1)));
                (even + odd).Store(at + 5 * to);
                (even - odd).Store(at + 6 * to);
                Fma(5.25f, x3 - x5, x7 - x1).Store(at + 7 * to);
            }
        }
    }

    /// <summary>Aᵀ m for sixteen channels.</summary>
    /// <param name="m">The first product.</param>
    /// <param name="from">From product to product.</param>
    /// <param name="count">How many results a tile has.</param>
    /// <param name="y">The results.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output(float* m, nint from, int count, Vector512<float>* y)
    {
        var (m1, m2) = (Vector512.Load(m + from), Vector512.Load(m + 2 * from));
        var (m3, m4) = (Vector512.Load(m + 3 * from), Vector512.Load(m + 4 * from));
        var (m5, m6) = (Vector512.Load(m + 5 * from), Vector512.Load(m + 6 * from));
        var (sum, wide, narrow) = (m1 + m2, m3 + m4, m5 + m6);
        var (difference, wideDifference, narrowDifference) = (m1 - m2, m3 - m4, m5 - m6);
        y[0] = Vector512.Load(m) + sum + (wide + narrow);
        y[1] = Fma(2, wideDifference, Fma(0.5f, narrowDifference, difference));
        y[2] = Fma(4, wide, Fma(0.25f, narrow, sum));
        y[3] = Fma(8, wideDifference, Fma(0.125f, narrowDifference, difference));
        y[4] = Fma(16, wide, Fma(0.0625f, narrow, sum));
        y[5] = Fma(32, wideDifference, Fma(0.03125f, narrowDifference, difference));
        y[count - 1] += Vector512.Load(m + 7 * from);
    }

    /// <summary>A dy for a tile's cotangents of some channels, the transpose of <see cref="Output"/>.</summary>
    /// <param name="dy">The first cotangent.</param>
    /// <param name="from">From cotangent to cotangent.</param>
    /// <param name="inside">How many there are; others are zero.</param>
    /// <param name="count">How many a tile has.</param>
    /// <param name="channels">How many channels.</param>
    /// <param name="v">The first product.</param>
    /// <param name="to">From product to product, whole registers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Cotangent(float* dy, nint from, int inside, int count, int channels, float* v, nint to)
    {
        for (var c = 0; c < channels; c += Lanes.Count, dy += Lanes.Count, v += Lanes.Count)
        {
            var left = Math.Min(Lanes.Count, channels - c);
            for (var i = 0; i < count && Sse.IsSupported; i++)
            {
                Sse.Prefetch0(dy + (Ahead * count + i) * from);
            }

            var (y0, y1) = (At(dy, left, 0, inside), At(dy + from, left, 1, inside));
            var (y2, y3) = (At(dy + 2 * from, left, 2, inside), At(dy + 3 * from, left, 3, inside));
            var (y4, y5) = (At(dy + 4 * from, left, 4, inside), At(dy + 5 * from, left, 5, inside));
            y0.Store(v);
            var (even, odd) = (y0 + y2 + y4, y1 + y3 + y5);
            (even + odd).Store(v + to);
            (even - odd).Store(v + 2 * to);
            (even, odd) = (Fma(16, y4, Fma(4, y2, y0)), Fma(32, y5, Fma(8, y3, y1 + y1)));
            (even + odd).Store(v + 3 * to);
            (even - odd).Store(v + 4 * to);
            (even, odd) = (Fma(0.0625f, y4, Fma(0.25f, y2, y0)), Fma(0.03125f, y5, Fma(0.125f, y3, y1 * All(0.5f))));
            (even + odd).Store(v + 5 * to);
            (even - odd).Store(v + 6 * to);
            (count switch { 2 => y1, 3 => y2, 4 => y3, 5 => y4, _ => y5 }).Store(v + 7 * to);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector512<float> At(float* dy, int left, int i, int inside) =>
            i < inside ? Tail.LoadMostly(dy, left) : default;
    }

    /// <summary>B u of a tile, the transpose of <see cref="Inputs"/>.</summary>
    /// <param name="u">The first product.</param>
    /// <param name="from">From product to product.</param>
    /// <param name="x">The eight elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Elements(float* u, nint from, Vector512<float>* x)
    {
        var (u0, u7) = (Vector512.Load(u), Vector512.Load(u + 7 * from));
        var (u1, u2) = (Vector512.Load(u + from), Vector512.Load(u + 2 * from));
        var (u3, u4) = (Vector512.Load(u + 3 * from), Vector512.Load(u + 4 * from));
        var (u5, u6) = (Vector512.Load(u + 5 * from), Vector512.Load(u + 6 * from));
        var (sum, wide, narrow) = (u1 + u2, u3 + u4, u5 + u6);
        var (difference, wideDifference, narrowDifference) = (u1 - u2, u3 - u4, u5 - u6);
        x[0] = u0;
        x[1] = Fma(0.5f, wideDifference, Fma(2, narrowDifference, difference - u7));
        x[2] = Fma(-5.25f, u0, Fma(0.25f, wide, Fma(4, narrow, sum)));
        x[3] = Fma(-4.25f, difference, Fma(-2.5f, wideDifference + narrowDifference, u7 * All(5.25f)));
        x[4] = Fma(-4.25f, sum, Fma(-1.25f, wide, Fma(-5, narrow, u0 * All(5.25f))));
        x[5] = Fma(2, wideDifference, Fma(0.5f, narrowDifference, Fma(-5.25f, u7, difference)));
        x[6] = sum + (wide + narrow) - u0;
        x[7] = u7;
    }
}
