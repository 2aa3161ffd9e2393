namespace GradKitTests;

/// <summary>Backward passes as an exercise has them: D16 to D28 and S3 of the checklist, and what goes wrong in them.</summary>
public sealed class BackpropTests
{
    private static readonly Shape image = [2, 2, 5, 6];
    private static readonly Shape kernel = [3, 2, 3, 2];

    [Fact]
    public void D18_the_activation_multiplies() => Proved(Backprop.Compare(
        xs => Relu(xs[0]), (xs, dy) => [dy * Less(0, xs[0])], [3, 4]));

    [Fact]
    public void D18_of_a_sigmoid() => Proved(Backprop.Compare(
        xs => Sigmoid(xs[0]), (xs, dy) => [Sigmoid(xs[0]) * (1 - Sigmoid(xs[0])) * dy], [3, 4]));

    [Fact]
    public void D19_dense_layers() => Proved(Backprop.Compare(
        xs => Relu(MatMul(xs[0], xs[1]) + xs[2]),
        (xs, da) =>
        {
            var delta = da * Less(0, MatMul(xs[0], xs[1]) + xs[2]);
            return [MatMul(delta, Transpose(xs[1])), MatMul(Transpose(xs[0]), delta), Sum(delta, [0])];
        }, [4, 3], [3, 5], [5]));

    [Fact]
    public void D20_D22_D23_D24_a_convolution_of_stride_1() => Proved(Backprop.Compare(
        xs => Conv2D(xs[0], xs[1]) + Reshape(xs[2], [1, 3, 1, 1]),
        (xs, delta) =>
        [
            Conv2D(Pad(delta, [0, 0, 2, 1], [0, 0, 2, 1]), Transpose(Rotate180(xs[1], 2), [1, 0, 2, 3])),
            Transpose(Conv2D(Transpose(xs[0], [1, 0, 2, 3]), Transpose(delta, [1, 0, 2, 3])), [1, 0, 2, 3]),
            Sum(delta, [0, 2, 3]),
        ], image, kernel, [3]));

    [Fact]
    public void D20_through_the_activation_before() => Proved(Backprop.Compare(
        xs => Conv2D(Relu(xs[0]), xs[1]),
        (xs, delta) =>
        [
            Conv2D(Pad(delta, [0, 0, 2, 1], [0, 0, 2, 1]), Transpose(Rotate180(xs[1], 2), [1, 0, 2, 3])) * Less(0, xs[0]),
            Transpose(Conv2D(Transpose(Relu(xs[0]), [1, 0, 2, 3]), Transpose(delta, [1, 0, 2, 3])), [1, 0, 2, 3]),
        ], image, kernel));

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void D21_a_convolution_of_stride_2_and_3(int stride) => Holds(Backprop.Compare(
        xs => Conv2D(xs[0], xs[1], stride: stride), (xs, delta) => Strided(xs, delta, stride), [2, 2, 7, 7], [3, 2, 3, 3]));

    /// <summary>The cotangents apart, what the stride left over behind them, then as for a stride of 1.</summary>
    private static Node?[] Strided(IReadOnlyList<Node> xs, Node delta, int stride)
    {
        var apart = Dilate(delta, [1, 1, stride, stride]);
        var (rest, k) = (xs[0].Shape[2] - apart.Shape[2] - 2, 2);
        var whole = Pad(apart, [0, 0, 0, 0], [0, 0, rest, rest]);
        return
        [
            Conv2D(Pad(whole, [0, 0, k, k], [0, 0, k, k]), Transpose(Rotate180(xs[1], 2), [1, 0, 2, 3])),
            Transpose(Conv2D(Transpose(xs[0], [1, 0, 2, 3]), Transpose(whole, [1, 0, 2, 3])), [1, 0, 2, 3]),
        ];
    }

    [Fact]
    public void D26_D28_a_max_pool_remembers_where() => Proved(Backprop.Compare(
        xs => MaxPool(Relu(xs[0]), 2),
        (xs, delta) => [MaxUnpool(delta, MaxPoolIndices(Relu(xs[0]), 2), [4, 6]) * Less(0, xs[0])], [2, 1, 4, 6]));

    [Fact]
    public void D27_a_mean_pool_gives_to_all_alike() => Proved(Backprop.Compare(
        xs => AvgPool(xs[0], 2),
        (xs, delta) => [Reshape(BroadcastTo(Reshape(delta / 4, [2, 1, 2, 1, 3, 1]), [2, 1, 2, 2, 3, 2]), [2, 1, 4, 6])], [2, 1, 4, 6]));

