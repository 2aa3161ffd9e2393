using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Pools of images whose channels are the last axis: a vector is sixteen channels of one target.</summary>
/// <remarks>Fewer channels than sixteen run over into the next target, which is computed later. Without room behind the
/// last one, the last ones are computed singly.</remarks>
internal static unsafe class PoolPixels
{
    /// <summary>Computes some rows of targets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Run<R>(PoolWalk walk, TapTable table, PoolMemory memory, long first, long end)
        where R : struct, IReduction
    {
        var (columns, channels, rowLength) = (walk.Columns, walk.Channels, walk.Columns.Targets);
        var (image, own) = (first / walk.Rows.Targets * walk.SourcePlaces,
            (int)(first % walk.Rows.Targets) * rowLength);
        var (stop, span) = (end * rowLength * channels, columns.Span);
        fixed (PoolRow* all = table.Rows)
        fixed (PoolTap* taps = table.Taps)
        fixed (int* lists = table.Start, offsets = walk.Rows.Offsets)
        fixed (PoolColumn* each = table.Columns)
        {
            for (var target = first * rowLength * channels; target < stop;)
            {
                var row = all + own / rowLength;
                var ahead = table.Ahead;
                for (var column = each; column < each + rowLength; column++, target += channels, own++)
                {
                    memory.Fetch<R>((image + row->Place) * channels + ahead, table.AheadOfColumn);
                    ahead += table.AheadOfColumn;
                    var place = row->Place + column->First;
                    var pixel = new Pixel((image + place) * channels, target, place, own);
                    if (column->IsWhole && (channels >= Lanes.Count || target + Lanes.Count <= stop
                        && pixel.At + (row->Last + span) * channels + Lanes.Count <= walk.SourceFloats))
                    {
                        var list = lists + row->Lists + column->Phase;
                        Whole<R>(memory, channels, taps + list[0], list[1] - list[0], pixel);
                    }
                    else
                    {
                        var box = new Box(
                            offsets + row->Rows, row->RowCount, columns.Sources, column->Count, columns.Step);
                        var free = Math.Min(walk.SourceFloats - pixel.At - box.Last * channels, stop - target);
                        Edge<R>(memory, channels, box, pixel, free);
                    }
                }

                (image, own) = own < walk.Rows.Targets * rowLength ? (image, own) : (image + walk.SourcePlaces, 0);
            }
        }
    }

    /// <summary>A target that has all its sources.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Whole<R>(PoolMemory memory, int channels, PoolTap* taps, int count, Pixel pixel)
        where R : struct, IReduction
    {
        var c = 0;
        for (; Vector512.IsHardwareAccelerated && c + (4 * Lanes.Count) <= channels; c += 4 * Lanes.Count)
        {
            Four<R>(memory, taps, count, pixel, c);
        }

        for (; c < channels; c += Lanes.Count)
        {
            c = Math.Max(0, Math.Min(c, channels - Lanes.Count));
            var at = pixel.At + c;
            Pooling.Take<R, Dense, Unbounded>(out var value, out var winner, memory.X + at, memory.From + at, 1,
                taps, count, Vector512.Create(pixel.Own), default);
            memory.Store<R>(pixel.Target + c, value, winner, Vector512.Create(pixel.Place));
        }
    }

    /// <summary>Four vectors of channels, for which each source is looked up once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<R>(PoolMemory memory, PoolTap* taps, int count, Pixel pixel, int c)
        where R : struct, IReduction
    {
        var (start, nobody) = (Vector512.Create(R.Start), Vector512.Create(IReduction.Nobody));
        var (a, b, d, e) = (start, start, start, start);
        var (wa, wb, wd, we) = (nobody, nobody, nobody, nobody);
        var here = Vector512.Create(pixel.Own);
        var x = memory.X + pixel.At + c;
        var from = memory.From + pixel.At + c;
        for (var tap = taps; tap < taps + count; tap++)
        {
            long offset = tap->Offset;
            Join<R>(ref a, ref wa, x + offset, from + offset, tap->Place, here);
            Join<R>(ref b, ref wb, x + offset + Lanes.Count, from + offset + Lanes.Count, tap->Place, here);
            Join<R>(ref d, ref wd, x + offset + (2 * Lanes.Count), from + offset + (2 * Lanes.Count), tap->Place, here);
            Join<R>(ref e, ref we, x + offset + (3 * Lanes.Count), from + offset + (3 * Lanes.Count), tap->Place, here);
        }

        var (target, place) = (pixel.Target + c, Vector512.Create(pixel.Place));
        memory.Store<R>(target, a, wa, place);
        memory.Store<R>(target + Lanes.Count, b, wb, place);
        memory.Store<R>(target + (2 * Lanes.Count), d, wd, place);
        memory.Store<R>(target + (3 * Lanes.Count), e, we, place);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Join<R>(ref Vector512<float> value, ref Vector512<int> winner, float* x, int* places, int distance, Vector512<int> here)
        where R : struct, IReduction
    {
        R.Candidate<Unbounded>(out var next, out var nextWinner, default, Vector512.Load(x),
            R.Matches ? Vector512.Load(places) : default, distance, here);
        R.Join<Unbounded>(ref value, ref winner, next, nextWinner);
    }

    /// <summary>A target at the edge of the image, or of few channels.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Edge<R>(PoolMemory memory, int channels, Box box, Pixel pixel, long room)
        where R : struct, IReduction
    {
        var (place, here) = (Vector512.Create(pixel.Place), Vector512.Create(pixel.Own));
        for (var next = 0; next < channels; next += Lanes.Count)
        {
            var c = Math.Max(0, Math.Min(next, channels - Lanes.Count));
            if (c + Lanes.Count > room)
            {
                Singly<R>(memory, channels, box, pixel);
                return;
            }

            var at = pixel.At + c;
            Pooling.OfBox<R, Dense>(
                out var value, out var winner, memory.X + at, memory.From + at, channels, box, here);
            memory.Store<R>(pixel.Target + c, value, winner, place);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Singly<R>(PoolMemory memory, int channels, Box box, Pixel pixel)
        where R : struct, IReduction
    {
        var here = Vector512.Create(pixel.Own);
        for (var c = 0; c < channels; c++)
        {
            var at = pixel.At + c;
            Pooling.OfBox<R, Alone>(
                out var value, out var winner, memory.X + at, memory.From + at, channels, box, here);
            memory.StoreOne<R>(pixel.Target + c, value, winner, pixel.Place);
        }
    }

    /// <summary>A target.</summary>
    /// <param name="At">Where its first source lies.</param>
    /// <param name="Target">Where it lies itself.</param>
    /// <param name="Place">Its first source's place in the image.</param>
    /// <param name="Own">Its own place.</param>
    private readonly record struct Pixel(long At, long Target, int Place, int Own);
}
