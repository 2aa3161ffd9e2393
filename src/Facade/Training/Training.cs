namespace AutoDiffCnn;

/// <summary>Training of networks.</summary>
/// <example><code>
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), epochs: 2, validation: digits.Test);
/// trained.Save("lenet.safetensors");
/// lenet.Load("lenet.safetensors", [1, 28, 28]).Sha256() == trained.Sha256() // True
/// </code></example>
public static class Training
{
    /// <summary>Trains a network on labelled images. Each epoch goes through the data in an order of its own; a last
    /// batch that is not full is left out, so over the epochs every image has its turn. The same seed gives the same
    /// weights, bit by bit, with any number of threads.</summary>
    /// <param name="layer">The network, from images [n, c, h, w] to scores [n, classes].</param>
    /// <param name="data">What to learn from.</param>
    /// <param name="loss">A function of scores and labels (an index [n]); its value is the mean over the
    /// batch.</param>
    /// <param name="optimizer">How the parameters follow their gradients.</param>
    /// <param name="epochs">How often to go through the data.</param>
    /// <param name="batch">How many images a step learns from; all of them if there are fewer.</param>
    /// <param name="validation">Data to judge the network by after each epoch.</param>
    /// <param name="seed">What first weights, order and dropout are drawn from.</param>
    /// <param name="threads">How many threads work; 0 for all that the machine or its cgroup allows.</param>
    /// <param name="start">Weights to start from instead of new ones.</param>
    /// <param name="schedule">The factor of the learning rate at each point of the training, which goes from 0 to 1;
    /// <see cref="Schedules"/> has some. 1 throughout by default.</param>
    /// <param name="callbacks">What is done after each epoch; <see cref="Callbacks"/> has some.</param>
    /// <param name="checkpoints">Where the run is kept, so that it goes on there when it is started again with the same
    /// arguments.</param>
    /// <param name="progress">Is told after each step, on the calling thread.</param>
    /// <param name="cancel">Stops training before the next step.</param>
    /// <returns>The network with its weights, and what each epoch came to.</returns>
    /// <exception cref="DataError">The data is empty, not finite, or has a label outside the classes.</exception>
    /// <exception cref="ShapeError">A layer does not fit, or the scores do not fit the classes.</exception>
    /// <exception cref="WeightsError">The weights to start from do not fit.</exception>
    /// <exception cref="ArgumentException">The loss does not depend on the images or not on the labels, or the
    /// schedule or a callback gives a factor that is negative or not finite, or no parameter learns.</exception>
    /// <exception cref="CheckpointError">The last checkpoint is of another run, or none.</exception>
    /// <exception cref="FormatError">The last checkpoint is no safetensors file.</exception>
    /// <exception cref="IOException">A checkpoint cannot be read or written.</exception>
    /// <exception cref="DivergedError">The loss or a weight is no longer finite; it has the last good
    /// weights.</exception>
    /// <exception cref="TrainingCanceledException">It was cancelled; it has the weights so far.</exception>
    public static Trained Fit(
        this Layer layer, Dataset data, Func<Node, Node, Node> loss, Optimizer optimizer, int epochs = 1,
        int batch = 64, Dataset? validation = null, long seed = 0, int threads = 0, Weights? start = null,
        Func<double, double>? schedule = null, IReadOnlyList<Callback>? callbacks = null,
        Checkpoints? checkpoints = null, IProgress<TrainProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        data.Check();
        validation?.Check();
        var image = data.Images.Shape[1..];
        var size = Math.Min(batch, data.Count);
        var model = layer.Build([size, .. image], Mode.Train);
        CheckScores("Fit", model, data);
        var key = Key.Of(seed);
        var first = new Trained(layer, image, loss, start ?? model.Init(key.FoldIn("init")), [], threads);
        if (validation is not null)
        {
            first.CheckImages("validation", validation.Images.Shape);
            CheckScores("validation", model, validation);
        }

        var labels = Functions.Variable("labels", [size], Kind.Index);
        var step = TrainingStep.Of(model, loss(model.Output, labels), optimizer);
        CheckUsed(step.Loss, model.Input, "images");
        CheckUsed(step.Loss, labels, "labels");
        if (!step.State.Any(state => model.Parameters.Any(parameter => parameter.Variable == state.Variable)))
        {
            throw new ArgumentException($"no parameter learns with {optimizer}.", nameof(optimizer));
        }

        using var evaluator = validation is null ? null : new Evaluator(layer, loss, validation.Images, threads);
        var course = new Course(epochs, Checked(schedule ?? Schedules.Constant),
            evaluator is null ? null : weights => evaluator.Evaluate(weights, validation!), callbacks ?? [],
            checkpoints, $"{layer} on {data} with {optimizer}, epochs {epochs}, batch {batch}, seed {seed}",
            progress, cancel);
        using var fitting = new Fitting(step, labels, new Shuffled(data, size, key.FoldIn("order")), course,
            first.Weights, key.FoldIn("noise"), threads);
        return fitting.Run(first);
    }

    /// <summary>A network with weights from a file that <see cref="Trained.Save"/> or PyTorch wrote.</summary>
    /// <param name="layer">The network.</param>
    /// <param name="path">A safetensors file.</param>
    /// <param name="input">The shape of one input, without the batch.</param>
    /// <param name="loss">The loss to judge by; softmax cross-entropy by default.</param>
    /// <exception cref="FormatError">The file is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="WeightsError">A weight is missing, superfluous or has another shape.</exception>
    public static Trained Load(this Layer layer, string path, Shape input, Func<Node, Node, Node>? loss = null)
    {
        var weights = new Weights(Safetensors.Read(path));
        var model = layer.Build([1, .. input]);
        var known = model.Bind(weights).Select(pair => pair.Variable.Op.Name).ToHashSet();
        return weights.Keys.FirstOrDefault(name => !known.Contains(name)) is { } extra
            ? throw new WeightsError($"the weights have {extra} {weights[extra].Shape}, the model has no such name.")
            : new Trained(layer, input, loss ?? Functions.SoftmaxCrossEntropy, weights, [], 0);
    }

    private static void CheckUsed(Node loss, Node variable, string what)
    {
        if (!new Graph(loss).Variables.Contains(variable))
        {
            throw new ArgumentException($"the loss does not depend on the {what}.", nameof(loss));
        }
    }

    private static Func<double, double> Checked(Func<double, double> schedule) => t =>
        schedule(t) is var factor && double.IsFinite(factor) && factor >= 0
            ? factor
            : throw new ArgumentException($"the schedule gives {Tensor.Number(factor)} at {Tensor.Number(t)}, "
                + "it must be finite and at least 0.", nameof(schedule));

    /// <summary>Scores must be one for each class.</summary>
    internal static void CheckScores(string place, Model model, Dataset data)
    {
        Shape needed = [model.Input.Shape[0], data.Classes];
        if (model.Output.Shape != needed)
        {
            throw new ShapeError($"{place} on {data}",
                $"the network gives {model.Output.Shape}, {data.Classes} classes need {needed}",
                [$"{(model.Output.Shape.Rank == 2 ? "" : "Flatten >> ")}Dense({data.Classes}) as the last layer"]);
        }
    }
}
