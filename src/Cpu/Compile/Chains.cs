using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Finds loops that can run right behind the heavy unit that makes one of their operands, stretch by stretch
/// while it is in the cache: bias, activation and residual after a convolution or a product of matrices. A pool of what
/// they make follows them.</summary>
internal static class Chains
{
    // Beyond so many units between the two nobody looks whether they stand in the way.
    private const int Farthest = 32;

    /// <summary>The units with each such loop directly behind its maker.</summary>
    /// <param name="units">The units in order.</param>
    /// <param name="fixedPlaces">Results whose units must stay where they are: updates in place of what others read
    /// before.</param>
    /// <returns>The new order, and the places of units that follow the one before.</returns>
    public static (ImmutableArray<Unit> Units, ImmutableHashSet<int> Followers) Of(
        ImmutableArray<Unit> units, IReadOnlySet<Node> fixedPlaces)
    {
        var makers = Planner.Makers(units);
        var followers = new Dictionary<int, Follower>();
        for (var i = 0; i < units.Length; i++)
        {
            if (MakerOf(units, i, makers, fixedPlaces) is { } maker && !followers.ContainsKey(maker)
                && Between(units, maker, i, makers, fixedPlaces) is { } before)
            {
                followers[maker] = new(i, before);
            }
        }

        return Ordered(units, followers, Pools(units, makers));
    }

    /// <summary>For each unit the first pool of its result: it reads nothing else, so it may run at once.</summary>
    private static Dictionary<int, int> Pools(ImmutableArray<Unit> units, Dictionary<Node, int> makers)
    {
        var pools = new Dictionary<int, int>();
        for (var i = 0; i < units.Length; i++)
        {
            if (units[i] is { IsLoop: false, Root.Op: Reordered { Inner: MaxPool or MaxPoolIndices or SumPool }, Sources: [var source] }
                && source.Shape.Elements > 0 && makers.TryGetValue(source, out var maker))
            {
                pools.TryAdd(maker, i);
            }
        }

        return pools;
    }

    /// <summary>The heavy unit that makes the last operand of a loop without sums, if the loop reads it element by
    /// element.</summary>
    private static int? MakerOf(
        ImmutableArray<Unit> units, int index, Dictionary<Node, int> makers, IReadOnlySet<Node> fixedPlaces)
    {
        var loop = units[index];
        if (!loop.IsLoop || loop.Nodes.Any(node => node.Op is not IElementwise) || loop.Results.Any(fixedPlaces.Contains))
        {
            return null;
        }

        var made = loop.Sources.Where(makers.ContainsKey).ToArray();
        if (made.Length == 0)
        {
            return null;
        }

        var dense = made.Where(source => (IsHeavy(units[makers[source]].Root) || IsSum(units[makers[source]].Root))
            && source.Shape.Elements == loop.Root.Shape.Elements
            && !loop.Nodes.Any(node => node.Inputs.Any(
                input => Unit.IsRead(input) && Unit.Storage(Unit.Origin(input)) == source))).ToArray();
        return dense.Length == 0 ? null : dense.Max(source => makers[source]);
    }

    /// <summary>Whether a node's steps are worth being followed; without elements there is none.</summary>
    private static bool IsHeavy(Node node) =>
        node is { Shape.Elements: > 0, Op: MatMul or Reordered { Inner: Convolution or ConvolutionInput } };

    /// <summary>Whether it is a pool's sum or the transpose of one, whose division is a loop.</summary>
    private static bool IsSum(Node node) =>
        node is { Shape.Elements: > 0, Op: SumPool or SumPoolInput or Reordered { Inner: SumPool or SumPoolInput } };

    /// <summary>The units between a maker and its loop that the loop needs, which must go before the maker; null if
    /// one of them needs it.</summary>
    private static ImmutableArray<int>? Between(ImmutableArray<Unit> units, int maker, int loop, Dictionary<Node, int> makers,
        IReadOnlySet<Node> fixedPlaces)
    {
        if (loop - maker > Farthest)
        {
            return null;
        }

        var needed = new SortedSet<int>();
        var open = new Stack<int>([loop]);
        while (open.TryPop(out var unit))
        {
            foreach (var source in units[unit].Sources)
            {
                if (!makers.TryGetValue(source, out var at) || at < maker || at == maker && unit == loop)
                {
                    continue;
                }

                if (at == maker || units[at].Results.Any(fixedPlaces.Contains))
                {
                    return null;
                }

                if (needed.Add(at))
                {
                    open.Push(at);
                }
            }
        }

        return [.. needed];
    }

    private static (ImmutableArray<Unit>, ImmutableHashSet<int>) Ordered(
        ImmutableArray<Unit> units, Dictionary<int, Follower> followers, Dictionary<int, int> pools)
    {
        var (ordered, placed) = (ImmutableArray.CreateBuilder<Unit>(units.Length), new HashSet<int>());
        var places = ImmutableHashSet.CreateBuilder<int>();
        for (var i = 0; i < units.Length; i++)
        {
            if (!placed.Add(i))
            {
                continue;
            }

            if (followers.TryGetValue(i, out var follower) && !placed.Contains(follower.Loop))
            {
                foreach (var needed in follower.Before.Where(placed.Add))
                {
                    ordered.Add(units[needed]);
                }

                placed.Add(follower.Loop);
                places.Add(ordered.Count + 1);
                ordered.AddRange(units[i], units[follower.Loop]);
                Pool(follower.Loop);
            }
            else
            {
                ordered.Add(units[i]);
                if (IsHeavy(units[i].Root))
                {
                    Pool(i);
                }
            }
        }

        return (ordered.ToImmutable(), places.ToImmutable());

        void Pool(int maker)
        {
            if (pools.TryGetValue(maker, out var pool) && placed.Add(pool))
            {
                places.Add(ordered.Count);
                ordered.Add(units[pool]);
                if (followers.TryGetValue(pool, out var follower) && follower.Before.All(placed.Contains) && placed.Add(follower.Loop))
                {
                    places.Add(ordered.Count);
                    ordered.Add(units[follower.Loop]);
                }
            }
        }
    }

    /// <summary>A loop that follows a unit, and the units that must go before both.</summary>
    private sealed record Follower(int Loop, ImmutableArray<int> Before);
}
