namespace AutoDiffCnn;

/// <summary>Writes the lines of a derivation.</summary>
/// <param name="names">What values are called.</param>
/// <param name="steps">The values whose derivatives have lines.</param>
/// <param name="notation">How derivatives are written.</param>
/// <param name="checks">For each step what its check said.</param>
internal sealed class Lines(Naming names, HashSet<Node> steps, Notation notation, IReadOnlyDictionary<Node, string> checks)
{
    /// <summary>How the loss is computed.</summary>
    public List<DerivationLine> Forward { get; } = [];

    /// <summary>The derivatives.</summary>
    public List<DerivationLine> Backward { get; } = [];

    /// <summary>Writes all lines.</summary>
    /// <param name="values">The values with names, each with the node to write.</param>
    /// <param name="errors">The steps, each with the node of its derivative.</param>
    public void Write(IReadOnlyList<(Node Value, Node Shown)> values, IReadOnlyList<(Node Step, Node Shown)> errors)
    {
        var symbols = new Dictionary<Node, MathText>();
        var (valueOf, stepOf) = (new Dictionary<Node, Node>(), new Dictionary<Node, Node>());
        foreach (var (value, shown) in values)
        {
            _ = symbols.TryAdd(shown, names.Symbols[value]) && valueOf.TryAdd(shown, value);
        }

        foreach (var (step, shown) in errors)
        {
            _ = symbols.TryAdd(shown, Error(step)) && stepOf.TryAdd(shown, step);
        }

        foreach (var (node, left, right) in Equations.Of([.. values.Concat(errors).Select(pair => pair.Item2)], symbols))
        {
            if (stepOf.TryGetValue(node, out var step))
            {
                Backward.Add(new(node, left, right, RuleOf(step), checks[step]));
            }
            else if (valueOf.TryGetValue(node, out var value))
            {
                Forward.Add(new(node, left, right, Layer(names.Statement(value)), ""));
            }
            else if (node.Origin is { Forward: null } || Backward.Count == 0 && Forward.Count < values.Count)
            {
                Forward.Add(new(node, left, right, "", ""));
            }
            else
            {
                Backward.Add(new(node, left, right, "", ""));
            }
        }

        // An error that is passed on unchanged is one node with several names: the first stands for it.
        foreach (var (step, shown) in errors.Where(pair => !stepOf.TryGetValue(pair.Shown, out var first) || first != pair.Step))
        {
            Backward.Insert(Backward.FindIndex(line => line.Node == shown) + 1, new(shown, Error(step), symbols[shown], RuleOf(step), checks[step]));
        }
    }

    /// <summary>The rules on the way from a value to the next whose derivative has a line; several ways add up.</summary>
    private string RuleOf(Node step)
    {
        string[] ways = [.. names.Ways(step, steps.Contains)
            .Select(way => string.Join("; ", way.Reverse().Select(each => each.Node.Op.ChainRule(each.Input)).Where(rule => rule.Length > 0)))
            .Select(rule => rule.Length == 0 ? "the error is passed on" : rule)];
        return ways.Length switch
        {
            0 => "the loss does not depend on it",
            1 => ways[0],
            _ => $"{ways.Length} uses, whose errors add up: {string.Join(" + ", ways.Distinct())}",
        };
    }

    private static string Layer(Node node) =>
        node.Origin is { Path.Length: > 0 } origin ? $"{node.Op.Name}, {origin.Path}" : node.Op.Name;

    private MathText Error(Node step)
    {
        var symbol = names.Symbols[step];
        return notation == Notation.Differential
            ? new($"d{symbol.Latex}", $"d{symbol.Unicode}", $"d{symbol.Text}")
            : symbol.Text.StartsWith('Z')
                ? new($@"\delta{symbol.Latex[1..]}", $"δ{symbol.Unicode[1..]}", $"delta{symbol.Text[1..]}")
                : new($@"\nabla {symbol.Latex}", $"∇{symbol.Unicode}", $"grad {symbol.Text}");
    }
}
