namespace FacadeTests;

/// <summary>The full text of what each layer says of an input that does not fit, with all repairs applied; see also
/// <see cref="ShapeErrorTests"/>.</summary>
public sealed class LayerErrorTests
{
    [Fact]
    public void A_one_dimensional_convolution() => Fails(
        Layer.Of(Relu) >> Conv1D(4, 5), [2, 1, 3],
        """
        conv1: Conv1D(4, 5) on [2, 1, 3]: length ⌊(3 + 2·0 − 1·(5−1) − 1)/1⌋ + 1 = -1, must be at least 1.
        Possible: padding 1 gives 1, Same gives 3, a kernel of at most 3.
        So far: input [2, 1, 3] -> relu1 [2, 1, 3]
        """,
        (Conv1D(4, 5, 1), [2, 1, 3], [2, 4, 1]), (Conv1D(4, 5, Same), [2, 1, 3], [2, 4, 3]), (Conv1D(4, 3), [2, 1, 3], [2, 4, 1]));

    [Fact]
    public void A_three_dimensional_convolution() => Fails(
        Conv3D(4, 3), [2, 8, 8, 8],
        """
        conv1: Conv3D(4, 3) on [2, 8, 8, 8]: the input needs rank 5: [n, c, d, h, w], not 4.
        Possible: Reshape to [2, 1, 8, 8, 8].
        So far: input [2, 8, 8, 8]
        """,
        (Conv3D(4, 3), [2, 1, 8, 8, 8], [2, 4, 6, 6, 6]));

    [Fact]
    public void A_depthwise_convolution() => Fails(
        DepthwiseConv2D(3, stride: 2), [1, 4, 2, 9],
        """
        conv1: DepthwiseConv2D(3, stride: 2) on [1, 4, 2, 9]: height ⌊(2 + 2·0 − 1·(3−1) − 1)/2⌋ + 1 = 0, must be at least 1.
        Possible: padding 1 gives 1, Same gives 1, a kernel of at most 2.
        So far: input [1, 4, 2, 9]
        """,
        (DepthwiseConv2D(3, 1, stride: 2), [1, 4, 2, 9], [1, 4, 1, 5]), (DepthwiseConv2D(3, Same, stride: 2), [1, 4, 2, 9], [1, 4, 1, 5]),
        (DepthwiseConv2D(2, stride: 2), [1, 4, 2, 9], [1, 4, 1, 4]));

    [Fact]
    public void A_separable_convolution_in_its_first_part() => Fails(
        SeparableConv2D(8, 3), [1, 4, 2, 9],
        """
        conv1.depthwise: DepthwiseConv2D(3, bias: false) on [1, 4, 2, 9]: height ⌊(2 + 2·0 − 1·(3−1) − 1)/1⌋ + 1 = 0, must be at least 1.
        Possible: padding 1 gives 2, Same gives 2, a kernel of at most 2.
        So far: input [1, 4, 2, 9]
        """,
        (SeparableConv2D(8, 3, 1), [1, 4, 2, 9], [1, 8, 2, 9]), (SeparableConv2D(8, 3, Same), [1, 4, 2, 9], [1, 8, 2, 9]),
        (SeparableConv2D(8, 2), [1, 4, 2, 9], [1, 8, 1, 8]));

    [Fact]
    public void A_transposed_convolution() => Fails(
        ConvTranspose2D(2, 2, padding: 1), [1, 3, 1, 5],
        """
        conv1: ConvTranspose2D(2, 2, 1) on [1, 3, 1, 5]: axis 2: (1 − 1)·1 − 2·1 + 1·(2 − 1) + 1 + 0 must be at least 1.
        Possible: padding 0.
        So far: input [1, 3, 1, 5]
        """,
        (ConvTranspose2D(2, 2, padding: 0), [1, 3, 1, 5], [1, 2, 2, 6]));

    [Fact]
    public void A_mean_pool() => Fails(
        AvgPool(2), [3, 8],
        """
        pool1: AvgPool(2) on [3, 8]: x needs rank 3 or more: [n, c, …].
        Possible: Reshape [3, 8] to [1, 1, 3, 8].
        So far: input [3, 8]
        """,
        (AvgPool(2), [1, 1, 3, 8], [1, 1, 1, 4]));

    [Fact]
    public void A_pool_on_padding_alone() => Fails(
        MaxPool(1, 1, 1), [1, 1, 3, 3],
        """
        pool1: MaxPool(1, 1, 1) on [1, 1, 3, 3]: the window at position 0 of axis 2 covers padding only, so it has no maximum.
        Possible: SumPool, where padding is 0, a kernel of [1, 1] without padding.
        So far: input [1, 1, 3, 3]
        """,
        (Layer.Of(x => SumPool(x, 1, 1, 1)), [1, 1, 3, 3], [1, 1, 5, 5]), (MaxPool(1, 1), [1, 1, 3, 3], [1, 1, 3, 3]));

    [Fact]
    public void A_global_pool() => Fails(
        GlobalAvgPool, [7],
        """
        pool1: GlobalAvgPool on [7]: x needs a batch and channels: [n, c, …].
        Possible: Reshape to [1, 1, 7].
        So far: input [7]
        """,
        (GlobalAvgPool, [1, 1, 7], [1, 1]));

