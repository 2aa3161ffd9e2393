using System.Collections.Immutable;
using System.Diagnostics;

namespace AutoDiffCnn;

/// <summary>A training step at work: feeds it batches, watches the loss, collects the weights.</summary>
internal sealed class Fitting : IDisposable
{
    private readonly TrainingStep step;
    private readonly Node labels;
    private readonly Tensor images;
    private readonly int[] classes;
    private readonly Key key;
    private readonly int threads;
    private readonly Session run;
    private readonly Func<double, double> schedule;
    private readonly int size;

    private readonly int[] keyBefore = new int[2];

    public Fitting(TrainingStep step, Node labels, Dataset data, Trained start, Key key,
        Func<double, double> schedule, int threads)
    {
        (this.step, this.labels, this.key, this.schedule, this.threads) = (step, labels, key, schedule, threads);
        (images, classes, size) = (Evaluator.InSingle(data.Images), Labels(data), labels.Shape[0]);
        run = Cpu.Compile([step.Loss, step.Model.Output], [.. step.State.Select(IfFinite)]).Start(threads);
        foreach (var (variable, value) in step.Start(start.Weights, key.FoldIn("noise")))
        {
            run.Set(variable, value);
        }
    }

    /// <summary>The labels as whole numbers.</summary>
    public static int[] Labels(Dataset data) => [.. data.Labels.ToDoubles().Select(label => (int)label)];

    public void Dispose() => run.Dispose();

    /// <summary>The network after one more epoch.</summary>
    public Trained Epoch(Trained trained, int epoch, int epochs, Func<Weights, Evaluation?> validate,
        IProgress<TrainProgress>? progress, CancellationToken cancel)
    {
        var order = key.FoldIn("order").FoldIn((uint)epoch).Permutation(classes.Length);
        var (steps, loss, correct) = (classes.Length / size, 0.0, 0);
        var started = Stopwatch.GetTimestamp();
        TrainProgress Progress(int done, Evaluation? validation) =>
            new(epoch, epochs, done, steps, loss / done, (double)correct / (done * size),
            done * size / Math.Max(1e-9, Stopwatch.GetElapsedTime(started).TotalSeconds), validation);

        for (var i = 0; i < steps; i++)
        {
            if (cancel.IsCancellationRequested)
            {
                throw Cancelled(trained, $"epoch {epoch}, after {i} of {steps} steps", cancel);
            }

            var batch = order.AsSpan(i * size, size);
            Feed(run, batch);
            if (step.Model.Key is { } random)
            {
                run.Indices(random).CopyTo(keyBefore);
            }

            run.Reals(step.Rate)[0] =
                (float)(step.Optimizer.Rate * schedule(((epoch - 1.0) * steps + i) / ((double)epochs * steps)));
            run.Run();
            if (!float.IsFinite(run.Reals(step.Loss)[0]))
            {
                throw Diverged(trained, epoch, i + 1, steps, batch);
            }

            loss += run.Reals(step.Loss)[0];
            correct += Correct(batch);
            progress?.Report(Progress(i + 1, null));
        }

        var weights = Weights();
        CheckFinite(trained, weights, epoch, steps);
        var validation = validate(weights);
        if (validation is not null)
        {
            progress?.Report(Progress(steps, validation));
        }

        return trained.With(weights,
            new EpochResult(epoch, loss / steps, (double)correct / (steps * size), validation));
    }

    private void Feed(Session target, ReadOnlySpan<int> batch)
    {
        var width = images.Count / classes.Length;
        var from = images.Singles;
        var to = target.Reals(step.Model.Input);
        var targets = target.Indices(labels);
        for (var row = 0; row < batch.Length; row++)
        {
            from.Slice(batch[row] * width, width).CopyTo(to[(row * width)..]);
            targets[row] = classes[batch[row]];
        }
    }

