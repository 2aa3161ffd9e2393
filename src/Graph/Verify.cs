namespace AutoDiffCnn;

/// <summary>Checks the laws that every graph obeys; tests call it after each pass.</summary>
/// <example><code>
/// var x = Variable("x", [3]);
/// var graph = Verify.Check(new Graph(Relu(x)).Simplify());
/// </code></example>
public static class Verify
{
    /// <summary>Infers every shape anew, checks every input's kind and that names of variables are unique.</summary>
    /// <returns>The graph.</returns>
    /// <exception cref="GraphError">A law is broken; the message names the node.</exception>
    public static Graph Check(Graph graph)
    {
        var names = new HashSet<string>();
        var count = 0;
        foreach (var node in graph.Nodes)
        {
            var number = GraphPrint.IsCounted(node) ? count++ : -1;
            if (node.Op is Variable { Name: var name } && !names.Add(name))
            {
                throw new GraphError($"two variables are called {name}.");
            }

            if (node.Op.InferAll(node.Inputs) is var shape && shape != node.Shape)
            {
                throw new GraphError($"{Title(node, number)}: says {node.Shape}, its rule says {shape}.");
            }

            for (var input = 0; input < node.Inputs.Length; input++)
            {
                if (node.Inputs[input].Kind != node.Op.InputKind(input))
                {
                    throw new GraphError(
                        $"{Title(node, number)}: input {input} is {node.Inputs[input].Kind}, "
                        + $"it must be {node.Op.InputKind(input)}.");
                }
            }
        }

        return graph;
    }

    /// <summary>The node as Print calls it, so that the message can be followed there.</summary>
    private static string Title(Node node, int number) => number < 0 ? $"{node.Op}" : $"%{number} {node.Op}";
}
