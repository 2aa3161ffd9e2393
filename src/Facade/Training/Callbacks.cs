using System.Globalization;

namespace AutoDiffCnn;

/// <summary>What is done after each epoch, when it has been validated. The network comes with its whole history, so a
/// callback needs no memory of its own, and a run that is resumed goes on as if it had never stopped.</summary>
/// <param name="trained">The network after the epoch; the last of its history is this epoch.</param>
/// <returns>How training goes on.</returns>
/// <example><code>
/// Callback untilGood = trained => new(Stop: trained.History[^1].Accuracy > 0.95);
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), epochs: 3, callbacks: [untilGood]);
/// </code></example>
public delegate Advice Callback(Trained trained);

/// <summary>How training goes on.</summary>
/// <param name="Stop">Whether this epoch was the last.</param>
/// <param name="Rate">A factor of the learning rate for the next epoch, beside the schedule's.</param>
/// <example><code>new Advice(Rate: 0.1) // Advice { Stop = False, Rate = 0.1 }</code></example>
public sealed record Advice(bool Stop = false, double Rate = 1)
{
    /// <summary>As before.</summary>
    public static Advice GoOn { get; } = new();

    /// <summary>What several callbacks advise together.</summary>
    internal static Advice Of(IEnumerable<Callback> callbacks, Trained trained) => callbacks.Aggregate(GoOn,
        (advice, callback) => callback(trained) is var next && double.IsFinite(next.Rate) && next.Rate >= 0
            ? new(advice.Stop || next.Stop, advice.Rate * next.Rate)
            : throw new ArgumentException(
                $"a callback gives the rate's factor {Tensor.Number(next.Rate)}, it must be finite and at least 0.",
                nameof(callbacks)));
}

/// <summary>Callbacks for <see cref="Training"/>. Where they compare epochs, less is better: the loss on the
/// validation data, or on the training data if there is none, unless another value is given.</summary>
/// <example><code>
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), epochs: 3, validation: digits.Test,
///     callbacks: [Callbacks.EarlyStopping(2), Callbacks.SaveBest("best.safetensors"), Callbacks.LogCsv("log.csv")]);
/// File.ReadLines("log.csv").First() // epoch,loss,accuracy,validation_loss,validation_accuracy
/// lenet.Load("best.safetensors", [1, 28, 28]).Weights.Count // 10
/// </code></example>
public static class Callbacks
{
    private static readonly string[] columns =
        ["epoch", "loss", "accuracy", "validation_loss", "validation_accuracy"];

    /// <summary>Stops when so many epochs in a row were no better than the best before.</summary>
    /// <param name="patience">How many.</param>
    /// <param name="of">What to compare.</param>
    /// <exception cref="ArgumentOutOfRangeException">The patience is less than 1.</exception>
    public static Callback EarlyStopping(int patience, Func<EpochResult, double>? of = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, 1);
        return trained => new(Stop: trained.History.Length - 1 - Best(trained, of) >= patience);
    }

    /// <summary>Multiplies the rate each time that so many epochs in a row were no better than the best
    /// before.</summary>
    /// <param name="factor">With what.</param>
    /// <param name="patience">How many.</param>
    /// <param name="of">What to compare.</param>
    /// <exception cref="ArgumentOutOfRangeException">The patience is less than 1, or the factor is negative or not
    /// finite.</exception>
    public static Callback Plateau(double factor = 0.1, int patience = 10, Func<EpochResult, double>? of = null)
    {
        Optimizer.Amount(nameof(factor), factor);
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, 1);
        return trained =>
        {
            var (best, waited, rate) = (double.PositiveInfinity, 0, 1.0);
            foreach (var value in trained.History.Select(of ?? Loss))
            {
                (best, waited) = value < best ? (value, 0) : (best, waited + 1);
                (waited, rate) = waited == patience ? (0, rate * factor) : (waited, rate);
            }

            return new(Rate: rate);
        };
    }

    /// <summary>Writes the weights to a file after each epoch that is better than all before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="of">What to compare.</param>
    public static Callback SaveBest(string path, Func<EpochResult, double>? of = null) => Do(trained =>
    {
        if (Best(trained, of) == trained.History.Length - 1)
        {
            trained.Save(path);
        }
    });

    /// <summary>Writes the history as a table with commas: epoch, loss, accuracy, and both for the validation data,
    /// empty without such data. The file is written whole after each epoch, so that it never has half a line or one
    /// twice.</summary>
    /// <param name="path">The file.</param>
    public static Callback LogCsv(string path) => Log(path, history => history
        .Select(result => string.Join(',', Values(result).Select(Text)))
        .Prepend(string.Join(',', columns)));

    /// <summary>Writes the history as JSON, one object a line, with the columns of <see cref="LogCsv"/>; null where
    /// there is no such number.</summary>
    /// <param name="path">The file.</param>
    public static Callback LogJsonLines(string path) => Log(path, history => history.Select(result =>
        $"{{{string.Join(", ", columns.Zip(Values(result), (name, value) => $"\"{name}\": {Json(value)}"))}}}"));

    /// <summary>Anything else that is done after each epoch and does not change how training goes on.</summary>
    /// <param name="action">What is done.</param>
    public static Callback Do(Action<Trained> action) => trained =>
    {
        action(trained);
        return Advice.GoOn;
    };

    private static Callback Log(string path, Func<IEnumerable<EpochResult>, IEnumerable<string>> lines) => Do(trained =>
        AtomicFile.Write(path, stream =>
        {
            using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
            foreach (var line in lines(trained.History))
            {
                text.WriteLine(line);
            }
        }));

    private static double?[] Values(EpochResult result) =>
        [result.Epoch, result.Loss, result.Accuracy, result.Validation?.Loss, result.Validation?.Accuracy];

    private static string Text(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A number as JSON has it, null for one that JSON has not.</summary>
    private static string Json(double? value) => value is { } number && double.IsFinite(number) ? Text(number) : "null";

    /// <summary>The first of the best epochs; a NaN is never better.</summary>
    private static int Best(Trained trained, Func<EpochResult, double>? of)
    {
        double[] values = [.. trained.History.Select(of ?? Loss)];
        return Enumerable.Range(0, values.Length).Aggregate((best, i) => values[i] < values[best] ? i : best);
    }

    private static double Loss(EpochResult result) => result.Validation?.Loss ?? result.Loss;
}
