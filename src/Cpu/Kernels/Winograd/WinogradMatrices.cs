using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static AutoDiffCnn.WinogradTerms;

namespace AutoDiffCnn;

/// <summary>One of the matrices that <see cref="Winograd"/> transforms with.</summary>
internal unsafe interface IWinogradMatrix
{
    /// <summary>Its height.</summary>
    static abstract int Rows { get; }

    /// <summary>Its width.</summary>
    static abstract int Columns { get; }

    /// <summary>y = M x for sixteen channels.</summary>
    /// <param name="x">The first element.</param>
    /// <param name="from">From element to element in x.</param>
    /// <param name="y">The first result.</param>
    /// <param name="to">From result to result in y.</param>
    static abstract void Times(float* x, nint from, float* y, nint to);
}

/// <summary>Short names for what the matrices' products are written with.</summary>
internal static class WinogradTerms
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> All(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fma(float a, Vector512<float> b, Vector512<float> c) =>
        Numerics.Fma(All(a), b, c);
}

/// <summary>Bᵀ: v = Bᵀ x B.</summary>
internal readonly unsafe struct WinogradInput : IWinogradMatrix
{
    public static int Rows => 6;

    public static int Columns => 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Times(float* x, nint from, float* y, nint to)
    {
        var (x0, x1, x2) = (Vector512.Load(x), Vector512.Load(x + from), Vector512.Load(x + 2 * from));
        var (x3, x4, x5) = (Vector512.Load(x + 3 * from), Vector512.Load(x + 4 * from), Vector512.Load(x + 5 * from));
        Fma(4, x0, Fma(-5, x2, x4)).Store(y);
        Fma(-4, x1 + x2, x3 + x4).Store(y + to);
        Fma(4, x1 - x2, x4 - x3).Store(y + 2 * to);
        Fma(2, x3 - x1, x4 - x2).Store(y + 3 * to);
        Fma(2, x1 - x3, x4 - x2).Store(y + 4 * to);
        Fma(4, x1, Fma(-5, x3, x5)).Store(y + 5 * to);
    }
}

/// <summary>Aᵀ: y = Aᵀ m A.</summary>
internal readonly unsafe struct WinogradOutput : IWinogradMatrix
{
    public static int Rows => 4;

    public static int Columns => 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Times(float* x, nint from, float* y, nint to)
    {
        var (m0, m1, m2) = (Vector512.Load(x), Vector512.Load(x + from), Vector512.Load(x + 2 * from));
        var (m3, m4, m5) = (Vector512.Load(x + 3 * from), Vector512.Load(x + 4 * from), Vector512.Load(x + 5 * from));
        var (sum, difference, wideSum, wideDifference) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
        (m0 + sum + wideSum).Store(y);
        Fma(2, wideDifference, difference).Store(y + to);
        Fma(4, wideSum, sum).Store(y + 2 * to);
        (Fma(8, wideDifference, difference) + m5).Store(y + 3 * to);
    }
}

/// <summary>A: m = A dy Aᵀ, the transpose of <see cref="WinogradOutput"/>.</summary>
internal readonly unsafe struct WinogradCotangent : IWinogradMatrix
{
    public static int Rows => 6;

    public static int Columns => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Times(float* x, nint from, float* y, nint to)
    {
        var (y0, y1) = (Vector512.Load(x), Vector512.Load(x + from));
        var (y2, y3) = (Vector512.Load(x + 2 * from), Vector512.Load(x + 3 * from));
        var (even, odd, wideEven, wideOdd) = (y0 + y2, y1 + y3, Fma(4, y2, y0), Fma(8, y3, y1 + y1));
        y0.Store(y);
        (even + odd).Store(y + to);
        (even - odd).Store(y + 2 * to);
        (wideEven + wideOdd).Store(y + 3 * to);
        (wideEven - wideOdd).Store(y + 4 * to);
        y3.Store(y + 5 * to);
    }
}
