using static AutoDiffCnn.Tests.Ops.Check;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>What is a matter of convention: kinks, ties and what is not a number.</summary>
public class ConventionTests
{
    private const double NaN = double.NaN;
    private const double Inf = double.PositiveInfinity;

    private static (Tensor A, Tensor B) Slopes(Func<Node, Node, Node> f, double a, double b)
    {
        var (x, y) = (Variable("a", []), Variable("b", []));
        var values = new Dictionary<Node, Tensor> { [x] = Tensor.Of(a), [y] = Tensor.Of(b) };
        var gradients = Reference.Run(Gradient.Of(f(x, y), [x, y]), values);
        return (gradients[0], gradients[1]);
    }

    [Fact]
    public void Relu_at_0_has_slope_0() => Assert.Equal(Tensor.Of([0, 0, 1]), Slope(x => Relu(x), -1, 0, 2));

    [Fact]
    public void Abs_at_0_has_slope_0() => Assert.Equal(Tensor.Of([-1, 0, 1]), Slope(x => Abs(x), -3, 0, 2));

    [Fact]
    public void Leaky_relu_at_0_has_the_lower_slope() => Assert.Equal(Tensor.Of([0.1, 0.1, 1]), Slope(x => LeakyRelu(x, 0.1), -1, 0, 2));

    [Fact]
    public void A_class_of_probability_0_that_is_not_the_label_leaves_the_loss_finite()
    {
        var scores = Variable("scores", [1, 3]);
        var loss = SoftmaxCrossEntropy(scores, Indices(Tensor.Of([1])));
        (Node, Tensor) masked = (scores, Tensor.Of([[-Inf, 0, 0]]));
        Assert.Equal(Math.Log(2), Reference.Run(loss, masked).At(0), 12);
        Assert.Equal(Tensor.Of([[0, -0.5, 0.5]]), Reference.Run(Gradient.Of(loss, scores), masked));
        Assert.Equal(Inf, Reference.Run(CrossEntropy(Log(scores), Indices(Tensor.Of([0]))), (scores, Tensor.Of([[0, 1, 0]]))).At(0));
    }

    [Fact]
    public void Sign_and_floor_have_slope_0_everywhere()
    {
        Assert.Equal(Tensor.Of([0, 0, 0]), Slope(x => Sign(x), -1, 0, 1.5));
        Assert.Equal(Tensor.Of([0, 0, 0]), Slope(x => Floor(x), -1, 0, 1.5));
    }

    [Fact]
    public void A_tie_of_maximum_and_minimum_belongs_to_the_first()
    {
        Assert.Equal((Tensor.Of(1), Tensor.Of(0)), Slopes((a, b) => Maximum(a, b), 2, 2));
        Assert.Equal((Tensor.Of(1), Tensor.Of(0)), Slopes((a, b) => Minimum(a, b), 2, 2));
        Assert.Equal((Tensor.Of(0), Tensor.Of(1)), Slopes((a, b) => Maximum(a, b), 1, 2));
        Assert.Equal((Tensor.Of(0), Tensor.Of(1)), Slopes((a, b) => Minimum(a, b), 3, 2));
    }

    [Fact]
    public void A_tie_of_max_min_and_argmax_belongs_to_the_first()
    {
        Assert.Equal(Tensor.Of([0, 1, 0, 0]), Slope(x => Max(x), 1, 5, 5, 5));
        Assert.Equal([0, 0, 1, 0], Slope(Min, 7, 6, 5, 5).ToDoubles());
        Assert.Equal(Tensor.Of([1]), ArgMax(Tensor.Of([1, 5, 5]), 0).Value);
        Assert.Equal(Tensor.Of([0]), ArgMin(Tensor.Of([1, 1, 5]), 0).Value);
    }

    [Fact]
    public void A_tie_in_a_max_pool_belongs_to_the_first_in_row_order()
    {
        var x = Variable("x", [1, 1, 2, 2]);
        var dx = Reference.Run(Gradient.Of(Sum(MaxPool(x, 2)), x), (x, Tensor.Of([[[[3, 7], [7, 7]]]])));
        Assert.Equal(Tensor.Of([[[[0, 1], [0, 0]]]]), dx);
    }

