using static AutoDiffCnn.Tests.Ops.Rejected;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>The full text of every shape error of the ops. Each test applies at least one of the repairs that the text
/// names, as it says, and it works.</summary>
public class ShapeErrorTests
{
    [Fact]
    public void Convolution_kernel_too_large() => Rejects(
        "Conv2D on [32, 16, 4, 4] and [16, 16, 5, 5]: height ⌊(4 + 2·0 − 1·(5−1) − 1)/1⌋ + 1 = 0, must be at least 1.\n"
        + "Possible: padding 1 gives 2, Same gives 4, a kernel of at most 4.",
        () => Conv2D(Of(32, 16, 4, 4), Of(16, 16, 5, 5)),
        () =>
        {
            Assert.Equal(2, Conv2D(Of(32, 16, 4, 4), Of(16, 16, 5, 5), padding: 1).Shape[2]);
            Assert.Equal(4, Conv2D(Of(32, 16, 4, 4), Of(16, 16, 5, 5), Same).Shape[2]);
            return Conv2D(Of(32, 16, 4, 4), Of(16, 16, 4, 4));
        });

    [Fact]
    public void Convolution_kernel_too_large_with_stride_dilation_and_uneven_padding() => Rejects(
        "Conv1D(Stride: [2], Before: [0], After: [1], Dilation: [3]) on [1, 1, 4] and [1, 1, 3]: "
        + "length ⌊(4 + 0 + 1 − 3·(3−1) − 1)/2⌋ + 1 = 0, must be at least 1.\n"
        + "Possible: padding 2 gives 1, Same gives 2, a kernel of at most 2.",
        () => Conv1D(Of(1, 1, 4), Of(1, 1, 3), Padding.Of([0], [1]), stride: 2, dilation: 3),
        () =>
        {
            Assert.Equal(1, Conv1D(Of(1, 1, 4), Of(1, 1, 3), 2, stride: 2, dilation: 3).Shape[2]);
            Assert.Equal(2, Conv1D(Of(1, 1, 4), Of(1, 1, 3), Same, stride: 2, dilation: 3).Shape[2]);
            return Conv1D(Of(1, 1, 4), Of(1, 1, 2), Padding.Of([0], [1]), stride: 2, dilation: 3);
        });

    [Fact]
    public void Convolution_stride_0() => Rejects(
        "Conv2D(Stride: [0, 0]) on [1, 1, 4, 4] and [1, 1, 3, 3]: height: stride 0, dilation 1 and kernel 3 must be at least 1.\n"
        + "Possible: a stride, dilation and kernel of 1.",
        () => Conv2D(Of(1, 1, 4, 4), Of(1, 1, 3, 3), stride: 0),
        () => Conv2D(Of(1, 1, 4, 4), Of(1, 1, 1, 1), stride: 1, dilation: 1));

    [Fact]
    public void Convolution_negative_stride() => Rejects(
        "Conv2D on [1, 1, 4, 4] and [1, 1, 3, 3]: stride -1 and dilation 1 must be at least 1.\nPossible: a stride and dilation of 1.",
        () => Conv2D(Of(1, 1, 4, 4), Of(1, 1, 3, 3), stride: -1),
        () => Conv2D(Of(1, 1, 4, 4), Of(1, 1, 3, 3), stride: 1, dilation: 1));

    [Fact]
    public void Pool_negative_kernel() => Rejects(
        "Pool on [1, 1, 4, 4]: stride -2, dilation 1 and kernel -2 must be at least 1.\nPossible: a stride, dilation and kernel of 1.",
        () => MaxPool(Of(1, 1, 4, 4), -2),
        () => MaxPool(Of(1, 1, 4, 4), 1, 1, dilation: 1));

    [Fact]
    public void Padding_negative() => Rejects(
        "Padding -1: an amount must be at least 0.\nPossible: a padding of 0, Slice, which cuts.",
        () => Conv2D(Of(1, 1, 4, 4), Of(1, 1, 3, 3), -1),
        () => Conv2D(Of(1, 1, 4, 4), Of(1, 1, 3, 3), 0));

