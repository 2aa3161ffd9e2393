using System.Collections.Immutable;
using System.Globalization;

namespace AutoDiffCnn;

/// <summary>How often each class was taken for which: a row for each true class,
/// a column for each predicted one.</summary>
/// <param name="Classes">The number of classes.</param>
/// <param name="Counts">Row by row, Classes · Classes numbers.</param>
/// <example><code>
/// var confusion = ConfusionMatrix.Of(2, [(0, 0), (0, 1), (1, 1), (1, 1)]);
/// confusion[0, 1] // 1
/// confusion.Recall(0) // 0.5
/// confusion.Accuracy // 0.75
/// </code></example>
[TypeFormatterSource]
public sealed record ConfusionMatrix(int Classes, ImmutableArray<int> Counts)
{
    /// <summary>How often class <paramref name="actual"/> was taken for <paramref name="predicted"/>.</summary>
    public int this[int actual, int predicted] => Counts[actual * Classes + predicted];

    /// <summary>How many were judged.</summary>
    public int Total => Counts.Sum();

    /// <summary>How many were right.</summary>
    public int Correct => Enumerable.Range(0, Classes).Sum(c => this[c, c]);

    /// <summary>The share that was right.</summary>
    public double Accuracy => (double)Correct / Total;

    /// <summary>The matrix of these pairs.</summary>
    public static ConfusionMatrix Of(int classes, IEnumerable<(int Actual, int Predicted)> pairs)
    {
        var counts = new int[classes * classes];
        foreach (var (actual, predicted) in pairs)
        {
            counts[actual * classes + predicted]++;
        }

        return new(classes, [.. counts]);
    }

    /// <summary>Of those that are of a class, the share that was recognised; NaN if there are none.</summary>
    public double Recall(int actual) =>
        (double)this[actual, actual] / Enumerable.Range(0, Classes).Sum(c => this[actual, c]);

    /// <summary>Of those that were taken for a class, the share that is of it; NaN if there are none.</summary>
    public double Precision(int predicted) =>
        (double)this[predicted, predicted] / Enumerable.Range(0, Classes).Sum(c => this[c, predicted]);

    /// <summary>The harmonic mean of a class's precision and recall; NaN if it neither is nor was taken for
    /// any.</summary>
    public double F1(int of) => 2.0 * this[of, of]
        / Enumerable.Range(0, Classes).Sum(c => this[of, c] + this[c, of]);

    /// <summary>Whether both have the same counts.</summary>
    public bool Equals(ConfusionMatrix? other) =>
        other is not null && Classes == other.Classes && Counts.SequenceEqual(other.Counts);

    /// <inheritdoc/>
    public override int GetHashCode() => Counts.Aggregate(Classes, HashCode.Combine);

    /// <summary>A table with recall behind each row and precision under each column.</summary>
    public override string ToString()
    {
        var classes = Enumerable.Range(0, Classes).ToArray();
        string[][] lines =
        [
            ["actual", .. classes.Select(Text), "recall"],
            .. classes.Select(actual => (string[])[Text(actual),
                .. classes.Select(predicted => Text(this[actual, predicted])), Share(Recall(actual))]),
            ["precision", .. classes.Select(predicted => Share(Precision(predicted))), Share(Accuracy)],
        ];
        return string.Join("\n",
            lines.Select(line => line[0].PadLeft(9) + string.Concat(line[1..].Select(cell => cell.PadLeft(7)))));

        static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
        static string Share(double value) =>
            double.IsNaN(value) ? "-" : value.ToString("0.000", CultureInfo.InvariantCulture);
    }
}

/// <summary>How a network does on data.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Confusion">What was taken for what.</param>
/// <example><code>
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3));
/// trained.Evaluate(digits.Test) // loss …
/// </code></example>
[TypeFormatterSource]
public sealed record Evaluation(double Loss, ConfusionMatrix Confusion)
{
    /// <summary>The share that was right.</summary>
    public double Accuracy => Confusion.Accuracy;

    /// <summary>This and another together, as on the data of both.</summary>
    internal Evaluation With(Evaluation? other) => other is null ? this : new(
        (Loss * Confusion.Total + other.Loss * other.Confusion.Total) / (Confusion.Total + other.Confusion.Total),
        new(Confusion.Classes, [.. Confusion.Counts.Zip(other.Confusion.Counts, (a, b) => a + b)]));

    /// <summary>Loss and accuracy with four digits.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"loss {Loss:0.0000}, accuracy {Accuracy:0.0000}");
}
