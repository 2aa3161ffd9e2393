using System.Collections.Immutable;

namespace AutoDiffCnn;

public sealed partial record OnnxGraph
{
    /// <summary>Any nodes; all variables that they depend on are inputs.</summary>
    /// <param name="outputs">The results with their names.</param>
    public static OnnxGraph Of(params ImmutableArray<(string Name, Node Node)> outputs) => Of([], outputs);

    /// <summary>Any nodes, with the values of some variables, such as a network's weights: the others are inputs.</summary>
    /// <param name="values">The variables whose values are in the file; those that nothing depends on are left out.</param>
    /// <param name="outputs">The results with their names.</param>
    public static OnnxGraph Of(IEnumerable<(Node Variable, Tensor Value)> values, params ImmutableArray<(string Name, Node Node)> outputs)
    {
        var variables = new Graph([.. outputs.Select(output => output.Node)]).Variables;
        ImmutableArray<(Node Variable, Tensor Value)> initializers = [.. values.Where(pair => variables.Contains(pair.Variable))];
        return new([.. variables.Except(initializers.Select(pair => pair.Variable))], initializers, outputs);
    }

    /// <summary>A network with its weights, from <c>input</c> to <c>output</c>.</summary>
    /// <param name="model">The network, built for one size of the batch.</param>
    /// <param name="weights">The weights.</param>
    /// <exception cref="WeightsError">A weight is missing or has another shape.</exception>
    public static OnnxGraph Of(Model model, Weights weights) => Of(model.Bind(weights), ("output", model.Output));

    /// <summary>What training gave, from <c>input</c> to <c>output</c>.</summary>
    /// <param name="trained">The network with its weights.</param>
    /// <param name="batch">How many inputs it takes at once.</param>
    public static OnnxGraph Of(Trained trained, int batch = 1) => Of(trained.Layer.Build([batch, .. trained.Input]), trained.Weights);
}
