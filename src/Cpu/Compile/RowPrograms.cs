using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Finds units that can be run together row by row: where sums or largest elements of rows are needed by the
/// same rows again, as in a softmax or a layer norm. A row then goes through all of them while it is in the nearest
/// cache, and what nobody else needs is never stored.</summary>
internal sealed class RowPrograms
{
    // A program that has not grown for so many units is finished.
    private const int Farthest = 64;

    private readonly ImmutableArray<Unit> units;
    private readonly Dictionary<Node, int> makers = [];
    private readonly Program?[] homes;
    private readonly List<Program> open = [];

    private RowPrograms(ImmutableArray<Unit> units)
    {
        this.units = units;
        homes = new Program?[units.Length];
        for (var i = 0; i < units.Length; i++)
        {
            foreach (var result in units[i].Results)
            {
                makers[result] = i;
            }
        }
    }

    /// <summary>The units with programs in place of what they are made of.</summary>
    /// <param name="units">The units in order.</param>
    /// <param name="kept">The nodes whose values are wanted in the end.</param>
    public static ImmutableArray<Unit> Merge(ImmutableArray<Unit> units, IReadOnlySet<Node> kept)
    {
        var programs = new RowPrograms(units);
        for (var i = 0; i < units.Length; i++)
        {
            programs.Place(i);
        }

        return programs.Merged(kept);
    }

    private void Place(int index)
    {
        var unit = units[index];
        var read = unit.Sources.Where(makers.ContainsKey).Select(source => makers[source]).ToList();
        open.RemoveAll(program => index - program.Members[^1] > Farthest);
        var home = open.FirstOrDefault(program => Takes(program, unit, read));
        if (home is null && RowSpace.Of(unit) is { } space && space.Fits(unit, _ => false))
        {
            open.Add(home = new Program(space));
        }

        var joined = home is null ? [] : open.Where(other => other != home && other.Space == home.Space
            && read.Any(at => homes[at] == other)
            && !other.Behind.Contains(home) && !home.Behind.Contains(other)).ToList();
        foreach (var program in open.Where(program =>
            program != home && !joined.Contains(program) && read.Any(at => IsBehind(program, at))))
        {
            program.Behind.Add(home is null ? index : home);
            program.Behind.UnionWith(home?.Behind ?? []);
        }

        if (home is not null)
        {
            homes[index] = home;
            home.Members.Add(index);
            home.Made.UnionWith(unit.Nodes);
            home.Sources.UnionWith(unit.Sources);
            foreach (var other in joined)
            {
                Join(home, other);
            }
        }
    }

    /// <summary>Two programs whose results meet become one, since neither needs the other's.</summary>
    private void Join(Program home, Program other)
    {
        foreach (var member in other.Members)
        {
            homes[member] = home;
        }

        home.Members.AddRange(other.Members);
        home.Members.Sort();
        home.Made.UnionWith(other.Made);
        home.Sources.UnionWith(other.Sources);
        home.Behind.UnionWith(other.Behind);
        open.Remove(other);
        foreach (var program in open.Where(program => program.Behind.Contains(other) || program.Behind.Contains(home)))
        {
            program.Behind.Add(home);
            program.Behind.UnionWith(home.Behind);
        }
    }

    /// <summary>Whether a program takes a unit: it reads what the program makes or reads, and nothing that must wait
    /// for the program's end.</summary>
    private bool Takes(Program program, Unit unit, List<int> read) =>
        program.Space.Fits(unit, node => program.Made.Contains(Unit.Storage(Unit.Origin(node))))
        && unit.Sources.Any(source => program.Made.Contains(source)
            || source.Shape == program.Space.Whole && program.Sources.Contains(source))
        && !read.Any(at => homes[at] != program && IsBehind(program, at));

    /// <summary>Whether a unit is part of a program or needs its results.</summary>
    private bool IsBehind(Program program, int unit) =>
        homes[unit] is { } home ? home == program || program.Behind.Contains(home) : program.Behind.Contains(unit);

    private ImmutableArray<Unit> Merged(IReadOnlySet<Node> kept)
    {
        foreach (var program in homes.OfType<Program>().Distinct())
        {
            // What only goes on with one number a row is better off alone: an update of a bias, say, is done in place.
            while (units[program.Members[^1]].Shape != program.Space.Whole)
            {
                homes[program.Members[^1]] = null;
                program.Members.RemoveAt(program.Members.Count - 1);
            }
        }

        var programs = homes.OfType<Program>().Distinct().Where(program => program.Members.Count > 1).ToHashSet();
        var place = Planner.Makers(units);
        while (programs.Count > 0)
        {
            var made = programs.ToDictionary(program => UnitOf(program, kept));
            Unit[] merged = [.. units.Where((_, i) => homes[i] is not { } home || !programs.Contains(home)), .. made.Keys];
            if (Schedule.TryAfterSources(merged.OrderBy(unit => unit.Results.Max(result => place[result])), out var circle) is { } ordered)
            {
                return ordered;
            }

            // A program that waits for what waits for it is none.
            programs.Remove(made[circle.First(made.ContainsKey)]);
        }

        return units;
    }

    private Unit UnitOf(Program program, IReadOnlySet<Node> kept)
    {
        var members = program.Members.ToHashSet();
        var read = units.Where((_, i) => !members.Contains(i)).SelectMany(unit => unit.Sources).ToHashSet();
        var parts = program.Members.SelectMany(member => units[member].Apart).ToImmutableArray();
        var results = program.Members.SelectMany(member => units[member].Results)
            .Where(result => read.Contains(result) || kept.Contains(result));
        return new Unit([.. parts.SelectMany(part => part.Nodes).Distinct()], [.. results], false, null, parts);
    }

    /// <summary>A program in the making.</summary>
    private sealed class Program(RowSpace space)
    {
        public RowSpace Space => space;

        /// <summary>The places of its units.</summary>
        public List<int> Members { get; } = [];

        /// <summary>All nodes that it computes.</summary>
        public HashSet<Node> Made { get; } = [];

        /// <summary>All that it reads.</summary>
        public HashSet<Node> Sources { get; } = [];

        /// <summary>Units and programs that need its results.</summary>
        public HashSet<object> Behind { get; } = [];
    }
}