    /// <summary>A step whose loss is not finite changes no weight: so what went wrong can be found out.</summary>
    private (Node Variable, Node Next) IfFinite((Node Variable, Node Next) state) => state.Variable.Kind != Kind.Real
        ? state
        : (state.Variable, Functions.Where(
            Functions.Less(Functions.Abs(step.Loss), double.PositiveInfinity), state.Next, state.Variable));

    private int Correct(ReadOnlySpan<int> batch)
    {
        var scores = run.Reals(step.Model.Output);
        var (correct, width) = (0, scores.Length / size);
        for (var row = 0; row < size; row++)
        {
            correct += Evaluator.ArgMax(scores.Slice(row * width, width)) == classes[batch[row]] ? 1 : 0;
        }

        return correct;
    }

    private Weights Weights() =>
        new(step.Learnt.Select(learnt => KeyValuePair.Create(learnt.Name, run.Get(learnt.Variable))));

    private TrainingCanceledException Cancelled(Trained trained, string when, CancellationToken cancel) =>
        new($"training was cancelled in {when}; SoFar has the weights as they are.", trained.With(Weights()), cancel);

    private void CheckFinite(Trained trained, Weights weights, int epoch, int steps)
    {
        foreach (var (name, variable) in step.Learnt)
        {
            if (FirstNotFinite(weights[name].Singles) is >= 0 and var at)
            {
                throw Diverged(trained, epoch, steps, steps, "a weight is not finite after the update", variable, at,
                    weights[name].At(at));
            }
        }
    }

    /// <summary>Runs the forward pass of the failing step again, with every node as an output, and finds the first that
    /// is not finite.</summary>
    private DivergedError Diverged(Trained trained, int epoch, int number, int steps, ReadOnlySpan<int> batch)
    {
        var lossText = Tensor.Number(run.Reals(step.Loss)[0]);
        var graph = new Graph(step.Loss);
        ImmutableArray<Node> real =
            [.. graph.Nodes.Where(node => node.Kind == Kind.Real && node.Op is not (Constant or Variable))];
        using var again = Cpu.Compile(real).Start(threads);
        foreach (var variable in step.Model.Parameters.Select(parameter => parameter.Variable)
            .Concat(step.Model.Running.Select(running => running.Variable)).Where(again.Plan.Has))
        {
            again.Set(variable, run.Get(variable));
        }

        if (step.Model.Key is { } random)
        {
            keyBefore.CopyTo(again.Indices(random));
        }

        Feed(again, batch);
        again.Run();
        foreach (var node in graph.Nodes.Where(node => node.Kind == Kind.Real && node.Op is not Constant))
        {
            if (FirstNotFinite(again.Reals(node)) is >= 0 and var at)
            {
                return Diverged(trained, epoch, number, steps, $"the loss is {lossText}", node, at,
                    again.Reals(node)[at]);
            }
        }

        return Diverged(trained, epoch, number, steps, $"the loss is {lossText}", step.Loss, 0,
            run.Reals(step.Loss)[0]);
    }

    private DivergedError Diverged(Trained trained, int epoch, int number, int steps, string what, Node node, int at,
        double value)
    {
        var layer = node.Origin?.Path is { Length: > 0 } path ? path : "the loss's";
        var name = node.Op is Variable ? $"the parameter {node.Op.Name}" : $"{layer} {node.Op.Name}";
        var cause = node.Op is Variable ? ", so the update before it was too large" : "";
        var strides = node.Shape.Strides();
        var position = node.Shape.Select((length, axis) => (int)(at / strides[axis] % length));
        var good = trained.History.IsEmpty ? "before training" : $"after epoch {trained.History[^1].Epoch}";
        return new DivergedError($"training diverged in epoch {epoch}, step {number} of {steps}: {what}.\n"
            + $"First not finite: {name} {node.Shape}, {Tensor.Number(value)} at {position}{cause}.\n"
            + $"Possible: a smaller learning rate than {Tensor.Number(step.Optimizer.Rate)}, "
            + "inputs scaled to about −1 to 1.\n"
            + $"LastGood has the weights {good}.", epoch, number, node, trained);
    }

    private static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
