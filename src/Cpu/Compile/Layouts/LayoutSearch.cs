namespace AutoDiffCnn;

/// <summary>Chooses layouts so that few and small tensors are transposed: what is known spreads along the links, inputs
/// before users, then single choices are changed where that costs less. Not the least of all costs, which would take a
/// minimum cut, but linear, and on networks the same.</summary>
internal static class LayoutSearch
{
    // Forwards and backwards is one round. What is known reaches nearly everything in the first; the second comes to
    // side branches that begin where only the way back has decided.
    private const int Rounds = 3;

    /// <summary>For each place of a problem whether it is computed channels-last.</summary>
    public static bool[] Solve(LayoutProblem problem)
    {
        var last = problem.Fixed.ToArray();
        var groups = new Dictionary<int, List<int>>();
        for (var place = 0; place < last.Length; place++)
        {
            var group = problem.Group[place];
            if (problem.Fixed[group] is null)
            {
                (groups.TryGetValue(group, out var members) ? members : groups[group] = []).Add(place);
            }
        }

        int[][] open = [.. groups.Values.Select(group => group.ToArray())];
        Sweep(problem, open, last, (known, difference) => known ?? (difference == 0 ? null : difference < 0));
        foreach (var members in open)
        {
            // Where both cost the same the other order goes on: what follows moves once, and not each of its inputs.
            last[problem.Group[members[0]]] ??= members.Any(
                place => problem.Reads[place].Exists(read => last[problem.Group[read.Source]] == true));
        }

        Sweep(problem, open, last, (known, difference) => difference == 0 ? known : difference < 0);
        return [.. Arrays.Range(0, last.Length).Select(place => last[problem.Group[place]] ?? false)];
    }

    /// <summary>Chooses for each group again, forwards and backwards, until nothing changes.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="open">The members of each group that is not fixed.</param>
    /// <param name="last">What is chosen, by deciding place.</param>
    /// <param name="choose">The choice from the one before and from what channels-last would cost more.</param>
    private static void Sweep(LayoutProblem problem, int[][] open, bool?[] last, Func<bool?, long, bool?> choose)
    {
        int[][] both = [.. open, .. open.Reverse()];
        var changed = true;
        for (var round = 0; changed && round < Rounds; round++)
        {
            changed = false;
            foreach (var members in both)
            {
                var key = problem.Group[members[0]];
                var choice = choose(last[key], Difference(problem, last, members));
                changed |= choice != last[key];
                last[key] = choice;
            }
        }
    }

    /// <summary>How much more moves if a group is computed channels-last than if it is not, as far as its neighbours
    /// are decided.</summary>
    private static long Difference(LayoutProblem problem, bool?[] last, int[] members)
    {
        var key = problem.Group[members[0]];
        var difference = 0L;
        foreach (var place in members)
        {
            foreach (var (source, cost) in problem.Reads[place])
            {
                // What another reader wants moved is moved anyway.
                if (Of(source) is { } form && !problem.Readers[source].Exists(reader => reader != place && Of(reader) == !form))
                {
                    difference += form ? -cost : cost;
                }
            }

            // A result is moved once, however many want it moved.
            var (wantLast, wantFirst) = (false, false);
            foreach (var reader in problem.Readers[place])
            {
                wantLast |= Of(reader) == true;
                wantFirst |= Of(reader) == false;
            }

            difference += (wantFirst ? problem.Weight[place] : 0) - (wantLast ? problem.Weight[place] : 0);
        }

        return difference;

        bool? Of(int place) => problem.Group[place] == key ? null : last[problem.Group[place]];
    }
}