    [Fact]
    public void A_function_along_an_axis_that_is_not_there() => Fails(
        Dense(3) >> Layer.Of(x => LogSoftmax(x, 2)), [5, 4],
        """
        function1: x => … on [5, 3]: axis 2 must lie in -2..1.
        Possible: axis 1.
        So far: input [5, 4] -> dense1 [5, 3]
        """,
        (Dense(3) >> Layer.Of(x => LogSoftmax(x, 1)), [5, 4], [5, 3]));

    [Fact]
    public void A_reshape_that_does_not_divide() => Fails(
        Dense(6) >> Layer.Of(x => Reshape(x, [x.Shape[0], 4, 2])), [5, 4],
        """
        function1: x => … on [5, 6]: [5, 6] has 30 elements, [5, 4, 2] has 40.
        Possible: [30].
        So far: input [5, 4] -> dense1 [5, 6]
        """,
        (Dense(6) >> Layer.Of(x => Reshape(x, [30])), [5, 4], [30]));

    [Fact]
    public void A_broadcast_that_does_not_fit() => Fails(
        Dense(6) >> new Shift(3), [5, 4],
        """
        shift1: Shift(Size: 3) on [5, 6]: axis -1: sizes 6 and 3 differ and neither is 1.
        Possible: [1, 1] instead of [3].
        So far: input [5, 4] -> dense1 [5, 6]
        """,
        (Dense(6) >> new Shift(1), [5, 4], [5, 6]));

    [Fact]
    public void A_size_that_no_integer_holds() => Fails(
        Layer.Of(Flatten), [2, 65_536, 65_536],
        """
        flatten1: Flatten on [2, 65536, 65536]: a size of 4294967296 exceeds 2147483647, the most of one axis.
        Possible: a size of at most 2147483647.
        So far: input [2, 65536, 65536]
        """,
        (Layer.Of(Flatten), [2, 65_536, 32_767], [2, 2_147_418_112]));

    [Fact]
    public void Weights_of_more_elements_than_can_be_counted() => Fails(
        Dense(int.MaxValue) >> Dense(int.MaxValue) >> Layer.Of(x => BroadcastTo(x, [9, int.MaxValue, int.MaxValue])), [1, 4],
        """
        function1: x => … on [1, 2147483647]: the number of elements exceeds 2⁶³ − 1.
        Possible: sizes whose product stays below 2⁶³.
        So far: input [1, 4] -> dense1 [1, 2147483647] -> dense2 [1, 2147483647]
        """,
        (Layer.Of(x => BroadcastTo(x, [1, int.MaxValue, int.MaxValue])), [1, int.MaxValue], [1, int.MaxValue, int.MaxValue]));

    [Fact]
    public void A_dense_layer_of_a_negative_size() => Fails(
        Dense(-3), [5, 4],
        """
        dense1: Dense(-3) on [5, 4]: size -3 is negative.
        Possible: a size of at least 0.
        So far: input [5, 4]
        """,
        (Dense(0), [5, 4], [5, 0]));

    [Fact]
    public void An_index_where_a_real_is_needed()
    {
        var error = Assert.Throws<KindError>(() =>
            (Dense(6) >> Layer.Of(x => Tanh(ArgMax(x, 1)))).Build([5, 4]));
        Assert.Equal(
            """
            function1: x => … on [5, 6]: input 0, the ArgMax [5, 1], is an index, it must be real.
            Possible: OneHot, which gives reals.
            So far: input [5, 4] -> dense1 [5, 6]
            """, error.Message);
        Assert.Equal([5, 1, 6], (Dense(6) >> Layer.Of(x => Tanh(OneHot(ArgMax(x, 1), 6)))).Build([5, 4]).Output.Shape);
    }

    [Fact]
    public void A_real_where_an_index_is_needed()
    {
        var error = Assert.Throws<KindError>(() =>
            (Dense(2) >> Layer.Of(x => new TakeAlong(1).Of(x, Max(x, 1, keepDims: true)))).Build([5, 4]));
        Assert.Equal(
            """
            function1: x => … on [5, 2]: input 1, the Max [5, 1], is real, it must be an index.
            Possible: ArgMax, which gives positions.
            So far: input [5, 4] -> dense1 [5, 2]
            """, error.Message);
        Assert.Equal([5, 1], (Dense(2) >> Layer.Of(x => new TakeAlong(1).Of(x, ArgMax(x, 1)))).Build([5, 4]).Output.Shape);
    }

    private sealed record Shift(int Size) : Layer
    {
        public override Node Apply(Scope scope, Node x) => x + scope.Parameter("shift", [Size], Init.Zeros);
    }

    /// <summary>Fails unless the layer says so of the input, and each repair gives a model with the result's shape.</summary>
    private static void Fails(Layer layer, Shape input, string message, params (Layer Layer, Shape Input, Shape Output)[] repairs)
    {
        Assert.Equal(message, Assert.Throws<ShapeError>(() => layer.Build(input)).Message);
        Assert.All(repairs, repair => Assert.Equal(repair.Output, repair.Layer.Build(repair.Input).Output.Shape));
    }
}
