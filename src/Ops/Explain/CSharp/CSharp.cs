namespace AutoDiffCnn;

/// <summary>A graph as C#.</summary>
/// <example><code>
/// var x = Variable("x", [3]);
/// new Graph(Sum(Relu(x))).ToCSharp("Total").Split('\n')[0] // public static double Total(double[] x)
/// </code></example>
public static class GraphCSharp
{
    /// <summary>One static method that needs nothing but .NET and gives the same bits as <see cref="Reference"/>: loops
    /// over arrays, elementwise ops written into the loop that reads them. Variables are its parameters (<c>double[,]</c>
    /// for reals, <c>long[]</c> for indices), outputs its result. What has no C# of its own, random numbers and ops of a
    /// user's that are not elementwise, becomes a parameter that is a function.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The method's name.</param>
    public static string ToCSharp(this Graph graph, string name = "Run") => ToCSharp(graph, name, new Dictionary<Node, MathText>(), []);

    /// <summary>The loss and the derivatives that were asked for, with each line of the derivation above the code that
    /// computes it.</summary>
    /// <param name="derivation">The derivation.</param>
    /// <param name="name">The method's name.</param>
    public static string ToCSharp(this Derivation derivation, string name = "LossAndGradients")
    {
        DerivationLine[] lines = [.. derivation.Forward, .. derivation.Backward];
        return ToCSharp(new Graph([.. derivation.Outputs, .. lines.Select(line => line.Node)]), name,
            lines.GroupBy(line => line.Node).ToDictionary(group => group.Key, group => group.First().Left), lines, derivation.Outputs.Length);
    }

    private static string ToCSharp(Graph graph, string name, IReadOnlyDictionary<Node, MathText> symbols, DerivationLine[] lines, int? outputs = null)
    {
        var inlined = Rules.Inlined(graph).Outputs;
        var same = graph.Outputs.Zip(inlined).DistinctBy(pair => pair.First).ToDictionary(pair => pair.First, pair => pair.Second);
        var writer = new CSharpWriter();
        foreach (var line in lines.DistinctBy(line => same[line.Node]))
        {
            writer.Comment(same[line.Node], $"{line.Formula.Text}{(line.Rule.Length > 0 ? $"   ({line.Rule})" : "")}", symbols[line.Node].Text);
        }

        var count = outputs ?? inlined.Length;
        return writer.Write(name, new Graph([.. graph.Outputs.Take(count)]).Variables, [.. inlined.Take(count)]);
    }
}
