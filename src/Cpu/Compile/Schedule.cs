using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Decides the order of units.</summary>
internal static class Schedule
{
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