    [Fact]
    public void Convolution_dilation_too_large_for_any_padding() => Rejects(
        "Conv1D(Dilation: [2147483647]) on [1, 1, 4] and [1, 1, 3]: length ⌊(4 + 2·0 − 2147483647·(3−1) − 1)/1⌋ + 1 = -4294967290, must be at least 1.\n"
        + "Possible: a kernel of at most 1.",
        () => Conv1D(Of(1, 1, 4), Of(1, 1, 3), dilation: int.MaxValue),
        () => Conv1D(Of(1, 1, 4), Of(1, 1, 1), dilation: int.MaxValue));

    [Fact]
    public void Same_with_the_largest_stride_has_one_position()
    {
        Assert.Equal([1, 1, 1, 1], Conv2D(Of(1, 1, 7, 9), Of(1, 1, 3, 3), Same, stride: int.MaxValue).Shape);
        Assert.Equal([1, 1, 1], MaxPool(Of(1, 1, 7), 3, int.MaxValue, Same).Shape);
    }

    [Fact]
    public void Convolution_rank() => Rejects(
        "Conv2D on [1, 28, 28] and [6, 1, 5, 5]: x and w need rank 4: x [n, c, …] and w [o, c/groups, …], not 3 and 4.\n"
        + "Possible: Reshape [1, 28, 28] to [1, 1, 28, 28].",
        () => Conv2D(Of(1, 28, 28), Of(6, 1, 5, 5)),
        () => Conv2D(Reshape(Of(1, 28, 28), [1, 1, 28, 28]), Of(6, 1, 5, 5)));

    [Fact]
    public void Convolution_groups() => Rejects(
        "Conv2D(Groups: 2) on [1, 3, 4, 4] and [4, 1, 3, 3]: 2 groups do not divide 3 channels and 4 kernels.\nPossible: 1 group.",
        () => Conv2D(Of(1, 3, 4, 4), Of(4, 1, 3, 3), groups: 2),
        () => Conv2D(Of(1, 3, 4, 4), Of(4, 3, 3, 3), groups: 1));

    [Fact]
    public void Convolution_channels() => Rejects(
        "Conv2D(Groups: 2) on [1, 4, 4, 4] and [4, 4, 3, 3]: w has 4 channels, it needs 4/2 = 2.\nPossible: w of [4, 2, 3, 3].",
        () => Conv2D(Of(1, 4, 4, 4), Of(4, 4, 3, 3), groups: 2),
        () => Conv2D(Of(1, 4, 4, 4), Of(4, 2, 3, 3), groups: 2));

    [Fact]
    public void Convolution_of_images_whose_channels_are_last() => Rejects(
        "Conv2D on [1, 8, 8, 3] and [16, 3, 5, 5]: w has 3 channels, it needs 8/1 = 8.\nPossible: Transpose(x, [0, 3, 1, 2]).",
        () => Conv2D(Of(1, 8, 8, 3), Of(16, 3, 5, 5)),
        () => Conv2D(Transpose(Of(1, 8, 8, 3), [0, 3, 1, 2]), Of(16, 3, 5, 5)));

    [Fact]
    public void Convolution_with_kernels_that_begin_with_channels() => Rejects(
        "Conv2D on [1, 3, 8, 8] and [3, 16, 5, 5]: w has 16 channels, it needs 3/1 = 3.\nPossible: Transpose(w, [1, 0, 2, 3]), w of [3, 3, 5, 5].",
        () => Conv2D(Of(1, 3, 8, 8), Of(3, 16, 5, 5)),
        () => Conv2D(Of(1, 3, 8, 8), Transpose(Of(3, 16, 5, 5), [1, 0, 2, 3])),
        () => Conv2D(Of(1, 3, 8, 8), Of(3, 3, 5, 5)));

    [Fact]
    public void Convolution_padding_for_other_axes() => Rejects(
        "Conv2D(Pad: [1, 1, 1]) on [1, 1, 4, 4] and [1, 1, 3, 3]: stride, padding and dilation have 2, 3 and 3, 2 axes, the kernel 2, the image 2.\n"
        + "Possible: 2 numbers for each.",
        () => Conv2D(Of(1, 1, 4, 4), Of(1, 1, 3, 3), Padding.Of([1, 1, 1], [1, 1, 1])),
        () => Conv2D(Of(1, 1, 4, 4), Of(1, 1, 3, 3), Padding.Of([1, 1], [1, 1])));

