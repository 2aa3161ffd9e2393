namespace AutoDiffCnn;

/// <summary>Groups of channels of which a register holds several: each target sees the sources of its group. A power of two
/// below sixteen is the number of a group's targets, and at most as many are its sources; one of each is a depthwise
/// convolution.</summary>
/// <param name="AllTargets">The targets of all groups.</param>
/// <param name="Sources">The sources of a group.</param>
/// <param name="Targets">The targets of a group.</param>
/// <param name="SourceB">From source to source in a <see cref="Strip"/>'s b.</param>
/// <param name="SourceY">The same in its y; where it is 0, sums are over sources.</param>
internal readonly record struct NarrowGroups(int AllTargets, int Sources, int Targets, long SourceB = 0, long SourceY = 0)
{
    /// <summary>How many registers are computed together: those of a group, which have the same sources; or neighbours, where
    /// rows have few lines each in the first cache.</summary>
    public int Vectors => Targets == 1 ? Caches.AreCrowded(AllTargets) ? 2 : 1 : Math.Max(1, Targets / Code.Width);

    /// <summary>Whether each source has sums of its own.</summary>
    public bool AreApart => SourceY > 0;

    /// <summary>A register of what targets see as their groups' source s.</summary>
    /// <param name="code">What is written.</param>
    /// <param name="a">Where the sources are.</param>
    /// <param name="place">The first one's.</param>
    /// <param name="s">Which source.</param>
    /// <param name="vector">Which register.</param>
    public Code.Vector Left(Code code, Code.Pointer a, long place, int s, int vector)
    {
        var (sources, targets) = (Sources, Targets);
        place += vector * Code.Width / targets * sources;
        if (targets >= Code.Width)
        {
            return code.Spread(a, place + s);
        }

        var all = code.Load(a, place);
        return (sources, targets) == (1, 1)
            ? all
            : code.Shuffle(all, [.. Arrays.Range(0, Code.Width).Select(lane => lane / targets * sources + s)]);
    }

    /// <summary>The source that target c sees as its group's source s.</summary>
    public int SourceOf(int c, int s) => c / Targets * Sources + s;
}
