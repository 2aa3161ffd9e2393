using System.Globalization;

namespace AutoDiffCnn;

/// <summary>How far training is; reported after each step, and once more after each epoch that is validated.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">How many there will be.</param>
/// <param name="Step">The step within the epoch, from 1.</param>
/// <param name="Steps">How many steps an epoch has.</param>
/// <param name="Loss">The mean loss of the epoch so far.</param>
/// <param name="Accuracy">The share of this epoch's images so far that were recognised,
/// each just before it was learnt from.</param>
/// <param name="ImagesPerSecond">How many images are learnt from in a second.</param>
/// <param name="TimeLeft">How long the rest of the training will take at the speed so far.</param>
/// <param name="Validation">How the network does on the validation data; null but at the end of an epoch.</param>
/// <example><code>
/// var progress = new Progress&lt;TrainProgress>(Console.WriteLine);
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), progress: progress);
/// </code></example>
public sealed record TrainProgress(
    int Epoch, int Epochs, int Step, int Steps, double Loss, double Accuracy, double ImagesPerSecond,
    TimeSpan TimeLeft, Evaluation? Validation)
{
    /// <summary>One line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"epoch {Epoch}/{Epochs}, step {Step}/{Steps}: loss {Loss:0.0000}, accuracy {Accuracy:0.0000}, ")
        + string.Create(CultureInfo.InvariantCulture, $"{ImagesPerSecond:0} images/s")
        + (TimeLeft > TimeSpan.Zero ? $", {TimeLeft:h\\:mm\\:ss} left" : "")
        + (Validation is null ? "" : $"; validation: {Validation}");
}

/// <summary>What an epoch of training came to.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The mean loss on the training data, each batch just before it was learnt from.</param>
/// <param name="Accuracy">The share of it that was recognised, likewise.</param>
/// <param name="Validation">How the network does on the validation data afterwards; null without such data.</param>
/// <example><code>
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), epochs: 2);
/// trained.History.Select(result => result.Epoch) // [1, 2]
/// trained.History[1].Loss &lt; trained.History[0].Loss // True
/// </code></example>
[TypeFormatterSource]
public sealed record EpochResult(int Epoch, double Loss, double Accuracy, Evaluation? Validation)
{
    /// <summary>One line.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"epoch {Epoch}: loss {Loss:0.0000}, accuracy {Accuracy:0.0000}")
        + (Validation is null ? "" : $"; validation: {Validation}");
}
