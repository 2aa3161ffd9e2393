namespace AutoDiffCnn.Tests.Ops;

/// <summary>The worked numbers of the sources about convolution, edges and pools; each test is named by its row in the
/// list of what the sources ask for.</summary>
public class WorkedNumbersTests
{
    private static readonly Tensor a = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
    private static readonly Tensor k = Tensor.Of([[2, 0, 1], [0, 1, 2], [1, 0, 2]]);

    private static readonly Tensor five =
        Tensor.Of([[1, 0, 3, 2, 3], [0, 1, 2, 3, 0], [2, 0, 1, 2, 3], [3, 3, 0, 1, 2], [0, 2, 3, 0, 1]]);

    private static Node Image(int n) => Zeros([n, n]);

    /// <summary>How many windows each pixel lies in: the gradient of the sum of a map of ones.</summary>
    private static Tensor Windows(int n, int kernel, int padding)
    {
        var x = Variable("x", [n, n]);
        return Gradient.Of(Sum(CrossCorrelate(x, Ones([kernel, kernel]), padding)), x).Value;
    }

    private static Node Planes(Tensor x) => Reshape(x, [1, 1, .. x.Shape]);

    [Fact]
    public void B3_a_3x3_kernel_has_16_positions_on_6x6() => Assert.Equal([4, 4], CrossCorrelate(Image(6), Image(3)).Shape);

    [Fact]
    public void B4_the_4x4_example()
    {
        Assert.Equal(Tensor.Of([[15, 16], [6, 15]]), CrossCorrelate(a, k).Value);
        Assert.Equal(Tensor.Of([[11, 12], [10, 11]]), Convolve(a, k).Value);
    }

    [Fact]
    public void B5_without_padding_the_size_is_n_minus_k_plus_1()
    {
        for (var n = 1; n <= 8; n++)
            for (var kernel = 1; kernel <= n; kernel++)
                Assert.Equal([n - kernel + 1, n - kernel + 1], CrossCorrelate(Image(n), Image(kernel)).Shape);
    }

    [Fact]
    public void B6_each_convolution_shrinks_until_none_is_possible()
    {
        var two = CrossCorrelate(CrossCorrelate(Image(6), Image(3)), Image(3));
        Assert.Equal([2, 2], two.Shape);
        Assert.Throws<ShapeError>(() => CrossCorrelate(two, Image(3)));
    }

    [Fact]
    public void B7_border_pixels_lie_in_fewer_windows()
    {
        var plain = Windows(6, 3, padding: 0);
        Assert.Equal((1, 2, 3, 9), (plain[0, 0], plain[0, 1], plain[0, 2], plain[2, 2]));
        var padded = Windows(6, 3, padding: 1);
        Assert.Equal((4, 6, 9), (padded[0, 0], padded[0, 2], padded[2, 2]));
    }

    [Fact]
    public void B8_padding_1_keeps_6x6()
    {
        Assert.Equal([8, 8], Pad2D(Image(6), 1).Shape);
        Assert.Equal([6, 6], CrossCorrelate(Pad2D(Image(6), 1), Image(3)).Shape);
        Assert.Equal([6, 6], CrossCorrelate(Image(6), Image(3), padding: 1).Shape);
    }

    [Theory, InlineData(3, 1), InlineData(5, 2), InlineData(7, 3)]
    public void B9_B10_valid_padding_is_none_and_same_padding_of_an_odd_kernel_is_half_of_it(int kernel, int padding)
    {
        Assert.Equal([10 - kernel, 10 - kernel], CrossCorrelate(Image(9), Image(kernel), Valid).Shape);
        Assert.Equal([9, 9], CrossCorrelate(Image(9), Image(kernel), Same).Shape);
        Assert.Equal(CrossCorrelate(Ones([9, 9]), Ones([kernel, kernel]), Same).Value, CrossCorrelate(Ones([9, 9]), Ones([kernel, kernel]), padding).Value);
    }

