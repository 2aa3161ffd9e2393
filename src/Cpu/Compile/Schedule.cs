using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Decides the order of units.</summary>
internal static class Schedule
{
    /// <summary>The units in an order as near to the given one as possible, each after those that make what it reads.
    /// </summary>
    /// <exception cref="GraphError">Some wait for each other.</exception>
    public static ImmutableArray<Unit> AfterSources(IEnumerable<Unit> units, IReadOnlyDictionary<Node, Unit> makers) =>
        TryAfterSources(units, makers, out var circle)
            ?? throw new GraphError($"{string.Join(" and ", circle)} wait for each other.");

    /// <summary>The same, or null and the units that wait for each other.</summary>
    public static ImmutableArray<Unit>? TryAfterSources(
        IEnumerable<Unit> units, IReadOnlyDictionary<Node, Unit> makers, out ImmutableArray<Unit> circle)
    {
        var ordered = ImmutableArray.CreateBuilder<Unit>();
        var seen = new HashSet<Unit>(ReferenceEqualityComparer.Instance);
        var done = new HashSet<Unit>(ReferenceEqualityComparer.Instance);
        var open = new Stack<(Unit Unit, int Next)>();
        foreach (var unit in units)
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
        var places = units.Select((unit, i) => (Unit: unit, Place: Place(unit, i), Index: i));
        return [.. places.OrderBy(entry => entry.Place).ThenBy(entry => entry.Place > entry.Index)
            .ThenBy(entry => entry.Index).Select(entry => entry.Unit)];

        int Place(Unit unit, int index) =>
            unit.Results.All(result => overwrites[result].Any() && !lastReader.ContainsKey(result))
                ? unit.Results.SelectMany(result => overwrites[result])
                    .Select(variable => lastReader.GetValueOrDefault(variable, index)).Append(index).Max()
                : index;
    }
}
