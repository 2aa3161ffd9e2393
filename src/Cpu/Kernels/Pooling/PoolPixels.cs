using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Pools of images whose channels are the last axis: a vector is sixteen channels of one target.</summary>
/// <remarks>Fewer channels than sixteen run over into the next target, which is computed later; the last ones before the
/// end are computed singly.</remarks>
internal static unsafe class PoolPixels
{
    /// <summary>Computes some rows of targets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<R>(PoolWalk walk, PoolMemory memory, long first, long end)
        where R : struct, IReduction<R>
    {
        var (rows, columns) = (walk.Rows, walk.Columns);
        fixed (int* offsets = rows.Offsets)
        {
            for (var row = first; row < end; row++)
            {
                var (image, r) = (row / rows.Targets, (int)(row % rows.Targets));
                var (start, stop) = (rows.Start[rows.List[r]], rows.Start[rows.List[r] + 1]);
                for (var column = 0; column < columns.Targets; column++)
                {
                    var (from, count) = columns.Inside[column];
                    var sources = new Sources(offsets + start, stop - start, columns.Sources, count, columns.Step);
                    var (place, own) = (rows.First[r] * columns.Sources + from, r * columns.Targets + column);
                    var at = (image * walk.SourcePlaces + place) * walk.Channels;
                    var target = (row * columns.Targets + column) * walk.Channels;
                    var room = Math.Min(walk.SourceFloats - at - sources.Last * walk.Channels,
                        end * columns.Targets * walk.Channels - target);
                    Channels<R>(sources, memory, walk.Channels, at, target, place, own, room);
                }
            }
        }
    }

    /// <summary>All channels of a target.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Channels<R>(
        Sources sources, PoolMemory memory, int channels, long at, long target, int place, int own, long room)
        where R : struct, IReduction<R>
    {
        var (first, here) = (Vector512.Create(place), Vector512.Create(own));
        for (var next = 0; next < channels; next += Lanes.Count)
        {
            var c = Math.Max(0, Math.Min(next, channels - Lanes.Count));
            if (c + Lanes.Count <= room)
            {
                var result = sources.All<R, Dense>(memory.X + at + c, memory.From + at + c, channels, 1, here);
                memory.Store(result, target + c, first);
            }
            else
            {
                Singly<R>(sources, memory, channels, at, target, place, own);
            }
        }
    }

    private static void Singly<R>(
        Sources sources, PoolMemory memory, int channels, long at, long target, int place, int own)
        where R : struct, IReduction<R>
    {
        for (var c = 0; c < channels; c++)
        {
            var result = sources.All<R, Alone>(
                memory.X + at + c, memory.From + at + c, channels, 1, Vector512.Create(own));
            memory.StoreOne(result, target + c, place);
        }
    }
}
