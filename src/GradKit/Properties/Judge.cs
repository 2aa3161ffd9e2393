using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A gradient against differences: of a graph, and of an op alone.</summary>
internal static class Judge
{
    private const int Aside = 3;
    private const int Rows = 24;

    /// <summary>Whether the gradient of a case is what differences measure. Where they differ, each op is looked at
    /// alone: the one that is wrong is wrong nearby too, and at a kink the gradient must lie between the slopes around
    /// it.</summary>
    public static Verdict Of(Case at, Key key)
    {
        var (sameness, text) = Compare(at, key);
        if (sameness != Sameness.Different)
        {
            return sameness == Sameness.Same ? Verdict.Holds : Verdict.None(text);
        }

        var ops = Parts.Of(at);
        if (ops.Length == 1)
        {
            return Alone(at, key, text);
        }

        var verdicts = ops.Select(op => (op, Verdict: Of(op, key))).ToArray();
        if (verdicts.FirstOrDefault(pair => pair.Verdict.IsFalse) is ({ } guilty, { } why))
        {
            return why with { Text = $"{text}; op {guilty.Output.Op}: {why.Text}" };
        }

        // A tie may go along with the point, as that of max(x, stop(x)) does: then the gradient lies between the slopes.
        return IsWrongAside(at, key) && Kinks.Of(at, key, Rows).IsFalse ? Verdict.False(text) : Verdict.None("not differentiable here");
    }

    private static Verdict Alone(Case at, Key key, string text) =>
        IsWrongAside(at, key) ? Verdict.False(text) : Kinks.Of(at, key, Rows);

    /// <summary>Whether the gradient is wrong at points around as well, where no tie and no kink is.</summary>
    private static bool IsWrongAside(Case at, Key key)
    {
        var found = Enumerable.Range(0, Aside).Select(i =>
            Compare(Directions.Nearby(at, key.FoldIn($"aside{i}")), key.FoldIn((uint)i)).Sameness).ToArray();
        return found.Count(one => one == Sameness.Different) >= 2;
    }

    /// <summary>⟨Jᵀu, v⟩ against d/dt ⟨u, f(x + tv)⟩ at 0, for one u and one v.</summary>
    public static (Sameness Sameness, string Text) Compare(Case at, Key key)
    {
        var xs = at.Varied;
        if (xs.IsEmpty || at.Output.Kind == Kind.Index)
        {
            return (Sameness.Same, "");
        }

        var u = Directions.Cotangent(at.Output.Shape, key.FoldIn("u"));
        ImmutableArray<Node> nodes = [at.Output, .. Directions.Pulled(at, u), .. at.Held];
        var values = at.Run(nodes);
        var (y, gradients) = (values[0], values[1..(1 + xs.Length)]);
        if (!Directions.AreFinite([y]))
        {
            return (Sameness.Unknown, "not finite here");
        }

        var bindings = at.Bindings;
        var directions = xs.Select(x => Directions.Along(bindings[x], key.FoldIn(x.Op.Name))).ToArray();
        var given = gradients.Zip(directions, Directions.Inner).Sum();
        if (!Directions.AreFinite(gradients))
        {
            // Infinite slopes exist, and times 0 they are NaN; it is a mistake only of an op to which all that comes is finite.
            return Parts.IsAlone(at) && Directions.AreFinite(at.Run(at.Graph.Nodes))
                ? (Sameness.Different, "Vjp gave a number that is not finite")
                : (Sameness.Unknown, "not finite here");
        }

        var held = at.Held.Zip(values[(1 + xs.Length)..]).ToArray();
        var line = new Line(at, xs, directions, held);
        var floor = gradients.Zip(directions, Directions.Terms).Sum() + 1e-6 * Directions.Terms(u, y);
        var (differs, text) = (false, "lost in rounding");
        foreach (var slope in Slope.Of(t => Directions.Inner(u, line.Value(t))))
        {
            var scale = Math.Max(floor, Math.Abs(slope.Value));
            if (slope.IsKnown(scale))
            {
                if (slope.Is(given, scale))
                {
                    return (Sameness.Same, "");
                }

                if (IsRounding(slope))
                {
                    return (Sameness.Unknown, "lost in rounding");
                }

                (differs, text) = (true, $"Vjp gave {Text(given)}, differences {Text(slope.Value)}");
            }
        }

        return (differs ? Sameness.Different : Sameness.Unknown, text);

        // Of an op alone every sum is in the floor already; to move its result would break the ties that a rule looks for.
        bool IsRounding(Slope slope) => !Parts.IsAlone(at) && (
            Rounding.Explains(at, nodes, key, other => other.Skip(1).Take(xs.Length).Zip(directions, Directions.Inner).Sum() - slope.Value)
            || Rounding.Explains(at, nodes, key, other => (Directions.Inner(u, other[0]) - Directions.Inner(u, y)) / slope.Step + given - slope.Value));
    }

    internal static string Text(double value) => value.ToString("G8", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>How two numbers compare that are known to some digits.</summary>
internal enum Sameness
{
    Same,
    Different,
    Unknown,
}

/// <summary>A case's output along a line through its inputs.</summary>
internal sealed class Line(
    Case at, ImmutableArray<Node> xs, IReadOnlyList<Tensor> directions, IEnumerable<(Node Node, Tensor Value)> held)
{
    private readonly Dictionary<Node, Tensor> bindings = at.Bindings
        .Concat(held.Select(pair => KeyValuePair.Create(pair.Node, pair.Value)))
        .DistinctBy(pair => pair.Key).ToDictionary();

    public Tensor Value(double t)
    {
        var moved = new Dictionary<Node, Tensor>(bindings);
        for (var i = 0; i < xs.Length; i++)
        {
            moved[xs[i]] = Directions.Moved(bindings[xs[i]], directions[i], t);
        }

        return Reference.Run([at.Output], moved)[0];
    }
}

/// <summary>The ops of a case, each alone at what comes to it.</summary>
internal static class Parts
{
    /// <summary>Whether a case is nothing but an op on its inputs.</summary>
    public static bool IsAlone(Case at) =>
        at.Twin is null && at.Graph.Nodes.Length == 1 + at.Inputs.Length && Ops(at).Length == 1;

    public static ImmutableArray<Case> Of(Case at)
    {
        var nodes = at.Graph.Nodes;
        if (IsAlone(at))
        {
            return [at];
        }

        var ops = Ops(at);
        var values = nodes.Zip(at.Run(nodes)).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. ops.Select(node => Case.Alone(node, node.Inputs.Select(input => values[input])))];
    }

    private static Node[] Ops(Case at) =>
        [.. at.Graph.Nodes.Where(node => !node.Inputs.IsEmpty && !at.Held.Contains(node))];
}
