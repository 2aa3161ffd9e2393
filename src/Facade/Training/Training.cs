namespace AutoDiffCnn;

/// <summary>Training of networks.</summary>
/// <example><code>
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), epochs: 2, validation: digits.Test);
/// trained.Save("lenet.safetensors");
/// lenet.Load("lenet.safetensors", [1, 28, 28]).Sha256() == trained.Sha256() // True
/// </code></example>
public static partial class Training
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
    /// <param name="cancel">Stops training before the next step, or batch of validation.</param>
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
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        data.Check();
        return Fit(layer, new Shuffled(data, Math.Min(batch, data.Count), Key.Of(seed).FoldIn("order")), loss, optimizer,
            epochs, validation, seed, threads, start, schedule, callbacks, checkpoints, progress, cancel);
    }

    /// <summary>Trains a network on the batches of a loader: sets larger than memory, batches made on another thread,
    /// images changed at random. An epoch's last batch may have fewer images than the others. The same seed and the same
    /// batches give the same weights, bit by bit; a run that goes on from a checkpoint asks the loader for the epoch once
    /// more and leaves out the batches that it has learnt from.</summary>
    /// <param name="layer">The network, from images [n, c, h, w] to scores [n, classes].</param>
    /// <param name="batches">What to learn from, in the loader's own order.</param>
    /// <param name="loss">A function of scores and labels (an index [n], or [n, classes] for a <see cref="Blend"/>); its
    /// value is the mean over the batch.</param>
    /// <param name="optimizer">How the parameters follow their gradients.</param>
    /// <param name="epochs">How often to go through the data.</param>
    /// <param name="steps">How many batches an epoch has; what the loader has more is left out. By default as many as
    /// <see cref="Loader{T}.Count"/> says; where it says nothing, its first epoch is gone through once to count
    /// them.</param>
    /// <param name="validation">Data to judge the network by after each epoch.</param>
    /// <param name="seed">What first weights and dropout are drawn from.</param>
    /// <param name="threads">How many threads work; 0 for all that the machine or its cgroup allows.</param>
    /// <param name="start">Weights to start from instead of new ones.</param>
    /// <param name="schedule">The factor of the learning rate at each point of the training, which goes from 0 to 1;
    /// <see cref="Schedules"/> has some. 1 throughout by default.</param>
    /// <param name="callbacks">What is done after each epoch; <see cref="Callbacks"/> has some.</param>
    /// <param name="checkpoints">Where the run is kept, so that it goes on there when it is started again with the same
    /// arguments.</param>
    /// <param name="progress">Is told after each step, on the calling thread.</param>
    /// <param name="cancel">Stops training before the next step, or batch of validation.</param>
    /// <returns>The network with its weights, and what each epoch came to.</returns>
    /// <exception cref="DataError">The loader is empty, ends early or throws, or a batch cannot be trained on or differs
    /// from the first; the message names the batch.</exception>
    /// <inheritdoc cref="Fit(Layer, Dataset, Func{Node, Node, Node}, Optimizer, int, int, Dataset?, long, int, Weights?, Func{double, double}?, IReadOnlyList{Callback}?, Checkpoints?, IProgress{TrainProgress}?, CancellationToken)" path="/exception[@cref!='T:AutoDiffCnn.DataError']"/>
    public static Trained Fit(
        this Layer layer, Loader<Dataset> batches, Func<Node, Node, Node> loss, Optimizer optimizer, int epochs = 1,
        int? steps = null, Dataset? validation = null, long seed = 0, int threads = 0, Weights? start = null,
        Func<double, double>? schedule = null, IReadOnlyList<Callback>? callbacks = null,
        Checkpoints? checkpoints = null, IProgress<TrainProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        using var streamed = new Streamed(batches.Map(Batch.Of), steps);
        return Fit(layer, streamed, loss, optimizer, epochs, validation, seed, threads, start, schedule, callbacks,
            checkpoints, progress, cancel);
    }

    /// <summary>Trains a network on images that have a share of each class, such as mixtures
    /// (<see cref="Blend.Mixup"/>).</summary>
    /// <inheritdoc cref="Fit(Layer, Loader{Dataset}, Func{Node, Node, Node}, Optimizer, int, int?, Dataset?, long, int, Weights?, Func{double, double}?, IReadOnlyList{Callback}?, Checkpoints?, IProgress{TrainProgress}?, CancellationToken)"/>
    public static Trained Fit(
        this Layer layer, Loader<Blend> batches, Func<Node, Node, Node> loss, Optimizer optimizer, int epochs = 1,
        int? steps = null, Dataset? validation = null, long seed = 0, int threads = 0, Weights? start = null,
        Func<double, double>? schedule = null, IReadOnlyList<Callback>? callbacks = null,
        Checkpoints? checkpoints = null, IProgress<TrainProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        using var streamed = new Streamed(batches.Map(Batch.Of), steps);
        return Fit(layer, streamed, loss, optimizer, epochs, validation, seed, threads, start, schedule, callbacks,
            checkpoints, progress, cancel);
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

    private static Trained Fit(
        Layer layer, IBatches batches, Func<Node, Node, Node> loss, Optimizer optimizer, int epochs, Dataset? validation,
        long seed, int threads, Weights? start, Func<double, double>? schedule, IReadOnlyList<Callback>? callbacks,
        Checkpoints? checkpoints, IProgress<TrainProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        validation?.Check();
        var model = layer.Build([batches.Size, .. batches.Image], Mode.Train);
        CheckScores($"Fit on {batches}", model, batches.Classes);
        var key = Key.Of(seed);
        var first = new Trained(layer, batches.Image, loss, start ?? model.Init(key.FoldIn("init")), [], threads);
        if (validation is not null)
        {
            first.CheckImages("validation", validation.Images.Shape);
            CheckScores($"validation on {validation}", model, validation.Classes);
        }

        var built = Step(model);
        CheckUsed(built.Step.Loss, model.Input, "images");
        CheckUsed(built.Step.Loss, built.Targets, "labels");
        if (!built.Step.State.Any(state => model.Parameters.Any(parameter => parameter.Variable == state.Variable)))
        {
            throw new ArgumentException($"no parameter learns with {optimizer}.", nameof(optimizer));
        }

        using var evaluator = validation is null ? null : new Evaluator(layer, loss, validation.Images, threads);
        var course = new Course(epochs, Checked(schedule ?? Schedules.Constant),
            evaluator is null ? null : weights => evaluator.Evaluate(weights, validation!, cancel), callbacks ?? [], checkpoints,
            $"{layer} on {batches} with {optimizer}, epochs {epochs}, batch {batches.Size}, seed {seed}", progress, cancel);
        using var fitting = new Fitting(built, size => Step(layer.Build([size, .. batches.Image], Mode.Train)), batches,
            course, first.Weights, key.FoldIn("noise"), threads);
        return fitting.Run(first);

        (TrainingStep Step, Node Targets) Step(Model model)
        {
            var size = model.Input.Shape[0];
            var targets = batches.IsSoft ? Functions.Variable("labels", [size, batches.Classes])
                : Functions.Variable("labels", [size], Kind.Index);
            return (TrainingStep.Of(model, loss(model.Output, targets), optimizer), targets);
        }
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
    internal static void CheckScores(string place, Model model, int classes)
    {
        Shape needed = [model.Input.Shape[0], classes];
        if (model.Output.Shape != needed)
        {
            throw new ShapeError(place, $"the network gives {model.Output.Shape}, {classes} classes need {needed}",
                [$"{(model.Output.Shape.Rank == 2 ? "" : "Flatten >> ")}Dense({classes}) as the last layer"]);
        }
    }
}
