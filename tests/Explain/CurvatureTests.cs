namespace AutoDiffCnn.Tests.Explain;

public sealed class CurvatureTests
{
    /// <summary>The run in which a kernel is learned from what it makes of an image with two edges.</summary>
    [Fact]
    public void E3_learning_a_kernel_has_eigenvalues_12_and_60_and_is_stable_below_one_thirtieth()
    {
        var image = Tensor.From([1, 1, 6, 8], i => i % 8 is >= 2 and < 6 ? 0 : 1);
        var edges = Conv2D(image, Constant(Tensor.Of([[[[1, -1]]]])));
        var w = Variable("w", [1, 1, 1, 2]);
        var curvature = Curvature.Of(Sum(Square(Conv2D(image, w) - edges)), w, 2, (w, Tensor.Fill(w.Shape, 0)));
        Assert.Equal(60, curvature.Eigenvalues[0], 1e-9);
        Assert.Equal(12, curvature.Eigenvalues[1], 1e-9);
        Assert.Equal(1.0 / 30, curvature.LargestRate, 1e-12);
    }

    [Fact]
    public void A_loss_that_is_not_curved_allows_any_rate()
    {
        var w = Variable("w", [3]);
        var curvature = Curvature.Of(Sum(w), w, 5, (w, Tensor.Of([1, 2, 3])));
        Assert.Equal([0.0, 0, 0], curvature.Eigenvalues.Select(Math.Abs));
        Assert.Equal(double.PositiveInfinity, curvature.LargestRate);
    }

    [Fact]
    public void A_saddle_is_as_steep_as_its_largest_eigenvalue_in_size_and_its_rate_is_that_of_the_largest()
    {
        var w = Variable("w", [2]);
        var curvature = Curvature.Of(Sum(Square(w) * Tensor.Of([-5, 2])), w, 2, (w, Tensor.Of([1, 1])));
        Assert.Equal([-10, 4], curvature.Eigenvalues.Select(value => Math.Round(value, 9)));
        Assert.Equal(0.5, curvature.LargestRate, 1e-9);
    }
}
