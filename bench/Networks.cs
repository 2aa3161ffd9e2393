using static AutoDiffCnn.Layers;

/// <summary>The networks that are measured, each like its paper's table.</summary>
internal static class Networks
{
    /// <summary>Three dense layers.</summary>
    public static Layer Mlp { get; } = Dense(512) >> Relu >> Dense(512) >> Relu >> Dense(10);

    /// <summary>C. Szegedy et al., Going Deeper with Convolutions, CVPR 2015, table 1, inception (3a).</summary>
    public static Layer Inception3a { get; } = Concat(
        Conv2D(64, 1) >> Relu,
        Conv2D(96, 1) >> Relu >> Conv2D(128, 3, padding: 1) >> Relu,
        Conv2D(16, 1) >> Relu >> Conv2D(32, 5, padding: 2) >> Relu,
        MaxPool(3, 1, padding: 1) >> Conv2D(32, 1) >> Relu);

    /// <summary>The network of 9n + 2 layers for 32×32 images, of bottlenecks with norm and relu before each
    /// convolution: K. He et al., Identity Mappings in Deep Residual Networks, ECCV 2016.</summary>
    public static Layer PreActivationResNetCifar(int n) =>
        Conv2D(16, 3, padding: 1, bias: false)
        >> PreActivationStage(16, n, stride: 1)
        >> PreActivationStage(32, n, stride: 2)
        >> PreActivationStage(64, n, stride: 2)
        >> BatchNorm() >> Relu >> GlobalAvgPool >> Dense(10);

    private static Layer PreActivationStage(int filters, int blocks, int stride) =>
        Bottleneck(filters, stride, first: true) >> Repeat(blocks - 1, Bottleneck(filters, stride: 1, first: false));

    private static Layer Bottleneck(int filters, int stride, bool first) => Residual(
        BatchNorm() >> Relu >> Conv2D(filters, 1, bias: false)
        >> BatchNorm() >> Relu >> Conv2D(filters, 3, padding: 1, stride, bias: false)
        >> BatchNorm() >> Relu >> Conv2D(4 * filters, 1, bias: false),
        first ? Conv2D(4 * filters, 1, stride: stride, bias: false) : null);
}