    [Fact]
    public void Convolution_input_of_another_error() => Rejects(
        "Conv2DInput(X: [1, 1, 4, 4]) on [1, 1, 3, 3] and [1, 1, 3, 3]: the convolution of [1, 1, 4, 4] with [1, 1, 3, 3] gives [1, 1, 2, 2], not [1, 1, 3, 3].\n"
        + "Possible: dy of [1, 1, 2, 2].",
        () => new ConvolutionInput(Window.Of(2), 1, [1, 1, 4, 4]).Of(Of(1, 1, 3, 3), Of(1, 1, 3, 3)),
        () => new ConvolutionInput(Window.Of(2), 1, [1, 1, 4, 4]).Of(Of(1, 1, 2, 2), Of(1, 1, 3, 3)));

    [Fact]
    public void Convolution_kernel_of_another_error() => Rejects(
        "Conv1DKernel(W: [1, 1, 3]) on [1, 1, 4] and [1, 1, 3]: the convolution of [1, 1, 4] with [1, 1, 3] gives [1, 1, 2], not [1, 1, 3].\n"
        + "Possible: dy of [1, 1, 2].",
        () => new ConvolutionKernel(Window.Of(1), 1, [1, 1, 3]).Of(Of(1, 1, 4), Of(1, 1, 3)),
        () => new ConvolutionKernel(Window.Of(1), 1, [1, 1, 3]).Of(Of(1, 1, 4), Of(1, 1, 2)));

    [Fact]
    public void Transposed_convolution_channels() => Rejects(
        "ConvTranspose2D on [1, 3, 4, 4] and [4, 2, 3, 3]: x has 3 channels, w is for 4.\nPossible: w of [3, 2, 3, 3].",
        () => ConvTranspose2D(Of(1, 3, 4, 4), Of(4, 2, 3, 3)),
        () => ConvTranspose2D(Of(1, 3, 4, 4), Of(3, 2, 3, 3)));

    [Fact]
    public void Transposed_convolution_cut_to_nothing() => Rejects(
        "ConvTranspose2D on [1, 1, 1, 1] and [1, 1, 2, 2]: axis 2: (1 − 1)·1 − 2·1 + 1·(2 − 1) + 1 + 0 must be at least 1.\nPossible: padding 0.",
        () => ConvTranspose2D(Of(1, 1, 1, 1), Of(1, 1, 2, 2), padding: 1),
        () => ConvTranspose2D(Of(1, 1, 1, 1), Of(1, 1, 2, 2), padding: 0));

    [Fact]
    public void Transposed_convolution_negative_padding() => Rejects(
        "ConvTranspose1D on [1, 1, 3] and [1, 1, 2]: padding -1 and outputPadding 0 must be at least 0.\nPossible: padding 0 and outputPadding 0.",
        () => ConvTranspose1D(Of(1, 1, 3), Of(1, 1, 2), padding: -1),
        () => ConvTranspose1D(Of(1, 1, 3), Of(1, 1, 2), padding: 0, outputPadding: 0));

    [Fact]
    public void Transposed_convolution_groups() => Rejects(
        "ConvTranspose1D on [1, 3, 3] and [3, 1, 2]: 2 groups do not divide 3 channels.\nPossible: 1 group, 3 groups.",
        () => ConvTranspose1D(Of(1, 3, 3), Of(3, 1, 2), groups: 2),
        () => ConvTranspose1D(Of(1, 3, 3), Of(3, 1, 2), groups: 1),
        () => ConvTranspose1D(Of(1, 3, 3), Of(3, 1, 2), groups: 3));

    [Fact]
    public void Transposed_convolution_too_large() => Rejects(
        "ConvTranspose1D on [1, 1, 3] and [1, 1, 2]: a size of 4294967296 exceeds 2147483647, the most of one axis.\nPossible: a size of at most 2147483647.",
        () => ConvTranspose1D(Of(1, 1, 3), Of(1, 1, 2), stride: int.MaxValue),
        () => ConvTranspose1D(Of(1, 1, 3), Of(1, 1, 2), stride: 1));

