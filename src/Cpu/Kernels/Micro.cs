using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Where the right side of a tile's product lies: 32 floats for each p.</summary>
internal unsafe interface IPanel
{
    /// <summary>The address of the floats of p.</summary>
    float* this[int p] { get; }
}

/// <summary>A packed panel: one p after the other.</summary>
internal readonly unsafe struct Packed(float* first) : IPanel
{
    public float* this[int p] => first + p * Micro.Columns;
}

/// <summary>A panel that is read where it lies, each p at an offset of its own.</summary>
internal readonly unsafe struct Scattered(float* first, int* offsets) : IPanel
{
    public float* this[int p] => first + offsets[p];
}

/// <summary>The innermost loops of matrix products: all sums stay in registers.</summary>
internal static unsafe class Micro
{
    /// <summary>The rows of a packed left panel.</summary>
    public const int Rows = 8;

    /// <summary>The columns of a packed right panel.</summary>
    public const int Columns = 32;

    /// <summary>The edge of the square of dot products that <see cref="Dots"/> computes.</summary>
    public const int Edge = 4;

    /// <summary>y[r, j] (+)= Σₚ a[p, r] · b[p, j] for 8 rows and 32 columns; the sum runs upwards over p, fused. The
    /// left panel holds 8 floats a p; y's rows are a stride apart, and are added to or overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Tile<TPanel>(int depth, float* a, TPanel b, float* y, nint stride, bool add)
        where TPanel : struct, IPanel
    {
        Vector512<float> l0 = default, l1 = default, l2 = default, l3 = default,
            l4 = default, l5 = default, l6 = default, l7 = default;
        Vector512<float> r0 = default, r1 = default, r2 = default, r3 = default,
            r4 = default, r5 = default, r6 = default, r7 = default;
        if (add)
        {
            (l0, r0) = (Vector512.Load(y), Vector512.Load(y + 16));
            (l1, r1) = (Vector512.Load(y + stride), Vector512.Load(y + stride + 16));
            (l2, r2) = (Vector512.Load(y + 2 * stride), Vector512.Load(y + 2 * stride + 16));
            (l3, r3) = (Vector512.Load(y + 3 * stride), Vector512.Load(y + 3 * stride + 16));
            (l4, r4) = (Vector512.Load(y + 4 * stride), Vector512.Load(y + 4 * stride + 16));
            (l5, r5) = (Vector512.Load(y + 5 * stride), Vector512.Load(y + 5 * stride + 16));
            (l6, r6) = (Vector512.Load(y + 6 * stride), Vector512.Load(y + 6 * stride + 16));
            (l7, r7) = (Vector512.Load(y + 7 * stride), Vector512.Load(y + 7 * stride + 16));
        }

        for (var p = 0; p < depth; p++, a += Rows)
        {
            var left = Vector512.Load(b[p]);
            var right = Vector512.Load(b[p] + 16);
            var row = Vector512.Create(a[0]);
            (l0, r0) = (Numerics.Fma(row, left, l0), Numerics.Fma(row, right, r0));
            row = Vector512.Create(a[1]);
            (l1, r1) = (Numerics.Fma(row, left, l1), Numerics.Fma(row, right, r1));
            row = Vector512.Create(a[2]);
            (l2, r2) = (Numerics.Fma(row, left, l2), Numerics.Fma(row, right, r2));
            row = Vector512.Create(a[3]);
            (l3, r3) = (Numerics.Fma(row, left, l3), Numerics.Fma(row, right, r3));
            row = Vector512.Create(a[4]);
            (l4, r4) = (Numerics.Fma(row, left, l4), Numerics.Fma(row, right, r4));
            row = Vector512.Create(a[5]);
            (l5, r5) = (Numerics.Fma(row, left, l5), Numerics.Fma(row, right, r5));
            row = Vector512.Create(a[6]);
            (l6, r6) = (Numerics.Fma(row, left, l6), Numerics.Fma(row, right, r6));
            row = Vector512.Create(a[7]);
            (l7, r7) = (Numerics.Fma(row, left, l7), Numerics.Fma(row, right, r7));
        }

        Store(y, l0, r0);
        Store(y + stride, l1, r1);
        Store(y + 2 * stride, l2, r2);
        Store(y + 3 * stride, l3, r3);
        Store(y + 4 * stride, l4, r4);
        Store(y + 5 * stride, l5, r5);
        Store(y + 6 * stride, l6, r6);
        Store(y + 7 * stride, l7, r7);
    }

