using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Decides which nodes are computed together.</summary>
/// <remarks>From the last node backwards each elementwise node joins a loop that reads it: all of them if it is cheap
/// to compute again from one operand, otherwise one, from whose results the others read. A node that no loop reads
/// joins one that reads the same values, or begins a loop; so does a sum, but not beside sums over other axes. Levels
/// make sure that no group waits for itself.</remarks>
internal sealed class Fusion
{
    // Beyond this a loop needs more registers than there are, and long to compile.
    private const int MostNodes = 64;

    // What takes no longer than reading a value that was stored.
    private const int CheapEffort = 4;

    // How far to look for loops that read what a sum reads.
    private const int NearNodes = 12;

    private readonly Graph graph;
    private readonly IReadOnlySet<Node> kept;
    private readonly Users users;
    private readonly Dictionary<Node, ImmutableArray<Group>> groups;
    private readonly List<Group> all = [];
    private readonly Dictionary<Node, Node> pairs;

    // Sums with the pass that computes them, and nodes that nobody needs since the pass computes them for itself.
    private readonly Dictionary<Node, Group> moments = [];
    private readonly HashSet<Node> unneeded = [];

    // Nodes through which copies look.
    private readonly HashSet<Node> passed = [];

    private Fusion(Graph graph, IReadOnlySet<Node> kept)
    {
        (this.graph, this.kept, users) = (graph, kept, new Users(graph));
        groups = new(graph.Nodes.Length);
        pairs = PoolPairs(graph);
    }

    /// <summary>The units of a graph, each after those that it reads.</summary>
    /// <param name="graph">The simplified graph.</param>
    /// <param name="kept">The nodes whose values are wanted in the end.</param>
    public static ImmutableArray<Unit> Units(Graph graph, IReadOnlySet<Node> kept)
    {
        var fusion = new Fusion(graph, kept);
        foreach (var node in graph.Nodes.Reverse())
        {
            fusion.Place(node);
        }

        return fusion.InOrder();
    }

    private void Place(Node node)
    {
        if (!kept.Contains(node) && !moments.ContainsKey(node) && users[node].Length > 0 && Readers(node).Count == 0)
        {
            unneeded.Add(node);
        }
        else if (IsOnlySeen(node))
        {
            passed.Add(node);
        }
        else if (node.Op is IElementwise)
        {
            PlaceElementwise(node);
        }
        else if (node.Op is SumTo)
        {
            PlaceSum(node);
        }
        else if (Unit.IsRead(node) ? kept.Contains(node) || !AllInLoops(node)
            : node.Op is not (Variable or Constant or Reshape))
        {
            var other = pairs.TryGetValue(node, out var pair) ? groups.GetValueOrDefault(pair, []) : [];
            Add(node, other is [var group] ? group : New(node.Shape, node.Op is Broadcast), Readers(node), true);
        }
    }

    private void PlaceElementwise(Node node)
    {
        var readers = Readers(node);
        var loops = readers.Where(group => group.IsLoop && group.Shape == node.Shape && group.Nodes.Count < MostNodes
            && ReadsDirectly(node, group)).ToList();
        var isAlone = !kept.Contains(node) && loops.Count == readers.Count;
        if (isAlone && loops.Count > 1 && IsCheap(node))
        {
            groups[node] = [.. loops];
            foreach (var loop in loops)
            {
                loop.Add(node, isResult: false, []);
            }

            return;
        }

        // The one that comes first, since the others then read what it stores.
        var best = loops.OrderByDescending(loop => loop.Level).FirstOrDefault(loop => CanHold(loop, readers));
        var group = best ?? Beside(node, readers) ?? New(node.Shape, isLoop: true);
        Add(node, group, readers, best is null || !isAlone || loops.Count > 1);
    }

    private void PlaceSum(Node node)
    {
        var x = node.Inputs[0];
        var (readers, keeps) = (Readers(node), SumAlgebra.Kept(x.Shape, node.Shape));
        if (MomentsOf(node) is { } pass)
        {
            Add(node, pass, readers, isResult: true);
            return;
        }

        var loop = Beside(x, readers, keeps) ?? New(x.Shape, isLoop: true);
        loop.Kept = keeps;
        Add(node, loop, readers, isResult: true);
    }

    /// <summary>A loop that reads what x is made from, and may compute what the readers need beside its own.</summary>
    private Group? Beside(Node x, HashSet<Group> readers, Shape? keeps = null) =>
        LoopsNear(x).FirstOrDefault(group => group.Shape == x.Shape && group.Nodes.Count < MostNodes
            && (keeps is null || group.Kept is not { } others || others == keeps) && !readers.Contains(group)
            && CanHold(group, readers));

    /// <summary>The pass that computes a sum together with its fellow: the sum of squares comes first, from the end.
    /// </summary>
    private Group? MomentsOf(Node node)
    {
        if (moments.TryGetValue(node, out var known))
        {
            return known;
        }

        if (Moments.Of(node) is not { } found || moments.ContainsKey(found.Sum))
        {
            return null;
        }

        var group = new Group(found.X.Shape, isLoop: false) { Moments = found };
        all.Add(group);
        return moments[found.Sum] = moments[node] = group;
    }

