using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The innermost loops of pools.</summary>
internal static unsafe class Pooling
{
    /// <summary>Takes all sources of sixteen targets.</summary>
    /// <param name="value">Their result.</param>
    /// <param name="winner">Which source it came from.</param>
    /// <param name="x">The first source of the first target.</param>
    /// <param name="places">The place that comes with it.</param>
    /// <param name="jump">How far the first source of the next target lies.</param>
    /// <param name="taps">The sources.</param>
    /// <param name="count">How many.</param>
    /// <param name="here">The targets' own places.</param>
    /// <param name="bounds">Which targets have which of the sources.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Take<R, L, B>(out Vector512<float> value, out Vector512<int> winner,
        float* x, int* places, int jump, PoolTap* taps, int count, Vector512<int> here, B bounds)
        where R : struct, IReduction
        where L : struct, ISpread
        where B : struct, IBounds
    {
        (value, winner) = (Vector512.Create(R.Start), Vector512.Create(IReduction.Nobody));
        var end = taps + count;

        // Narrower registers have no room for four candidates, and four are more variables than the runtime counts.
        for (; Vector512.IsHardwareAccelerated && taps + 4 <= end; taps += 4)
        {
            Candidate<R, L, B>(out var a, out var wa, x, places, jump, taps, here, bounds);
            Candidate<R, L, B>(out var b, out var wb, x, places, jump, taps + 1, here, bounds);
            Candidate<R, L, B>(out var c, out var wc, x, places, jump, taps + 2, here, bounds);
            Candidate<R, L, B>(out var d, out var wd, x, places, jump, taps + 3, here, bounds);
            if (R.IsAssociative)
            {
                R.Join<B>(ref a, ref wa, b, wb);
                R.Join<B>(ref c, ref wc, d, wd);
                R.Join<B>(ref a, ref wa, c, wc);
                R.Join<B>(ref value, ref winner, a, wa);
            }
            else
            {
                R.Join<B>(ref value, ref winner, a, wa);
                R.Join<B>(ref value, ref winner, b, wb);
                R.Join<B>(ref value, ref winner, c, wc);
                R.Join<B>(ref value, ref winner, d, wd);
            }
        }

        for (; taps < end; taps++)
        {
            Candidate<R, L, B>(out var next, out var nextWinner, x, places, jump, taps, here, bounds);
            R.Join<B>(ref value, ref winner, next, nextWinner);
        }
    }

    /// <summary>Takes the sources of sixteen targets, or of one, that lie in a few rows.</summary>
    /// <param name="value">Their result.</param>
    /// <param name="winner">Which source it came from.</param>
    /// <param name="x">The first source of the first target.</param>
    /// <param name="places">The place that comes with it.</param>
    /// <param name="channels">How many floats a place has.</param>
    /// <param name="box">Where the others lie.</param>
    /// <param name="here">The targets' own places.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfBox<R, L>(out Vector512<float> value, out Vector512<int> winner,
        float* x, int* places, long channels, Box box, Vector512<int> here)
        where R : struct, IReduction
        where L : struct, ISpread
    {
        (value, winner) = (Vector512.Create(R.Start), Vector512.Create(IReduction.Nobody));
        for (var row = 0; row < box.RowCount; row++)
        {
            var at = box.Rows[row] * box.RowLength;
            for (var k = 0; k < box.Count; k++, at += box.Step)
            {
                var from = Places<R, L>(places + at * channels, 1);
                R.Candidate<Unbounded>(
                    out var next, out var nextWinner, default, L.Load(x + at * channels, 1), from, at, here);
                R.Join<Unbounded>(ref value, ref winner, next, nextWinner);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Candidate<R, L, B>(out Vector512<float> value, out Vector512<int> winner,
        float* x, int* places, int jump, PoolTap* tap, Vector512<int> here, B bounds)
        where R : struct, IReduction
        where L : struct, ISpread
        where B : struct, IBounds
    {
        long offset = tap->Offset;
        R.Candidate<B>(out value, out winner, bounds.Inside(tap->Column),
            L.Load(x + offset, jump), Places<R, L>(places + offset, jump), tap->Place, here);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Places<R, L>(int* places, int jump)
        where R : struct, IReduction
        where L : struct, ISpread => R.Matches ? L.Load((float*)places, jump).AsInt32() : default;
}

/// <summary>Which of sixteen targets have a source, and which would have it beyond an end of the row.</summary>
internal interface IBounds
{
    /// <summary>Whether all have every source, by the type alone.</summary>
    static abstract bool None { get; }

    /// <summary>All bits for the targets that have the source so many columns behind their first one.</summary>
    Vector512<int> Inside(int column);
}

/// <summary>All have all.</summary>
internal readonly struct Unbounded : IBounds
{
    public static bool None => true;

    public Vector512<int> Inside(int column) => default;
}

/// <summary>Columns from 0 on count.</summary>
/// <param name="first">The column of each target's first source.</param>
/// <param name="columns">How many there are.</param>
internal readonly struct Bounded(Vector512<int> first, int columns) : IBounds
{
    public static bool None => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<int> Inside(int column) => Vector512.LessThan(
        (first + Vector512.Create(column)).AsUInt32(), Vector512.Create((uint)columns)).AsInt32();
}

/// <summary>Where the sources of a target lie: in each of some rows, a few places.</summary>
/// <param name="rows">The rows, as distances from the first.</param>
/// <param name="rowCount">How many rows.</param>
/// <param name="rowLength">How many places a row has.</param>
/// <param name="count">How many sources lie in a row.</param>
/// <param name="step">The distance between them.</param>
internal readonly unsafe struct Box(int* rows, int rowCount, int rowLength, int count, int step)
{
    public readonly int* Rows = rows;
    public readonly int RowCount = rowCount;
    public readonly int RowLength = rowLength;
    public readonly int Count = count;
    public readonly int Step = step;

    /// <summary>The distance from the first source to the last one, in places.</summary>
    public long Last => RowCount > 0 && Count > 0 ? (long)Rows[RowCount - 1] * RowLength + (Count - 1L) * Step : 0;
}
