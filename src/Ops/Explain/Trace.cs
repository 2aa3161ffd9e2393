using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Follows an element to where it becomes what it is.</summary>
internal sealed class Trace(Expansion values)
{
    private readonly ImmutableArray<(Node Node, Shape Position, double Value)>.Builder path =
        ImmutableArray.CreateBuilder<(Node Node, Shape Position, double Value)>();

    /// <summary>The first element that is NaN, or else infinite; null if all are finite.</summary>
    public static int? Broken(Tensor tensor)
    {
        var all = Enumerable.Range(0, tensor.Count).Where(i => !double.IsFinite(tensor.At(i))).ToArray();
        return all.Length == 0 ? null : all.FirstOrDefault(i => double.IsNaN(tensor.At(i)), all[0]);
    }

    /// <summary>Why an element is 0: all of its terms are. A term whose element is 0 is followed; where the other factor is
    /// 0 that one is, unless it is a slope, which belongs to the op whose rule it is.</summary>
    public Cause Zero(Node node, int at)
    {
        while (true)
        {
            Add(node, at);
            if (node.Op is Variable)
            {
                return Because($"{Term.NameOf(node)}{path[^1].Position} is 0 in the values that are given");
            }

            if (node.Inputs.IsEmpty || IsFill(node))
            {
                return Because(path.Count == 1
                    ? "0 throughout: the loss does not depend on it, or only through something without slope, such as a comparison or StopGradient"
                    : Causes.Flat(path[^2].Node, path[^2].Position, values));
            }

            if (values.Terms(node, at) is not { } terms)
            {
                return Because(Causes.Flat(node, path[^1].Position, values));
            }

            if (terms.Any(term => term.Value != 0))
            {
                return Because($"its {terms.Length} terms cancel each other: {terms[0]}, …");
            }

            var next = terms.Length > 0 ? terms.MaxBy(term => Math.Abs(term.Coefficient)) : ZeroFactor(node, at);
            if (next is null || next.Node.Origin?.Forward is { } rule && rule == node.Origin?.Forward && terms.Length == 0)
            {
                return Because(Causes.Flat(node, path[^1].Position, values));
            }

            (node, at) = (next.Node, Expansion.Flat(next.Node.Shape, next.Position));
        }
    }

    /// <summary>Why an element is NaN or infinite: the input that is already so is followed, NaN before ∞.</summary>
    public Cause NaN(Node node, int at)
    {
        while (true)
        {
            Add(node, at);
            var isNaN = double.IsNaN(path[^1].Value);
            var broken = node.Inputs.Select(input => (Input: input, At: Place(node, at, input)))
                .Where(pair => pair.At is { } place && !double.IsFinite(values[pair.Input]!.At(place))).ToArray();
            var next = broken.FirstOrDefault(pair => double.IsNaN(values[pair.Input]!.At(pair.At!.Value)));
            if (next.Input is null && isNaN || broken.Length == 0)
            {
                return Because(Causes.Broken(node, path[^1].Position, [.. node.Inputs.Select(input => (input, Place(node, at, input)))], values));
            }

            next = next.Input is null ? broken[0] : next;
            (node, at) = (next.Input, next.At!.Value);
        }
    }

    /// <summary>Which element of an input matters to an element: its own, if there is one for each; otherwise the first that
    /// is not finite.</summary>
    private int? Place(Node node, int at, Node input) => node.Op is IElementwise ? at : Broken(values[input]!);

    private Term? ZeroFactor(Node node, int at) => Enumerable.Range(0, node.Inputs.Length)
        .Select(without => values.Terms(node, at, without))
        .FirstOrDefault(terms => terms is { Length: > 0 })?.MaxBy(term => Math.Abs(term.Coefficient));

    /// <summary>Whether it is a number repeated.</summary>
    private static bool IsFill(Node node) => node is { Op: Broadcast, Inputs: [{ Op: Constant }] };

    private void Add(Node node, int at) => path.Add((node, Expansion.Position(node.Shape, at), values[node]!.At(at)));

    private Cause Because(string reason) => new(path.ToImmutable(), reason);
}
