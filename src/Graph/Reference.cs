using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Runs a graph in double precision by each op's plain meaning. It is slow, and it defines what a graph means:
/// the other executor is tested against it.</summary>
/// <example><code>
/// var x = Variable("x", [2]);
/// Reference.Run(Sum(x * x), (x, Tensor.Of([3, 4]))) // 25
/// </code></example>
public static class Reference
{
    /// <summary>The value of one node.</summary>
    /// <param name="output">The node.</param>
    /// <param name="values">A value for each variable.</param>
    /// <exception cref="BindingError">A variable has no value, or one that does not fit.</exception>
    public static Tensor Run(Node output, params ReadOnlySpan<(Node Variable, Tensor Value)> values) =>
        Run([output], values.ToArray().ToDictionary(pair => pair.Variable, pair => pair.Value))[0];

    /// <summary>The values of several nodes.</summary>
    /// <param name="outputs">The nodes.</param>
    /// <param name="values">A value for each variable.</param>
    /// <exception cref="BindingError">A variable has no value, or one that does not fit.</exception>
    public static ImmutableArray<Tensor> Run(ImmutableArray<Node> outputs, IReadOnlyDictionary<Node, Tensor> values)
    {
        var nodes = new Graph(outputs).Nodes;
        var readers = Readers(nodes, outputs);
        var results = new Dictionary<Node, Tensor>();
        foreach (var node in nodes)
        {
            results[node] = values.TryGetValue(node, out var value)
                ? CheckBinding(node, value)
                : node.Op.ReferenceAll([.. node.Inputs.Select(input => results[input])]);
            foreach (var input in node.Inputs)
            {
                // What nobody reads any more is let go: a long chain needs the memory of a few values only.
                if (--readers[input] == 0)
                {
                    results.Remove(input);
                }
            }
        }

        return [.. outputs.Select(output => results[output])];
    }

    private static Dictionary<Node, int> Readers(ImmutableArray<Node> nodes, ImmutableArray<Node> outputs)
    {
        var readers = nodes.ToDictionary(node => node, _ => 0);
        foreach (var node in nodes.SelectMany(node => node.Inputs).Concat(outputs))
        {
            readers[node]++;
        }

        return readers;
    }

    /// <summary>A value that may stand for a node: of its shape, and whole numbers if it is an index.</summary>
    /// <exception cref="BindingError">It may not.</exception>
    internal static Tensor CheckBinding(Node node, Tensor value)
    {
        if (value.Shape != node.Shape)
        {
            throw new BindingError($"{Title(node)} has shape {node.Shape}, the value has {value.Shape}.");
        }

        for (var i = 0; node.Kind == Kind.Index && i < value.Count; i++)
        {
            if (value.At(i) is not (>= 0 and <= uint.MaxValue) || Math.Floor(value.At(i)) != value.At(i))
            {
                throw new BindingError($"{Title(node)} is an index, but element {i} is {Tensor.Number(value.At(i))}.");
            }
        }

        return value;
    }

    private static string Title(Node node) =>
        node.Op is Variable ? $"variable {node.Op.Name}" : $"the {node.Op.Name} {node.Shape}";
}
