using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Inputs and initializers as variables.</summary>
internal sealed class GraphLeaves : ILeaves
{
    private readonly VariableNames names = new();
    private readonly List<Node> inputs = [];
    private readonly List<(Node Variable, Tensor Value)> initializers = [];

    public Node Input(string name, Shape shape)
    {
        inputs.Add(Variable(names.Of(name), shape));
        return inputs[^1];
    }

    public Node Initializer(string name, Tensor value)
    {
        initializers.Add((Variable(names.Of(name), value.Shape), value));
        return initializers[^1].Variable;
    }

    /// <summary>The graph, without initializers that no output depends on.</summary>
    public OnnxGraph Graph(ImmutableArray<(string Name, Node Node)> outputs)
    {
        var used = new Graph([.. outputs.Select(output => output.Node)]).Variables.ToHashSet();
        return new([.. inputs], [.. initializers.Where(pair => used.Contains(pair.Variable))], outputs);
    }
}

/// <summary>Names of variables for those in a file: without blanks and %, and different all the same.</summary>
/// <param name="taken">Names that there are already.</param>
internal sealed class VariableNames(params IEnumerable<string> taken)
{
    private readonly HashSet<string> taken = [.. taken];

    public string Of(string name)
    {
        var free = string.Concat(name.Select(c => char.IsWhiteSpace(c) || c == '%' ? '_' : c));
        while (!taken.Add(free))
        {
            free += "_";
        }

        return free;
    }
}
