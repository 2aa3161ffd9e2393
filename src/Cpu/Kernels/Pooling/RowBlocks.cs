namespace AutoDiffCnn;

/// <summary>How a row of targets is cut into vectors: blocks of sixteen targets of each phase.</summary>
/// <param name="Starts">Where the blocks begin, those first whose sources all lie within the row.</param>
/// <param name="Inner">How many those are.</param>
/// <param name="Low">The place in the row of the first source that is read, perhaps before the row.</param>
/// <param name="High">The place of the last one, perhaps beyond it.</param>
/// <param name="End">Where the last block ends, perhaps beyond the row.</param>
internal sealed record RowBlocks(int[] Starts, int Inner, long Low, long High, int End)
{
    // Beyond this, vectors would be mostly waste.
    private const int MostPhases = 4;

    /// <summary>Whether there are vectors at all.</summary>
    public bool Any => End > 0;

    /// <summary>The blocks of a row; the last one may reach beyond it, or overlap the one before.</summary>
    public static RowBlocks Of(Reach columns)
    {
        var (targets, phases) = (columns.Targets, columns.Phases);
        if (phases > Math.Min(targets, MostPhases))
        {
            return new([], 0, 0, 0, 0);
        }

        var size = phases * Lanes.Count;
        var last = Math.Max(0, targets - size + phases - 1) / phases * phases;
        var starts = Arrays.Range(0, last / size + 1).Select(i => i * size).Append(last).Distinct().ToArray();
        var whole = columns.Whole[..phases].Where(at => at.Count > 0).ToArray();
        return new(
            [.. starts.OrderByDescending(IsInner)], starts.Count(IsInner),
            whole.Select(at => at.First).DefaultIfEmpty(0).Min(),
            whole.Select(at => at.First + (at.Count - 1L) * columns.Step).DefaultIfEmpty(0).Max()
                + (last / phases + Lanes.Count - 1L) * columns.Jump,
            last + size);

        bool IsInner(int start) => columns.IsInner(start, Math.Min(targets, start + size));
    }
}
