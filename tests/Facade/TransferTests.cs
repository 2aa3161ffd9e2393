using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

public sealed class TransferTests
{
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
}
