using System.Collections.Immutable;

namespace AutoDiffCnn;

public sealed partial record OnnxGraph
{
    /// <summary>Any nodes; all variables that they depend on are inputs.</summary>
    /// <param name="outputs">The results with their names.</param>
    public static OnnxGraph Of(params ImmutableArray<(string Name, Node Node)> outputs) =>
        new(new Graph([.. outputs.Select(output => output.Node)]).Variables, [], outputs);

    /// <summary>A network with its weights, from <c>input</c> to <c>output</c>.</summary>
    /// <param name="model">The network, built for one size of the batch.</param>
    /// <param name="weights">The weights.</param>
    /// <exception cref="WeightsError">A weight is missing or has another shape.</exception>
    public static OnnxGraph Of(Model model, Weights weights) => Of(("output", model.Output)).With(model.Bind(weights));

    /// <summary>What training gave, from <c>input</c> to <c>output</c>.</summary>
    /// <param name="trained">The network with its weights.</param>
    /// <param name="batch">How many inputs it takes at once.</param>
    public static OnnxGraph Of(Trained trained, int batch = 1) => Of(trained.Layer.Build([batch, .. trained.Input]), trained.Weights);

    /// <summary>A scalar, called <c>value</c>, and its gradients, each called by its variable: <c>conv1.weight.grad</c>. All
    /// variables are inputs.</summary>
    /// <param name="value">The scalar, such as a loss.</param>
    /// <param name="variables">With respect to what.</param>
    /// <exception cref="ShapeError">The value has more than one element.</exception>
    /// <exception cref="NotDifferentiableError">A variable reaches the value through an op without a derivative.</exception>
    public static OnnxGraph Gradients(Node value, params ImmutableArray<Node> variables) =>
        Of([("value", value), .. variables.Zip(Gradient.Of(value, variables), (variable, dx) => ($"{variable.Op.Name}.grad", dx))]);

    /// <summary>A step of training that needs no training operators: it takes the data, the <c>rate</c> and all of the state,
    /// and gives the <c>loss</c> and the next state, each called by its variable: <c>conv1.weight.next</c>. Who runs it feeds
    /// each <c>NAME.next</c> to NAME in the next step; <see cref="TrainingStep.Start"/> has the values of the first.</summary>
    /// <param name="step">The step.</param>
    public static OnnxGraph Of(TrainingStep step) =>
        Of([("loss", step.Loss), .. step.State.Select(state => ($"{state.Variable.Op.Name}.next", state.Next))]);

    /// <summary>This graph with the values of some inputs in the file, where they are no longer inputs.</summary>
    /// <param name="values">Variables with their values; what is no input is left out.</param>
    public OnnxGraph With(IEnumerable<(Node Variable, Tensor Value)> values)
    {
        ImmutableArray<(Node Variable, Tensor Value)> held = [.. values.Where(pair => Inputs.Contains(pair.Variable))];
        return this with { Inputs = [.. Inputs.Except(held.Select(pair => pair.Variable))], Initializers = [.. Initializers, .. held] };
    }
}