    [Fact]
    public void B11_a_frame_of_zeros() => Assert.Equal(
        Tensor.Of([[0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 0, 0], [0, 0, 1, 2, 3, 0], [0, 3, 0, 1, 2, 0], [0, 2, 3, 0, 1, 0], [0, 0, 0, 0, 0, 0]]),
        Pad2D(a, 1).Value);

    [Fact]
    public void B12_the_padded_example_with_ones() => Assert.Equal(
        Tensor.Of([[11, 15, 13, 9], [7, 15, 16, 15], [13, 6, 15, 11], [13, 13, 7, 9]]), CrossCorrelate(Pad2D(a, 1, value: 1), k).Value);

    [Fact]
    public void B12_the_padded_example_with_zeros() => Assert.Equal(
        Tensor.Of([[7, 12, 10, 2], [4, 15, 16, 10], [10, 6, 15, 6], [8, 10, 4, 3]]), CrossCorrelate(a, k, padding: 1).Value);

    [Fact]
    public void B12_B13_the_padded_example_with_the_nearest_edge() => Assert.Equal(
        Tensor.Of([[11, 17, 14, 14], [9, 15, 16, 20], [12, 6, 15, 15], [22, 12, 9, 9]]), CrossCorrelate(Pad2D(a, 1, PadMode.Edge), k).Value);

    [Fact]
    public void B14_with_padding_the_size_is_n_plus_2p_minus_k_plus_1()
    {
        for (var p = 0; p <= 3; p++)
            Assert.Equal([7 + 2 * p - 3 + 1, 7 + 2 * p - 3 + 1], CrossCorrelate(Image(7), Image(3), p).Shape);
    }

    [Fact]
    public void B15_B16_the_5x5_example_with_strides_1_and_2()
    {
        Assert.Equal(Tensor.Of([[14, 14, 19], [7, 15, 16], [14, 6, 15]]), CrossCorrelate(five, k).Value);
        Assert.Equal(Tensor.Of([[14, 19], [14, 15]]), CrossCorrelate(five, k, stride: 2).Value);
    }

    [Fact]
    public void B17_a_stride_that_does_not_divide_rounds_down() =>
        Assert.Equal([2, 2], CrossCorrelate(Image(6), Image(3), stride: 2).Shape);

    [Fact]
    public void B18_7x7_kernel_3_padding_1_stride_2_gives_4() =>
        Assert.Equal([4, 4], CrossCorrelate(Image(7), Image(3), padding: 1, stride: 2).Shape);

    [Fact]
    public void B19_the_padding_that_reaches_a_size()
    {
        static int Needed(int from, int to, int kernel, int stride) => ((to - 1) * stride + kernel - from) / 2;
        Assert.Equal((0, 1), (Needed(7, 5, 3, 1), Needed(3, 4, 2, 1)));
        Assert.Equal([5, 5], CrossCorrelate(Image(7), Image(3), Needed(7, 5, 3, 1)).Shape);
        Assert.Equal([4, 4], CrossCorrelate(Image(3), Image(2), Needed(3, 4, 2, 1)).Shape);
    }

    [Fact]
    public void B23_a_kernel_is_as_deep_as_the_image_and_kernels_are_stacked() =>
        Assert.Equal([1, 5, 4, 4], Conv2D(Zeros([1, 3, 6, 6]), Zeros([5, 3, 3, 3])).Shape);

