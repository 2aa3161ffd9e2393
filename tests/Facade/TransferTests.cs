using Xunit.Abstractions;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

public sealed class TransferTests(ITestOutputHelper output)
{
    private static readonly Layer net = Conv2D(8, 5, Same) >> Relu >> MaxPool(2)
        >> Conv2D(16, 5) >> Relu >> MaxPool(2)
        >> Flatten >> Dense(64) >> Relu >> Dense(5);

    /// <summary>Digits of the package: 0-4 are learnt from 500 images a class, then 5-9 from 100, with the convolutions
    /// of the first network, frozen, under a new head.</summary>
    [Fact]
    public void E14_features_of_other_digits_beat_training_from_scratch()
    {
        var digits = Datasets.Digits();
        var (high, test) = (Of(digits.Train, 5, 100), Of(digits.Test, 5, 1000));
        var first = net.Fit(Of(digits.Train, 0, 500), SoftmaxCrossEntropy, Adam(2e-3), epochs: 4, batch: 32, seed: 1, threads: 1);
        var features = first.Weights.Where(pair => pair.Key.StartsWith("conv", StringComparison.Ordinal));
        var match = net.Match(new(features), [1, 28, 28], seed: 2);
        Assert.Equal("4 weights taken, 4 new (dense1.bias, dense1.weight, dense2.bias, dense2.weight), 0 of another shape, 0 left", $"{match}");

        double Learn(Optimizer optimizer, Weights? start) => net.Fit(high, SoftmaxCrossEntropy, optimizer, epochs: 3,
            batch: 32, seed: 2, threads: 1, start: start).Evaluate(test).Accuracy;
        var (transferred, scratch) = (Learn(Adam(1e-3).Freeze("conv*"), match.Weights), Learn(Adam(1e-3), null));
        output.WriteLine($"5-9 from 100 images a class: {transferred:0.0000} with the features of 0-4, {scratch:0.0000} from scratch");
        Assert.True(transferred >= 0.92, $"{transferred}");
        Assert.True(transferred >= scratch + 0.02, $"{transferred} {scratch}");
    }

    [Fact]
    public void A_match_says_what_came_of_each_weight()
    {
        var from = (Conv2D(4, 3) >> Relu >> Flatten >> Dense(3) >> Dense(2)).Build([1, 1, 6, 6]).Init(Key.Of(1));
        var match = (Conv2D(4, 3) >> BatchNorm() >> Relu >> Flatten >> Dense(5)).Match(from, [1, 6, 6], seed: 2);
        Assert.Equal<string>(["conv1.bias", "conv1.weight"], match.Taken);
        Assert.Equal<string>(["norm1.bias", "norm1.running_mean", "norm1.running_var", "norm1.weight"], match.New);
        Assert.Equal<(string, Shape, Shape)>([("dense1.bias", [3], [5]), ("dense1.weight", [3, 64], [5, 64])], match.Changed);
        Assert.Equal<string>(["dense2.bias", "dense2.weight"], match.Left);
        Assert.Equal(from["conv1.weight"], match.Weights["conv1.weight"]);
        Assert.Equal("2 weights taken, 4 new (norm1.bias, norm1.running_mean, norm1.running_var, norm1.weight), "
            + "2 of another shape (dense1.bias [3], needed [5]; dense1.weight [3, 64], needed [5, 64]), 2 left (dense2.bias, dense2.weight)", $"{match}");
    }

    [Fact]
    public void Its_own_weights_match_wholly()
    {
        var weights = Models.LeNet5.Build([1, 1, 28, 28]).Init(Key.Of(5));
        var match = Models.LeNet5.Match(weights, [1, 28, 28]);
        Assert.Equal(weights.Sha256(), match.Weights.Sha256());
        Assert.Equal((10, 0, 0, 0), (match.Taken.Length, match.New.Length, match.Changed.Length, match.Left.Length));
    }

    [Fact]
    public void Nothing_matches_nothing()
    {
        var match = Models.LeNet5.Match(new Weights([]), [1, 28, 28], seed: 4);
        Assert.Equal(Models.LeNet5.Fit(Datasets.Digits().Test.Take(8), SoftmaxCrossEntropy, Sgd(1), epochs: 0, seed: 4).Sha256(), match.Weights.Sha256());
    }

    /// <summary>So many images of each of five digits, from one on, with the classes 0 to 4.</summary>
    private static Dataset Of(Dataset digits, int from, int each)
    {
        var labels = digits.Labels.ToDoubles().Select(label => (int)label - from).ToArray();
        int[] chosen = [.. Enumerable.Range(0, 5).SelectMany(c => Enumerable.Range(0, labels.Length).Where(i => labels[i] == c).Take(each))];
        return new(Tensor.Of([chosen.Length, 1, 28, 28], [.. chosen.SelectMany(i => digits.Images.Slice(i, 1).ToSingles())]),
            Tensor.From([chosen.Length], i => labels[chosen[i]]), 5);
    }
}
