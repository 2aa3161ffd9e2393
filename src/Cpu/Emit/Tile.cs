using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>The innermost loop of products and convolutions: y[r, j] (+)= Σᵢ Σₜ Σₚ a[i, t, r, p] · b[i, t, p, j], for a fixed number of rows
/// and columns whose sums stay in registers. All distances are in floats.</summary>
/// <param name="Rows">How many r.</param>
/// <param name="Columns">How many j; b has whole vectors of them.</param>
/// <param name="RowA">From row to row in a.</param>
/// <param name="DepthA">From p to p in a.</param>
/// <param name="DepthB">From p to p in b.</param>
/// <param name="RowY">From row to row in y.</param>
/// <param name="Taps">The t: where each begins, and which rows it goes to.</param>
/// <param name="Add">Whether the sums begin with what is in y.</param>
/// <param name="Lanewise">Whether a has columns of its own, as in a depthwise convolution: a[i, t, r, p, j] instead of a[i, t, r, p].</param>
/// <remarks>Each sum runs over i, then t, then p, fused: its bits do not depend on the tile's size or on the width of a register.</remarks>
internal sealed record Tile(
    int Rows, int Columns, long RowA, long DepthA, long DepthB, long RowY, ImmutableArray<Tap> Taps, bool Add = false,
    bool Lanewise = false)
{
    // About so many products are written out in a loop's body, so that counting does not matter.
    private const int Body = 24;

    /// <summary>The one tap of a plain product.</summary>
    public static ImmutableArray<Tap> Plain(int rows) => [new Tap(0, 0, 0, rows)];

    /// <summary>The most rows for some columns: sums, one row's a and the columns of b fill the registers.</summary>
    public static int MostRows(int columns) => Vectors(columns) is var v && Code.Registers == 32
        ? v switch { 1 => 28, 2 => 14, 3 => 8, _ => 6 }
        : v switch { 1 => 12, 2 => 6, 3 => 4, _ => 2 };

    private static int Vectors(int columns) => (columns + Code.Width - 1) / Code.Width;

    /// <summary>The tile as a method.</summary>
    public Code.Compiled Emit()
    {
        var code = new Code($"tile {Rows}x{Columns}");
        var (a, b, y) = (code.Address(0), code.Address(1), code.Address(2));
        var (outer, depth, stepA, stepB) = (code.Argument(3), code.Argument(4), code.Argument(5), code.Argument(6));
        var sums = new Code.Vector[Rows, Vectors(Columns)];
        for (var r = 0; r < Rows; r++)
        {
            for (var v = 0; v < sums.GetLength(1); v++)
            {
                sums[r, v] = Add ? code.Load(y, r * RowY + v * Code.Width) : code.Zero();
            }
        }

        code.Repeat(outer, () =>
        {
            foreach (var tap in Taps)
            {
                Sum(code, tap, a, b, depth, sums);
            }

            code.Advance(a, stepA);
            code.Advance(b, stepB);
        });

        for (var r = 0; r < Rows; r++)
        {
            for (var v = 0; v < sums.GetLength(1); v++)
            {
                code.Store(sums[r, v], y, r * RowY + v * Code.Width, Columns - v * Code.Width);
            }
        }

        return code.Finish();
    }

    private void Sum(Code code, Tap tap, Code.Pointer a, Code.Pointer b, Code.Number depth, Code.Vector[,] sums)
    {
        var (from, to) = (code.At(a, tap.A), code.At(b, tap.B));
        var products = Math.Max(1, (tap.End - tap.First) * sums.GetLength(1));
        var times = Math.Clamp(Body / products, 1, 8);
        if (times > 1)
        {
            code.Repeat(code.Divide(depth, times), () => Products(times));
            code.Repeat(code.Divide(depth, times, remainder: true), () => Products(1));
        }
        else
        {
            code.Repeat(depth, () => Products(1));
        }

        void Products(int count)
        {
            for (var p = 0; p < count; p++)
            {
                var columns = new Code.Vector[sums.GetLength(1)];
                for (var v = 0; v < columns.Length; v++)
                {
                    columns[v] = code.Load(to, p * DepthB + v * Code.Width);
                }

                for (var r = tap.First; r < tap.End; r++)
                {
                    var place = r * RowA + p * DepthA;
                    var row = Lanewise ? default : code.Spread(from, place);
                    for (var v = 0; v < columns.Length; v++)
                    {
                        code.Fma(sums[r, v], Lanewise ? code.Load(from, place + v * Code.Width) : row, columns[v]);
                    }
                }
            }

            code.Advance(from, count * DepthA);
            code.Advance(to, count * DepthB);
        }
    }

    /// <inheritdoc/>
    public bool Equals(Tile? other) => other is not null
        && (Rows, Columns, RowA, DepthA, DepthB, RowY, Add, Lanewise)
            == (other.Rows, other.Columns, other.RowA, other.DepthA, other.DepthB, other.RowY, other.Add, other.Lanewise)
        && Taps.AsSpan().SequenceEqual(other.Taps.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rows, Columns, RowA, DepthA, DepthB, RowY, Taps.Length, Taps.FirstOrDefault());
}

/// <summary>One t of a <see cref="Tile"/>: where its a and b begin, and the rows First … End − 1 that it goes to.</summary>
internal readonly record struct Tap(long A, long B, int First, int End);