    /// <summary>A tile of which y has only so many rows and columns: at an edge it is computed in
    /// <paramref name="room"/>, which holds a whole tile, and then copied.</summary>
    public static void Tile(int depth, float* a, Packed b, float* y, nint stride, bool add,
        int rows, int columns, float* room)
    {
        if (rows == Rows && columns == Columns)
        {
            Tile(depth, a, b, y, stride, add);
            return;
        }

        for (var r = 0; add && r < rows; r++)
        {
            new ReadOnlySpan<float>(y + r * stride, columns).CopyTo(new Span<float>(room + r * Columns, columns));
        }

        Tile(depth, a, b, room, Columns, add);
        for (var r = 0; r < rows; r++)
        {
            new ReadOnlySpan<float>(room + r * Columns, columns).CopyTo(new Span<float>(y + r * stride, columns));
        }
    }

    /// <summary>y[i, j] += Σₚ a[i, p] · b[j, p] for 4 × 4 rows; length is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Dots(int length, float* a, float* b, nint rowA, nint rowB, float* y, nint stride,
        int rows, int columns)
    {
        Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default,
            s10 = default, s11 = default, s12 = default, s13 = default;
        Vector512<float> s20 = default, s21 = default, s22 = default, s23 = default,
            s30 = default, s31 = default, s32 = default, s33 = default;
        for (var p = 0; p < length; p += Lanes.Count)
        {
            var b0 = Vector512.Load(b + p);
            var b1 = Vector512.Load(b + rowB + p);
            var b2 = Vector512.Load(b + 2 * rowB + p);
            var b3 = Vector512.Load(b + 3 * rowB + p);
            var row = Vector512.Load(a + p);
            (s00, s01, s02, s03) =
                (Numerics.Fma(row, b0, s00), Numerics.Fma(row, b1, s01),
                 Numerics.Fma(row, b2, s02), Numerics.Fma(row, b3, s03));
            row = Vector512.Load(a + rowA + p);
            (s10, s11, s12, s13) =
                (Numerics.Fma(row, b0, s10), Numerics.Fma(row, b1, s11),
                 Numerics.Fma(row, b2, s12), Numerics.Fma(row, b3, s13));
            row = Vector512.Load(a + 2 * rowA + p);
            (s20, s21, s22, s23) =
                (Numerics.Fma(row, b0, s20), Numerics.Fma(row, b1, s21),
                 Numerics.Fma(row, b2, s22), Numerics.Fma(row, b3, s23));
            row = Vector512.Load(a + 3 * rowA + p);
            (s30, s31, s32, s33) =
                (Numerics.Fma(row, b0, s30), Numerics.Fma(row, b1, s31),
                 Numerics.Fma(row, b2, s32), Numerics.Fma(row, b3, s33));
        }

        var sums = stackalloc float[Edge * Edge]
        {
            Sum(s00), Sum(s01), Sum(s02), Sum(s03), Sum(s10), Sum(s11), Sum(s12), Sum(s13),
            Sum(s20), Sum(s21), Sum(s22), Sum(s23), Sum(s30), Sum(s31), Sum(s32), Sum(s33),
        };
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                y[i * stride + j] += sums[i * Edge + j];
            }
        }
    }

    /// <summary>The sum of sixteen floats, halves first: written out, because the runtime's own order may differ
    /// between machines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> v)
    {
        var eight = v.GetLower() + v.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* y, Vector512<float> left, Vector512<float> right)
    {
        left.Store(y);
        right.Store(y + 16);
    }
}
