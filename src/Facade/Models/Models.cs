using static AutoDiffCnn.Layers;

namespace AutoDiffCnn;

/// <summary>Networks of the literature; each reads like its paper's table.</summary>
/// <example><code>Models.LeNet5.Summary([1, 28, 28]).Parameters // 61706</code></example>
public static partial class Models
{
    // In this namespace the bare names mean the ops. (Not fields: a part of the class in another file may begin first.)
    private static Func<Node, Node> Relu => Functions.Relu;

    private static Func<Node, Node> Relu6 => Functions.Relu6;

    private static Func<Node, Node> Flatten => Functions.Flatten;

    /// <summary>LeNet-5 for 28×28 digits in today's form (relu, max pool), 61,706 parameters. The paper pads the digits
    /// to 32×32 beforehand, here the first convolution does.</summary>
    /// <remarks>Y. LeCun et al., Gradient-Based Learning Applied to Document Recognition, Proc.
    /// IEEE 86(11), 1998.</remarks>
    public static Layer LeNet5 { get; } =
        Conv2D(6, 5, Padding.Same) >> Relu >> MaxPool(2)
        >> Conv2D(16, 5) >> Relu >> MaxPool(2)
        >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10);

    /// <summary>The small network of the Keras tutorials on MNIST: 2,930 parameters on 28×28.</summary>
    public static Layer KerasMnist { get; } =
        Conv2D(8, 2) >> Relu >> MaxPool(4) >> Flatten >> Dense(10);

    /// <summary>AlexNet in torchvision's form, one tower without response normalisation: 61,100,840 parameters on
    /// 3×224×224.</summary>
    /// <remarks>A. Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014, after
    /// A. Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks, NIPS 2012.</remarks>
    public static Layer AlexNet { get; } =
        Conv2D(64, 11, 2, stride: 4) >> Relu >> MaxPool(3, 2)
        >> Conv2D(192, 5, 2) >> Relu >> MaxPool(3, 2)
        >> Conv2D(384, 3, 1) >> Relu
        >> Conv2D(256, 3, 1) >> Relu
        >> Conv2D(256, 3, 1) >> Relu >> MaxPool(3, 2)
        >> AdaptiveAvgPool(6) >> Flatten
        >> Dropout(0.5) >> Dense(4096) >> Relu
        >> Dropout(0.5) >> Dense(4096) >> Relu
        >> Dense(1000);

    /// <summary>VGG-11, configuration A: 132,863,336 parameters on 3×224×224.</summary>
    /// <remarks>K. Simonyan, A. Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, ICLR
    /// 2015, table 1; He's initialisation instead of the paper's training in stages.</remarks>
    public static Layer Vgg11 { get; } =
        VggStage(1, 64) >> VggStage(1, 128) >> VggStage(2, 256) >> VggStage(2, 512) >> VggStage(2, 512) >> VggHead();

    /// <summary>VGG-16, configuration D: 138,357,544 parameters on 3×224×224.</summary>
    /// <remarks>As <see cref="Vgg11"/>.</remarks>
    public static Layer Vgg16 { get; } =
        VggStage(2, 64) >> VggStage(2, 128) >> VggStage(3, 256) >> VggStage(3, 512) >> VggStage(3, 512) >> VggHead();

    /// <summary>SqueezeNet 1.1: 1,235,496 parameters on 3×224×224. Its last convolution is the classifier.</summary>
    /// <remarks>F. Iandola et al., SqueezeNet: AlexNet-level accuracy with 50x fewer parameters, 2016; version 1.1 of
    /// its authors' code pools earlier.</remarks>
    public static Layer SqueezeNet { get; } =
        HeConv(64, 3, stride: 2) >> Relu >> MaxPool(3, 2, 0, ceil: true)
        >> Fire(16, 64) >> Fire(16, 64) >> MaxPool(3, 2, 0, ceil: true)
        >> Fire(32, 128) >> Fire(32, 128) >> MaxPool(3, 2, 0, ceil: true)
        >> Fire(48, 192) >> Fire(48, 192) >> Fire(64, 256) >> Fire(64, 256)
        >> Dropout(0.5) >> HeConv(1000, 1) >> Relu >> GlobalAvgPool;

    private static Layer VggStage(int convolutions, int filters) =>
        Repeat(convolutions, HeConv(filters, 3, padding: 1) >> Relu) >> MaxPool(2);

    private static Layer VggHead() =>
        AdaptiveAvgPool(7) >> Flatten
        >> Dense(4096) >> Relu >> Dropout(0.5)
        >> Dense(4096) >> Relu >> Dropout(0.5)
        >> Dense(1000);

    private static Layer Fire(int squeeze, int expand) =>
        HeConv(squeeze, 1) >> Relu
        >> Layers.Concat(HeConv(expand, 1) >> Relu, HeConv(expand, 3, padding: 1) >> Relu);

    /// <summary>Without norms, weights of this size keep the signal alive through many layers.</summary>
    private static Layer HeConv(int filters, int kernel, int padding = 0, int stride = 1) =>
        Conv2D(filters, kernel, padding, stride, init: Init.HeUniform);
}
