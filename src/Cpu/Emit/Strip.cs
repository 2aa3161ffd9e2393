using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>The innermost loop of depthwise convolutions: y[r, c] (+)= Σᵢ Σₜ a[i, t, r, c] · b[i, t, c] for a few rows r
/// and all channels c, which lie side by side. The sums of one or two registers' channels stay in registers; then come the
/// next channels, so that memory is read in its order. All distances are in floats.</summary>
/// <param name="Rows">How many r.</param>
/// <param name="Channels">How many c.</param>
/// <param name="RowA">From row to row in a.</param>
/// <param name="RowY">From row to row in y.</param>
/// <param name="Taps">The t, by rising place in a: where each begins, and which rows it goes to.</param>
/// <param name="Add">Whether what is in y is added in the end: many short sums lose less than a long one.</param>
/// <param name="Streams">Whether y is written past the caches.</param>
/// <remarks>Each sum runs over i, then t, fused: its bits do not depend on the number of rows or on the width of a
/// register.</remarks>
internal sealed record Strip(
    int Rows, int Channels, long RowA, long RowY, ImmutableArray<Tap> Taps, bool Add = false, bool Streams = false)
{
    // Where rows have few lines each in the first cache, two neighbours are read together.
    private int Vectors => Caches.AreCrowded(Channels) ? 2 : 1;

    /// <summary>The strip as a method of the arguments a, b, y, how many i, and their steps in a and b.</summary>
    public Code.Compiled Emit()
    {
        var code = new Code($"strip {Rows}x{Channels}");
        var (a, b, y) = (code.Address(0), code.Address(1), code.Address(2));
        var (outer, stepA, stepB, vectors) = (code.Argument(3), code.Argument(4), code.Argument(5), code.Argument(6));
        if (Vectors > 1)
        {
            code.Repeat(code.Divide(vectors, Vectors), () => Some(Vectors));
            vectors = code.Divide(vectors, Vectors, remainder: true);
        }

        code.Repeat(vectors, () => Some(1));
        if (Channels % Code.Width is > 0 and var rest)
        {
            Sum(code, a, b, y, outer, stepA, stepB, rest, 1);
        }

        void Some(int count)
        {
            Sum(code, a, b, y, outer, stepA, stepB, Code.Width, count);
            code.Advance(a, count * Code.Width);
            code.Advance(b, count * Code.Width);
            code.Advance(y, count * Code.Width);
        }

        return code.Finish();
    }

    private void Sum(Code code, Code.Pointer a, Code.Pointer b, Code.Pointer y, Code.Number outer, Code.Number stepA, Code.Number stepB,
        int count, int vectors)
    {
        var (from, to) = (code.At(a, 0), code.At(b, 0));
        var sums = Arrays.Range(0, Rows * vectors).Select(_ => code.Zero()).ToArray();
        code.Repeat(outer, () =>
        {
            // What several rows take is loaded once.
            var weights = Taps.SelectMany(tap => Arrays.Range(0, vectors).Select(v => code.Load(to, tap.B + v * Code.Width))).ToArray();
            foreach (var source in Taps.SelectMany((tap, t) => Arrays.Range(tap.First, tap.End - tap.First).Select(r => (t, r)))
                .GroupBy(pair => Taps[pair.t].A + pair.r * RowA).OrderBy(source => source.Key))
            {
                for (var v = 0; v < vectors; v++)
                {
                    var left = code.Load(from, source.Key + v * Code.Width);
                    foreach (var (t, r) in source)
                    {
                        code.Fma(sums[r * vectors + v], left, weights[t * vectors + v]);
                    }
                }
            }

            code.Advance(from, stepA);
            code.Advance(to, stepB);
        });
        for (var r = 0; r < Rows * vectors; r++)
        {
            var place = r / vectors * RowY + r % vectors * Code.Width;
            var sum = Add ? code.Add(sums[r], code.Load(y, place)) : sums[r];
            if (Streams && count == Code.Width)
            {
                code.Stream(sum, y, place);
            }
            else
            {
                code.Store(sum, y, place, count);
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(Strip? other) => other is not null
        && (Rows, Channels, RowA, RowY, Add, Streams) == (other.Rows, other.Channels, other.RowA, other.RowY, other.Add, other.Streams)
        && Taps.AsSpan().SequenceEqual(other.Taps.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rows, Channels, RowA, RowY, Taps.Length, Taps.FirstOrDefault());
}
