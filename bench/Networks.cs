using static AutoDiffCnn.Layers;

/// <summary>The networks that are measured, each like its paper's table.</summary>
internal static class Networks
{
    /// <summary>Three dense layers.</summary>
    public static Layer Mlp { get; } = Dense(512) >> Relu >> Dense(512) >> Relu >> Dense(10);

    /// <summary>K. He et al., Deep Residual Learning for Image Recognition, CVPR 2016, table 1.</summary>
    public static Layer ResNet18 { get; } =
        ConvNorm(64, 7, stride: 2, padding: 3) >> Relu >> MaxPool(3, 2, padding: 1)
        >> Stage(64, blocks: 2)
        >> Stage(128, blocks: 2, stride: 2)
        >> Stage(256, blocks: 2, stride: 2)
        >> Stage(512, blocks: 2, stride: 2)
        >> GlobalAvgPool >> Dense(1000);

    /// <summary>A. Howard et al., MobileNets, 2017, table 1.</summary>
    public static Layer MobileNetV1 { get; } =
        ConvNorm(32, 3, stride: 2, padding: 1) >> Relu
        >> Separable(64)
        >> Separable(128, stride: 2) >> Separable(128)
        >> Separable(256, stride: 2) >> Separable(256)
        >> Separable(512, stride: 2) >> Repeat(5, Separable(512))
        >> Separable(1024, stride: 2) >> Separable(1024)
        >> GlobalAvgPool >> Dense(1000);

    /// <summary>C. Szegedy et al., Going Deeper with Convolutions, CVPR 2015, table 1, inception (3a).</summary>
    public static Layer Inception3a { get; } = Concat(
        Conv2D(64, 1) >> Relu,
        Conv2D(96, 1) >> Relu >> Conv2D(128, 3, padding: 1) >> Relu,
        Conv2D(16, 1) >> Relu >> Conv2D(32, 5, padding: 2) >> Relu,
        MaxPool(3, 1, padding: 1) >> Conv2D(32, 1) >> Relu);

    /// <summary>The network of 6n + 2 layers for 32×32 images: K. He et al., section 4.2. The shortcuts into a new size
    /// are convolutions.</summary>
    public static Layer ResNetCifar(int n) =>
        ConvNorm(16, 3, padding: 1) >> Relu
        >> Stage(16, n)
        >> Stage(32, n, stride: 2)
        >> Stage(64, n, stride: 2)
        >> GlobalAvgPool >> Dense(10);

    /// <summary>The network of 9n + 2 layers for 32×32 images, of bottlenecks with norm and relu before each
    /// convolution: K. He et al., Identity Mappings in Deep Residual Networks, ECCV 2016.</summary>
    public static Layer PreActivationResNetCifar(int n) =>
        Conv2D(16, 3, padding: 1, bias: false)
        >> PreActivationStage(16, n, stride: 1)
        >> PreActivationStage(32, n, stride: 2)
        >> PreActivationStage(64, n, stride: 2)
        >> BatchNorm() >> Relu >> GlobalAvgPool >> Dense(10);

    private static Layer ConvNorm(int filters, int kernel, int stride = 1, int padding = 0) =>
        Conv2D(filters, kernel, padding, stride, bias: false) >> BatchNorm();

    private static Layer Stage(int filters, int blocks, int stride = 1) =>
        Block(filters, stride) >> Repeat(blocks - 1, Block(filters, stride: 1));

    private static Layer Block(int filters, int stride) => Residual(
        ConvNorm(filters, 3, stride, padding: 1) >> Relu >> ConvNorm(filters, 3, padding: 1),
        stride == 1 ? null : ConvNorm(filters, 1, stride)) >> Relu;

    private static Layer Separable(int filters, int stride = 1) =>
        DepthwiseConv2D(3, padding: 1, stride, bias: false) >> BatchNorm() >> Relu >> ConvNorm(filters, 1) >> Relu;

    private static Layer PreActivationStage(int filters, int blocks, int stride) =>
        Bottleneck(filters, stride, first: true) >> Repeat(blocks - 1, Bottleneck(filters, stride: 1, first: false));

    private static Layer Bottleneck(int filters, int stride, bool first) => Residual(
        BatchNorm() >> Relu >> Conv2D(filters, 1, bias: false)
        >> BatchNorm() >> Relu >> Conv2D(filters, 3, padding: 1, stride, bias: false)
        >> BatchNorm() >> Relu >> Conv2D(4 * filters, 1, bias: false),
        first ? Conv2D(4 * filters, 1, stride: stride, bias: false) : null);

    private static Layer Repeat(int times, Layer layer) =>
        Enumerable.Repeat(layer, times).Aggregate(Identity, (chain, next) => chain >> next);
}
