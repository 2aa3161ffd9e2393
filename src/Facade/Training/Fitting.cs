namespace AutoDiffCnn;

/// <summary>What a run is to do.</summary>
/// <param name="Epochs">How often to go through the data.</param>
/// <param name="Schedule">The factor of the rate at each point of the training.</param>
/// <param name="Validate">Judges weights; null without data for it.</param>
/// <param name="Callbacks">What is done after each epoch.</param>
/// <param name="Checkpoints">Where the run is kept; null if it is not.</param>
/// <param name="Name">What tells this run from others in a checkpoint.</param>
/// <param name="Progress">Is told after each step.</param>
/// <param name="Cancel">Stops before the next step.</param>
internal sealed record Course(
    int Epochs, Func<double, double> Schedule, Func<Weights, Evaluation>? Validate, IReadOnlyList<Callback> Callbacks,
    Checkpoints? Checkpoints, string Name, IProgress<TrainProgress>? Progress, CancellationToken Cancel);

/// <summary>A training step for batches of one size.</summary>
/// <param name="Step">The step.</param>
/// <param name="Targets">The variable of what the images are.</param>
/// <param name="Run">The step at work.</param>
internal sealed record Sized(TrainingStep Step, Node Targets, Session Run)
{
    /// <summary>How many images a batch has.</summary>
    public int Size => Targets.Shape[0];

    /// <summary>All that the next step depends on, but for the batch and the rate.</summary>
    public IEnumerable<Node> Kept => Step.State.Select(state => state.Variable)
        .Union(Step.Model.Parameters.Select(parameter => parameter.Variable));

    public static Sized Of((TrainingStep Step, Node Targets) built, int threads)
    {
        var (step, targets) = built;
        return new(step, targets, Cpu.Compile([step.Loss, step.Model.Output],
            [.. step.State.Select(state => IfFinite(step.Loss, state))]).Start(threads));
    }

    /// <summary>A step whose loss is not finite changes no weight: so what went wrong can be found out.</summary>
    private static (Node Variable, Node Next) IfFinite(Node loss, (Node Variable, Node Next) state) =>
        state.Variable.Kind != Kind.Real ? state : (state.Variable, Functions.Where(
            Functions.Less(Functions.Abs(loss), double.PositiveInfinity), state.Next, state.Variable));
}

/// <summary>A training step at work: feeds it batches, watches the loss, collects the weights.</summary>
internal sealed partial class Fitting : IDisposable
{
    private readonly Func<int, (TrainingStep, Node)> build;
    private readonly IBatches batches;
    private readonly Course course;
    private readonly int threads;

    private readonly float[] targets;
    private readonly int[] keyBefore = new int[2];
    private readonly Pace pace = new(TimeProvider.System);
    private Sized now;
    private Sized? other;
    private string? resumed;

    /// <param name="first">The step for batches of the usual size.</param>
    /// <param name="build">The step for batches of another size.</param>
    /// <param name="batches">What to learn from.</param>
    /// <param name="course">What to do.</param>
    /// <param name="start">The first weights.</param>
    /// <param name="noise">What dropout is drawn from.</param>
    /// <param name="threads">How many threads work.</param>
    public Fitting((TrainingStep Step, Node Targets) first, Func<int, (TrainingStep, Node)> build, IBatches batches,
        Course course, Weights start, Key noise, int threads)
    {
        (this.build, this.batches, this.course, this.threads) = (build, batches, course, threads);
        targets = new float[first.Targets.Shape.Elements];
        now = Sized.Of(first, threads);
        foreach (var (variable, value) in first.Step.Start(start, noise))
        {
            now.Run.Set(variable, value);
        }
    }

    public void Dispose()
    {
        now.Run.Dispose();
        other?.Run.Dispose();
    }

    /// <summary>The network after the run, which goes on from the last checkpoint if there is one.</summary>
    public Trained Run(Trained trained)
    {
        (trained, var cursor) = Begin(trained);
        while (cursor.Epoch <= course.Epochs && !cursor.Stop)
        {
            (trained, cursor) = Epoch(trained, cursor);
        }

        return trained;
    }

    private (Trained, Cursor) Begin(Trained trained)
    {
        if (course.Checkpoints?.Latest() is not { } path)
        {
            return (trained, Cursor.Start);
        }

        var saved = Saved.Read(path, course.Name, course.Epochs, batches.Steps, batches.Size);
        var tensors = Safetensors.Read(path);
        foreach (var variable in now.Kept)
        {
            now.Run.Set(variable, tensors.TryGetValue(variable.Op.Name, out var value) && value.Shape == variable.Shape
                ? value
                : throw new CheckpointError(path, $"has no {variable.Op.Name} {variable.Shape}"));
        }

        resumed = saved.Cursor.Step > 0 ? path : null;
        return (trained.With(Weights(), [.. saved.History]), saved.Cursor);
    }

