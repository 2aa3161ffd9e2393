namespace AutoDiffCnn;

/// <summary>Where batches come from; all that training knows of it. A batch is found by its place alone, so a run that
/// is resumed goes on with the same ones.</summary>
internal interface IBatches
{
    /// <summary>How many batches an epoch has.</summary>
    int Steps { get; }

    /// <summary>Writes a batch: its images one behind the other, and their classes.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="step">The batch's number in the epoch, from 0.</param>
    /// <param name="images">Gets the images.</param>
    /// <param name="labels">Gets their classes.</param>
    void Fill(int epoch, int step, Span<float> images, Span<int> labels);
}

/// <summary>A data set in an order of its own in each epoch; what does not fill a batch is left out.</summary>
internal sealed class Shuffled(Dataset data, int size, Key key) : IBatches
{
    private readonly Tensor images = Evaluator.InSingle(data.Images);
    private readonly int[] classes = Evaluator.Labels(data);
    private (int Epoch, int[] Samples) order;

    public int Steps => classes.Length / size;

    public void Fill(int epoch, int step, Span<float> images, Span<int> labels)
    {
        if (order.Epoch != epoch)
        {
            order = (epoch, key.FoldIn((uint)epoch).Permutation(classes.Length));
        }

        var width = this.images.Count / classes.Length;
        var from = this.images.Singles;
        for (var row = 0; row < size; row++)
        {
            var sample = order.Samples[step * size + row];
            from.Slice(sample * width, width).CopyTo(images[(row * width)..]);
            labels[row] = classes[sample];
        }
    }
}
