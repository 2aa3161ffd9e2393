using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>What a <see cref="ProductTile"/> works on. All distances are in floats.</summary>
/// <param name="A">a[0, 0]; from row to row is the tile's own.</param>
/// <param name="DepthA">From p to p in a.</param>
/// <param name="B">b[0, 0].</param>
/// <param name="DepthB">From p to p in b.</param>
/// <param name="Y">y[0, 0].</param>
/// <param name="RowY">From row to row in y.</param>
/// <param name="Depth">How many p.</param>
/// <param name="Columns">How many j of the last register y has; at least 1.</param>
/// <param name="Add">1 if the sums begin with what is in y, 0 if with zero.</param>
/// <param name="NextY">The y of the next tile, which is asked for in advance.</param>
/// <param name="NextB">A part of the next b, which is asked for in advance.</param>
/// <param name="StepB">How much of it for each p.</param>
internal unsafe record struct Product(
    nint A, nint DepthA, nint B, nint DepthB, nint Y, nint RowY, nint Depth, nint Columns, nint Add,
    nint NextY, nint NextB, nint StepB);

/// <summary>The innermost loop of matrix products: y[r, j] (+)= Σₚ a[r, p] · b[p, j] for a fixed number of rows, and
/// of registers of columns, whose sums stay in registers. Each sum runs upwards over p, fused.</summary>
/// <param name="Rows">How many r.</param>
/// <param name="Vectors">How many registers the j fill; b has whole ones of them.</param>
/// <param name="RowA">From row to row in a.</param>
/// <remarks>Other than with <see cref="Tile"/> the distances come with each call,
/// so that products of any sizes share a few methods.</remarks>
internal sealed record ProductTile(int Rows, int Vectors, long RowA)
{
    // About so many products are written out in a loop's body, so that counting does not matter.
    private const int Body = 24;

    /// <summary>The tile as a method, whose arguments are a <see cref="Product"/>.</summary>
    public Code.Compiled Emit()
    {
        var code = new Code($"product {Rows}x{Vectors}");
        var (a, b, y) = (code.Address(0), code.Address(2), code.Address(4));
        var (depthA, depthB, rowY) = (code.Argument(1), code.Argument(3), code.Argument(5));
        var (depth, columns, add) = (code.Argument(6), code.Argument(7), code.Argument(8));
        var sums = new Code.Vector[Rows, Vectors];
        Each((r, v) => sums[r, v] = code.Zero());
        code.When(add, () => Walk(code, y, rowY, (at, r, v) =>
        {
            if (v == Vectors - 1)
            {
                code.Fill(sums[r, v], at, v * Code.Width, columns);
            }
            else
            {
                code.Fill(sums[r, v], at, v * Code.Width);
            }
        }));
        Walk(code, code.Address(9), rowY, (at, _, v) => code.Prefetch(at, v * Code.Width, first: true));
        Sum(code, (a, depthA), (b, depthB), (code.Address(10), code.Argument(11)), depth, sums);
        Walk(code, y, rowY, (at, r, v) =>
        {
            if (v == Vectors - 1)
            {
                code.Store(sums[r, v], at, v * Code.Width, columns);
            }
            else
            {
                code.Store(sums[r, v], at, v * Code.Width, Code.Width);
            }
        });
        return code.Finish();
    }

    private void Sum(Code code, (Code.Pointer At, Code.Number Step) a, (Code.Pointer At, Code.Number Step) b,
        (Code.Pointer At, Code.Number Step) next, Code.Number depth, Code.Vector[,] sums)
    {
        var times = Math.Clamp(Body / (Rows * Vectors), 1, 8);
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
                var columns = new Code.Vector[Vectors];
                for (var v = 0; v < Vectors; v++)
                {
                    columns[v] = code.Load(b.At, v * Code.Width);
                }

                for (var r = 0; r < Rows; r++)
                {
                    var row = code.Spread(a.At, r * RowA);
                    for (var v = 0; v < Vectors; v++)
                    {
                        code.Fma(sums[r, v], row, columns[v]);
                    }
                }

                code.Prefetch(next.At, 0, first: false);
                code.Advance(next.At, next.Step);
                code.Advance(a.At, a.Step);
                code.Advance(b.At, b.Step);
            }
        }
    }

    private void Walk(Code code, Code.Pointer y, Code.Number rowY, Action<Code.Pointer, int, int> visit)
    {
        var at = code.At(y, 0);
        for (var r = 0; r < Rows; r++)
        {
            for (var v = 0; v < Vectors; v++)
            {
                visit(at, r, v);
            }

            code.Advance(at, rowY);
        }
    }

    private void Each(Action<int, int> visit)
    {
        for (var r = 0; r < Rows; r++)
        {
            for (var v = 0; v < Vectors; v++)
            {
                visit(r, v);
            }
        }
    }

    /// <summary>The same without a method of its own, by registers of sixteen.</summary>
    public static unsafe void Interpret(in Product product, int rows, int vectors, long rowA)
    {
        for (var r = 0; r < rows; r++)
        {
            for (var v = 0; v < vectors; v++)
            {
                var from = (float*)product.A + r * rowA;
                var to = (float*)product.B + v * Lanes.Count;
                var y = (float*)product.Y + r * product.RowY + v * Lanes.Count;
                var count = v == vectors - 1 ? (int)product.Columns : Lanes.Count;
                var sum = product.Add != 0 ? Tail.Load512(y, count) : default;
                for (nint p = 0; p < product.Depth; p++, from += product.DepthA, to += product.DepthB)
                {
                    sum = Numerics.Fma(Vector512.Create(*from), Vector512.Load(to), sum);
                }

                Tail.Store(sum, y, count);
            }
        }
    }
}