    /// <summary>The network after the rest of an epoch.</summary>
    private (Trained, Cursor) Epoch(Trained trained, Cursor cursor)
    {
        TrainProgress Progress(Evaluation? validation) => new(
            cursor.Epoch, course.Epochs, cursor.Step, batches.Steps, cursor.Loss / cursor.Images,
            (double)cursor.Correct / cursor.Images, pace.ImagesPerSecond, pace.TimeFor(StepsLeft(cursor)), validation);

        pace.BeginEpoch();
        while (cursor.Step < batches.Steps)
        {
            Step(trained, cursor);
            cursor = cursor.After(now.Size, now.Run.Reals(now.Step.Loss)[0], Correct());
            pace.EndStep(now.Size);
            course.Progress?.Report(Progress(null));
            if (cursor.Step < batches.Steps && StepsDone(cursor) % course.Checkpoints?.EverySteps == 0)
            {
                Save(trained, cursor);
            }
        }

        var weights = Weights();
        CheckFinite(trained, weights, cursor);
        var validation = Validated(trained, weights, cursor);
        if (validation is not null)
        {
            course.Progress?.Report(Progress(validation));
        }

        resumed = null;
        trained = trained.With(weights,
            new EpochResult(cursor.Epoch, cursor.Loss / cursor.Images, (double)cursor.Correct / cursor.Images, validation));
        cursor = cursor.Next(Advice.Of(course.Callbacks, trained));
        Save(trained, cursor);
        return (trained, cursor);
    }

    private Evaluation? Validated(Trained trained, Weights weights, Cursor cursor)
    {
        try
        {
            return course.Validate?.Invoke(weights);
        }
        catch (OperationCanceledException) when (course.Cancel.IsCancellationRequested)
        {
            throw Cancelled(trained, cursor);
        }
    }

    private void Step(Trained trained, Cursor cursor)
    {
        if (course.Cancel.IsCancellationRequested)
        {
            throw Cancelled(trained, cursor);
        }

        Resize(batches.CountOf(cursor.Epoch, cursor.Step));
        Feed(now.Run, cursor);
        if (now.Step.Model.Key is { } random)
        {
            now.Run.Indices(random).CopyTo(keyBefore);
        }

        var at = StepsDone(cursor) / ((double)course.Epochs * batches.Steps);
        now.Run.Reals(now.Step.Rate)[0] = (float)(now.Step.Optimizer.Rate * cursor.Rate * course.Schedule(at));
        now.Run.Run();
        if (!float.IsFinite(now.Run.Reals(now.Step.Loss)[0]))
        {
            throw Diverged(trained, cursor);
        }
    }

    private long StepsDone(Cursor cursor) => (cursor.Epoch - 1L) * batches.Steps + cursor.Step;

    private long StepsLeft(Cursor cursor) => (long)course.Epochs * batches.Steps - StepsDone(cursor);

    /// <summary>A batch of another size has a plan of its own, which takes over the state.</summary>
    private void Resize(int size)
    {
        if (size == now.Size)
        {
            return;
        }

        var before = now;
        if (other?.Size != size)
        {
            other?.Run.Dispose();
            other = Sized.Of(build(size), threads);
        }

        (now, other) = (other, before);
        foreach (var (from, to) in before.Kept.Zip(now.Kept))
        {
            now.Run.Set(to, before.Run.Get(from));
        }
    }

    private void Feed(Session target, Cursor cursor)
    {
        var wanted = now.Targets;
        var values = targets.AsSpan(0, (int)wanted.Shape.Elements);
        batches.Fill(cursor.Epoch, cursor.Step, target.Reals(now.Step.Model.Input), values);
        if (wanted.Kind == Kind.Real)
        {
            values.CopyTo(target.Reals(wanted));
            return;
        }

        var classes = target.Indices(wanted);
        for (var i = 0; i < classes.Length; i++)
        {
            classes[i] = (int)values[i];
        }
    }

    private void Save(Trained trained, Cursor cursor) => course.Checkpoints?.Write(StepsDone(cursor),
        now.Kept.ToDictionary(variable => variable.Op.Name, now.Run.Get),
        new Saved(course.Name, cursor, trained.History).ToTexts());

    /// <summary>How many images got the largest score where they have the largest share.</summary>
    private int Correct()
    {
        var scores = now.Run.Reals(now.Step.Model.Output);
        var (correct, classes, width) = (0, batches.Classes, batches.IsSoft ? batches.Classes : 1);
        for (var row = 0; row < now.Size; row++)
        {
            var target = targets.AsSpan(row * width, width);
            var wanted = batches.IsSoft ? Evaluator.ArgMax(target) : (int)target[0];
            correct += Evaluator.ArgMax(scores.Slice(row * classes, classes)) == wanted ? 1 : 0;
        }

        return correct;
    }

    private Weights Weights() =>
        new(now.Step.Learnt.Select(learnt => KeyValuePair.Create(learnt.Name, now.Run.Get(learnt.Variable))));

    private TrainingCanceledException Cancelled(Trained trained, Cursor cursor)
    {
        if (cursor.Step > 0)
        {
            Save(trained, cursor);
        }

        return new($"training was cancelled in epoch {cursor.Epoch}, after {cursor.Step} of {batches.Steps} steps; "
            + "SoFar has the weights as they are.", trained.With(Weights()), course.Cancel);
    }
}
