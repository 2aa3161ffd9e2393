namespace FacadeTests;

public sealed class ShapeErrorTests
{
    [Fact]
    public void A_kernel_that_does_not_fit()
    {
        static Layer Net(Layer last) => Conv2D(6, 5, Same) >> Relu >> MaxPool(2) >> Conv2D(16, 5) >> MaxPool(2) >> Conv2D(16, 3, stride: 1) >> last;
        Fails(Net(Conv2D(16, 5)), [32, 1, 28, 28],
            """
            conv4: Conv2D(16, 5) on [32, 16, 3, 3]: height ⌊(3 + 2·0 − 1·(5−1) − 1)/1⌋ + 1 = -1, must be at least 1.
            Possible: padding 1 gives 1, Same gives 3, a kernel of at most 3.
            So far: input [32, 1, 28, 28] -> conv1 [32, 6, 28, 28] -> relu1 [32, 6, 28, 28] -> pool1 [32, 6, 14, 14] -> conv2 [32, 16, 10, 10] -> pool2 [32, 16, 5, 5] -> conv3 [32, 16, 3, 3]
            """);
        Assert.Equal([32, 16, 1, 1], Net(Conv2D(16, 5, 1)).Build([32, 1, 28, 28]).Output.Shape);
        Assert.Equal([32, 16, 3, 3], Net(Conv2D(16, 5, Same)).Build([32, 1, 28, 28]).Output.Shape);
        Assert.Equal([32, 16, 1, 1], Net(Conv2D(16, 3)).Build([32, 1, 28, 28]).Output.Shape);
    }

    [Fact]
    public void A_negative_stride()
    {
        Fails(Conv2D(6, 5, stride: -1), [1, 1, 8, 8],
            """
            conv1: Conv2D(6, 5, stride: -1) on [1, 1, 8, 8]: stride -1, dilation 1 and kernel 5 must be at least 1.
            Possible: a stride, dilation and kernel of 1.
            So far: input [1, 1, 8, 8]
            """);
        Assert.Equal([1, 6, 8, 8], Conv2D(6, 1, stride: 1).Build([1, 1, 8, 8]).Output.Shape);
    }

    [Fact]
    public void A_pool_that_does_not_fit_in_a_nested_block()
    {
        Fails(Named("block", Conv2D(2, 3) >> MaxPool(3)), [1, 1, 4, 4],
            """
            block.pool1: MaxPool(3) on [1, 2, 2, 2]: height ⌊(2 + 2·0 − 1·(3−1) − 1)/3⌋ + 1 = 0, must be at least 1.
            Possible: padding 1 gives 1, Same gives 1, a kernel of at most 2.
            So far: input [1, 1, 4, 4] -> block.conv1 [1, 2, 2, 2]
            """);
        Assert.Equal([1, 2, 1, 1], (Conv2D(2, 3) >> MaxPool(2)).Build([1, 1, 4, 4]).Output.Shape);
    }

    [Fact]
    public void A_dense_layer_without_flatten()
    {
        Fails(Conv2D(2, 3) >> Dense(10), [8, 1, 5, 5],
            """
            dense1: Dense(10) on [8, 2, 3, 3]: the input needs rank 2: [n, in], not 4.
            Possible: Flatten before it gives [8, 18].
            So far: input [8, 1, 5, 5] -> conv1 [8, 2, 3, 3]
            """);
        Assert.Equal([8, 10], (Conv2D(2, 3) >> Flatten >> Dense(10)).Build([8, 1, 5, 5]).Output.Shape);
    }

    [Fact]
    public void An_image_without_channels()
    {
        Fails(Conv2D(6, 5), [32, 28, 28],
            """
            conv1: Conv2D(6, 5) on [32, 28, 28]: the input needs rank 4: [n, c, h, w], not 3.
            Possible: Reshape to [32, 1, 28, 28].
            So far: input [32, 28, 28]
            """);
        Assert.Equal([32, 6, 24, 24], Conv2D(6, 5).Build([32, 1, 28, 28]).Output.Shape);
    }