    [Fact]
    public void Transposed_convolution_output_padding() => Rejects(
        "ConvTranspose1D on [1, 1, 3] and [1, 1, 2]: outputPadding 2 must be below the stride 2: a stride leaves no more open.\nPossible: outputPadding 1.",
        () => ConvTranspose1D(Of(1, 1, 3), Of(1, 1, 2), stride: 2, outputPadding: 2),
        () => ConvTranspose1D(Of(1, 1, 3), Of(1, 1, 2), stride: 2, outputPadding: 1));

    [Fact]
    public void Cross_correlation_of_different_ranks() => Rejects(
        "CrossCorrelate on [4, 4] and [3]: image and kernel need the same rank of at least 1.\nPossible: inputs of rank 2.",
        () => CrossCorrelate(Of(4, 4), Of(3)),
        () => Conv2D(Of(1, 1, 4, 4), Of(1, 1, 3, 3)));

    [Fact]
    public void Pool_rank() => Rejects(
        "Pool on [4, 4]: x needs rank 3 or more: [n, c, …].\nPossible: Reshape [4, 4] to [1, 1, 4, 4].",
        () => MaxPool(Of(4, 4), 2),
        () => MaxPool(Reshape(Of(4, 4), [1, 1, 4, 4]), 2));

    [Fact]
    public void Pool_rank_of_the_op() => Rejects(
        "SumPool([2, 2]) on [3, 4, 4]: x needs rank 4: [n, c, …].\nPossible: Reshape [3, 4, 4] to [1, 3, 4, 4].",
        () => new SumPool([2, 2], Window.Of(2)).Of(Of(3, 4, 4)),
        () => new SumPool([2, 2], Window.Of(2)).Of(Reshape(Of(3, 4, 4), [1, 3, 4, 4])));

    [Fact]
    public void Pool_window_too_large() => Rejects(
        "MaxPool([4, 4], Stride: [4, 4]) on [1, 1, 3, 3]: height ⌊(3 + 2·0 − 1·(4−1) − 1)/4⌋ + 1 = 0, must be at least 1.\n"
        + "Possible: padding 1 gives 1, Same gives 1, a kernel of at most 3.",
        () => MaxPool(Of(1, 1, 3, 3), 4),
        () =>
        {
            Assert.Equal([1, 1, 1, 1], MaxPool(Of(1, 1, 3, 3), 4, padding: 1).Shape);
            Assert.Equal([1, 1, 1, 1], MaxPool(Of(1, 1, 3, 3), 4, padding: Same).Shape);
            return MaxPool(Of(1, 1, 3, 3), 3);
        });

    [Fact]
    public void Max_pool_window_on_padding_alone() => Rejects(
        "MaxPool([2, 2], Pad: [2, 2]) on [1, 1, 3, 3]: the window at position 0 of axis 2 covers padding only, so it has no maximum.\n"
        + "Possible: SumPool, where padding is 0, a kernel of [1, 1] without padding.",
        () => MaxPool(Of(1, 1, 3, 3), 2, stride: 1, padding: 2),
        () =>
        {
            Assert.NotNull(SumPool(Of(1, 1, 3, 3), 2, stride: 1, padding: 2));
            return MaxPool(Of(1, 1, 3, 3), 1, stride: 1);
        });

    [Fact]
    public void Max_pool_window_that_steps_over_the_image() => Rejects(
        "MaxPool([2, 2], Pad: [3, 3], Dilation: [3, 3]) on [1, 1, 2, 2]: the window at position 2 of axis 2 covers padding only, so it has no maximum.\n"
        + "Possible: SumPool, where padding is 0, a kernel of [1, 1] without padding.",
        () => MaxPool(Of(1, 1, 2, 2), 2, stride: 1, padding: 3, dilation: 3),
        () =>
        {
            Assert.Equal([1, 1, 7, 7], SumPool(Of(1, 1, 2, 2), 2, stride: 1, padding: 3).Shape);
            return MaxPool(Of(1, 1, 2, 2), 1, stride: 1);
        });

