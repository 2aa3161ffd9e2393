using static AutoDiffCnn.Layers;

namespace AutoDiffCnn;

public static partial class Models
{
    /// <summary>MobileNetV1 of width 1: 4,231,976 parameters on 3×224×224.</summary>
    /// <remarks>A. Howard et al., MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications,
    /// 2017, table 1.</remarks>
    public static Layer MobileNetV1 { get; } =
        ConvNorm(32, 3, stride: 2, padding: 1) >> Relu
        >> Separable(64)
        >> Separable(128, stride: 2) >> Separable(128)
        >> Separable(256, stride: 2) >> Separable(256)
        >> Separable(512, stride: 2) >> Repeat(5, Separable(512))
        >> Separable(1024, stride: 2) >> Separable(1024)
        >> GlobalAvgPool >> Dense(1000);

    /// <summary>MobileNetV2 of width 1: 3,504,872 parameters on 3×224×224.</summary>
    /// <remarks>M. Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, CVPR 2018, table 2.</remarks>
    public static Layer MobileNetV2 { get; } =
        ConvNorm(32, 3, stride: 2, padding: 1) >> Relu6
        >> Inverted(t: 1, from: 32, c: 16, n: 1, s: 1)
        >> Inverted(t: 6, from: 16, c: 24, n: 2, s: 2)
        >> Inverted(t: 6, from: 24, c: 32, n: 3, s: 2)
        >> Inverted(t: 6, from: 32, c: 64, n: 4, s: 2)
        >> Inverted(t: 6, from: 64, c: 96, n: 3, s: 1)
        >> Inverted(t: 6, from: 96, c: 160, n: 3, s: 2)
        >> Inverted(t: 6, from: 160, c: 320, n: 1, s: 1)
        >> ConvNorm(1280, 1) >> Relu6
        >> GlobalAvgPool >> Dropout(0.2) >> Dense(1000);

    private static Layer Separable(int filters, int stride = 1) =>
        DepthwiseNorm(stride) >> Relu >> ConvNorm(filters, 1) >> Relu;

    /// <summary>A row of the table: n blocks of c channels that widen their input t times, the first with stride
    /// s.</summary>
    private static Layer Inverted(int t, int from, int c, int n, int s) =>
        Widened(t * from, t > 1, c, s) >> Repeat(n - 1, Residual(Widened(t * c, t > 1, c, stride: 1)));

    private static Layer Widened(int width, bool expands, int filters, int stride) =>
        (expands ? ConvNorm(width, 1) >> Relu6 : Identity) >> DepthwiseNorm(stride) >> Relu6 >> ConvNorm(filters, 1);

    private static Layer DepthwiseNorm(int stride) => DepthwiseConv2D(3, padding: 1, stride, bias: false) >> BatchNorm();
}
