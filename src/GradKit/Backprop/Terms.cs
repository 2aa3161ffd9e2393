using System.Collections.Immutable;
using System.Globalization;

namespace AutoDiffCnn;

/// <summary>Nodes as sums of products: two nodes with the same text are equal for all values. What is no sum or product
/// is an atom, known by its op and by the texts of its inputs.</summary>
internal sealed class Terms
{
    private const int Most = 200;

    private readonly Dictionary<Node, ImmutableSortedDictionary<string, double>> sums = [];
    private readonly Dictionary<(Op, string), string> atoms = [];

    /// <summary>A node's sum, written in one way only.</summary>
    public string Of(Node node)
    {
        foreach (var each in new Graph(node).Nodes)
        {
            if (!sums.ContainsKey(each))
            {
                sums[each] = Sum(each);
            }
        }

        return Text(sums[node]);
    }

    /// <summary>The number that a constant, broadcast or not, is throughout; null if it is none.</summary>
    public static double? NumberOf(Node node) => node switch
    {
        { Op: Constant { Value: { Count: 1 } value, Kind: Kind.Real } } => value.At(0),
        { Op: Broadcast or Reshape, Inputs: [var x] } => NumberOf(x),
        _ => null,
    };

    private ImmutableSortedDictionary<string, double> Sum(Node node)
    {
        if (NumberOf(node) is { } number)
        {
            return Number(number);
        }

        return (node.Op, node.Inputs) switch
        {
            (Add, [var a, var b]) => Plus(sums[a], sums[b], 1),
            (Subtract, [var a, var b]) => Plus(sums[a], sums[b], -1),
            (Negate, [var a]) => Plus(Number(0), sums[a], -1),
            (Multiply, [var a, var b]) when sums[a].Count * sums[b].Count <= Most => Times(sums[a], sums[b]),
            (Divide, [var a, var b]) when NumberOf(b) is { } divisor && divisor != 0 => Times(sums[a], Number(1 / divisor)),
            (Divide, [var a, var b]) => Times(sums[a], Atom(new Reciprocal(), Text(sums[b]))),
            (_, [var x]) when IsLinear(node.Op) => Each(sums[x], (product, factor) => Atom(node.Op, product, factor)),
            (_, [var x, var y]) when IsBilinear(node.Op) => Each(sums[x], (left, first) =>
                Each(sums[y], (right, second) => Atom(node.Op, $"{left} | {right}", first * second))),
            (PlanePut, [var dy, var index]) => Each(sums[dy], (product, factor) => Atom(node.Op, $"{product} | {Text(sums[index])}", factor)),
            (Variable, _) => Atom(node.Op, ""),
            _ => Atom(node.Op, string.Join(" | ", node.Inputs.Select(input => Text(sums[input])))),
        };
    }

    private static bool IsLinear(Op op) =>
        op is SumTo or Broadcast or Reshape or Transpose or Reverse or Slice or Place or SumPool or SumPoolInput;

    private static bool IsBilinear(Op op) => op is MatMul or Convolution or ConvolutionInput or ConvolutionKernel;

    private static ImmutableSortedDictionary<string, double> Number(double value) => Sorted([("", value)]);

    private ImmutableSortedDictionary<string, double> Atom(Op op, string inputs, double factor = 1)
    {
        var key = (op, inputs);
        if (!atoms.TryGetValue(key, out var name))
        {
            atoms[key] = name = $"a{atoms.Count.ToString("D5", CultureInfo.InvariantCulture)}";
        }

        return Sorted([(name, factor)]);
    }

    private static ImmutableSortedDictionary<string, double> Each(ImmutableSortedDictionary<string, double> sum,
        Func<string, double, ImmutableSortedDictionary<string, double>> function) =>
        sum.Aggregate(Sorted([]), (all, term) => Plus(all, function(term.Key, term.Value), 1));

    private static ImmutableSortedDictionary<string, double> Plus(
        ImmutableSortedDictionary<string, double> a, ImmutableSortedDictionary<string, double> b, double factor) =>
        Sorted(a.Select(term => (term.Key, term.Value)).Concat(b.Select(term => (term.Key, factor * term.Value))));

    /// <summary>Products are the names of their factors in order.</summary>
    private static ImmutableSortedDictionary<string, double> Times(
        ImmutableSortedDictionary<string, double> a, ImmutableSortedDictionary<string, double> b) =>
        Sorted(from left in a
               from right in b
               select (string.Join('·', left.Key.Split('·').Concat(right.Key.Split('·')).Where(name => name.Length > 0).Order(StringComparer.Ordinal)),
                   left.Value * right.Value));

    private static ImmutableSortedDictionary<string, double> Sorted(IEnumerable<(string Product, double Factor)> terms) => terms
        .GroupBy(term => term.Product, StringComparer.Ordinal)
        .Select(group => KeyValuePair.Create(group.Key, group.Sum(term => term.Factor)))
        .Where(term => Math.Abs(term.Value) > 1e-300)
        .ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static string Text(ImmutableSortedDictionary<string, double> sum) =>
        string.Join(" + ", sum.Select(term => $"{term.Value.ToString("G12", CultureInfo.InvariantCulture)}·{term.Key}"));
}
