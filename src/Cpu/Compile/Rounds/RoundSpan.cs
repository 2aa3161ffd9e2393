using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>The units that run once a round, side by side in the order of units.</summary>
/// <param name="Rounds">The rounds.</param>
/// <param name="First">The first of the units.</param>
/// <param name="Last">The last one.</param>
internal sealed record RoundSpan(Rounds Rounds, int First, int Last)
{
    /// <summary>The units in an order in which those of rounds are together: behind all that do not need them, before all that do.</summary>
    /// <param name="units">The units, each after those that make what it reads.</param>
    /// <param name="followers">The places of units that follow the one before.</param>
    public static (ImmutableArray<Unit> Units, ImmutableHashSet<int> Followers, RoundSpan? Span) Of(
        ImmutableArray<Unit> units, ImmutableHashSet<int> followers)
    {
        if (units.Select(unit => unit.Root.Op).OfType<AllRounds>().FirstOrDefault() is not { } all)
        {
            return (units, followers, null);
        }

        var (makers, stages) = (Planner.Makers(units), new Stage[units.Length]);
        for (var i = 0; i < units.Length; i++)
        {
            var before = units[i].Sources.Where(makers.ContainsKey).Select(source => makers[source]).ToArray();
            stages[i] = units[i].Root.Op is RoundOf ? Stage.Rounds
                : before.Select(maker => units[maker].Root.Op is AllRounds ? Stage.After : stages[maker]).DefaultIfEmpty().Max();
        }

        int[] order = [.. Arrays.Range(0, units.Length).OrderBy(i => stages[i])];
        var first = stages.Count(stage => stage == Stage.Before);
        return ([.. order.Select(i => units[i])],
            [.. Arrays.Range(1, order.Length - 1).Where(at => followers.Contains(order[at]) && order[at - 1] == order[at] - 1)],
            new(all.Rounds, first, first + stages.Count(stage => stage == Stage.Rounds) - 1));
    }

    private enum Stage
    {
        Before,
        Rounds,
        After,
    }
}