    [Fact]
    public void A_pool_as_wide_as_can_be_is_checked_at_once()
    {
        Assert.Equal([1, 1, int.MaxValue], MaxPool(Of(1, 1, int.MaxValue), 1, 1).Shape);
        Assert.Equal([1, 1, 10], MaxPool(Of(1, 1, 5), int.MaxValue, 1, Padding.Of([int.MaxValue - 1], [5])).Shape);
    }

    [Fact]
    public void Norm_over_an_axis_that_is_not_there() => Rejects(
        "Norm(axis: 4) on [2, 3]: axis 4 must lie in -2..1.\nPossible: axis 1.",
        () => Norm(Of(2, 3), 2, [0, 4]), () => Norm(Of(2, 3), 2, [0, 1]));

    [Fact]
    public void Cosines_along_an_axis_of_the_broadcast_shape()
    {
        Assert.Equal([2, 1], CosineSimilarity(Of(3), Of(2, 1, 3), axis: 2).Shape);
        Rejects("CosineSimilarity(axis: 3) on [2, 3]: axis 3 must lie in -2..1.\nPossible: axis 1.",
            () => CosineSimilarity(Of(3), Of(2, 3), axis: 3), () => CosineSimilarity(Of(3), Of(2, 3), axis: 1));
    }

    [Fact]
    public void Rotation_from_an_axis_that_is_not_there() => Rejects(
        "Rotate180(axis: 2) on [2, 3]: axis 2 must lie in -2..1.\nPossible: axis 1.",
        () => Rotate180(Of(2, 3), 2),
        () => Rotate180(Of(2, 3), 1));

    [Fact]
    public void Pool_with_ceil_and_padding_for_other_axes() => Rejects(
        "MaxPool([2], Stride: [2], Pad: [1, 1]) on [4, 2, 6]: stride, padding and dilation have 1, 2 and 2, 1 axes, the kernel 1, the image 1.\n"
        + "Possible: 1 numbers for each.",
        () => MaxPool(Of(4, 2, 6), 2, padding: Padding.Of([1, 1], [1, 1]), ceil: true),
        () => MaxPool(Of(4, 2, 6), 2, padding: Padding.Of([1], [1]), ceil: true));

    [Fact]
    public void Sum_pool_input_of_another_error() => Rejects(
        "SumPoolInput([2], X: [1, 1, 4]) on [1, 1, 4]: the pool of [1, 1, 4] gives [1, 1, 3], not [1, 1, 4].\nPossible: dy of [1, 1, 3].",
        () => new SumPoolInput([2], Window.Of(1), [1, 1, 4]).Of(Of(1, 1, 4)),
        () => new SumPoolInput([2], Window.Of(1), [1, 1, 4]).Of(Of(1, 1, 3)));

    [Fact]
    public void Plane_take() => Rejects(
        "PlaneTake(Y: [1, 2, 3]) on [1, 2, 4] and [1, 2, 2]: the index must have the shape [1, 2, 3] with the batch and channels of x.\nPossible: an index of [1, 2, 3].",
        () => new PlaneTake([1, 2, 3]).Of(Of(1, 2, 4), At(1, 2, 2)),
        () => new PlaneTake([1, 2, 3]).Of(Of(1, 2, 4), At(1, 2, 3)));

    [Fact]
    public void Plane_put() => Rejects(
        "PlanePut(X: [1, 2, 4]) on [1, 2, 3] and [1, 2, 2]: dy and the index must have one shape with the batch and channels of [1, 2, 4].\nPossible: an index of [1, 2, 3].",
        () => new PlanePut([1, 2, 4]).Of(Of(1, 2, 3), At(1, 2, 2)),
        () => new PlanePut([1, 2, 4]).Of(Of(1, 2, 3), At(1, 2, 3)));

    [Fact]
    public void Global_pool_without_channels() => Rejects(
        "Global pool on [7]: x needs a batch and channels: [n, c, …].\nPossible: Reshape to [1, 1, 7].",
        () => GlobalAveragePool(Of(7)),
        () => GlobalAveragePool(Reshape(Of(7), [1, 1, 7])));

