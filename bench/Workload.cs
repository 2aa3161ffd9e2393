using System.Collections.Immutable;

/// <summary>What one case computes in one mode: a graph, where its numbers come from, and what its work counts
/// as.</summary>
/// <param name="Outputs">All results that are wanted, so none of them is optimised away.</param>
/// <param name="State">What a step carries on to the next.</param>
/// <param name="Feeds">Where the value of each variable comes from.</param>
internal sealed record Workload(
    ImmutableArray<Node> Outputs, ImmutableArray<(Node Variable, Node Next)> State, ImmutableArray<Feed> Feeds)
{
    /// <summary>After so many steps training starts again, so that no value ever decays to denormals.</summary>
    public const int Episode = 100;

    /// <summary>The output whose elements are added up, to be compared with other programs.</summary>
    public Node? Result { get; init; }

    /// <summary>The loss of a training step.</summary>
    public Node? Loss { get; init; }

    /// <summary>The work in 10⁹ operations: 2 for each multiply-add of a convolution or matrix product.</summary>
    public double? Gigaflop { get; init; }

    /// <summary>The least memory traffic, in 10⁹ bytes, if each op reads and writes each of its tensors once.</summary>
    public double? Gigabytes { get; init; }

    /// <summary>The ops of the forward graph, where the time of an op is asked for.</summary>
    public int? Ops { get; init; }

    /// <summary>The number of parameters.</summary>
    public long? Parameters { get; init; }

    /// <summary>The number of images.</summary>
    public int? Batch { get; init; }

    /// <summary>The optimiser, as it is written in C#.</summary>
    public string? Optimizer { get; init; }

    /// <summary>Gives all variables their values.</summary>
    public void Fill(Session session) => Fill(session, Feeds);

    /// <summary>Gives what changes from step to step its first values again.</summary>
    public void Restart(Session session)
    {
        var changing = State.Select(pair => pair.Variable).ToHashSet();
        Fill(session, Feeds.Where(feed => changing.Contains(feed.Variable)));
    }

    private static void Fill(Session session, IEnumerable<Feed> feeds)
    {
        foreach (var (variable, fill) in feeds)
        {
            // The gradient of a sum, say, does not depend on what is summed.
            if (session.Plan.Has(variable))
            {
                fill(session, variable);
            }
        }
    }
}

/// <summary>Where the value of a variable comes from; it is written straight into the session.</summary>
internal sealed record Feed(Node Variable, Action<Session, Node> Fill)
{
    /// <summary>Numbers of <see cref="Hash.Uniform"/>.</summary>
    public static Feed Uniform(Node variable, uint seed, double scale = 1) =>
        new(variable, (session, node) => Hash.Uniform(seed, session.Reals(node), (float)scale));

    /// <summary>Numbers of <see cref="Hash.Labels"/>.</summary>
    public static Feed Labels(Node variable, uint seed, int classes) =>
        new(variable, (session, node) => Hash.Labels(seed, classes, session.Indices(node)));

    /// <summary>One value throughout.</summary>
    public static Feed Value(Node variable, double value) =>
        new(variable, (session, node) => session.Reals(node).Fill((float)value));

    /// <summary>The first value of parameter k of a model: weights are uniform with the bound √(6/fan-in), the scale
    /// of a batch norm is 1, all biases are 0.</summary>
    public static Feed Parameter(Parameter parameter, int k) => parameter switch
    {
        { Shape: [var filters, _, ..] shape } =>
            Uniform(parameter.Variable, 1000 + (uint)k, Math.Sqrt(6.0 / (shape.Elements / filters))),
        { Name: var name } => Value(parameter.Variable, name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0),
    };

    /// <summary>The first values of a model's parameters and of what it carries.</summary>
    public static IEnumerable<Feed> Of(Model model) => model.Parameters.Select(Parameter)
        .Concat(model.Running.Select(running =>
            Value(running.Variable, running.Name.EndsWith("running_var", StringComparison.Ordinal) ? 1 : 0)));
}
