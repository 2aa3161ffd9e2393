using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Pools of images whose rows are contiguous: a vector is sixteen targets of a row.</summary>
/// <remarks>A row that ends within a vector is not cut: what is written beyond it belongs to the next row, which is
/// computed later. Without room behind the last row, that one is computed singly.</remarks>
internal static unsafe class PoolRows
{
    /// <summary>Computes some rows of targets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Run<R, L>(
        PoolWalk walk, TapTable table, RowBlocks blocks, PoolMemory memory, long first, long end)
        where R : struct, IReduction
        where L : struct, ISpread
    {
        var columns = walk.Columns;
        var (rowLength, rows) = (columns.Targets, walk.Rows.Targets);
        var (image, own) = (first / rows * walk.SourcePlaces, (int)(first % rows) * rowLength);
        var spill = blocks.Any ? Math.Max(0, blocks.End - rowLength) : long.MaxValue / 2;
        fixed (PoolRow* all = table.Rows)
        fixed (PoolTap* taps = table.Taps)
        fixed (int* lists = table.Start, starts = blocks.Starts)
        {
            var loop = new RowLoop(columns, taps, starts, blocks.Inner, blocks.Starts.Length);
            for (var target = first * rowLength; target < end * rowLength; target += rowLength)
            {
                var row = all + own / rowLength;
                memory.Fetch<R>(image + row->Place + table.Ahead, table.AheadOfRow);
                var line = new Line(image + row->Place, target, row->Place, own);
                if (target + rowLength + spill > end * rowLength
                    || line.Source + blocks.Low < 0
                    || line.Source + row->Last + blocks.High >= walk.SourceFloats)
                {
                    Singly<R>(columns, walk.Rows.Offsets, *row, memory, line);
                }
                else if (columns.Phases == 1)
                {
                    loop.Plain<R, L>(memory, lists + row->Lists, line);
                }
                else if (columns.Phases == 2)
                {
                    loop.Twofold<R>(memory, lists + row->Lists, line);
                }
                else
                {
                    loop.Manifold<R>(columns, memory, lists + row->Lists, line);
                }

                own += rowLength;
                (image, own) = own < rows * rowLength ? (image, own) : (image + walk.SourcePlaces, 0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Singly<R>(Reach columns, int[] offsets, PoolRow row, PoolMemory memory, Line line)
        where R : struct, IReduction
    {
        fixed (int* rows = offsets)
        {
            for (var column = 0; column < columns.Targets; column++)
            {
                var (first, count) = columns.Inside[column];
                var box = new Box(rows + row.Rows, row.RowCount, columns.Sources, count, columns.Step);
                var at = line.Source + first;
                Pooling.OfBox<R, Alone>(out var value, out var winner, memory.X + at, memory.From + at, 1, box,
                    Vector512.Create(line.Own + column));
                memory.StoreOne<R>(line.Target + column, value, winner, line.Place + first);
            }
        }
    }
}
