/// <summary>How many times as fast as the fastest peer each case is to be.</summary>
internal static class Targets
{
    private static readonly Dictionary<string, (double? Train, double? Infer)> known = new()
    {
        ["keras_mnist"] = (4, 2),
        ["lenet5"] = (4, 3),
        ["mlp"] = (1.7, 1.1),
        ["resnet20"] = (2, 1.5),
        ["resnet18"] = (1.8, 1.5),
        ["mobilenetv1"] = (1.5, 1),
        ["inception"] = (1.7, 1.3),
        ["conv_3x3"] = (1.5, 1.5),
        ["conv_7x7s2"] = (3, 1),
        ["conv_1x1"] = (1.05, 1),
        ["conv_dw3x3"] = (2, 1.2),
        ["conv_5x5small"] = (3, 1.5),
        ["gemm"] = (null, 1),
        ["maxpool"] = (1.5, 1),
        ["avgpool"] = (1.5, 1),
        ["softmax_xent"] = (1.5, 1),
        ["elementwise"] = (1.5, 1),
        ["elementwise_chain"] = (1.5, 3),
        ["batchnorm"] = (1, 1),
        ["optimizer_sgdm"] = (1, null),
        ["optimizer_adam"] = (2, null),
        ["tiny_overhead"] = (20, 5),
    };

    /// <summary>The target of a case, or of the family that its name begins with; null if there is none.</summary>
    public static double? Of(string name, BenchMode mode)
    {
        var found = known.TryGetValue(name, out var own) || known.TryGetValue(name.Split('_')[0], out own);
        return !found ? null : mode == BenchMode.Train ? own.Train : own.Infer;
    }
}
