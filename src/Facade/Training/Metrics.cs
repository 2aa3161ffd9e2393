namespace AutoDiffCnn;

/// <summary>How good scores are, beyond the first guess; for what <see cref="Trained.Predict"/> gives. Precision,
/// recall and F1 are in <see cref="ConfusionMatrix"/>.</summary>
/// <example><code>
/// var scores = Tensor.Of([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.4, 0.5, 0.1]]);
/// var labels = Tensor.Of([2, 1, 0]);
/// Metrics.TopK(scores, labels, 2) // 1
/// Metrics.RocAuc(scores, labels, positive: 0) // 0.5
/// </code></example>
public static class Metrics
{
    /// <summary>The share of samples whose class is among the k with the largest scores; of equal scores the first
    /// counts as larger, so k = 1 is the accuracy.</summary>
    /// <param name="scores">Scores [n, classes].</param>
    /// <param name="labels">Classes [n].</param>
    /// <param name="k">How many guesses each has.</param>
    /// <exception cref="ShapeError">Scores and labels do not fit.</exception>
    /// <exception cref="DataError">A label is no class.</exception>
    /// <exception cref="ArgumentOutOfRangeException">k is less than 1.</exception>
    public static double TopK(Tensor scores, Tensor labels, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        var classes = Classes("TopK", scores, labels);
        return classes.Where((label, i) => Rank(scores.Part(i), label) < k).Count() / (double)classes.Length;
    }

    /// <summary>The probability that a sample of a class scores higher for it than one of another class, a tie counting
    /// half: the area under the curve of true over false positives. NaN if one of the two is missing or a score is
    /// NaN.</summary>
    /// <param name="scores">Scores [n, classes]; for more than two classes, probabilities.</param>
    /// <param name="labels">Classes [n].</param>
    /// <param name="positive">The class.</param>
    /// <remarks>By ranks: J. Hanley, B. McNeil, The meaning and use of the area under a ROC curve, Radiology 143,
    /// 1982.</remarks>
    /// <exception cref="ShapeError">Scores and labels do not fit.</exception>
    /// <exception cref="DataError">A label, or the class, is no class.</exception>
    public static double RocAuc(Tensor scores, Tensor labels, int positive)
    {
        var classes = Classes("RocAuc", scores, labels);
        CheckClass("the positive class", positive, scores.Shape[1]);
        var (below, wins, positives) = (0L, 0.0, 0L);
        var samples = classes.Select((label, i) => (Score: scores.Part(i).At(positive), IsPositive: label == positive));
        foreach (var tied in samples.GroupBy(sample => sample.Score).OrderBy(group => group.Key))
        {
            if (double.IsNaN(tied.Key))
            {
                return double.NaN;
            }

            var here = tied.LongCount(sample => sample.IsPositive);
            var others = tied.LongCount() - here;
            wins += here * (below + others / 2.0);
            (below, positives) = (below + others, positives + here);
        }

        return wins / ((double)positives * below);
    }

    /// <summary>How many scores come before a class's.</summary>
    private static int Rank(Tensor scores, int label) => Enumerable.Range(0, scores.Count).Count(other =>
        ArgMax.IsLarger(scores.At(other), scores.At(label))
        || other < label && !ArgMax.IsLarger(scores.At(label), scores.At(other)));

    private static int[] Classes(string place, Tensor scores, Tensor labels)
    {
        if (scores.Shape is not [var n, > 0] || labels.Shape is not [var m] || n != m)
        {
            throw new ShapeError($"{place} on {scores.Shape}, {labels.Shape}",
                "it needs scores [n, classes] and labels [n]", ["Predict's result and the data set's labels"]);
        }

        foreach (var (label, i) in labels.ToDoubles().Select((label, i) => (label, i)))
        {
            CheckClass($"sample {i}'s label", label, scores.Shape[1]);
        }

        return [.. labels.ToDoubles().Select(label => (int)label)];
    }

    private static void CheckClass(string what, double value, int classes)
    {
        if (!(value >= 0 && value < classes && Math.Floor(value) == value))
        {
            throw new DataError($"{what} is {Tensor.Number(value)}; the {classes} classes are 0 to {classes - 1}.");
        }
    }
}
