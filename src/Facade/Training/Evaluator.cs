using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Runs a network in use over images, batch after batch; a rest that fills no batch gets a plan of its own, so
/// that every number is exact. Compiled once for any number of weights.</summary>
internal sealed class Evaluator : IDisposable
{
    private const int SmallestBatch = 64;
    private const int LargestBatch = 256;

    private readonly Tensor images;
    private readonly ImmutableArray<Part> parts;

    public Evaluator(Layer layer, Func<Node, Node, Node>? loss, Tensor images, int threads)
    {
        this.images = InSingle(images);
        var (count, batch) = (images.Shape[0], Batch(images.Shape[0]));
        var (full, rest) = batch == 0 ? (0, 0) : (count / batch, count % batch);
        Part Of(int first, int times, int size) => Part.Of(layer, loss, first, times, size, images.Shape[1..], threads);
        parts = (full, rest) switch
        {
            (0, 0) => [],
            (_, 0) => [Of(0, full, batch)],
            _ => [Of(0, full, batch), Of(count - rest, 1, rest)],
        };
    }

    /// <summary>The network's results for all images.</summary>
    public Tensor Predict(Weights weights)
    {
        var shape = parts[0].Model.Output.Shape.With(0, images.Shape[0]);
        var (results, width) = (new float[shape.Elements], shape.Elements / shape[0]);
        Run(weights, [], (part, first) =>
            part.Run.Reals(part.Model.Output).CopyTo(results.AsSpan((int)(first * width))));
        return Tensor.Wrap(shape, results);
    }

    /// <summary>How the network does on the data whose images these are.</summary>
    public Evaluation Evaluate(Weights weights, Dataset data, CancellationToken cancel = default)
    {
        Training.CheckScores($"Evaluate on {data}", parts[0].Model, data.Classes);
        var (loss, labels) = (0.0, Labels(data));
        var pairs = new List<(int, int)>(labels.Length);
        Run(weights, labels, (part, first) =>
        {
            loss += part.Run.Reals(part.Loss!)[0] * (double)part.Batch;
            var scores = part.Run.Reals(part.Model.Output);
            for (var i = 0; i < part.Batch; i++)
            {
                pairs.Add((labels[first + i], ArgMax(scores.Slice(i * data.Classes, data.Classes))));
            }
        }, cancel);
        return new Evaluation(loss / labels.Length, ConfusionMatrix.Of(data.Classes, pairs));
    }

    public void Dispose()
    {
        foreach (var part in parts)
        {
            part.Run.Dispose();
        }
    }

    /// <summary>The position of the largest score, the first of equal ones; a NaN is largest,
    /// as in the op ArgMax.</summary>
    internal static int ArgMax(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
        {
            best = AutoDiffCnn.ArgMax.IsLarger(scores[i], scores[best]) ? i : best;
        }

        return best;
    }

    /// <summary>The labels as whole numbers.</summary>
    internal static int[] Labels(Dataset data) => [.. data.Labels.ToDoubles().Select(label => (int)label)];

    /// <summary>The same values stored in single precision, so that rows can be copied as they are.</summary>
    internal static Tensor InSingle(Tensor tensor) =>
        tensor.IsSingle ? tensor : Tensor.Wrap(tensor.Shape, tensor.ToSingles());

    /// <summary>The largest batch that divides the count, within limits, so that one plan does;
    /// else the largest allowed.</summary>
    private static int Batch(int count)
    {
        for (var batch = Math.Min(count, LargestBatch); batch >= SmallestBatch; batch--)
        {
            if (count % batch == 0)
            {
                return batch;
            }
        }

        return Math.Min(count, LargestBatch);
    }

    private void Run(Weights weights, int[] labels, Action<Part, int> read, CancellationToken cancel = default)
    {
        var width = (int)(images.Count / images.Shape[0]);
        foreach (var part in parts)
        {
            foreach (var (variable, value) in part.Model.Bind(weights).Where(pair => part.Run.Plan.Has(pair.Variable)))
            {
                part.Run.Set(variable, value);
            }

            for (var (first, i) = (part.First, 0); i < part.Count; i++, first += part.Batch)
            {
                cancel.ThrowIfCancellationRequested();
                images.Singles.Slice(first * width, part.Batch * width).CopyTo(part.Run.Reals(part.Model.Input));
                if (part.Labels is not null)
                {
                    labels.AsSpan(first, part.Batch).CopyTo(part.Run.Indices(part.Labels));
                }

                part.Run.Run();
                read(part, first);
            }
        }
    }

    /// <summary>So many batches of one size, from image First on.</summary>
    private sealed record Part(int First, int Count, int Batch, Model Model, Node? Labels, Node? Loss, Session Run)
    {
        public static Part Of(Layer layer, Func<Node, Node, Node>? loss, int first, int count, int batch, Shape image,
            int threads)
        {
            var model = layer.Build([batch, .. image]);
            var labels = loss is null ? null : Functions.Variable("labels", [batch], Kind.Index);
            var value = loss?.Invoke(model.Output, labels!);
            return new(first, count, batch, model, labels, value,
                Cpu.Compile(value is null ? [model.Output] : [value, model.Output]).Start(threads));
        }
    }
}