    private void Add(Node node, Group group, IReadOnlyCollection<Group> readers, bool isResult)
    {
        groups[node] = [group];
        group.Add(node, isResult, readers);
    }

    private Group New(Shape shape, bool isLoop)
    {
        var group = new Group(shape, isLoop);
        all.Add(group);
        return group;
    }

    /// <summary>Whether a loop may compute what the readers need: none of them may come before it.</summary>
    private static bool CanHold(Group loop, IReadOnlyCollection<Group> readers)
    {
        var others = readers.Where(reader => reader != loop).ToList();
        return others.All(reader => reader.Level < loop.Level) || loop.TryRaise(others);
    }

    /// <summary>Whether computing it again costs no more than reading it: a short formula of a single value of its
    /// size. </summary>
    private static bool IsCheap(Node node) =>
        node.Op is IElementwise map && Formula.Of(map).Effort <= CheapEffort
        && node.Inputs.Where(input => (!Unit.IsRead(input) || Unit.IsPart(input)) && input.Op is not Constant).Distinct().Count() <= 1;

    /// <summary>The groups that read a node, reshaped or broadcast perhaps.</summary>
    private HashSet<Group> Readers(Node node)
    {
        var readers = new HashSet<Group>();
        var open = new Stack<Node>([node]);
        while (open.TryPop(out var next))
        {
            foreach (var user in users[next])
            {
                if (!groups.TryGetValue(user, out var found))
                {
                    if (!unneeded.Contains(user))
                    {
                        open.Push(user);
                    }
                }
                else if (found is not [{ Moments: { } pass }] || pass.Squares != user)
                {
                    readers.UnionWith(found);
                }
            }
        }

        return readers;
    }

    /// <summary>Whether a group reads a node element by element only.</summary>
    private bool ReadsDirectly(Node node, Group group)
    {
        foreach (var user in users[node])
        {
            if (!groups.ContainsKey(user) && Readers(user).Contains(group))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Loops that read a value, or what it is computed from element by element.</summary>
    private IEnumerable<Group> LoopsNear(Node x)
    {
        var seen = new List<Node> { x };
        for (var i = 0; i < seen.Count && seen.Count < NearNodes; i++)
        {
            if (seen[i].Op is IElementwise)
            {
                seen.AddRange(seen[i].Inputs.Where(input =>
                    !Unit.IsRead(input) && input.Op is not Constant && !seen.Contains(input)));
            }
        }

        foreach (var node in seen)
        {
            foreach (var user in users[node].ToArray())
            {
                foreach (var group in groups.GetValueOrDefault(user, []).Where(group => group.IsLoop))
                {
                    yield return group;
                }
            }
        }
    }

    private bool IsOnlySeen(Node node)
    {
        if (kept.Contains(node) || !Seen.IsThrough(node))
        {
            return false;
        }

        foreach (var user in users[node])
        {
            if (!Seen.IsCopy(user) && !passed.Contains(user))
            {
                return false;
            }
        }

        return true;
    }

    private bool AllInLoops(Node node)
    {
        foreach (var user in users[node])
        {
            if (user.Op is not (IElementwise or SumTo) && !(Unit.IsPart(node) && Seen.IsCopy(user)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Max pools of which both the values and the positions are wanted: one look at the image gives
    /// both.</summary>
    private static Dictionary<Node, Node> PoolPairs(Graph graph)
    {
        var positions = graph.Nodes.Where(node => node.Op is MaxPoolIndices or Reordered { Inner: MaxPoolIndices })
            .ToDictionary(node => (node.Op, node.Inputs[0]));
        var found = new Dictionary<Node, Node>();
        foreach (var node in graph.Nodes)
        {
            Op? partner = node.Op switch
            {
                MaxPool pool => new MaxPoolIndices(pool.Kernel, pool.Window),
                Reordered { Inner: MaxPool pool } reordered =>
                    reordered with { Inner = new MaxPoolIndices(pool.Kernel, pool.Window) },
                _ => null,
            };
            if (partner is not null && positions.TryGetValue((partner, node.Inputs[0]), out var indices))
            {
                (found[node], found[indices]) = (indices, node);
            }
        }

        return found;
    }

    /// <summary>The groups as units, each where its last node stands, but after what it reads.</summary>
    private ImmutableArray<Unit> InOrder()
    {
        var place = new Dictionary<Node, int>(graph.Nodes.Length);
        foreach (var node in graph.Nodes)
        {
            place.Add(node, place.Count);
        }

        // Of a pool's pair the positions come first, wherever they stand.
        var units = all.ToDictionary(group => group, group => new Unit(
            [.. group.Nodes.OrderByDescending(node => node.Kind).ThenBy(node => place[node])],
            [.. group.Results.OrderBy(node => place[node])], group.IsLoop, group.Moments));
        return RowPrograms.Merge(Schedule.AfterSources(units.Values.OrderBy(unit => place[unit.Root])), kept);
    }
}
