using System.Diagnostics;

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

/// <summary>A training step at work: feeds it batches, watches the loss, collects the weights.</summary>
internal sealed partial class Fitting : IDisposable
{
    private readonly TrainingStep step;
    private readonly Node labels;
    private readonly IBatches batches;
    private readonly Course course;
    private readonly int threads;
    private readonly Session run;

    private readonly int[] classes;
    private readonly int[] keyBefore = new int[2];
    private long started;
    private int stepsHere;
    private string? resumed;

    public Fitting(
        TrainingStep step, Node labels, IBatches batches, Course course, Weights start, Key noise, int threads)
    {
        (this.step, this.labels, this.batches, this.course, this.threads) = (step, labels, batches, course, threads);
        classes = new int[labels.Shape[0]];
        run = Cpu.Compile([step.Loss, step.Model.Output], [.. step.State.Select(IfFinite)]).Start(threads);
        foreach (var (variable, value) in step.Start(start, noise))
        {
            run.Set(variable, value);
        }
    }

    /// <summary>All that the next step depends on, but for the batch and the rate.</summary>
    private IEnumerable<Node> Kept => step.State.Select(state => state.Variable)
        .Union(step.Model.Parameters.Select(parameter => parameter.Variable));

    public void Dispose() => run.Dispose();

    /// <summary>The network after the run, which goes on from the last checkpoint if there is one.</summary>
    public Trained Run(Trained trained)
    {
        (trained, var cursor) = Begin(trained);
        started = Stopwatch.GetTimestamp();
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

        var saved = Saved.Read(path, course.Name, course.Epochs, batches.Steps);
        var tensors = Safetensors.Read(path);
        foreach (var variable in Kept)
        {
            run.Set(variable, tensors.TryGetValue(variable.Op.Name, out var value) && value.Shape == variable.Shape
                ? value
                : throw new CheckpointError(path, $"has no {variable.Op.Name} {variable.Shape}"));
        }

        resumed = saved.Cursor.Step > 0 ? path : null;
        return (trained.With(Weights(), [.. saved.History]), saved.Cursor);
    }

    /// <summary>The network after the rest of an epoch.</summary>
    private (Trained, Cursor) Epoch(Trained trained, Cursor cursor)
    {
        var (since, first, steps, size) = (Stopwatch.GetTimestamp(), cursor.Step, batches.Steps, classes.Length);
        TrainProgress Progress(Evaluation? validation) => new(
            cursor.Epoch, course.Epochs, cursor.Step, steps,
            cursor.Loss / cursor.Step, (double)cursor.Correct / (cursor.Step * size),
            (cursor.Step - first) * size / Math.Max(1e-9, Stopwatch.GetElapsedTime(since).TotalSeconds),
            Stopwatch.GetElapsedTime(started) * (StepsLeft(cursor) / (double)stepsHere), validation);

        while (cursor.Step < steps)
        {
            Step(trained, cursor);
            cursor = cursor.After(run.Reals(step.Loss)[0], Correct());
            stepsHere++;
            course.Progress?.Report(Progress(null));
            if (cursor.Step < steps && StepsDone(cursor) % course.Checkpoints?.EverySteps == 0)
            {
                Save(trained, cursor);
            }
        }

        var weights = Weights();
        CheckFinite(trained, weights, cursor);
        var validation = course.Validate?.Invoke(weights);
        if (validation is not null)
        {
            course.Progress?.Report(Progress(validation));
        }

        resumed = null;
        trained = trained.With(weights,
            new EpochResult(cursor.Epoch, cursor.Loss / steps, (double)cursor.Correct / (steps * size), validation));
        cursor = cursor.Next(Advice.Of(course.Callbacks, trained));
        Save(trained, cursor);
        return (trained, cursor);
    }

    private void Step(Trained trained, Cursor cursor)
    {
        if (course.Cancel.IsCancellationRequested)
        {
            throw Cancelled(trained, cursor);
        }

        Feed(run, cursor);
        if (step.Model.Key is { } random)
        {
            run.Indices(random).CopyTo(keyBefore);
        }

        var at = StepsDone(cursor) / ((double)course.Epochs * batches.Steps);
        run.Reals(step.Rate)[0] = (float)(step.Optimizer.Rate * cursor.Rate * course.Schedule(at));
        run.Run();
        if (!float.IsFinite(run.Reals(step.Loss)[0]))
        {
            throw Diverged(trained, cursor);
        }
    }

    private long StepsDone(Cursor cursor) => (cursor.Epoch - 1L) * batches.Steps + cursor.Step;

    private long StepsLeft(Cursor cursor) => (long)course.Epochs * batches.Steps - StepsDone(cursor);

    private void Feed(Session target, Cursor cursor)
    {
        batches.Fill(cursor.Epoch, cursor.Step, target.Reals(step.Model.Input), classes);
        classes.CopyTo(target.Indices(labels));
    }

    private void Save(Trained trained, Cursor cursor) => course.Checkpoints?.Write(StepsDone(cursor),
        Kept.ToDictionary(variable => variable.Op.Name, run.Get),
        new Saved(course.Name, cursor, trained.History).ToTexts());

    /// <summary>A step whose loss is not finite changes no weight: so what went wrong can be found out.</summary>
    private (Node Variable, Node Next) IfFinite((Node Variable, Node Next) state) => state.Variable.Kind != Kind.Real
        ? state
        : (state.Variable, Functions.Where(
            Functions.Less(Functions.Abs(step.Loss), double.PositiveInfinity), state.Next, state.Variable));

    private int Correct()
    {
        var scores = run.Reals(step.Model.Output);
        var (correct, width) = (0, scores.Length / classes.Length);
        for (var row = 0; row < classes.Length; row++)
        {
            correct += Evaluator.ArgMax(scores.Slice(row * width, width)) == classes[row] ? 1 : 0;
        }

        return correct;
    }

    private Weights Weights() =>
        new(step.Learnt.Select(learnt => KeyValuePair.Create(learnt.Name, run.Get(learnt.Variable))));

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
