namespace AutoDiffCnn;

/// <summary>A unit in the making: nodes that are computed together, found from the last backwards.</summary>
internal sealed class Group(Shape shape, bool isLoop)
{
    // A raise that goes on and on is given up: fusing must cost a constant time a node.
    private const int MostRaised = 64;

    private readonly HashSet<Group> producers = [];

    /// <summary>The shape over which a loop goes.</summary>
    public Shape Shape => shape;

    /// <summary>Whether it is a loop over elements.</summary>
    public bool IsLoop => isLoop;

    /// <summary>The nodes.</summary>
    public HashSet<Node> Nodes { get; } = [];

    /// <summary>Those of them that others need.</summary>
    public HashSet<Node> Results { get; } = [];

    /// <summary>Set if the group computes a mean and the squared deviations from it, and nothing else.</summary>
    public Moments? Moments { get; init; }

    /// <summary>What a loop's sums keep, as a shape of the loop's rank; null if it has none.</summary>
    public Shape? Kept { get; set; }

    /// <summary>Larger than that of each group that reads its results. So a group whose level is not larger than
    /// another's cannot be what the other is made from.</summary>
    public int Level { get; private set; }

    /// <summary>Adds a node; others that read it are behind it from now on.</summary>
    public void Add(Node node, bool isResult, IEnumerable<Group> readers)
    {
        Nodes.Add(node);
        if (isResult)
        {
            Results.Add(node);
        }

        foreach (var reader in readers.Where(reader => reader != this))
        {
            reader.producers.Add(this);
            Level = Math.Max(Level, reader.Level + 1);
        }
    }

    /// <summary>Makes the level larger than those of some groups, and with it the levels of what this group is made
    /// from. </summary>
    /// <returns>False, and nothing changes, if one of them is needed for this group: it could not be behind
    /// it.</returns>
    public bool TryRaise(IReadOnlyCollection<Group> above)
    {
        var least = above.Aggregate(0, (level, group) => Math.Max(level, group.Level + 1));
        var raised = new Dictionary<Group, int>();
        var open = new Stack<(Group Group, int Level)>([(this, least)]);
        while (open.TryPop(out var next))
        {
            var (group, level) = next;
            if (level <= Math.Max(group.Level, raised.GetValueOrDefault(group)))
            {
                continue;
            }

            raised[group] = level;
            if (above.Contains(group) || raised.Count > MostRaised)
            {
                return false;
            }

            foreach (var producer in group.producers)
            {
                open.Push((producer, level + 1));
            }
        }

        foreach (var (group, level) in raised)
        {
            group.Level = level;
        }

        return true;
    }
}
