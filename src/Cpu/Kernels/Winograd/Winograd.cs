using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The transforms of Winograd's minimal filtering F(4×4, 3×3): a tile of 4 × 4 results from 6 × 6 inputs with 36 products instead of 144,
/// y = Aᵀ((G w Gᵀ) ⊙ (Bᵀ x B)) A; A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, 2015. Sixteen channels at a time; a
/// tile's elements lie where an array of addresses says, transformed ones a fixed distance apart.</summary>
internal static unsafe class Winograd
{
    /// <summary>The edge of a tile of results.</summary>
    public const int Edge = 4;

    /// <summary>The edge of a tile of inputs, and of what is multiplied.</summary>
    public const int Wide = 6;

    /// <summary>The products of a tile.</summary>
    public const int Products = Wide * Wide;

    /// <summary>v = Bᵀ x B.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(float** x, nint offset, float* v, nint distance)
    {
        var rows = stackalloc Vector512<float>[Products];
        for (var j = 0; j < Wide; j++)
        {
            var at = x + j;
            Input(Vector512.Load(at[0] + offset), Vector512.Load(at[6] + offset), Vector512.Load(at[12] + offset),
                Vector512.Load(at[18] + offset), Vector512.Load(at[24] + offset), Vector512.Load(at[30] + offset), rows + j, Wide);
        }

        var column = stackalloc Vector512<float>[Wide];
        for (var i = 0; i < Wide; i++)
        {
            var row = rows + i * Wide;
            Input(row[0], row[1], row[2], row[3], row[4], row[5], column, 1);
            for (var j = 0; j < Wide; j++)
            {
                column[j].Store(v + (i * Wide + j) * distance);
            }
        }
    }

    /// <summary>y = Aᵀ m A; results with no address are left out.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(float* m, nint distance, float** y, nint offset)
    {
        var rows = stackalloc Vector512<float>[Edge * Wide];
        for (var j = 0; j < Wide; j++)
        {
            var at = m + j * distance;
            var next = Wide * distance;
            Output(Vector512.Load(at), Vector512.Load(at + next), Vector512.Load(at + 2 * next),
                Vector512.Load(at + 3 * next), Vector512.Load(at + 4 * next), Vector512.Load(at + 5 * next), rows + j, Wide);
        }

        var column = stackalloc Vector512<float>[Edge];
        for (var i = 0; i < Edge; i++)
        {
            var row = rows + i * Wide;
            Output(row[0], row[1], row[2], row[3], row[4], row[5], column, 1);
            for (var j = 0; j < Edge; j++)
            {
                if (y[i * Edge + j] != null)
                {
                    column[j].Store(y[i * Edge + j] + offset);
                }
            }
        }
    }

    /// <summary>m = A dy Aᵀ, the transpose of <see cref="Output(float*, nint, float**, nint)"/>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cotangent(float** dy, nint offset, float* m, nint distance)
    {
        var rows = stackalloc Vector512<float>[Wide * Edge];
        for (var j = 0; j < Edge; j++)
        {
            var at = dy + j;
            Cotangent(Vector512.Load(at[0] + offset), Vector512.Load(at[4] + offset), Vector512.Load(at[8] + offset),
                Vector512.Load(at[12] + offset), rows + j, Edge);
        }

        var column = stackalloc Vector512<float>[Wide];
        for (var i = 0; i < Wide; i++)
        {
            var row = rows + i * Edge;
            Cotangent(row[0], row[1], row[2], row[3], column, 1);
            for (var j = 0; j < Wide; j++)
            {
                column[j].Store(m + (i * Wide + j) * distance);
            }
        }
    }

    /// <summary>u = G w Gᵀ: 3 × 3 vectors, a step apart, to 6 × 6, a distance apart.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights(Vector512<float>* w, int step, float* u, nint distance)
    {
        var rows = stackalloc Vector512<float>[Wide * 3];
        for (var j = 0; j < 3; j++)
        {
            Weights(w[j * step], w[(3 + j) * step], w[(6 + j) * step], rows + j, 3);
        }

        var column = stackalloc Vector512<float>[Wide];
        for (var i = 0; i < Wide; i++)
        {
            Weights(rows[i * 3], rows[i * 3 + 1], rows[i * 3 + 2], column, 1);
            for (var j = 0; j < Wide; j++)
            {
                column[j].Store(u + (i * Wide + j) * distance);
            }
        }
    }

