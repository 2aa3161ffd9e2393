namespace AutoDiffCnn;

/// <summary>Where batches come from; all that training knows of it. A batch is found by its place alone, so a run that
/// is resumed goes on with the same ones. Prints as what there is to learn from.</summary>
internal interface IBatches
{
    /// <summary>The shape of an image.</summary>
    Shape Image { get; }

    /// <summary>How many classes there are.</summary>
    int Classes { get; }

    /// <summary>Whether an image has a share of each class, not one class.</summary>
    bool IsSoft { get; }

    /// <summary>How many images a batch has; an epoch's last may have fewer.</summary>
    int Size { get; }

    /// <summary>How many batches an epoch has.</summary>
    int Steps { get; }

    /// <summary>The number of images of a batch.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="step">The batch's number in the epoch, from 0.</param>
    int CountOf(int epoch, int step);

    /// <summary>Writes a batch: its images one behind the other, and what they are.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="step">The batch's number in the epoch, from 0.</param>
    /// <param name="images">Gets the images.</param>
    /// <param name="targets">Gets the class of each, or its shares of the classes.</param>
    void Fill(int epoch, int step, Span<float> images, Span<float> targets);
}

/// <summary>A data set in an order of its own in each epoch; what does not fill a batch is left out.</summary>
internal sealed class Shuffled(Dataset data, int size, Key key) : IBatches
{
    private readonly Tensor images = Evaluator.InSingle(data.Images);
    private readonly int[] classes = Evaluator.Labels(data);
    private (int Epoch, int[] Samples) order;

    public Shape Image => images.Shape[1..];

    public int Classes => data.Classes;

    public bool IsSoft => false;

    public int Size => size;

    public int Steps => classes.Length / size;

    public int CountOf(int epoch, int step) => size;

    public void Fill(int epoch, int step, Span<float> images, Span<float> targets)
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
            targets[row] = classes[sample];
        }
    }

    public override string ToString() => $"{data}";
}
