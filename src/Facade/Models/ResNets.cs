using static AutoDiffCnn.Layers;

namespace AutoDiffCnn;

public static partial class Models
{
    /// <summary>ResNet-18: 11,689,512 parameters on 3×224×224.</summary>
    /// <remarks>K. He et al., Deep Residual Learning for Image Recognition, CVPR 2016, table 1.</remarks>
    public static Layer ResNet18 { get; } = ResNet(Basic, 2, 2, 2, 2);

    /// <summary>ResNet-34: 21,797,672 parameters on 3×224×224.</summary>
    /// <remarks>As <see cref="ResNet18"/>.</remarks>
    public static Layer ResNet34 { get; } = ResNet(Basic, 3, 4, 6, 3);

    /// <summary>ResNet-50 with the stride in the 3×3 convolution, as torchvision has it ("1.5"): 25,557,032 parameters on
    /// 3×224×224.</summary>
    /// <remarks>As <see cref="ResNet18"/>.</remarks>
    public static Layer ResNet50 { get; } = ResNet(Bottleneck, 3, 4, 6, 3);

    /// <summary>ResNet-20 for 32×32 images with the paper's shortcuts without parameters (option A): 269,722
    /// parameters.</summary>
    /// <remarks>K. He et al., section 4.2.</remarks>
    public static Layer ResNet20 { get; } = ResNetCifar(3);

    /// <summary>ResNet-56 for 32×32 images, likewise: 853,018 parameters.</summary>
    /// <remarks>K. He et al., section 4.2.</remarks>
    public static Layer ResNet56 { get; } = ResNetCifar(9);

    /// <summary>The network of 6n + 2 layers for 32×32 images: K. He et al., section 4.2.</summary>
    /// <param name="n">How many blocks a stage has.</param>
    /// <param name="projection">Whether the shortcuts into a new size are convolutions (option B); otherwise they are
    /// <see cref="Subsampled"/> (option A).</param>
    public static Layer ResNetCifar(int n, bool projection = false) =>
        ConvNorm(16, 3, padding: 1) >> Relu
        >> Stage(CifarBlock(projection), 16, n, stride: 1)
        >> Stage(CifarBlock(projection), 32, n, stride: 2)
        >> Stage(CifarBlock(projection), 64, n, stride: 2)
        >> GlobalAvgPool >> Dense(10);

    /// <summary>Every second row and column, with so many channels of zeros before and after that there are twice as
    /// many: the shortcut without parameters.</summary>
    /// <param name="x">Images [n, c, h, w], c even.</param>
    public static Node Subsampled(Node x)
    {
        var half = Functions.MaxPool(x, 1, 2);
        Shape zeros = [0, x.Shape[1] / 2, 0, 0];
        return Functions.Pad(half, zeros, zeros);
    }

    private static Layer ResNet(Func<int, int, bool, Layer> block, int conv2, int conv3, int conv4, int conv5) =>
        ConvNorm(64, 7, stride: 2, padding: 3) >> Relu >> MaxPool(3, 2, padding: 1)
        >> Stage(block, 64, conv2, stride: 1)
        >> Stage(block, 128, conv3, stride: 2)
        >> Stage(block, 256, conv4, stride: 2)
        >> Stage(block, 512, conv5, stride: 2)
        >> GlobalAvgPool >> Dense(1000);

    private static Layer Stage(Func<int, int, bool, Layer> block, int filters, int blocks, int stride) =>
        block(filters, stride, true) >> Repeat(blocks - 1, block(filters, 1, false));

    private static Layer Basic(int filters, int stride, bool first) =>
        Residual(BasicBody(filters, stride), stride == 1 ? null : ConvNorm(filters, 1, stride)) >> Relu;

    private static Layer Bottleneck(int filters, int stride, bool first) => Residual(
        ConvNorm(filters, 1) >> Relu >> ConvNorm(filters, 3, stride, padding: 1) >> Relu >> ConvNorm(4 * filters, 1),
        first ? ConvNorm(4 * filters, 1, stride) : null) >> Relu;

    private static Func<int, int, bool, Layer> CifarBlock(bool projection) => projection ? Basic : (filters, stride, _) =>
        Residual(BasicBody(filters, stride), stride == 1 ? null : Layer.Of(Subsampled)) >> Relu;

    private static Layer BasicBody(int filters, int stride) =>
        ConvNorm(filters, 3, stride, padding: 1) >> Relu >> ConvNorm(filters, 3, padding: 1);

    private static Layer ConvNorm(int filters, int kernel, int stride = 1, int padding = 0) =>
        Conv2D(filters, kernel, padding, stride, bias: false) >> BatchNorm();
}
