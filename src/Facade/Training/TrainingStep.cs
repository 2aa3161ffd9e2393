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
        var learners = Learners();
        ImmutableArray<(string Name, Node Variable, Node Next)> averages = optimizer.Averages is { } average
            ? [.. model.Running.Select(running => Averaged(running, average))] : [];
        State = [.. Updates(learners), .. model.Running.Select(running => (running.Variable, running.Next)),
            .. averages.Select(kept => (kept.Variable, kept.Next)), .. NextKey(), (count, count + 1)];
        Learnt = [.. learners.Select(Used), .. averages.Length > 0
            ? averages.Select(kept => (kept.Name, kept.Variable))
            : model.Running.Select(running => (running.Name, running.Variable))];
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
    /// optimiser keeps for it, then carried values and their averages, the key if anything is random, and the number of the step. A
    /// parameter that does not learn is not among them.</summary>
    public ImmutableArray<(Node Variable, Node Next)> State { get; }

    /// <summary>Where the trained network's weights are, by name: the parameters, or their averages if the optimiser
    /// keeps some, and the carried values likewise.</summary>
    public ImmutableArray<(string Name, Node Variable)> Learnt { get; }

    /// <summary>The step that makes a model's loss smaller.</summary>
    /// <param name="model">The model, built for training.</param>
    /// <param name="loss">A node with one element that depends on the model's output.</param>
    /// <param name="optimizer">How the parameters follow their gradients.</param>
    /// <exception cref="ShapeError">The loss has more than one element.</exception>
    /// <exception cref="ArgumentException">A pattern of the optimiser matches no parameter's name.</exception>
    /// <exception cref="NotDifferentiableError">A parameter reaches the loss through an op without
    /// a derivative.</exception>
    public static TrainingStep Of(Model model, Node loss, Optimizer optimizer) => new(model, loss, optimizer);

    /// <summary>The values before the first step, of parameters and all variables that the step carries on, and of the
    /// learning rate.</summary>
    /// <exception cref="WeightsError">A weight is missing or has another shape.</exception>
    public IEnumerable<(Node Variable, Tensor Value)> Start(Weights weights, Key key)
    {
        var values = Model.Bind(weights).ToDictionary(pair => pair.Variable, pair => pair.Value);
        foreach (var (name, variable) in Learnt)
        {
            values[variable] = weights.For(name, variable.Shape);
        }

        values[Rate] = Tensor.Of(Optimizer.Rate);
        if (Model.Key is not null)
        {
            values[Model.Key] = key.ToTensor();
        }

        foreach (var (variable, _) in State)
        {
            values.TryAdd(variable, Tensor.Fill(variable.Shape, 0));
        }

        return values.Select(pair => (pair.Key, pair.Value));
    }

    private ImmutableArray<Learner> Learners()
    {
        var gradients = Gradient.Of(Loss, [.. Model.Parameters.Select(parameter => parameter.Variable)]);
        Node Slot(string slot, Parameter parameter) => Functions.Variable(
            $"{Prefix(slot)}/{parameter.Name}", Optimizer.ShapeOf(slot, parameter.Shape));
        return [.. Model.Parameters.Zip(gradients, (parameter, dw) => new Learner(
            parameter.Name, parameter.Variable, dw, [.. Optimizer.Slots.Select(slot => Slot(slot, parameter))], Rate))];
    }

    private (string Name, Node Variable, Node Next) Averaged(Running running, Averaging average)
    {
        var kept = Functions.Variable($"{Prefix(Optimizer.AverageSlot)}/{running.Name}", running.Shape);
        return (running.Name, kept, average(kept, running.Next, count + 1));
    }

    private string Prefix(string slot) => $"{Optimizer.Name.ToLowerInvariant()}.{slot}";

    private IEnumerable<(Node Variable, Node Next)> Updates(ImmutableArray<Learner> learners)
    {
        var updates = Optimizer.Steps(learners, count + 1);
        if (updates.Length != learners.Length || updates.Any(next => next.Slots.Length != Optimizer.Slots.Length))
        {
            throw new InvalidOperationException($"{Optimizer} must give an update for each of "
                + $"{learners.Length} parameters, with {Optimizer.Slots.Length} slots each.");
        }

        return learners.Zip(updates)
            .SelectMany(pair => pair.First.Slots.Zip(pair.Second.Slots).Prepend((pair.First.W, pair.Second.W)))
            .Where(pair => pair.Item1 != pair.Item2);
    }

    private (string, Node) Used(Learner p)
    {
        var average = Optimizer.Slots.IndexOf(Optimizer.AverageSlot);
        var isKept = average >= 0 && State.Any(state => state.Variable == p.Slots[average]);
        return (p.Name, isKept ? p.Slots[average] : p.W);
    }

    /// <summary>Layers fold 1, 2, 3, … into the key; 0 is free for the key of the next step.</summary>
    private (Node, Node)[] NextKey() => Model.Key is null ? [] : [(Model.Key, Functions.FoldIn(Model.Key, 0))];
}
