using static AutoDiffCnn.Layers;

namespace AutoDiffCnn;

/// <summary>Networks of the literature; each reads like its paper's table.</summary>
/// <example><code>Models.LeNet5.Summary([1, 28, 28]).Parameters // 61706</code></example>
public static class Models
{
    // In this namespace the bare names mean the ops.
    private static readonly Func<Node, Node> Relu = Functions.Relu;
    private static readonly Func<Node, Node> Flatten = Functions.Flatten;

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
}