    [Fact]
    public void Not_a_number_passes_through_relu_maximum_max_and_max_pool()
    {
        Assert.Equal(NaN, Relu(NaN).Value.Scalar);
        Assert.Equal(NaN, Maximum(NaN, 1).Value.Scalar);
        Assert.Equal(NaN, Maximum(1, NaN).Value.Scalar);
        Assert.Equal(NaN, Minimum(NaN, 1).Value.Scalar);
        Assert.Equal(NaN, Max(Tensor.Of([1, NaN, Inf])).Value.Scalar);
        Assert.Equal(Tensor.Of([1]), ArgMax(Tensor.Of([1, NaN, NaN]), 0).Value);
        Assert.Equal(Tensor.Of([[[[NaN]]]]), MaxPool(Tensor.Of([[[[1, 2], [NaN, 3]]]]), 2).Value);
    }

    [Fact]
    public void Padding_never_wins_a_max_pool() =>
        Assert.Equal(Tensor.Of([[[[-5, -4], [-3, -2]]]]), MaxPool(Tensor.Of([[[[-5, -4], [-3, -2]]]]), 2, stride: 2, padding: 1).Value);

    [Fact]
    public void The_value_that_select_does_not_choose_has_no_influence()
    {
        Assert.Equal(Tensor.Of([1, 4]), Where(Tensor.Of([1, 0]), Tensor.Of([1, NaN]), Tensor.Of([Inf, 4])).Value);
        Assert.Equal(Tensor.Of([0, 1]), Slope(x => Where(Tensor.Of([0, 1]), x, Tensor.Of([NaN, NaN])), NaN, 3));
    }

    [Fact]
    public void Comparisons_with_NaN_are_false_and_zeros_are_equal()
    {
        Assert.Equal(0, Less(NaN, 1).Value.Scalar);
        Assert.Equal(0, LessOrEqual(1, NaN).Value.Scalar);
        Assert.Equal(0, Equal(NaN, NaN).Value.Scalar);
        Assert.Equal(1, Equal(0.0, -0.0).Value.Scalar);
        Assert.Equal(NaN, Sign(NaN).Value.Scalar);
    }

    [Fact]
    public void A_power_has_a_gradient_at_0()
    {
        Assert.Equal((Tensor.Of(0), Tensor.Of(0)), Slopes(Pow, 0, 2));
        Assert.Equal((Tensor.Of(0), Tensor.Of(0)), Slopes(Pow, 0, 0));
        Assert.Equal((Tensor.Of(3), Tensor.Of(0)), Slopes((a, b) => 3 * Pow(a, b), 0, 1));

        // Every derivative of x² at 0: 0, 2, 0.
        var x = Variable("x", []);
        var first = Gradient.Of(Pow(x, 2), x);
        var second = Gradient.Of(first, x);
        var third = Gradient.Of(second, x);
        var slopes = Reference.Run([first, second, third], new Dictionary<Node, Tensor> { [x] = Tensor.Of(0) });
        Assert.Equal([0, 2, 0], slopes.Select(slope => slope.Scalar));
    }

    [Fact]
    public void An_index_outside_takes_0_and_puts_nothing()
    {
        var x = Tensor.Of([1, 2, 3]);
        Assert.Equal(Tensor.Of([3, 0, 1]), Gather(x, Indices(Tensor.Of([2, 3, 0])), 0).Value);
        Assert.Equal(Tensor.Of([3, 0]), new ScatterAdd(0, 2).Of(Constant(Tensor.Of([1, 5, 2])), Indices(Tensor.Of([0, 2, 0]))).Value);
        Assert.Equal(Tensor.Of([[0, 1], [0, 0]]), OneHot(Indices(Tensor.Of([1, 2])), 2).Value);
    }

    [Fact]
    public void No_gradient_passes_a_stop_gradient()
    {
        Assert.Equal(Tensor.Of([2, 3]), Slope(x => x * StopGradient(x), 2, 3));
        Assert.Equal(7, StopGradient(7).Value.Scalar);
    }
}
