using static AutoDiffCnn.Layers;

namespace AutoDiffCnn;

public static partial class Models
{
    /// <summary>GoogLeNet in torchvision's form: with batch norm, without the auxiliary classifiers, and with 3×3 where
    /// the paper has 5×5 convolutions: 6,624,904 parameters on 3×224×224.</summary>
    /// <remarks>C. Szegedy et al., Going Deeper with Convolutions, CVPR 2015, table 1.</remarks>
    public static Layer GoogLeNet { get; } =
        InceptionConv(64, 7, stride: 2, padding: 3) >> MaxPool(3, 2, 0, ceil: true)
        >> InceptionConv(64, 1) >> InceptionConv(192, 3, padding: 1) >> MaxPool(3, 2, 0, ceil: true)
        >> Inception("3a", 64, 96, 128, 16, 32, 32)
        >> Inception("3b", 128, 128, 192, 32, 96, 64) >> MaxPool(3, 2, 0, ceil: true)
        >> Inception("4a", 192, 96, 208, 16, 48, 64)
        >> Inception("4b", 160, 112, 224, 24, 64, 64)
        >> Inception("4c", 128, 128, 256, 24, 64, 64)
        >> Inception("4d", 112, 144, 288, 32, 64, 64)
        >> Inception("4e", 256, 160, 320, 32, 128, 128) >> MaxPool(2, 2, 0, ceil: true)
        >> Inception("5a", 256, 160, 320, 32, 128, 128)
        >> Inception("5b", 384, 192, 384, 48, 128, 128)
        >> GlobalAvgPool >> Dropout(0.2) >> Dense(1000);

    private static Layer Inception(string name, int one, int reduce3, int three, int reduce5, int five, int pool) =>
        Named($"inception{name}", Layers.Concat(
            InceptionConv(one, 1),
            InceptionConv(reduce3, 1) >> InceptionConv(three, 3, padding: 1),
            InceptionConv(reduce5, 1) >> InceptionConv(five, 3, padding: 1),
            MaxPool(3, 1, 1) >> InceptionConv(pool, 1)));

    private static Layer InceptionConv(int filters, int kernel, int padding = 0, int stride = 1) =>
        Conv2D(filters, kernel, padding, stride, bias: false) >> BatchNorm(epsilon: 0.001) >> Relu;
}
