namespace FacadeTests;

/// <summary>The numbers of the checklist's rows, which the names of the tests begin with.</summary>
public sealed class SummaryTests
{
    [Fact]
    public void LeNet5_as_a_table() => Assert.Equal(
        """
        name      layer               output        parameters  multiply-adds
        input                         [1, 28, 28]
        conv1     Conv2D(6, 5, Same)  [6, 28, 28]          156        117,600
        relu1     Relu                [6, 28, 28]            0              0
        pool1     MaxPool(2)          [6, 14, 14]            0              0
        conv2     Conv2D(16, 5)       [16, 10, 10]       2,416        240,000
        relu2     Relu                [16, 10, 10]           0              0
        pool2     MaxPool(2)          [16, 5, 5]             0              0
        flatten1  Flatten             [400]                  0              0
        dense1    Dense(120)          [120]             48,120         48,000
        relu3     Relu                [120]                  0              0
        dense2    Dense(84)           [84]              10,164         10,080
        relu4     Relu                [84]                   0              0
        dense3    Dense(10)           [10]                 850            840
        total                                           61,706        416,520
        """, $"{Models.LeNet5.Summary([1, 28, 28])}");

    [Fact]
    public void A5_A6_a_dense_layer_on_28x28() => Check(Flat() >> Dense(512, bias: false), [1, 28, 28], 401_408, 401_408);

    [Fact]
    public void A7_A8_a_dense_layer_on_300x200x3() => Check(Flat() >> Dense(512, bias: false), [3, 300, 200], 92_160_000, 92_160_000);

    [Fact]
    public void A9_one_hidden_layer_of_500() => Check(Dense(500), [784], 392_000 + 500, 392_000);

    [Fact]
    public void A10_flattening_288x288x3() => Assert.Equal([248_832], Flat().Summary([3, 288, 288]).Rows[0].Output);

    [Fact]
    public void A13_dense_locally_connected_and_shared()
    {
        Check(Dense(4, bias: false), [16], 64, 64);

        // Locally connected: each of the 2×2 outputs has a kernel of its own, which is as many weights as the shared
        // one needs products.
        Check(Conv2D(1, 3, bias: false), [1, 4, 4], 9, 36);
    }

    [Fact]
    public void A14_nine_inputs_and_four_outputs()
    {
        Check(Dense(4, bias: false), [9], 36, 36);
        Check(Conv2D(1, 2, bias: false), [1, 3, 3], 4, 16);
    }

    [Fact]
    public void B24_B25_weights_of_a_volume_convolution()
    {
        Check(Conv2D(1, 3), [3, 4, 4], 28, 27 * 4);
        Assert.Equal([1, 2, 2], Conv2D(1, 3).Summary([3, 4, 4]).Rows[0].Output);
        Assert.Equal(3 * 64 * 5 * 5, Conv2D(64, 5, bias: false).Summary([3, 32, 32]).Parameters);
        Assert.Equal([64, 15, 15], Conv2D(64, 5, 1, stride: 2).Summary([3, 32, 32]).Rows[0].Output);
    }

    [Fact]
    public void E7_a_bottleneck()
    {
        var wide = Conv2D(32, 5, Same, bias: false).Summary([192, 28, 28]);
        var narrow = (Conv2D(16, 1, bias: false) >> Conv2D(32, 5, Same, bias: false)).Summary([192, 28, 28]);
        Assert.Equal(120_422_400, wide.MultiplyAdds);
        Assert.Equal([2_408_448, 10_035_200], narrow.Rows.Select(row => row.MultiplyAdds));
        Assert.Equal(12_443_648, narrow.MultiplyAdds);
        Assert.Equal(9.68, (double)wide.MultiplyAdds / narrow.MultiplyAdds, 0.005);
    }

    [Fact]
    public void E8_a_convolution_costs_kernel_elements_times_output_elements() =>
        Check(Conv2D(5, 3, bias: false), [3, 6, 6], 5 * (3 * 3 * 3), 3 * 3 * 3 * (5 * 4 * 4));

    [Fact]
    public void E9_a_depthwise_convolution_costs_kernel_area_times_output_area_times_channels() =>
        Check(DepthwiseConv2D(3, bias: false), [3, 6, 6], 3 * 3 * 3, 3 * 3 * (4 * 4) * 3);

    [Fact]
    public void E10_a_pointwise_convolution_costs_channels_times_output_elements() =>
        Check(Conv2D(5, 1, bias: false), [3, 4, 4], 3 * 5, 3 * (4 * 4 * 5));

    [Fact]
    public void E11_a_separable_convolution()
    {
        var separable = SeparableConv2D(5, 3, bias: false).Summary([3, 6, 6]);
        Assert.Equal(2160, Conv2D(5, 3, bias: false).Summary([3, 6, 6]).MultiplyAdds);
        Assert.Equal([432, 240], separable.Rows.Select(row => row.MultiplyAdds));
        Assert.Equal(["conv1.depthwise", "conv1.pointwise"], separable.Rows.Select(row => row.Path));
        Assert.Equal(1.0 / 5 + 1.0 / 9, separable.MultiplyAdds / 2160.0, 1e-12);
    }

    [Fact]
    public void E12_the_Keras_network() => Assert.Equal(
        """
        name      layer         output       parameters  multiply-adds
        input                   [1, 28, 28]
        conv1     Conv2D(8, 2)  [8, 27, 27]          40         23,328
        relu1     Relu          [8, 27, 27]           0              0
        pool1     MaxPool(4)    [8, 6, 6]             0              0
        flatten1  Flatten       [288]                 0              0
        dense1    Dense(10)     [10]              2,890          2,880
        total                                     2,930         26,208
        """, $"{Models.KerasMnist.Summary([1, 28, 28])}");

    [Fact]
    public void E16_LeNet5_on_32x32() => Assert.Equal(61_706, (Conv2D(6, 5) >> Relu >> MaxPool(2) >> Conv2D(16, 5) >> Relu >> MaxPool(2)
        >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10)).Summary([1, 32, 32]).Parameters);

    [Fact]
    public void Costs_are_read_off_any_graph()
    {
        var x = Variable("x", [2, 3, 8, 8]);
        var w = Variable("w", [4, 3, 3, 3]);
        var loss = Sum(Square(Conv2D(x, w)));
        var forward = Cost.MultiplyAdds(new Graph(loss));
        Assert.Equal(2 * 4 * 36 * 27, forward);
        Assert.Equal(3 * forward, Cost.MultiplyAdds(new Graph([loss, .. Gradient.Of(loss, [x, w])])));
        Assert.Equal(5 * 7 * 6, Cost.MultiplyAdds(new Graph(MatMul(Variable("a", [5, 7]), Variable("b", [7, 6])))));
    }

    private static Layer Flat() => Layer.Of(Flatten);

    private static void Check(Layer layer, Shape input, long parameters, long multiplyAdds)
    {
        var summary = layer.Summary(input);
        Assert.Equal((parameters, multiplyAdds), (summary.Parameters, summary.MultiplyAdds));
    }
}