    [Fact]
    public void Groups_that_do_not_divide()
    {
        Fails(Conv2D(6, 3, groups: 2), [1, 3, 8, 8],
            """
            conv1: Conv2D(6, 3, groups: 2) on [1, 3, 8, 8]: 2 groups do not divide 3 channels and 6 kernels.
            Possible: 1 group, 3 groups.
            So far: input [1, 3, 8, 8]
            """);
        Fails(ConvTranspose2D(6, 3, groups: 4), [1, 4, 8, 8],
            """
            conv1: ConvTranspose2D(6, 3, groups: 4) on [1, 4, 8, 8]: 4 groups do not divide 6 filters.
            Possible: 2 groups.
            So far: input [1, 4, 8, 8]
            """);
    }

    [Fact]
    public void A_residual_whose_shapes_differ()
    {
        Fails(Residual(Conv2D(8, 3, Same, stride: 2)), [1, 4, 7, 7],
            """
            residual1: Residual(Conv2D(8, 3, Same, stride: 2)) on [1, 4, 7, 7]: the body gives [1, 8, 4, 4], the shortcut [1, 4, 7, 7]; to be added they must be equal.
            Possible: a shortcut Conv2D(8, 1, stride: 2).
            So far: input [1, 4, 7, 7] -> residual1.conv1 [1, 8, 4, 4]
            """);
        Assert.Equal([1, 8, 4, 4], Residual(Conv2D(8, 3, Same, stride: 2), Conv2D(8, 1, stride: 2)).Build([1, 4, 7, 7]).Output.Shape);
    }

    [Fact]
    public void Branches_of_different_sizes()
    {
        Fails(Concat(Conv2D(8, 1), Conv2D(8, 3)), [1, 4, 7, 7],
            """
            concat1: Concat(Conv2D(8, 1), Conv2D(8, 3)) on [1, 4, 7, 7]: [1, 8, 5, 5] differs from [1, 8, 7, 7] outside axis 1.
            Possible: [1, 8, 7, 7] for [1, 8, 5, 5].
            So far: input [1, 4, 7, 7] -> concat1.branch1.conv1 [1, 8, 7, 7] -> concat1.branch2.conv1 [1, 8, 5, 5]
            """);
        Assert.Equal([1, 16, 7, 7], Concat(Conv2D(8, 1), Conv2D(8, 3, Same)).Build([1, 4, 7, 7]).Output.Shape);
    }

    [Fact]
    public void Batch_norm_of_one_value()
    {
        var error = Assert.Throws<ShapeError>(() => BatchNorm().Build([1, 3], Mode.Train));
        Assert.Equal(
            """
            norm1: BatchNorm() on [1, 3]: in training each channel needs more than one value, this has one.
            Possible: a batch of at least 2.
            So far: input [1, 3]
            """, error.Message);
        Assert.Equal([2, 3], BatchNorm().Build([2, 3], Mode.Train).Output.Shape);
        Fails(BatchNorm(), [3],
            """
            norm1: BatchNorm() on [3]: the input needs channels: [n, c, …], not rank 1.
            Possible: Reshape to [1, 3].
            So far: input [3]
            """);
    }

    [Fact]
    public void A_long_way_is_shortened()
    {
        var deep = Enumerable.Range(0, 12).Aggregate((Layer)Dense(4), (net, _) => net >> Relu) >> Conv2D(1, 1);
        Assert.Equal("input [1, 3] -> dense1 [1, 4] -> ... -> relu8 [1, 4] -> relu9 [1, 4] -> relu10 [1, 4] -> relu11 [1, 4] -> relu12 [1, 4]",
            Assert.Throws<ShapeError>(() => deep.Build([1, 3])).Trail);
    }

    [Fact]
    public void An_initialiser_without_fan()
    {
        var error = Assert.Throws<ShapeError>(() => Init.HeNormal.Of(Key.Of(1), [3]));
        Assert.Equal(
            """
            Init.HeNormal on [3]: fan-in and fan-out need a weight of rank 2 or more: [o, i, kernel…].
            Possible: Init.Zeros, Init.Uniform with bounds.
            """, error.Message);
    }

    private static void Fails(Layer layer, Shape input, string message) =>
        Assert.Equal(message, Assert.Throws<ShapeError>(() => layer.Build(input)).Message);
}
