using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Puts the stages together: units, their order, buffers, steps, memory.</summary>
internal static class Planner
{
    /// <summary>The plan of a simplified graph.</summary>
    /// <param name="arrangement">The graph, and where in it lies what the user gives and takes.</param>
    /// <param name="choices">What was chosen.</param>
    public static Plan Plan(Arrangement arrangement, Choices choices)
    {
        var (graph, state) = (arrangement.Graph, arrangement.Updates);
        var kept = graph.Outputs.Select(Unit.Storage).ToHashSet();
        var chained = Chains.Of(Schedule.Order(Fusion.Units(graph, kept), state),
            state.Select(pair => Unit.Storage(pair.Next)).ToHashSet());
        var order = RoundSpan.Of(chained.Units, chained.Followers);
        var units = order.Units;
        var lasting = graph.Nodes.Where(node => node.Op is Variable or Constant || kept.Contains(node)).Sum(node => node.Shape.Elements);
        var table = new BufferTable(state.Select(pair => pair.Variable).ToHashSet(), choices.StreamFrom ?? Caches.StreamFrom(lasting));
        foreach (var leaf in graph.Nodes.Where(node => node.Op is Variable or Constant))
        {
            table.Add(leaf, persistent: true);
        }

        // A state variable that nothing reads is still kept and can be asked for.
        foreach (var (variable, _) in state.Where(pair => !table.Has(pair.Variable)))
        {
            table.Add(variable, persistent: true);
        }

        var reads = LastReads(units, order.Span);
        var updates = InPlace(units, state, reads);
        foreach (var result in units.SelectMany(unit => unit.Results))
        {
            if (updates.TryGetValue(result, out var variable))
            {
                table.Share(result, table[variable]);
            }
            else
            {
                table.Add(result, persistent: false, reads.ContainsKey(result));
            }
        }

        foreach (var unit in units)
        {
            switch (unit.Root.Op)
            {
                case RoundOf:
                    table.Within(table[unit.Root], table[unit.Root.Inputs[0]]);
                    break;
                case AllRounds:
                    table.Within(table[unit.Root.Inputs[0]], table[unit.Root]);
                    break;
            }
        }

        var lowering = new Lowering(table, choices);
        return Lower(arrangement, order, lowering, table, reads, kept);
    }

    private static Plan Lower(Arrangement arrangement,
        (ImmutableArray<Unit> Units, ImmutableHashSet<int> Followers, RoundSpan? Span) order, Lowering lowering, BufferTable table,
        Dictionary<Node, int> reads, HashSet<Node> kept)
    {
        var (units, followers, span) = order;
        var (graph, state) = (arrangement.Graph, arrangement.Updates);
        var makers = Makers(units);
        var waves = new Waves();
        var readers = Readers(units, table);
        var lives = table.Buffers.Select(_ => new Lifetime(0, 0)).ToList();
        var end = units.Length;
        var (reuse, taken) = (new Dictionary<int, int>(), new HashSet<int>());
        for (var (i, start) = (0, 0); i < units.Length; i++)
        {
            // What runs together with the units before begins to write when the first of them does.
            var maker = followers.Contains(i) ? units[i - 1] : null;
            start = maker is null ? i : start;
            foreach (var result in units[i].Results)
            {
                // The first round writes into what holds the results of all.
                lives[table[result]] = new(result.Op is AllRounds ? span!.First : start, reads.GetValueOrDefault(result, i));
            }

            TakeOver(units[i], maker, i, table, reads, kept, reuse, taken);
            var passing = maker is { Results: [var only] } && reads[only] == i && !kept.Contains(only) ? only : null;
            var scale = passing is not null && waves.Last is PoolStep or PooledStep ? Means.Of(units[i], passing!) : null;
            var aside = scale is null && units[i].IsLoop && passing is not null
                && units[i].Results.All(result => table.Buffers[table[result]].Streams)
                ? Aside.Of(waves.Last, table[passing], table.Buffers.Count) : null;
            var y = table[units[i].Results[0]];
            var streams = table.Buffers[y].Streams;
            foreach (var result in units[i].Results.Where(result => reuse.ContainsKey(table[result]) && aside is null && scale is null))
            {
                // What lies where a source lay is in the cache already.
                table.Keep(table[result]);
            }

            Step[] made = [.. lowering.Steps(units[i])];
            var before = Before(units[i], i, table, makers, readers, reuse);
            if (maker is not null && made is [LoopStep or PoolStep])
            {
                made = [.. (waves.Last, made[0]) switch
                {
                    (var last, PoolStep pool) => PooledStep.Of(last, pool),
                    (PoolStep pool, var loop) when scale is { } means => [pool.Scaled(means, loop, y, streams)],
                    (PooledStep pool, var loop) when scale is { } means => [pool.Scaled(means, loop, y, streams)],
                    (var last, LoopStep loop) when passing is not null && last.With(loop, y, streams) is { } both => [both],
                    var (last, loop) => ChainedStep.Of(last, (LoopStep)loop, aside),
                }];
                waves.Add(made[^1..], before, withLast: made.Length == 1);
            }
            else
            {
                waves.Add(made, before);
            }

            lives.AddRange(Arrays.Repeat(new Lifetime(i, i), table.Buffers.Count - lives.Count));
        }

        foreach (var output in graph.Outputs.Where(output => !table.Buffers[table[output]].Persistent))
        {
            lives[table[output]] = lives[table[output]] with { Last = end };
        }

        foreach (var moves in CopyState(state, table, lives, end))
        {
            waves.AddLast(moves);
        }

        var cut = waves.Cut(span);
        var (offsets, size) = Memory.Assign(table.Buffers, [.. lives.Select(waves.Of)], reuse);
        return new Plan(arrangement, table, waves.Steps, cut, offsets, size) { Rounds = span?.Rounds };
    }

