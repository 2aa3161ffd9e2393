using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Decides the order of units.</summary>
internal static class Schedule
{
    /// <summary>The units in an order as near to the given one as possible, each after those that make what it reads.
    /// </summary>
    /// <exception cref="GraphError">Some wait for each other.</exception>
    public static ImmutableArray<Unit> AfterSources(IEnumerable<Unit> units) =>
        TryAfterSources(units, out var circle)
            ?? throw new GraphError($"{string.Join(" and ", circle)} wait for each other.");

    /// <summary>The same, or null and the units that wait for each other.</summary>
    public static ImmutableArray<Unit>? TryAfterSources(IEnumerable<Unit> units, out ImmutableArray<Unit> circle)
    {
        Unit[] all = [.. units];
        var makers = new Dictionary<Node, Unit>();
        foreach (var unit in all)
        {
            foreach (var result in unit.Results)
            {
                makers.Add(result, unit);
            }
        }

        var ordered = ImmutableArray.CreateBuilder<Unit>();
        var seen = new HashSet<Unit>(ReferenceEqualityComparer.Instance);
        var done = new HashSet<Unit>(ReferenceEqualityComparer.Instance);
        var open = new Stack<(Unit Unit, int Next)>();
        foreach (var unit in all)
        {
            Open(unit);
            while (open.TryPop(out var top))
            {
                if (top.Next == top.Unit.Sources.Length)
                {
                    ordered.Add(top.Unit);
                    done.Add(top.Unit);
                    continue;
                }

                open.Push((top.Unit, top.Next + 1));
                if (makers.TryGetValue(top.Unit.Sources[top.Next], out var maker)
                    && !Open(maker) && !done.Contains(maker))
                {
                    circle = [.. open.TakeWhile(entry => entry.Unit != maker).Select(entry => entry.Unit), maker];
                    return null;
                }
            }
        }

        circle = [];
        return ordered.ToImmutable();

        bool Open(Unit unit)
        {
            if (!seen.Add(unit))
            {
                return false;
            }

            open.Push((unit, 0));
            return true;
        }
    }

    /// <summary>The units in order, with each state update moved behind the last reader of the old value, so that it
    /// can be done in place.</summary>
    public static ImmutableArray<Unit> Order(ImmutableArray<Unit> units,
        IReadOnlyList<(Node Variable, Node Next)> state)
    {
        var lastReader = new Dictionary<Node, int>();
        for (var i = 0; i < units.Length; i++)
        {
            foreach (var source in units[i].Sources)
            {
                lastReader[source] = i;
            }
        }

        var overwrites = state.ToLookup(pair => Unit.Storage(pair.Next), pair => pair.Variable);
        var places = units.Select((unit, i) => new Placed(unit, Place(unit, i), i));
        return [.. places.OrderBy(placed => placed.Place).ThenBy(placed => placed.IsMoved).Select(placed => placed.Unit)];

        int Place(Unit unit, int index) =>
            unit.Results.All(result => overwrites[result].Any() && !lastReader.ContainsKey(result))
                ? unit.Results.SelectMany(result => overwrites[result])
                    .Aggregate(index, (place, variable) => Math.Max(place, lastReader.GetValueOrDefault(variable, index)))
                : index;
    }

    /// <summary>A unit, the place behind whose unit it goes, and its own.</summary>
    private sealed record Placed(Unit Unit, int Place, int Index)
    {
        public bool IsMoved => Place > Index;
    }
}