    [Fact]
    public void Matmul_rank() => Rejects(
        "MatMul on [3] and [3, 4]: both need the same rank of at least 2, not 1 and 2.\nPossible: Reshape [3] to [1, 3].",
        () => MatMul(Of(3), Of(3, 4)),
        () => MatMul(Reshape(Of(3), [1, 3]), Of(3, 4)));

    [Fact]
    public void Matmul_ranks_of_the_op() => Rejects(
        "MatMul on [2, 3] and [5, 3, 4]: both need the same rank of at least 2, not 2 and 3.\nPossible: Functions.MatMul, which repeats batches.",
        () => new MatMul().Of(Of(2, 3), Of(5, 3, 4)),
        () => MatMul(Of(2, 3), Of(5, 3, 4)));

    [Fact]
    public void Matmul_inner_sizes_with_one_transposed()
    {
        Rejects("MatMul on [3, 2] and [3, 4]: the inner sizes 2 and 3 differ.\nPossible: the first transposed.",
            () => MatMul(Of(3, 2), Of(3, 4)), () => MatMul(Transpose(Of(3, 2)), Of(3, 4)));
        Rejects("MatMul on [2, 3] and [4, 3]: the inner sizes 3 and 4 differ.\nPossible: the second transposed.",
            () => MatMul(Of(2, 3), Of(4, 3)), () => MatMul(Of(2, 3), Transpose(Of(4, 3))));
    }

    [Fact]
    public void Matmul_inner_sizes_of_a_dense_layer() => Rejects(
        "Dense on [64, 400] and [120, 256]: w [out, in] is for 256 inputs, x has 400.\nPossible: w of [120, 400].",
        () => Dense(Of(64, 400), Of(120, 256)),
        () => Dense(Of(64, 400), Of(120, 400)));

    [Fact]
    public void Matmul_batches() => Rejects(
        "MatMul on [2, 3, 4] and [5, 4, 6]: the batches [2] and [5] have no common shape, axis -1: sizes 2 and 5 differ and neither is 1.\n"
        + "Possible: one batch for both, such as [2, 4, 6] for [5, 4, 6].",
        () => MatMul(Of(2, 3, 4), Of(5, 4, 6)),
        () => MatMul(Of(2, 3, 4), Of(2, 4, 6)));

    [Fact]
    public void Matmul_batches_of_the_op() => Rejects(
        "MatMul on [2, 3, 4] and [1, 4, 6]: the batches [2] and [1] differ.\nPossible: one batch for both, such as [2, 4, 6] for [1, 4, 6].",
        () => new MatMul().Of(Of(2, 3, 4), Of(1, 4, 6)),
        () => new MatMul().Of(Of(2, 3, 4), BroadcastTo(Of(1, 4, 6), [2, 4, 6])));

    [Fact]
    public void Cross_entropy_rank() => Rejects(
        "CrossEntropy on [10]: scores need rank 2 or more: [n, classes, …].\nPossible: Reshape to [1, 10].",
        () => SoftmaxCrossEntropy(Of(10), At(1)),
        () => SoftmaxCrossEntropy(Reshape(Of(10), [1, 10]), At(1)));

    [Fact]
    public void Cross_entropy_labels() => Rejects(
        "CrossEntropy on [64, 10] and [32]: labels need the shape [64] if they are indices, [64, 10] if they are distributions.\nPossible: labels of shape [64].",
        () => SoftmaxCrossEntropy(Of(64, 10), At(32)),
        () => SoftmaxCrossEntropy(Of(64, 10), At(64)));

    [Fact]
    public void Cross_entropy_labels_that_are_no_indices() => Rejects(
        "CrossEntropy on [64, 10] and [64]: labels need the shape [64] if they are indices, [64, 10] if they are distributions.\n"
        + "Possible: Variable(\"x\", [64], Kind.Index), labels of shape [64, 10].",
        () => SoftmaxCrossEntropy(Of(64, 10), Of(64)),
        () => SoftmaxCrossEntropy(Of(64, 10), Variable("x", [64], Kind.Index)),
        () => SoftmaxCrossEntropy(Of(64, 10), Of(64, 10)));
}
