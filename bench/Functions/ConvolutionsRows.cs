/// <summary>Convolutions of known networks, beside the faster of PyTorch's two orders of memory: time should follow from the
/// arithmetic, whatever the sizes.</summary>
internal static class ConvolutionsRows
{
    public static IReadOnlyList<FunctionRow> All { get; } =
    [
        .. new[] { (2, 64, 28), (4, 128, 56), (8, 256, 28), (16, 512, 14) }.Select(size => Row(
            $"resnext_{size.Item1}", 16, size.Item2, size.Item3, size.Item2, 3, groups: size.Item2 / size.Item1)),
        .. new[] { (24, 56), (50, 28), (96, 28), (100, 28), (300, 14) }.Select(size => Row(
            $"channels_{size.Item1}", 16, size.Item1, size.Item2, size.Item1, 3)),
        Row("autoencoder", 8, 32, 64, 1, 3),
        Row("style_transfer", 4, 32, 128, 3, 9),
        Row("super_resolution", 1, 64, 256, 3, 5),
        Row("segmentation", 16, 64, 64, 21, 1),
        Row("mobilenet_narrow", 16, 144, 56, 24, 1),
        Row("mobilenet_widen", 16, 24, 56, 144, 1),
        Row("mobilenet_same", 16, 64, 112, 64, 1),
        Row("densenet_1x1", 16, 256, 28, 128, 1),
        Row("efficientnet_5x5", 16, 120, 28, 120, 5, groups: 120),
        Row("convnext_7x7", 16, 96, 56, 96, 7, groups: 96),
        Row("downsample", 16, 64, 56, 128, 3, stride: 2),
        Row("first_cifar", 128, 3, 32, 32, 3),
        Row("first_mnist", 128, 1, 28, 32, 3),
        Row("first_mobilenet", 16, 3, 224, 32, 3, stride: 2),
        Row("first_resnet", 16, 3, 224, 64, 7, stride: 2),
        Row("first_vgg", 16, 3, 224, 64, 3),
    ];

    /// <summary>A convolution that keeps the size of square images, or divides it by the stride.</summary>
    private static FunctionRow Row(
        string name, int images, int channels, int size, int kernels, int kernel, int stride = 1, int groups = 1) =>
        new(name, $"{images},{channels},{size},{size}:w {kernels},{channels / groups},{kernel},{kernel}:w",
            x => Conv2D(x[0], x[1], kernel / 2, stride, groups: groups),
            $"F.conv2d(x[0], x[1], padding={kernel / 2}, stride={stride}, groups={groups})");
}