    /// <summary>The units that must have run before a unit does: those that make what it reads, and those that read
    /// what it overwrites.</summary>
    private static IEnumerable<int> Before(Unit unit, int index, BufferTable table, Dictionary<Node, int> makers,
        Dictionary<int, List<int>> readers, Dictionary<int, int> reuse) =>
        unit.Sources.Where(makers.ContainsKey).Select(source => makers[source]).Concat(unit.Results
            .Select(result => reuse.GetValueOrDefault(table[result], table[result]))
            .SelectMany(buffer => readers.GetValueOrDefault(buffer, [])).Where(reader => reader < index));

    /// <summary>For each buffer the units that read it.</summary>
    private static Dictionary<int, List<int>> Readers(ImmutableArray<Unit> units, BufferTable table)
    {
        var readers = new Dictionary<int, List<int>>();
        for (var i = 0; i < units.Length; i++)
        {
            foreach (var source in units[i].Sources)
            {
                (readers.TryGetValue(table[source], out var known) ? known : readers[table[source]] = []).Add(i);
            }
        }

        return readers;
    }

    /// <summary>For each stored node the unit that makes it.</summary>
    internal static Dictionary<Node, int> Makers(ImmutableArray<Unit> units)
    {
        var place = new Dictionary<Node, int>();
        for (var i = 0; i < units.Length; i++)
        {
            foreach (var result in units[i].Results)
            {
                place[result] = i;
            }
        }

        return place;
    }

    /// <summary>For each stored node the last unit that reads it: what units of rounds do not make themselves, the last of them
    /// reads in the last round.</summary>
    private static Dictionary<Node, int> LastReads(ImmutableArray<Unit> units, RoundSpan? span)
    {
        var last = new Dictionary<Node, int>();
        for (var i = 0; i < units.Length; i++)
        {
            foreach (var source in units[i].Sources)
            {
                last[source] = i;
            }
        }

        if (span is not null)
        {
            var again = units[span.First..(span.Last + 1)];
            foreach (var source in again.SelectMany(unit => unit.Sources).Except(again.SelectMany(unit => unit.Results)))
            {
                last[source] = Math.Max(last[source], span.Last);
            }
        }

        return last;
    }

    /// <summary>Which results can be written right over the state that they replace: those of a loop that nobody else
    /// reads the old value after, and which itself has read it by then.</summary>
    private static Dictionary<Node, Node> InPlace(ImmutableArray<Unit> units,
        ImmutableArray<(Node Variable, Node Next)> state, Dictionary<Node, int> reads)
    {
        var place = Makers(units);
        var updates = new Dictionary<Node, Node>();
        foreach (var (variable, next) in state)
        {
            if (next.Op is not (Reshape or SumTo) && place.TryGetValue(next, out var at) && units[at].IsLoop
                && reads.GetValueOrDefault(variable, -1) <= at && MayOverwrite(units[at], variable))
            {
                updates.TryAdd(next, variable);
            }
        }

        return updates;
    }

    /// <summary>A loop's result may lie where a source lies, if the source is read element by element: a loop reads all
    /// of an element's operands before it writes.</summary>
    private static bool MayOverwrite(Unit unit, Node source) =>
        !unit.Nodes.Any(node => node.Op is Broadcast || node.Inputs.Any(input =>
            Unit.IsRead(input) && Unit.Storage(Unit.Origin(input)) == source));

    /// <summary>Lets a loop's result take over the memory of a source that is read here for the last time, and not by
    /// the unit with which the loop runs together.</summary>
    private static void TakeOver(Unit unit, Unit? maker, int index, BufferTable table,
        Dictionary<Node, int> reads, HashSet<Node> kept, Dictionary<int, int> reuse, HashSet<int> taken)
    {
        if (!unit.IsLoop)
        {
            return;
        }

        foreach (var result in unit.Results.Where(result =>
            result.Op is not SumTo && table.Buffers[table[result]].IsPassing))
        {
            var source = unit.Sources.FirstOrDefault(source =>
                source.Shape.Elements == result.Shape.Elements
                && table.Buffers[table[source]].IsPassing
                && reads[source] == index
                && !taken.Contains(table[source])
                && !kept.Contains(source)
                && maker?.Sources.Contains(source) != true
                && MayOverwrite(unit, source));
            if (source is not null)
            {
                reuse[table[result]] = table[source];
                taken.Add(table[source]);
            }
        }
    }

    /// <summary>Copies next values that could not be written in place. All are read before any is written, since one
    /// state may become what another was.</summary>
    private static IEnumerable<Step[]> CopyState(ImmutableArray<(Node Variable, Node Next)> state, BufferTable table,
        List<Lifetime> lives, int end)
    {
        var moves = state.Where(pair => table[pair.Variable] != table[pair.Next]);
        var aside = new Dictionary<int, int>();
        var first = new List<Step>();
        foreach (var (_, next) in moves)
        {
            if (table.Buffers[table[next]].Persistent && !aside.ContainsKey(table[next]))
            {
                var workspace = table.Workspace(next.Shape.Elements);
                lives.Add(new(end, end + 1));
                aside[table[next]] = workspace;
                first.Add(Move($"set aside {next.Op.Name}", next, table[next], workspace));
            }
        }

        return [[.. first], [.. moves.Select(pair => Move($"update {pair.Variable.Op.Name}", pair.Next,
            aside.GetValueOrDefault(table[pair.Next], table[pair.Next]), table[pair.Variable]))]];
    }

    private static Step Move(string text, Node node, int from, int to) =>
        CopyStep.Of(text, [new(node.Shape.Elements, 1, 1)], from, 0, to, 0);
}
