using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A graph to compile, and where in it lies what its user gives and takes.</summary>
/// <param name="Graph">The graph; its outputs are the wanted values, then the state's next ones.</param>
/// <param name="Variables">The variables, and the state.</param>
/// <param name="Wanted">The wanted values, in order.</param>
/// <param name="State">Which variables are state, in the order of their next values.</param>
internal sealed record Arrangement(
    Graph Graph, ImmutableArray<Kept> Variables, ImmutableArray<Kept> Wanted, ImmutableArray<Node> State)
{
    /// <summary>State variables, as they are kept, with their next values.</summary>
    public ImmutableArray<(Node Variable, Node Next)> Updates
    {
        get
        {
            var kept = Variables.ToDictionary(variable => variable.Given, variable => variable.Node);
            return [.. State.Select((variable, i) => (kept[variable], Graph.Outputs[Wanted.Length + i]))];
        }
    }

    /// <summary>As the user gives it.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="wanted">The wanted values, as the user knows them.</param>
    /// <param name="state">Which variables are state.</param>
    public static Arrangement Of(Graph graph, IReadOnlyList<Node> wanted, ImmutableArray<Node> state) => new(
        graph,
        [.. graph.Variables.Union(state).Select(variable => Kept.AsGiven(variable, variable))],
        [.. wanted.Select((node, i) => Kept.AsGiven(node, graph.Outputs[i]))],
        state);
}

/// <summary>What a user gives or takes, and how a plan keeps it.</summary>
internal sealed class Kept(Node given, Node node, Shape axes)
{
    /// <summary>The user's node.</summary>
    public Node Given => given;

    /// <summary>The plan's node, whose axis i is axis Axes[i] of the user's.</summary>
    public Node Node => node;

    /// <summary>The order of axes.</summary>
    public Shape Axes => axes;

    /// <summary>Whether elements lie as the user sees them.</summary>
    public bool IsAsGiven { get; } = Arrays.Range(0, axes.Rank).All(i => axes[i] == i);

    /// <summary>In the user's order.</summary>
    public static Kept AsGiven(Node given, Node node) =>
        new(given, node, Shape.From(Arrays.Range(0, given.Shape.Rank)));

    /// <summary>The same, kept by another node; its axes are in another order, if one is given.</summary>
    public Kept By(Node node, AxisOrder? order) => new(Given, node, order?.ToLast(Axes) ?? Axes);
}
