using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>One step of training as one graph: loss, gradients, the optimiser's update, the carried values and the next
/// key. State goes in as variables and comes out as nodes, so an executor compiles the whole step.</summary>
/// <example><code>
/// var model = Dense(10).Build([64, 784], Mode.Train);
/// var labels = Variable("labels", [64], Kind.Index);
/// var step = TrainingStep.Of(model, SoftmaxCrossEntropy(model.Output, labels), Sgd(0.1));
/// step.State.Select(state => state.Variable) // [dense1.weight : [10, 784], dense1.bias : [10], step : []]
/// </code></example>
public sealed class TrainingStep
{
    private readonly Node count;

    private TrainingStep(Model model, Node loss, Optimizer optimizer)
    {
        (Model, Loss, Optimizer) = (model, loss, optimizer);
        Rate = Functions.Variable("rate", []);
        count = Functions.Variable("step", []);
        State = [.. Updates(), .. model.Running.Select(running => (running.Variable, running.Next)), .. NextKey(),
            (count, count + 1)];
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>What becomes smaller, a scalar.</summary>
    public Node Loss { get; }

    /// <summary>How the parameters follow their gradients.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The variable of the learning rate, a scalar called <c>rate</c>.</summary>
    public Node Rate { get; }

    /// <summary>All that changes: variables with their next values. Parameters come first, each followed by what the
    /// optimiser keeps for it, then carried values, the key if anything is random,
    /// and the number of the step.</summary>
    public ImmutableArray<(Node Variable, Node Next)> State { get; }

    /// <summary>The step that makes a model's loss smaller.</summary>
    /// <param name="model">The model, built for training.</param>
    /// <param name="loss">A node with one element that depends on the model's output.</param>
    /// <param name="optimizer">How the parameters follow their gradients.</param>
    /// <exception cref="ShapeError">The loss has more than one element.</exception>
    /// <exception cref="NotDifferentiableError">A parameter reaches the loss through an op without
    /// a derivative.</exception>
    public static TrainingStep Of(Model model, Node loss, Optimizer optimizer) => new(model, loss, optimizer);

    /// <summary>The values before the first step, of all variables that the step carries on,
    /// and of the learning rate.</summary>
    /// <exception cref="WeightsError">A weight is missing or has another shape.</exception>
    public IEnumerable<(Node Variable, Tensor Value)> Start(Weights weights, Key key)
    {
        var values = Model.Bind(weights).ToDictionary(pair => pair.Variable, pair => pair.Value);
        values[Rate] = Tensor.Of(Optimizer.Rate);
        if (Model.Key is not null)
        {
            values[Model.Key] = key.ToTensor();
        }

        return State.Select(state => state.Variable).Append(Rate)
            .Select(variable =>
                (variable, values.TryGetValue(variable, out var value) ? value : Tensor.Fill(variable.Shape, 0)));
    }

    private IEnumerable<(Node Variable, Node Next)> Updates()
    {
        var gradients = Gradient.Of(Loss, [.. Model.Parameters.Select(parameter => parameter.Variable)]);
        foreach (var (parameter, dw) in Model.Parameters.Zip(gradients))
        {
            ImmutableArray<Node> slots = [.. Optimizer.Slots.Select(slot =>
                Functions.Variable($"{Optimizer.Name.ToLowerInvariant()}.{slot}/{parameter.Name}", parameter.Shape))];
            var update = Optimizer.Step(parameter.Variable, dw, slots, Rate, count + 1);
            yield return (parameter.Variable, update.W);
            foreach (var pair in slots.Zip(update.Slots))
            {
                yield return pair;
            }
        }
    }

    /// <summary>Layers fold 1, 2, 3, … into the key; 0 is free for the key of the next step.</summary>
    private (Node, Node)[] NextKey() => Model.Key is null ? [] : [(Model.Key, Functions.FoldIn(Model.Key, 0))];
}
