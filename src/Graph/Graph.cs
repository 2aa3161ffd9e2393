using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Everything that some outputs depend on. A pass is a function from graph to graph.</summary>
/// <example><code>
/// var x = Variable("x", [3]);
/// var loss = Sum(x * x);
/// var graph = new Graph([loss, Gradient.Of(loss, x)]);
/// graph.Variables // [x : [3]]
/// </code></example>
[TypeFormatterSource("AutoDiffCnn.GraphFormatters, AutoDiffCnn")]
public sealed class Graph
{
    /// <summary>The graph of these outputs.</summary>
    public Graph(params ImmutableArray<Node> outputs)
    {
        Outputs = outputs;
        Nodes = Sort(outputs);
        Variables = [.. Nodes.Where(node => node.Op is Variable)];
    }

    /// <summary>The results.</summary>
    public ImmutableArray<Node> Outputs { get; }

    /// <summary>All nodes, each after its inputs; the order depends only on the structure.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>The variables among the nodes.</summary>
    public ImmutableArray<Node> Variables { get; }

    /// <summary>The nodes as <see cref="GraphPrint.Print(Graph)"/> writes them.</summary>
    public override string ToString() => this.Print();

    /// <summary>Depth first, inputs from left to right, with a stack of its own:
    /// a chain may be longer than the call stack.</summary>
    private static ImmutableArray<Node> Sort(ImmutableArray<Node> outputs)
    {
        var sorted = ImmutableArray.CreateBuilder<Node>();
        var seen = new HashSet<Node>();
        var open = new Stack<(Node Node, int Next)>();
        foreach (var output in outputs)
        {
            if (seen.Add(output))
            {
                open.Push((output, 0));
            }

            while (open.TryPop(out var top))
            {
                var (node, next) = top;
                while (next < node.Inputs.Length && !seen.Add(node.Inputs[next]))
                {
                    next++;
                }

                if (next == node.Inputs.Length)
                {
                    sorted.Add(node);
                    continue;
                }

                open.Push((node, next + 1));
                open.Push((node.Inputs[next], 0));
            }
        }

        return sorted.ToImmutable();
    }
}
