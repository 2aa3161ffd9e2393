namespace AutoDiffCnn;

/// <summary>Memory that is read soon, in up to two stretches: it is asked for little by little while tiles are
/// computed, so that it comes from afar without anybody waiting.</summary>
internal readonly unsafe ref struct Ahead(float* first, long floats, float* second, long more)
{
    private const int Line = 16;

    private readonly float* first = first;
    private readonly float* second = second;
    private readonly long floats = floats;
    private readonly long more = more;

    public bool Nothing => floats + more == 0;

    /// <summary>One of equal slices: where it begins, and how much of it goes with each p.</summary>
    public (nint At, nint Step) Slice(int slice, int slices, int depth)
    {
        var all = floats + more;
        var at = all * slice / slices;
        var step = (all / slices + depth - 1) / Math.Max(1, depth);
        return ((nint)(at < floats ? first + at : second + (at - floats)), (nint)Math.Min(Line, step));
    }
}

/// <summary>The slices of what is <see cref="Ahead"/> from one on.</summary>
internal readonly ref struct Slices(Ahead ahead, int first, int count)
{
    private readonly Ahead ahead = ahead;
    private readonly int first = first;
    private readonly int count = count;

    public (nint At, nint Step) Of(int tile, int depth) => ahead.Slice(first + tile, count, depth);
}
