namespace AutoDiffCnn.Tests.Explain;

/// <summary>The networks whose derivations are known from textbooks.</summary>
internal static class Networks
{
    /// <summary>Two dense layers, softmax and cross-entropy.</summary>
    public static (Node Loss, Node[] Parameters) Dense => Classifier(
        Layers.Dense(4) >> Functions.Tanh >> Layers.Dense(3), [2, 5]);

    /// <summary>Convolution, relu, max-pool, dense, softmax and cross-entropy.</summary>
    public static (Node Loss, Node[] Parameters) Convolution => Classifier(
        Layers.Conv2D(3, 3) >> Functions.Relu >> Layers.MaxPool(2) >> Flatten >> Layers.Dense(3), [2, 2, 6, 6]);

    /// <summary>A stride, a second convolution whose error goes back through the kernel, a mean pool.</summary>
    public static (Node Loss, Node[] Parameters) Strided => Classifier(
        Layers.Conv2D(3, 3, stride: 2, padding: Same) >> Functions.Relu >> Layers.Conv2D(2, 2, stride: 2) >> Functions.Sigmoid
        >> Layers.AvgPool(2) >> Flatten >> Layers.Dense(3), [2, 2, 16, 16]);

    private static (Node, Node[]) Classifier(Layer layer, Shape input)
    {
        var model = layer.Build(input);
        var labels = Variable("labels", [input[0]], Kind.Index);
        return (SoftmaxCrossEntropy(model.Output, labels), [.. model.Parameters.Select(parameter => parameter.Variable)]);
    }
}
