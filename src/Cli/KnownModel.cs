namespace AutoDiffCnn.Cli;

/// <summary>A model that can be named on the command line.</summary>
/// <param name="Layer">The model.</param>
/// <param name="Input">The shape of one input, without the batch.</param>
/// <example><code>
/// using AutoDiffCnn.Cli;
///
/// KnownModel.All["lenet5"].Input // [1, 28, 28]
/// </code></example>
public sealed record KnownModel(Layer Layer, Shape Input)
{
    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, KnownModel> All { get; } = new Dictionary<string, KnownModel>
    {
        ["lenet5"] = new(Models.LeNet5, [1, 28, 28]),
        ["keras-mnist"] = new(Models.KerasMnist, [1, 28, 28]),
        ["alexnet"] = new(Models.AlexNet, [3, 224, 224]),
        ["vgg11"] = new(Models.Vgg11, [3, 224, 224]),
        ["vgg16"] = new(Models.Vgg16, [3, 224, 224]),
        ["googlenet"] = new(Models.GoogLeNet, [3, 224, 224]),
        ["resnet18"] = new(Models.ResNet18, [3, 224, 224]),
        ["resnet34"] = new(Models.ResNet34, [3, 224, 224]),
        ["resnet50"] = new(Models.ResNet50, [3, 224, 224]),
        ["resnet20"] = new(Models.ResNet20, [3, 32, 32]),
        ["resnet56"] = new(Models.ResNet56, [3, 32, 32]),
        ["mobilenet-v1"] = new(Models.MobileNetV1, [3, 224, 224]),
        ["mobilenet-v2"] = new(Models.MobileNetV2, [3, 224, 224]),
        ["squeezenet"] = new(Models.SqueezeNet, [3, 224, 224]),
    };

    /// <summary>The names, as a list in a sentence.</summary>
    public static string Names => string.Join(", ", All.Keys);
}
