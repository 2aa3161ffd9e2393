using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>The transforms of Winograd's minimal filtering F(4×4, 3×3): a tile of 4 × 4 results from 6 × 6 inputs with
/// 36 products instead of 144, y = Aᵀ((G w Gᵀ) ⊙ (Bᵀ x B)) A; A. Lavin, S. Gray, Fast Algorithms for Convolutional
/// Neural Networks, 2015.</summary>
internal static unsafe class Winograd
{
    /// <summary>The edge of a tile of results.</summary>
    public const int Edge = 4;

    /// <summary>The edge of a tile of inputs, and of what is multiplied.</summary>
    public const int Wide = 6;

    /// <summary>The products of a tile.</summary>
    public const int Products = Wide * Wide;

    /// <summary>The elements of a kernel.</summary>
    public const int Kernel = 9;

    /// <summary>The floats of working memory of a transform.</summary>
    public const int Room = Products * Lanes.Count;

    /// <summary>y = M x Mᵀ for each of some channels, a multiple of sixteen: first columns are transformed, then
    /// rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Transform<M>(Field x, Field y, int channels, float* room)
        where M : IWinogradMatrix
    {
        for (nint c = 0; c < channels; c += Lanes.Count)
        {
            float* from = x.At + c, to = y.At + c;
            for (var j = 0; j < M.Columns; j++)
            {
                M.Times(from, x.Row, room + j * Lanes.Count, M.Columns * Lanes.Count);
                from += x.Column;
            }

            for (var i = 0; i < M.Rows; i++)
            {
                M.Times(room + i * M.Columns * Lanes.Count, Lanes.Count, to, y.Column);
                to += y.Row;
            }
        }
    }
}

/// <summary>Where the elements of a tile or a kernel are, each of some channels.</summary>
/// <param name="at">The first one.</param>
/// <param name="row">From row to row.</param>
/// <param name="column">From column to column.</param>
internal readonly unsafe struct Field(float* at, nint row, nint column)
{
    public readonly float* At = at;
    public readonly nint Row = row;
    public readonly nint Column = column;

    /// <summary>From another channel on.</summary>
    public Field Plus(int channel) => new(At + channel, Row, Column);

    /// <summary>Of a transformed one, whose elements are a distance apart.</summary>
    public static Field Transformed(float* at, nint distance) => new(at, Winograd.Wide * distance, distance);
}
