using System.Collections.Immutable;

namespace AutoDiffCnn;

public sealed partial record OnnxGraph
{
    /// <summary>This graph with what is drawn from a key as inputs, such as <c>dropout1.uniform</c>, for ONNX has no
    /// operators that draw the same numbers everywhere: who runs the file draws them, uniform in [0, 1), standard normal, or
    /// the numbers from 0 on in random order, anew for each run. Keys are no longer needed and no longer given.</summary>
    public OnnxGraph WithDrawsAsInputs()
    {
        ImmutableArray<(string Name, Node Node)> kept = [.. Outputs.Where(output => output.Node.Op is not FoldIn)];

        // Merged before, so that what is read twice is drawn once.
        var merged = Rewrite.Apply(Rules.Inlined(new Graph([.. kept.Select(output => output.Node)])));
        var names = new VariableNames(merged.Variables.Select(variable => variable.Op.Name));
        var drawn = merged.Nodes.Where(node => Word(node.Op) is not null).ToDictionary(node => node, node => Drawn(node, names));
        var outputs = Rewrite.Apply(merged, node => drawn.GetValueOrDefault(node)).Outputs;
        var read = new Graph(outputs).Variables;
        return new([.. read.Except(Initializers.Select(pair => pair.Variable))], [.. Initializers.Where(pair => read.Contains(pair.Variable))],
            [.. kept.Zip(outputs, (output, node) => (output.Name, node))]);
    }

    /// <summary>What an op draws; null if it draws nothing.</summary>
    internal static string? Word(Op op) => op switch
    {
        RandomUniform => "uniform",
        RandomNormal => "normal",
        RandomPermutation => "permutation",
        _ => null,
    };

    private static Node Drawn(Node node, VariableNames names)
    {
        var name = node.Origin is { Path.Length: > 0 } origin ? $"{origin.Path}.{Word(node.Op)}" : Word(node.Op)!;
        return Functions.Variable(names.Of(name), node.Shape, node.Kind);
    }
}
