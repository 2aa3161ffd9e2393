using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public sealed class MetricsTests
{
    private static Gen<(Tensor Scores, Tensor Labels)> Judged =>
        from n in Gen.Choose(1, 12)
        from scores in Gen.Choose(0, 5).ArrayOf(n * 4)
        from labels in Gen.Choose(0, 3).ArrayOf(n)
        select (Tensor.From([n, 4], i => scores[i] / 5.0), Tensor.From([n], i => labels[i]));

    [Fact]
    public void Top_1_is_the_accuracy_and_top_n_is_all() => Law.ForAll(Judged, at =>
    {
        var (scores, labels) = at;
        var right = labels.ToDoubles().Select((label, i) => Evaluator.ArgMax(InSingle(scores.Part(i))) == (int)label).Count(same => same);
        Assert.Equal(right / (double)labels.Count, Metrics.TopK(scores, labels, 1));
        var shares = Enumerable.Range(1, 5).Select(k => Metrics.TopK(scores, labels, k)).ToArray();
        Assert.Equal(shares.Order(), shares);
        Assert.Equal((1, 1), (shares[3], shares[4]));
    });

    [Fact]
    public void The_area_is_the_share_of_pairs_in_order() => Law.ForAll(Judged.Zip(Gen.Choose(0, 3)), at =>
    {
        var ((scores, labels), positive) = at;
        var samples = labels.ToDoubles().Select((label, i) => (Is: (int)label == positive, Score: scores.At(i * 4 + positive))).ToArray();
        double[] wins = [.. from a in samples
                            where a.Is
                            from b in samples
                            where !b.Is
                            select a.Score > b.Score ? 1 : a.Score == b.Score ? 0.5 : 0];
        Assert.Equal(wins.Length == 0 ? double.NaN : wins.Average(), Metrics.RocAuc(scores, labels, positive), 1e-12);
    });

    [Fact]
    public void F1_is_the_harmonic_mean_of_precision_and_recall() => Law.ForAll(Gen.Choose(0, 2).Zip(Gen.Choose(0, 2)).ArrayOf(12), pairs =>
    {
        var confusion = ConfusionMatrix.Of(3, pairs);
        for (var c = 0; c < 3; c++)
        {
            var (precision, recall) = (confusion.Precision(c), confusion.Recall(c));
            var right = pairs.Count(pair => pair == (c, c));
            Assert.Equal(right / (double)pairs.Count(pair => pair.Item2 == c), precision);
            Assert.Equal(right / (double)pairs.Count(pair => pair.Item1 == c), recall);
            if (right > 0)
            {
                Assert.Equal(2 / (1 / precision + 1 / recall), confusion.F1(c), 1e-12);
            }
            else
            {
                Assert.Equal(pairs.Any(pair => pair.Item1 == c || pair.Item2 == c) ? 0 : double.NaN, confusion.F1(c));
            }
        }
    });

    [Fact]
    public void A_perfect_order_a_reversed_one_and_none()
    {
        var scores = Tensor.Of([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]);
        Assert.Equal(1, Metrics.RocAuc(scores, Tensor.Of([0, 0, 1]), 0));
        Assert.Equal(0, Metrics.RocAuc(scores, Tensor.Of([1, 1, 0]), 0));
        Assert.Equal(double.NaN, Metrics.RocAuc(scores, Tensor.Of([0, 0, 0]), 0));
        Assert.Equal(double.NaN, Metrics.RocAuc(scores.Map(s => s == 0.2 ? double.NaN : s), Tensor.Of([0, 0, 1]), 1));
    }

    [Fact]
    public void Mistakes_are_named()
    {
        var scores = Tensor.Of([[0.9, 0.1], [0.8, 0.2]]);
        Assert.Equal(
            """
            TopK on [2, 2], [3]: it needs scores [n, classes] and labels [n].
            Possible: Predict's result and the data set's labels.
            """, Assert.Throws<ShapeError>(() => Metrics.TopK(scores, Tensor.Of([0, 1, 0]), 1)).Message);
        Assert.Equal("sample 1's label is 2; the 2 classes are 0 to 1.",
            Assert.Throws<DataError>(() => Metrics.TopK(scores, Tensor.Of([0, 2]), 1)).Message);
        Assert.Throws<DataError>(() => Metrics.RocAuc(scores, Tensor.Of([0, 1]), -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Metrics.TopK(scores, Tensor.Of([0, 1]), 0));
    }

    private static float[] InSingle(Tensor tensor) => [.. tensor.ToDoubles().Select(value => (float)value)];
}
