using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The loop over the blocks of a row of targets.</summary>
/// <param name="columns">The places in a row.</param>
/// <param name="taps">All lists of sources.</param>
/// <param name="starts">Where the blocks begin, those first that have all sources.</param>
/// <param name="inner">How many have all.</param>
/// <param name="count">How many blocks there are.</param>
internal readonly unsafe struct RowLoop(Reach columns, PoolTap* taps, int* starts, int inner, int count)
{
    private readonly PoolTap* taps = taps;
    private readonly int* starts = starts;
    private readonly int inner = inner;
    private readonly int count = count;
    private readonly int jump = columns.Jump;
    private readonly int phases = columns.Phases;
    private readonly int sources = columns.Sources;
    private readonly int first = (int)columns.Whole[0].First;
    private readonly int second = (int)columns.Whole[Math.Min(1, columns.Targets - 1)].First;

    /// <summary>A row whose targets all look alike.</summary>
    /// <param name="memory">The tensors.</param>
    /// <param name="lists">Where the lists of sources begin and end.</param>
    /// <param name="line">Where the row lies.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Plain<R, L>(PoolMemory memory, int* lists, Line line)
        where R : struct, IReduction
        where L : struct, ISpread
    {
        for (var i = 0; i < count; i++)
        {
            var column = starts[i];
            var at = first + column * jump;
            Block<R, L>(out var value, out var winner, memory, lists, line, i < inner, at, line.Own + column);
            memory.Store<R>(line.Target + column, value, winner,
                Vector512.Create(line.Place + at) + Lanes.Indices * jump);
        }
    }

    /// <summary>A row of which every second target looks alike.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Twofold<R>(PoolMemory memory, int* lists, Line line)
        where R : struct, IReduction
    {
        for (var i = 0; i < count; i++)
        {
            var column = starts[i];
            var (at, own) = (column / 2, line.Own + column);
            Block<R, Dense>(out var even, out _, memory, lists, line, i < inner, first + at, own);
            Block<R, Dense>(out var odd, out _, memory, lists + 1, line, i < inner, second + at, own + 1);
            Interleave.Store(memory.Scaled<R>(even), memory.Scaled<R>(odd), memory.Y + line.Target + column);
        }
    }

    /// <summary>A row of more phases.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Manifold<R>(Reach columns, PoolMemory memory, int* lists, Line line)
        where R : struct, IReduction
    {
        for (var i = 0; i < count; i++)
        {
            for (var phase = 0; phase < phases; phase++)
            {
                var column = starts[i] + phase;
                var at = (int)columns.Whole[phase].First + column / phases;
                Block<R, Dense>(out var value, out _, memory, lists + phase, line, i < inner, at, line.Own + column);
                Interleave.Store(memory.Scaled<R>(value), memory.Y + line.Target + column, phases);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Block<R, L>(out Vector512<float> value, out Vector512<int> winner,
        PoolMemory memory, int* lists, Line line, bool isInner, int at, int own)
        where R : struct, IReduction
        where L : struct, ISpread
    {
        var x = memory.X + line.Source + at;
        var from = memory.From + line.Source + at;
        var list = taps + lists[0];
        var length = lists[1] - lists[0];
        var here = Vector512.Create(own) + Lanes.Indices * phases;
        if (isInner)
        {
            Pooling.Take<R, L, Unbounded>(out value, out winner, x, from, jump, list, length, here, default);
        }
        else
        {
            var bounds = new Bounded(Vector512.Create(at) + Lanes.Indices * jump, sources);
            Pooling.Take<R, L, Bounded>(out value, out winner, x, from, jump, list, length, here, bounds);
        }
    }
}

/// <summary>A row of targets.</summary>
/// <param name="Source">Where the first row of its sources lies.</param>
/// <param name="Target">Where it lies itself.</param>
/// <param name="Place">The place in the image of the first row of its sources.</param>
/// <param name="Own">Its own place in its image.</param>
internal readonly record struct Line(long Source, long Target, int Place, int Own);
