using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The memory that a pool works on.</summary>
/// <param name="x">The sources.</param>
/// <param name="from">The places that come with them, if they do.</param>
/// <param name="y">The targets, if they are wanted.</param>
/// <param name="places">Where the place of the source that won is written, if it is wanted.</param>
internal readonly unsafe struct PoolMemory(float* x, int* from, float* y, int* places)
{
    public readonly float* X = x;
    public readonly int* From = from;
    public readonly float* Y = y;
    public readonly int* Places = places;

    /// <summary>Writes the results of sixteen neighbouring targets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<R>(R result, long target, Vector512<int> first)
        where R : struct, IReduction<R>
    {
        if (Y != null)
        {
            result.Value.Store(Y + target);
        }

        if (Places != null)
        {
            (first + result.Winner).Store(Places + target);
        }
    }

    /// <summary>Writes the result of one target.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreOne<R>(R result, long target, int first)
        where R : struct, IReduction<R>
    {
        if (Y != null)
        {
            Y[target] = result.Value[0];
        }

        if (Places != null)
        {
            Places[target] = first + result.Winner[0];
        }
    }
}

/// <summary>Pools of images whose rows are contiguous: a vector is sixteen targets of a row.</summary>
/// <remarks>A row that ends within a vector is not cut: what is written beyond it belongs to the next row, which is
/// computed later. So targets are computed in ascending order, and the last ones before the end singly.</remarks>
internal static unsafe class PoolRows
{
    // Beyond this, vectors would be mostly waste.
    private const int MostPhases = 4;

    /// <summary>Neighbouring targets that are computed together.</summary>
    /// <param name="Column">The first one's place in the row.</param>
    /// <param name="Low">The first source's place in the row …</param>
    /// <param name="High">… and the last one's; either may be beyond the row.</param>
    /// <param name="IsInner">Whether all sources are within the row.</param>
    internal readonly record struct Block(int Column, long Low, long High, bool IsInner);

    /// <summary>How many targets a block has.</summary>
    public static int Size(Reach columns) =>
        columns.Phases <= Math.Min(MostPhases, columns.Targets) ? columns.Phases * Lanes.Count : 1;

    /// <summary>The blocks of a row; the last one may reach beyond it, or overlap the one before.</summary>
    public static ImmutableArray<Block> Blocks(Reach columns)
    {
        var (targets, size) = (columns.Targets, Size(columns));
        return [.. Enumerable.Range(0, (targets + size - 1) / size).Select(i =>
            Of(targets < size ? 0 : Math.Min(i * size, targets - size)))];

        Block Of(int column)
        {
            var phases = columns.Whole[column..Math.Min(targets, column + columns.Phases)];
            var far = (Lanes.Count - 1L) * columns.Jump;
            return new(column, phases.Min(whole => whole.First),
                phases.Max(whole => whole.First + (whole.Count - 1L) * columns.Step) + far,
                columns.IsInner(column, Math.Min(targets, column + size)));
        }
    }

    /// <summary>Computes some rows of targets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<R, L>(PoolWalk walk, ImmutableArray<Block> blocks, PoolMemory memory, long first, long end)
        where R : struct, IReduction<R>
        where L : struct, ISpread
    {
        var (rows, columns) = (walk.Rows, walk.Columns);
        var size = Size(columns);
        fixed (int* offsets = rows.Offsets)
        {
            for (var row = first; row < end; row++)
            {
                var (image, r) = (row / rows.Targets, (int)(row % rows.Targets));
                var (start, stop) = (rows.Start[rows.List[r]], rows.Start[rows.List[r] + 1]);
                var line = new Line(
                    offsets + start, stop - start, rows.First[r] * columns.Sources, image * walk.SourcePlaces,
                    r * columns.Targets, image * rows.Targets * columns.Targets);
                var last = stop > start ? offsets[stop - 1] * columns.Sources : 0;
                foreach (var block in blocks)
                {
                    var source = line.Image + line.First;
                    if (size > 1 && row * columns.Targets + block.Column + size <= end * columns.Targets
                        && source + block.Low >= 0 && source + last + block.High < walk.SourceFloats)
                    {
                        Vectors<R, L>(columns, block, memory, line);
                    }
                    else
                    {
                        Singly<R>(columns, block.Column, Math.Min(columns.Targets, block.Column + size), memory, line);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Vectors<R, L>(Reach columns, Block block, PoolMemory memory, Line line)
        where R : struct, IReduction<R>
        where L : struct, ISpread
    {
        if (columns.Phases == 1)
        {
            var result = Phase<R, L>(columns, block, 0, memory, line);
            var place = Vector512.Create(line.First + (int)columns.Whole[block.Column].First);
            memory.Store(result, line.Target + block.Column, place + Vector512<int>.Indices * columns.Jump);
        }
        else if (columns.Phases == 2)
        {
            var even = Phase<R, L>(columns, block, 0, memory, line);
            var odd = Phase<R, L>(columns, block, 1, memory, line);
            Interleave.Store(even.Value, odd.Value, memory.Y + line.Target + block.Column);
        }
        else
        {
            for (var phase = 0; phase < columns.Phases; phase++)
            {
                var result = Phase<R, L>(columns, block, phase, memory, line);
                Interleave.Store(result.Value, memory.Y + line.Target + block.Column + phase, columns.Phases);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static R Phase<R, L>(Reach columns, Block block, int phase, PoolMemory memory, Line line)
        where R : struct, IReduction<R>
        where L : struct, ISpread
    {
        var (first, count) = columns.Whole[block.Column + phase];
        var own = line.Own + block.Column + phase;
        var here = Vector512.Create(own) + Vector512<int>.Indices * columns.Phases;
        var sources = new Sources(line.Rows, line.RowCount, columns.Sources, count, columns.Step);
        var at = line.Image + line.First + first;
        return block.IsInner
            ? sources.All<R, L>(memory.X + at, memory.From + at, 1, columns.Jump, here)
            : sources.Inside<R, L>(memory.X + at, memory.From + at, (int)first, columns.Jump, here);
    }

    private static void Singly<R>(Reach columns, int first, int end, PoolMemory memory, Line line)
        where R : struct, IReduction<R>
    {
        for (var column = first; column < end; column++)
        {
            var (start, count) = columns.Inside[column];
            var here = Vector512.Create(line.Own + column);
            var sources = new Sources(line.Rows, line.RowCount, columns.Sources, count, columns.Step);
            var at = line.Image + line.First + start;
            var result = sources.All<R, Alone>(memory.X + at, memory.From + at, 1, 1, here);
            memory.StoreOne(result, line.Target + column, line.First + start);
        }
    }

    /// <summary>A row of targets.</summary>
    /// <param name="rows">The rows of its sources.</param>
    /// <param name="rowCount">How many they are.</param>
    /// <param name="first">The place in the image where the first of them begins.</param>
    /// <param name="image">Where the image of the sources begins.</param>
    /// <param name="own">The place in the image where the row of targets begins.</param>
    /// <param name="targets">Where the image of the targets begins.</param>
    private readonly struct Line(int* rows, int rowCount, int first, long image, int own, long targets)
    {
        public readonly int* Rows = rows;
        public readonly int RowCount = rowCount;
        public readonly int First = first;
        public readonly long Image = image;
        public readonly int Own = own;

        public long Target => targets + Own;
    }
}