    /// <summary>dw = Gᵀ du G, the transpose of <see cref="Weights(Vector512{float}*, int, float*, nint)"/>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient(Vector512<float>* du, Vector512<float>* dw)
    {
        var rows = stackalloc Vector512<float>[3 * Wide];
        for (var j = 0; j < Wide; j++)
        {
            Gradient(du[j], du[6 + j], du[12 + j], du[18 + j], du[24 + j], du[30 + j], rows + j, Wide);
        }

        for (var i = 0; i < 3; i++)
        {
            var row = rows + i * Wide;
            Gradient(row[0], row[1], row[2], row[3], row[4], row[5], dw + i * 3, 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> All(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Fma(float a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(All(a), b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Input(Vector512<float> x0, Vector512<float> x1, Vector512<float> x2, Vector512<float> x3,
        Vector512<float> x4, Vector512<float> x5, Vector512<float>* y, int step)
    {
        y[0] = Fma(4, x0, Fma(-5, x2, x4));
        y[step] = Fma(-4, x1 + x2, x3 + x4);
        y[2 * step] = Fma(4, x1 - x2, x4 - x3);
        y[3 * step] = Fma(2, x3 - x1, x4 - x2);
        y[4 * step] = Fma(2, x1 - x3, x4 - x2);
        y[5 * step] = Fma(4, x1, Fma(-5, x3, x5));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Output(Vector512<float> m0, Vector512<float> m1, Vector512<float> m2, Vector512<float> m3,
        Vector512<float> m4, Vector512<float> m5, Vector512<float>* y, int step)
    {
        var (sum, difference, wideSum, wideDifference) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
        y[0] = m0 + sum + wideSum;
        y[step] = Fma(2, wideDifference, difference);
        y[2 * step] = Fma(4, wideSum, sum);
        y[3 * step] = Fma(8, wideDifference, difference) + m5;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Cotangent(Vector512<float> y0, Vector512<float> y1, Vector512<float> y2, Vector512<float> y3,
        Vector512<float>* m, int step)
    {
        var (even, odd, wideEven, wideOdd) = (y0 + y2, y1 + y3, Fma(4, y2, y0), Fma(8, y3, y1 + y1));
        m[0] = y0;
        m[step] = even + odd;
        m[2 * step] = even - odd;
        m[3 * step] = wideEven + wideOdd;
        m[4 * step] = wideEven - wideOdd;
        m[5 * step] = y3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Weights(Vector512<float> w0, Vector512<float> w1, Vector512<float> w2, Vector512<float>* u, int step)
    {
        var (even, wideEven) = ((w0 + w2) * All(-1f / 6), Fma(1f / 6, w2, w0 * All(1f / 24)));
        u[0] = w0 * All(0.25f);
        u[step] = Fma(-1f / 6, w1, even);
        u[2 * step] = Fma(1f / 6, w1, even);
        u[3 * step] = Fma(1f / 12, w1, wideEven);
        u[4 * step] = Fma(-1f / 12, w1, wideEven);
        u[5 * step] = w2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gradient(Vector512<float> u0, Vector512<float> u1, Vector512<float> u2, Vector512<float> u3,
        Vector512<float> u4, Vector512<float> u5, Vector512<float>* w, int step)
    {
        var (sum, wideSum) = (u1 + u2, u3 + u4);
        w[0] = Fma(0.25f, u0, Fma(-1f / 6, sum, wideSum * All(1f / 24)));
        w[step] = Fma(1f / 6, u2 - u1, (u3 - u4) * All(1f / 12));
        w[2 * step] = Fma(1f / 6, wideSum - sum, u5);
    }
}
