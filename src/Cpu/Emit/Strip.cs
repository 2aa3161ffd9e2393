using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>The innermost loop of convolutions of narrow groups: y[r, c] (+)= Σᵢ Σₛ Σₜ a[i, t, r, s of c's group] · b[i, t, s, c]
/// for a few rows r and all channels c, which lie side by side. The sums of some registers' channels stay in registers;
/// then come the next channels, so that memory is read in its order. All distances are in floats.</summary>
/// <param name="Rows">How many r.</param>
/// <param name="Groups">The groups.</param>
/// <param name="RowA">From row to row in a.</param>
/// <param name="RowY">From row to row in y.</param>
/// <param name="Taps">The t, by rising place in a: where each begins, and which rows it goes to.</param>
/// <param name="Add">Whether what is in y is added in the end: many short sums lose less than a long one.</param>
/// <param name="Streams">Whether y is written past the caches.</param>
/// <param name="Epilogue">What is done to sums before they are written.</param>
/// <param name="AsksA">For how many more i the sources are asked for meanwhile: those of the next strips.</param>
/// <param name="AsksB">The same of b.</param>
/// <remarks>Each sum runs over i, then s, then t, fused: its bits do not depend on the number of rows or on the width of a
/// register.</remarks>
internal sealed record Strip(
    int Rows, NarrowGroups Groups, long RowA, long RowY, ImmutableArray<Tap> Taps, bool Add = false, bool Streams = false,
    EpilogueForm? Epilogue = null, int AsksA = 0, int AsksB = 0)
{
    /// <summary>The arguments before those of the epilogue.</summary>
    public const int Arguments = 7;

    /// <summary>The strip as a method of the arguments a, b, y, how many i, their steps in a and b, and how many registers.</summary>
    public Code.Compiled Emit()
    {
        var code = new Code($"strip {Rows}x{Groups.AllTargets}");
        var (a, b, y) = (code.Address(0), code.Address(1), code.Address(2));
        var (outer, stepA, stepB, vectors) = (code.Argument(3), code.Argument(4), code.Argument(5), code.Argument(6));
        var ending = Epilogue is null ? null : new EpilogueCode(code, Epilogue, y, Arguments);
        if (Groups.Vectors > 1)
        {
            code.Repeat(code.Divide(vectors, Groups.Vectors), () => Some(Groups.Vectors));
            vectors = code.Divide(vectors, Groups.Vectors, remainder: true);
        }

        code.Repeat(vectors, () => Some(1));
        if (Groups.AllTargets % Code.Width is > 0 and var rest)
        {
            Sum(code, ending, a, b, y, outer, stepA, stepB, rest, 1);
        }

        void Some(int count)
        {
            Sum(code, ending, a, b, y, outer, stepA, stepB, Code.Width, count);
            code.Advance(a, count * Code.Width / Groups.Targets * Groups.Sources);
            code.Advance(b, count * Code.Width);
            code.Advance(y, count * Code.Width);
            ending?.Advance(count * Code.Width);
        }

        return code.Finish();
    }

    private void Sum(Code code, EpilogueCode? ending, Code.Pointer a, Code.Pointer b, Code.Pointer y, Code.Number outer, Code.Number stepA, Code.Number stepB,
        int count, int vectors)
    {
        // As many sources have sums of their own at the same time as leave room for what is multiplied.
        var apart = Groups.AreApart;
        var together = apart ? Math.Clamp(Code.Registers * 3 / 8 / Rows, 1, Groups.Sources) : Groups.Sources;
        for (var first = 0; first < Groups.Sources; first += together)
        {
            var end = Math.Min(Groups.Sources, first + together);
            var sums = Arrays.Range(0, (apart ? end - first : 1) * Rows * vectors).Select(_ => code.Zero()).ToArray();
            var (from, to) = (code.At(a, 0), code.At(b, 0));
            code.Repeat(outer, () =>
            {
                for (var s = first; s < end; s++)
                {
                    Products(code, from, to, s, sums.AsSpan((apart ? s - first : 0) * Rows * vectors, Rows * vectors));
                }

                code.Advance(from, stepA);
                code.Advance(to, stepB);
            });
            if (first == 0)
            {
                Ask(code, from, stepA, AsksA, Pairs.SelectMany(pair => Vectors(Taps[pair.Tap].A + pair.Row * RowA, vectors, Groups.Sources, Groups.Targets)));
                Ask(code, to, stepB, AsksB, Taps.SelectMany(tap => Vectors(tap.B, vectors, 1, 1)));
            }

            for (var i = 0; i < sums.Length; i++)
            {
                var (s, r, v) = (first + i / vectors / Rows, i / vectors % Rows, i % vectors);
                var place = s * Groups.SourceY + r * RowY + v * Code.Width;
                var sum = Add ? code.Add(sums[i], code.Load(y, place)) : sums[i];
                if (ending is null)
                {
                    code.Store(sum, y, place, count, Streams);
                }
                else
                {
                    ending.Store(sum, y, place, Streams, v * Code.Width);
                }
            }
        }
    }

    /// <summary>Adds the products of the groups' source s to the sums of rows and their registers.</summary>
    private void Products(Code code, Code.Pointer a, Code.Pointer b, int s, ReadOnlySpan<Code.Vector> sums)
    {
        // What several rows take is loaded once.
        var vectors = sums.Length / Rows;
        var weights = Taps.SelectMany(tap => Arrays.Range(0, vectors)
            .Select(v => code.Load(b, tap.B + s * Groups.SourceB + v * Code.Width))).ToArray();
        foreach (var source in Pairs.GroupBy(pair => Taps[pair.Tap].A + pair.Row * RowA).OrderBy(source => source.Key))
        {
            for (var v = 0; v < vectors; v++)
            {
                var left = Groups.Left(code, a, source.Key, s, v);
                foreach (var (t, r) in source)
                {
                    code.Fma(sums[r * vectors + v], left, weights[t * vectors + v]);
                }
            }
        }
    }

    /// <summary>Each tap with each of its rows.</summary>
    private IEnumerable<(int Tap, int Row)> Pairs => Taps.SelectMany((tap, t) => Arrays.Range(tap.First, tap.End - tap.First).Select(r => (t, r)));

    private static IEnumerable<long> Vectors(long place, int vectors, int sources, int targets) =>
        Arrays.Range(0, vectors).Select(v => place + v * Code.Width / targets * sources);

    private static void Ask(Code code, Code.Pointer at, Code.Number step, int times, IEnumerable<long> places)
    {
        for (var time = 0; time < times; time++)
        {
            foreach (var place in places.Distinct())
            {
                code.Prefetch(at, place, first: false);
            }

            code.Advance(at, step);
        }
    }

    /// <inheritdoc/>
    public bool Equals(Strip? other) => other is not null
        && (Rows, Groups, RowA, RowY, Add, Streams, Epilogue, AsksA, AsksB)
            == (other.Rows, other.Groups, other.RowA, other.RowY, other.Add, other.Streams, other.Epilogue, other.AsksA, other.AsksB)
        && Taps.AsSpan().SequenceEqual(other.Taps.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rows, Groups, RowA, RowY, Taps.Length, Taps.FirstOrDefault());
}
