using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Where the sources of a group of targets lie: in each of some rows, a few places.</summary>
/// <param name="rows">The rows, as distances from the first.</param>
/// <param name="rowCount">How many rows.</param>
/// <param name="rowLength">How many places a row has.</param>
/// <param name="count">How many sources lie in a row.</param>
/// <param name="step">The distance between them.</param>
internal readonly unsafe struct Sources(int* rows, int rowCount, int rowLength, int count, int step)
{
    /// <summary>The distance from the first to the last one.</summary>
    public long Last => rowCount > 0 && count > 0 ? (long)rows[rowCount - 1] * rowLength + (count - 1L) * step : 0;

    /// <summary>Takes all of them, in their order in memory.</summary>
    /// <param name="x">The first source of the first target.</param>
    /// <param name="places">The place that comes with it, if any does.</param>
    /// <param name="unit">How many floats a place has.</param>
    /// <param name="jump">The distance to the first source of the next target.</param>
    /// <param name="here">The targets' own places.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public R All<R, L>(float* x, int* places, long unit, int jump, Vector512<int> here)
        where R : struct, IReduction<R>
        where L : struct, ISpread
    {
        var result = R.Start;
        for (var row = 0; row < rowCount; row++)
        {
            var at = rows[row] * rowLength;
            for (var k = 0; k < count; k++, at += step)
            {
                var values = L.Load(x + at * unit, jump);
                result = result.Take(values, Places<R, L>(places + at * unit, jump), at, here);
            }
        }

        return result;
    }

    /// <summary>Takes all that do not lie beyond the ends of their row; places are single floats here.</summary>
    /// <param name="x">The first source of the first target.</param>
    /// <param name="places">The place that comes with it, if any does.</param>
    /// <param name="first">Where in the row it is, or before the row.</param>
    /// <param name="jump">The distance to the first source of the next target.</param>
    /// <param name="here">The targets' own places.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public R Inside<R, L>(float* x, int* places, int first, int jump, Vector512<int> here)
        where R : struct, IReduction<R>
        where L : struct, ISpread
    {
        var result = R.Start;
        var (columns, length) = (Vector512.Create(first) + Vector512<int>.Indices * jump, Vector512.Create(rowLength));
        for (var row = 0; row < rowCount; row++)
        {
            var at = rows[row] * rowLength;
            var column = columns;
            for (var k = 0; k < count; k++, at += step, column += Vector512.Create(step))
            {
                var inside = Vector512.LessThan(column.AsUInt32(), length.AsUInt32()).AsInt32();
                var values = L.Load(x + at, jump);
                result = result.TakeWhere(inside, values, Places<R, L>(places + at, jump), at, here);
            }
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Places<R, L>(int* places, int jump)
        where R : struct, IReduction<R>
        where L : struct, ISpread => R.Matches ? L.Load((float*)places, jump).AsInt32() : default;
}
