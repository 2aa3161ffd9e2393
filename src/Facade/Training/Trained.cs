using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A network with weights: what training gives, and what can be judged, used and saved. Immutable.</summary>
/// <example><code>
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), epochs: 5, batch: 16);
/// trained.Evaluate(digits.Test).Accuracy > 0.5 // True
/// trained.Classify(digits.Test.Take(8).Images).Length // 8
/// trained.Save("lenet.safetensors");
/// </code></example>
[TypeFormatterSource]
public sealed class Trained
{
    private readonly int threads;

    internal Trained(Layer layer, Shape input, Func<Node, Node, Node> loss, Weights weights,
        ImmutableArray<EpochResult> history,
        int threads)
    {
        (Layer, Input, Loss, Weights, History) = (layer, input, loss, weights, history);
        this.threads = threads;
    }

    /// <summary>The network.</summary>
    public Layer Layer { get; }

    /// <summary>The shape of one input, without the batch.</summary>
    public Shape Input { get; }

    /// <summary>The loss, a function of the network's results and the labels.</summary>
    public Func<Node, Node, Node> Loss { get; }

    /// <summary>The weights.</summary>
    public Weights Weights { get; }

    /// <summary>What each epoch came to.</summary>
    public ImmutableArray<EpochResult> History { get; }

    /// <summary>Loss, accuracy and confusion matrix on data.</summary>
    /// <exception cref="DataError">The data is empty, not finite, or has a label outside the classes.</exception>
    /// <exception cref="ShapeError">The images have another shape than the network's,
    /// or it has not one score for each class.</exception>
    public Evaluation Evaluate(Dataset data)
    {
        data.Check();
        CheckImages("Evaluate", data.Images.Shape);
        using var evaluator = new Evaluator(Layer, Loss, data.Images.Shape, threads);
        return evaluator.Evaluate(Weights, data);
    }

    /// <summary>The same on the first epoch of a loader of batches, which need not fit into memory together.</summary>
    /// <inheritdoc cref="Evaluate(Dataset)"/>
    public Evaluation Evaluate(Loader<Dataset> batches)
    {
        Evaluator? evaluator = null;
        try
        {
            var (all, at) = ((Evaluation?)null, 0);
            foreach (var data in batches.Epoch(0))
            {
                at++;
                if (data.Check().Images.Shape != evaluator?.Images)
                {
                    CheckImages($"Evaluate, batch {at},", data.Images.Shape);
                    evaluator?.Dispose();
                    evaluator = new Evaluator(Layer, Loss, data.Images.Shape, threads);
                }

                all = evaluator.Evaluate(Weights, data).With(all);
            }

            return all ?? throw new DataError("the loader is empty: its first epoch has no batch.");
        }
        finally
        {
            evaluator?.Dispose();
        }
    }

    /// <summary>The network's results for images; for a network that ends without softmax, its scores.</summary>
    /// <param name="images">Images [n, …].</param>
    /// <exception cref="ShapeError">The images have another shape than the network's.</exception>
    public Tensor Predict(Tensor images)
    {
        CheckImages("Predict", images.Shape);
        if (images.Shape[0] == 0)
        {
            return Tensor.Fill(Layer.Build([1, .. Input]).Output.Shape.With(0, 0), 0);
        }

        using var evaluator = new Evaluator(Layer, null, images.Shape, threads);
        return evaluator.Predict(Weights, images);
    }

    /// <summary>The class of each image: the one with the largest score.</summary>
    /// <param name="images">Images [n, …].</param>
    /// <exception cref="ShapeError">The images have another shape than the network's.</exception>
    public ImmutableArray<int> Classify(Tensor images)
    {
        var scores = Predict(images);
        return [.. Enumerable.Range(0, scores.Shape[0]).Select(i => Evaluator.ArgMax(scores.Part(i).Singles))];
    }

    /// <summary>Writes the weights as safetensors, beside the file and then in its place: a file that is there stays
    /// whole if anything goes wrong.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => Safetensors.Write(path, Weights);

    /// <summary>SHA-256 of the weights; see <see cref="Weights.Sha256"/>.</summary>
    public string Sha256() => Weights.Sha256();

    /// <summary>The network, the number of its weights, and the last epoch.</summary>
    public override string ToString() =>
        $"{Layer}\n{Weights.Values.Sum(value => (long)value.Count)} weights, {Weights.Sha256()}"
        + (History.IsEmpty ? "" : $"\n{History[^1]}");

    internal Trained With(Weights weights, params ReadOnlySpan<EpochResult> more) =>
        new(Layer, Input, Loss, weights, [.. History, .. more], threads);

    internal void CheckImages(string place, Shape images)
    {
        if (images.Rank == 0 || images[1..] != Input)
        {
            throw new ShapeError($"{place} on {images}", $"the network is for images of {Input}",
                [images == Input ? $"Reshape to {Shape.From([1, .. Input])}"
                    : $"images of {Shape.From([images.Rank > 0 ? images[0] : 1, .. Input])}"]);
        }
    }
}