    [Fact]
    public void D16_softmax_and_cross_entropy()
    {
        var labels = Indices(Tensor.Of([1, 0, 2]));
        Holds(Backprop.Compare(xs => SoftmaxCrossEntropy(xs[0], labels),
            (xs, dy) => [dy * (Softmax(xs[0]) - OneHot(labels, 4)) / 3], [3, 4]));
    }

    [Fact]
    public void Plain_array_code_is_compared_too()
    {
        Holds(Backprop.CompareArrays(xs => Conv1D(xs[0], xs[1]), (xs, dy) => Loops(xs[0], xs[1], dy, turned: true), [1, 1, 5], [1, 1, 3]));
        Refuted("kernel not rotated",
            Backprop.CompareArrays(xs => Conv1D(xs[0], xs[1]), (xs, dy) => Loops(xs[0], xs[1], dy, turned: false), [1, 1, 5], [1, 1, 3]));
    }

    /// <summary>As somebody writes it: dx[i + j] += dy[i] w[j], dw[j] += dy[i] x[i + j].</summary>
    private static Tensor[] Loops(Tensor x, Tensor w, Tensor dy, bool turned)
    {
        var (dx, dw) = (new double[x.Count], new double[w.Count]);
        for (var i = 0; i < dy.Count; i++)
        {
            for (var j = 0; j < w.Count; j++)
            {
                dx[i + j] += dy.At(i) * w.At(turned ? j : w.Count - 1 - j);
                dw[j] += dy.At(i) * x.At(i + j);
            }
        }

        return [Tensor.Of(x.Shape, dx), Tensor.Of(w.Shape, dw)];
    }

    [Fact]
    public void A_kernel_that_is_not_rotated_is_named() => Refuted("kernel not rotated", Backprop.Compare(
        xs => Conv2D(xs[0], xs[1]),
        (xs, delta) =>
        [
            Conv2D(Pad(delta, [0, 0, 2, 1], [0, 0, 2, 1]), Transpose(xs[1], [1, 0, 2, 3])),
            Transpose(Conv2D(Transpose(xs[0], [1, 0, 2, 3]), Transpose(delta, [1, 0, 2, 3])), [1, 0, 2, 3]),
        ], image, kernel));

    [Fact]
    public void A_bias_that_is_not_summed_over_the_batch_is_named() => Refuted("not summed over the batch", Backprop.Compare(
        xs => xs[0] + Reshape(xs[1], [1, 3]), (xs, dy) => [dy, Reshape(Part(dy, 0, 0, 1), [3])], [4, 3], [3]));

    [Fact]
    public void A_cotangent_of_the_wrong_shape_is_named() => Refuted("not summed over the axes", Backprop.Compare(
        xs => xs[0] + Reshape(xs[1], [1, 3]), (xs, dy) => [dy, dy], [4, 3], [3]));

    [Fact]
    public void A_mean_for_a_sum_is_named() => Refuted("mean for sum", Backprop.Compare(
        xs => Sum(xs[0]), (xs, dy) => [BroadcastTo(dy / 6, [2, 3])], [2, 3]));

    [Fact]
    public void Another_convention_at_a_tie_is_no_mistake() => Holds(Backprop.Compare(
        xs => Maximum(xs[0], xs[1]), (xs, dy) => [dy * Less(xs[1], xs[0]), dy * LessOrEqual(xs[0], xs[1])], [4], [4]));

    [Fact]
    public void No_code_is_printed_for_functions() => Assert.EndsWith("\nagain: new Budget(Cases: 1, Seed: 1)",
        $"{Backprop.Compare(xs => Tanh(xs[0]), (xs, dy) => [dy * Tanh(xs[0])], [3])}");

    [Fact]
    public void One_cotangent_for_each_input_is_asked_for() => Assert.StartsWith("The backward pass gave 1 cotangents for 2 inputs.",
        Assert.Throws<ArgumentException>(() => Backprop.Compare(xs => xs[0] + xs[1], (xs, dy) => [dy], [2], [2])).Message);

    private static void Proved(BackpropResult comparison) => Assert.True(comparison.IsProved, $"{comparison}");

    private static void Holds(BackpropResult comparison) => Assert.True(comparison.Holds, $"{comparison}");

    private static void Refuted(string mistake, BackpropResult comparison)
    {
        Assert.False(comparison.Holds);
        Assert.StartsWith(mistake, comparison.Report!.Finding!.Mistake ?? $"{comparison}", StringComparison.Ordinal);
    }
}