    [Fact]
    public void B24_channels_are_correlated_one_by_one_and_summed()
    {
        var (x, w) = (Key.Of(1).Normal([2, 3, 4, 4]), Key.Of(2).Normal([1, 3, 3, 3]));
        var whole = Conv2D(x, w);
        Assert.Equal([2, 1, 2, 2], whole.Shape);
        var sum = Enumerable.Range(0, 3).Aggregate(Zeros([2, 1, 2, 2]), (y, c) => y + Conv2D(Part(x, 1, c, 1), Part(w, 1, c, 1)));
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(sum.Value.At(i), whole.Value.At(i), 1e-13));
    }

    [Fact]
    public void B25_output_dimensions_and_the_number_of_weights()
    {
        var w = Zeros([8, 3, 5, 5]);
        Assert.Equal([10, 8, (32 + 2 * 2 - 5) / 2 + 1, (28 + 2 * 2 - 5) / 2 + 1], Conv2D(Zeros([10, 3, 32, 28]), w, 2, stride: 2).Shape);
        Assert.Equal(3 * 8 * 5 * 5, w.Shape.Elements);
    }

    [Fact]
    public void C4_a_vertical_edge_is_seen_by_the_vertical_kernel_only()
    {
        var half = Tensor.From([6, 6], i => i % 6 < 3 ? 10 : 0);
        var vertical = Tensor.Of([[1, 0, -1], [1, 0, -1], [1, 0, -1]]);
        Assert.Equal(Tensor.From([4, 4], i => i % 4 is 1 or 2 ? 30 : 0), CrossCorrelate(half, vertical).Value);
        Assert.Equal(Tensor.Fill([4, 4], 0), CrossCorrelate(half, Transpose(vertical)).Value);
    }

    [Fact]
    public void C5_the_edges_of_d2l()
    {
        var x = Tensor.From([6, 8], i => i % 8 is >= 2 and < 6 ? 0 : 1);
        var kernel = Tensor.Of([[1, -1]]);
        Assert.Equal(Tensor.From([6, 7], i => (i % 7) switch { 1 => 1, 5 => -1, _ => 0 }), CrossCorrelate(x, kernel).Value);
        Assert.Equal(Tensor.Fill([8, 5], 0), CrossCorrelate(Transpose(x), kernel).Value);
    }

    [Fact]
    public void D4_convolution_is_cross_correlation_with_the_kernel_turned_by_180_degrees() =>
        Assert.Equal(CrossCorrelate(a, Rotate180(k, 0)).Value, Convolve(a, k).Value);

    [Fact]
    public void D5_D6_convolution_is_associative_so_kernels_can_be_composed_beforehand()
    {
        var (f, g) = (Tensor.Of([[1, 2], [0, 3]]), Tensor.Of([[2, 1, 0], [1, 1, 4]]));
        Assert.Equal(Convolve(Convolve(a, f, Full), g, Full).Value, Convolve(a, Convolve(f, g, Full), Full).Value);
        Assert.Equal(Convolve(f, g, Full).Value, Convolve(g, f, Full).Value);
    }

    [Fact]
    public void D7_cross_correlation_is_neither_associative_nor_commutative()
    {
        var (f, g) = (Tensor.Of([1, 2]), Tensor.Of([3, 4]));
        Assert.NotEqual(CrossCorrelate(f, g, Full).Value, CrossCorrelate(g, f, Full).Value);
        var x = Tensor.Of([1, 0, 0]);
        Assert.NotEqual(
            CrossCorrelate(CrossCorrelate(x, f, Full), g, Full).Value, CrossCorrelate(x, CrossCorrelate(f, g, Full), Full).Value);
    }

    [Fact]
    public void D8_a_template_is_found_where_the_cross_correlation_is_largest()
    {
        var template = Tensor.Of([[1, -1], [-1, 1]]);
        var picture = Pad(template, [2, 3], [1, 1]);
        var map = CrossCorrelate(picture, template).Value;
        Assert.Equal(map[2, 3], map.ToDoubles().Max());
        Assert.Equal(4, map[2, 3]);
    }

    [Fact]
    public void D11_pools_of_the_4x4_example()
    {
        Assert.Equal(Tensor.Of([[[[2, 3], [3, 2]]]]), MaxPool(Planes(a), 2).Value);
        Assert.Equal(Tensor.Of([[[[1, 2], [2, 1]]]]), AvgPool(Planes(a), 2).Value);
    }

    [Fact]
    public void E1_corr2d() => Assert.Equal(Tensor.Of([[19, 25], [37, 43]]),
        CrossCorrelate(Tensor.Of([[0, 1, 2], [3, 4, 5], [6, 7, 8]]), Tensor.Of([[0, 1], [2, 3]])).Value);
}
