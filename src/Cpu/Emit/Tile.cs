using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>The innermost loop of products and convolutions: y[r, j] (+)= Σᵢ Σₜ Σₚ a[i, t, r, p] · b[i, t, p, j], for
/// a fixed number of rows and columns whose sums stay in registers. All distances are in floats.</summary>
/// <param name="Rows">How many r.</param>
/// <param name="Columns">How many j; b has whole vectors of them.</param>
/// <param name="RowA">From row to row in a.</param>
/// <param name="DepthA">From p to p in a.</param>
/// <param name="DepthB">From p to p in b.</param>
/// <param name="RowY">From row to row in y.</param>
/// <param name="Taps">The t: where each begins, and which rows it goes to.</param>
/// <param name="Add">Whether what is in y is added in the end: many short sums lose less than a long one.</param>
/// <param name="Left">What a is.</param>
/// <param name="Asks">Whether what lies behind the rows of a is asked for meanwhile, a line for each p: the next tile's
/// rows.</param>
/// <param name="Streams">Whether y is written past the caches.</param>
/// <param name="Epilogue">What is done to sums before they are written.</param>
/// <remarks>Each sum runs over i, then t, then p, fused: its bits do not depend on the tile's size or on the width of
/// a register.</remarks>
internal sealed record Tile(
    int Rows, int Columns, long RowA, long DepthA, long DepthB, long RowY, ImmutableArray<Tap> Taps, bool Add = false,
    Left Left = default, bool Asks = false, bool Streams = false, EpilogueForm? Epilogue = null)
{
    /// <summary>The arguments before those of the epilogue.</summary>
    public const int Arguments = 7;

    // About so many products are written out in a loop's body, so that counting does not matter.
    private const int Body = 24;

    /// <summary>The one tap of a plain product.</summary>
    public static ImmutableArray<Tap> Plain(int rows) => [new Tap(0, 0, 0, rows)];

    /// <summary>The most rows for some columns: sums, one row's a and the columns of b fill the registers.</summary>
    public static int MostRows(int columns)
    {
        var vectors = (columns + Code.Width - 1) / Code.Width;
        return Math.Clamp((Code.Registers - 1 - vectors) / vectors, 1, 28);
    }

    /// <summary>Where each register of a row's columns finds its a, b and y, and how many columns it has.</summary>
    private ImmutableArray<Register> Registers()
    {
        var registers = ImmutableArray.CreateBuilder<Register>();
        if (Left.Kind == LeftKind.Shared)
        {
            // Lane by lane, so that each a is loaded once.
            for (var lane = 0; lane < Lanes.Count; lane += Code.Width)
            {
                for (var column = 0; column < Columns / Lanes.Count; column++)
                {
                    registers.Add(new(lane, column * Left.ColumnB + lane, column * Left.ColumnY + lane, Code.Width));
                }
            }

            return registers.ToImmutable();
        }

        for (var j = 0; j < Columns; j += Code.Width)
        {
            registers.Add(new(0, j, j, Columns - j));
        }

        return registers.ToImmutable();
    }

    /// <summary>The tile as a method.</summary>
    public Code.Compiled Emit()
    {
        var code = new Code($"tile {Rows}x{Columns}");
        var (a, b, y) = (code.Address(0), code.Address(1), code.Address(2));
        var (outer, depth, stepA, stepB) = (code.Argument(3), code.Argument(4), code.Argument(5), code.Argument(6));
        var registers = Registers();
        var sums = new Code.Vector[Rows, registers.Length];
        for (var r = 0; r < Rows; r++)
        {
            for (var v = 0; v < registers.Length; v++)
            {
                sums[r, v] = code.Zero();
            }
        }

        code.Repeat(outer, () =>
        {
            var ahead = Asks ? code.At(a, Rows * RowA) : null;
            foreach (var tap in Taps)
            {
                Sum(code, tap, registers, a, b, depth, sums, ahead);
            }

            code.Advance(a, stepA);
            code.Advance(b, stepB);
        });

        // Only here, so that nothing of it takes a register from the sums.
        var ending = Epilogue is null ? null : new EpilogueCode(code, Epilogue, y, Arguments);
        for (var r = 0; r < Rows; r++)
        {
            for (var v = 0; v < registers.Length; v++)
            {
                var place = r * RowY + registers[v].Y;
                var sum = Add ? code.Add(sums[r, v], code.Load(y, place)) : sums[r, v];
                if (ending is null)
                {
                    code.Store(sum, y, place, registers[v].Count, Streams);
                }
                else
                {
                    ending.Store(sum, y, place, Streams, registers[v].Y, r);
                }
            }
        }

        return code.Finish();
    }

    private void Sum(Code code, Tap tap, ImmutableArray<Register> registers, Code.Pointer a, Code.Pointer b, Code.Number depth,
        Code.Vector[,] sums, Code.Pointer? ahead)
    {
        var (from, to) = (code.At(a, tap.A), code.At(b, tap.B));
        var products = Math.Max(1, (tap.End - tap.First) * registers.Length);
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
                if (ahead is not null)
                {
                    code.Prefetch(ahead, p * Lanes.Count, first: true);
                }

                var columns = registers.Select(register => code.Load(to, p * DepthB + register.B)).ToArray();
                for (var r = tap.First; r < tap.End; r++)
                {
                    Row(r, p, columns);
                }
            }

            code.Advance(from, count * DepthA);
            code.Advance(to, count * DepthB);
            if (ahead is not null)
            {
                code.Advance(ahead, count * Lanes.Count);
            }
        }

        void Row(int r, int p, Code.Vector[] columns)
        {
            var place = r * RowA + p * DepthA;
            Code.Vector? left = null;
            for (var v = 0; v < columns.Length; v++)
            {
                if (left is null || registers[v].A != registers[v - 1].A)
                {
                    left = Left.Kind == LeftKind.Number ? code.Spread(from, place) : code.Load(from, place + registers[v].A);
                }

                code.Fma(sums[r, v], left, columns[v]);
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(Tile? other) => other is not null
        && (Rows, Columns, RowA, DepthA, DepthB, RowY, Add, Left, Asks, Streams, Epilogue) == (other.Rows, other.Columns, other.RowA,
            other.DepthA, other.DepthB, other.RowY, other.Add, other.Left, other.Asks, other.Streams, other.Epilogue)
        && Taps.AsSpan().SequenceEqual(other.Taps.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rows, Columns, RowA, DepthA, DepthB, RowY, Taps.Length, Taps.FirstOrDefault());
}

/// <summary>One t of a <see cref="Tile"/>: where its a and b begin, and the rows First … End − 1 that it goes
/// to.</summary>
internal sealed record Tap(long A, long B, int First, int End);

/// <summary>What a <see cref="Tile"/> multiplies its b with.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="ColumnB">With <see cref="LeftKind.Shared"/>: from column to column, of sixteen floats each, in
/// b.</param>
/// <param name="ColumnY">The same in y.</param>
internal readonly record struct Left(LeftKind Kind, long ColumnB = 0, long ColumnY = 0);

/// <summary>The kinds of a tile's left side.</summary>
internal enum LeftKind
{
    /// <summary>One number for all columns: a product of matrices.</summary>
    Number,

    /// <summary>Sixteen numbers, for each column of sixteen floats the same, a[i, t, r, p, j mod 16]: dot products,
    /// sixteen sums each.</summary>
    Shared,
}

/// <summary>Where a register of a tile's row has its a, b and y, and its columns.</summary>
internal sealed record Register(long A, long B, long Y, int Count);
