using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Rewriting: from a graph to an equal, simpler graph. A rule looks at one node, whose inputs are already
/// rewritten, and gives an equal node or null.</summary>
/// <remarks>A rewrite changes no value: x · 0 is not 0, because x may be NaN, and x + 0 is not x, because −0 + 0 is 0
/// and 1/x tells the two zeros apart; x − 0 is x.</remarks>
/// <example><code>
/// var x = Variable("x", [3]);
/// Rewrite.Apply(new Graph(1 * x), Rewrite.Algebra, Rewrite.Fold).Print()
/// // x : [3]
/// // return x
/// </code></example>
public static class Rewrite
{
    /// <summary>Rewrites each node once, from the leaves up, and merges nodes that have become the same (common
    /// subexpressions). Variables stay the objects that they are.</summary>
    public static Graph Apply(Graph graph, params ReadOnlySpan<Func<Node, Node?>> rules)
    {
        var known = new Dictionary<Computation, Node>(graph.Nodes.Length);
        var results = new Dictionary<Node, Node>(graph.Nodes.Length);
        foreach (var node in graph.Nodes)
        {
            var rebuilt = node.With([.. node.Inputs.Select(input => results[input])]);
            results[node] = Merge(known, Exhaust(rebuilt, rules));
        }

        return new Graph([.. graph.Outputs.Select(output => results[output])]);
    }

    /// <summary>x − 0, 1 · x, −(−x) and their like.</summary>
    public static Node? Algebra(Node node) => node switch
    {
        { Op: Add, Inputs: [var x, var zero] } when IsAll(zero, -0.0) => x,
        { Op: Add, Inputs: [var zero, var x] } when IsAll(zero, -0.0) => x,
        { Op: Add, Inputs: [var x, { Op: Negate, Inputs: [var y] }] } => new Subtract().Of(x, y),
        { Op: Subtract, Inputs: [var x, var zero] } when IsAll(zero, 0) => x,
        { Op: Subtract, Inputs: [var x, { Op: Negate, Inputs: [var y] }] } => new Add().Of(x, y),
        { Op: Multiply, Inputs: [var x, var one] } when IsAll(one, 1) => x,
        { Op: Multiply, Inputs: [var one, var x] } when IsAll(one, 1) => x,
        { Op: Divide, Inputs: [var x, var one] } when IsAll(one, 1) => x,
        { Op: Negate, Inputs: [{ Op: Negate, Inputs: [var x] }] } => x,
        { Op: Multiply, Inputs: [{ Op: Negate, Inputs: [var x] }, { Op: Negate, Inputs: [var y] }] } =>
            new Multiply().Of(x, y),
        { Op: Broadcast b, Inputs: [{ Op: Broadcast, Inputs: [var x] }] } => Broadcast.To(x, b.Shape),
        { Op: Broadcast b, Inputs: [var x] } when x.Shape == b.Shape => x,
        { Op: SumTo s, Inputs: [{ Op: SumTo, Inputs: [var x] }] } => SumTo.Of(x, s.Shape),
        { Op: SumTo s, Inputs: [var x] } when x.Shape == s.Shape => x,
        _ => null,
    };

    /// <summary>Computes what depends on constants only,
    /// unless the result is larger than what it is made from.</summary>
    public static Node? Fold(Node node) =>
        !node.Inputs.IsEmpty
        && node.Op.IsDecidedByInputs
        && node.Inputs.All(input => input.Op is Constant)
        && node.Shape.Elements <= node.Inputs.Max(input => input.Shape.Elements)
            ? Constant.Leaf(node.Op.ReferenceAll([.. node.Inputs.Select(input => ((Constant)input.Op).Value)]),
                node.Kind)
            : null;

    /// <summary>Whether every element is known to be this value, with this sign if it is a zero.</summary>
    private static bool IsAll(Node node, double value) => Constant.NumberIn(node) is { } number
        && number.Equals(value) && double.IsNegative(number) == double.IsNegative(value);

    private static Node Exhaust(Node node, ReadOnlySpan<Func<Node, Node?>> rules)
    {
        var changed = true;
        while (changed)
        {
            changed = false;
            foreach (var rule in rules)
            {
                if (rule(node) is { } better && better != node)
                {
                    Node.Mark(better, node.Inputs, node.Origin ?? new Origin(""));
                    (node, changed) = (better, true);
                }
            }
        }

        return node;
    }

    private static Node Merge(Dictionary<Computation, Node> known, Node node)
    {
        if (node.Op is Variable)
        {
            return node;
        }

        var key = new Computation(node.Op, node.Inputs);
        if (known.TryGetValue(key, out var same))
        {
            return same;
        }

        known.Add(key, node);
        return node;
    }

    /// <summary>What a node computes, with inputs compared by identity, one by one.</summary>
    private sealed record Computation(Op Op, ImmutableArray<Node> Inputs)
    {
        public bool Equals(Computation? other) =>
            other is not null && Op.Equals(other.Op) && Inputs.AsSpan().SequenceEqual(other.Inputs.AsSpan());

        public override int GetHashCode() => Inputs.Aggregate(Op.GetHashCode(), HashCode.Combine);
    }
}
