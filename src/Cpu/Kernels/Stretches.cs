namespace AutoDiffCnn;

/// <summary>Items [first, end) as stretches [from, to) of outer parts that have so many items each.</summary>
internal struct Stretches(long first, long end, long count)
{
    private long next = first;

    /// <summary>The outer part, and which of its items.</summary>
    public (long Outer, long From, long To) Current { get; private set; }

    public readonly Stretches GetEnumerator() => this;

    public bool MoveNext()
    {
        if (next >= end)
        {
            return false;
        }

        var (outer, from) = Math.DivRem(next, count);
        Current = (outer, from, Math.Min(count, from + end - next));
        next += Current.To - from;
        return true;
    }
}
