using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>What PyTorch calls the parameters of a model: the modules of torchvision's <c>state_dict</c> in the order of
/// the model's layers. So weights carry over both ways.</summary>
/// <param name="Modules">The name of each module that has parameters.</param>
/// <remarks>torchvision.models, whose module names are part of its published weights. The networks that it does not
/// have are named as in their well-known implementations: ResNet-20 and -56 for CIFAR in Y. Idelbayev's
/// pytorch_resnet_cifar10, MobileNetV1 in marvis/pytorch-mobilenet.</remarks>
/// <example><code>
/// var model = Models.ResNet18.Build([1, 3, 224, 224]);
/// var names = TorchNames.ResNet18.Of(model);
/// names["residual3.shortcut.conv1.weight"] // layer2.0.downsample.0.weight
/// TorchNames.Sequential(lenet.Build([1, 1, 28, 28])).Modules // [0, 3, 7, 9, 11]
/// </code></example>
public sealed record TorchNames(ImmutableArray<string> Modules)
{
    /// <summary>torchvision's alexnet.</summary>
    public static TorchNames AlexNet { get; } = Chain([0, 3, 6, 8, 10], [1, 4, 6]);

    /// <summary>torchvision's vgg11.</summary>
    public static TorchNames Vgg11 { get; } = Chain([0, 3, 6, 8, 11, 13, 16, 18], [0, 3, 6]);

    /// <summary>torchvision's vgg16.</summary>
    public static TorchNames Vgg16 { get; } = Chain([0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28], [0, 3, 6]);

    /// <summary>torchvision's squeezenet1_1.</summary>
    public static TorchNames SqueezeNet { get; } = new(["features.0",
        .. new[] { 3, 4, 6, 7, 9, 10, 11, 12 }.SelectMany(i => Inside($"features.{i}", "squeeze", "expand1x1", "expand3x3")),
        "classifier.1"]);

    /// <summary>torchvision's googlenet without its auxiliary classifiers.</summary>
    public static TorchNames GoogLeNet { get; } = new([.. Inside("conv1", "conv", "bn"), .. Inside("conv2", "conv", "bn"),
        .. Inside("conv3", "conv", "bn"),
        .. new[] { "3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b" }
            .SelectMany(name => new[] { "branch1", "branch2.0", "branch2.1", "branch3.0", "branch3.1", "branch4.1" }
                .SelectMany(branch => Inside($"inception{name}.{branch}", "conv", "bn"))),
        "fc"]);

    /// <summary>torchvision's resnet18.</summary>
    public static TorchNames ResNet18 { get; } = ResNet("fc", projects: true, (2, 2), (2, 2), (2, 2), (2, 2));

    /// <summary>torchvision's resnet34.</summary>
    public static TorchNames ResNet34 { get; } = ResNet("fc", projects: true, (3, 2), (4, 2), (6, 2), (3, 2));

    /// <summary>torchvision's resnet50.</summary>
    public static TorchNames ResNet50 { get; } = ResNet("fc", projects: true, (3, 3), (4, 3), (6, 3), (3, 3));

    /// <summary>ResNet-20 for CIFAR.</summary>
    public static TorchNames ResNet20 { get; } = ResNet("linear", projects: false, (3, 2), (3, 2), (3, 2));

    /// <summary>ResNet-56 for CIFAR.</summary>
    public static TorchNames ResNet56 { get; } = ResNet("linear", projects: false, (9, 2), (9, 2), (9, 2));

    /// <summary>MobileNetV1.</summary>
    public static TorchNames MobileNetV1 { get; } = new([.. Inside("model.0", "0", "1"),
        .. Enumerable.Range(1, 13).SelectMany(i => Inside($"model.{i}", "0", "1", "3", "4")), "fc"]);

    /// <summary>torchvision's mobilenet_v2.</summary>
    public static TorchNames MobileNetV2 { get; } = new([.. Inside("features.0", "0", "1"),
        .. Inside("features.1.conv", "0.0", "0.1", "1", "2"),
        .. Enumerable.Range(2, 16).SelectMany(i => Inside($"features.{i}.conv", "0.0", "0.1", "1.0", "1.1", "2", "3")),
        .. Inside("features.18", "0", "1"), "classifier.1"]);

    /// <summary>A chain as PyTorch's nn.Sequential: each link is called by its position.</summary>
    public static TorchNames Sequential(Model model)
    {
        var links = Edits.Links(model.Layer).Select(link => link.Name).ToList();
        return new([.. Owners(model).Select(owner =>
        {
            var position = links.FindIndex(link => $"{owner}.".StartsWith(link + ".", StringComparison.Ordinal));
            return position < 0 ? owner : $"{position}{owner[links[position].Length..]}";
        })]);
    }

    /// <summary>Whether both have the same modules in the same order.</summary>
    public bool Equals(TorchNames? other) => other is not null && Modules.SequenceEqual(other.Modules);

    /// <inheritdoc/>
    public override int GetHashCode() => Modules.Aggregate(31, HashCode.Combine);

    /// <summary>PyTorch's name for each parameter and carried value of the model.</summary>
    /// <exception cref="WeightsError">The model has another number of layers with parameters.</exception>
    public IReadOnlyDictionary<string, string> Of(Model model)
    {
        var owners = Owners(model).ToList();
        return owners.Count == Modules.Length
            ? Values(model).ToDictionary(name => name, name => Modules[owners.IndexOf(Owner(name))] + name[Owner(name).Length..])
            : throw new WeightsError($"the model has {owners.Count} layers with parameters, the names are for {Modules.Length}.");
    }

    /// <summary>Weights under PyTorch's names.</summary>
    /// <exception cref="WeightsError">A weight is missing, or the names are of another model.</exception>
    public Weights To(Model model, Weights weights)
    {
        var names = Of(model);
        return new(model.Bind(weights).Select(pair => KeyValuePair.Create(names[pair.Variable.Op.Name], pair.Value)));
    }

    /// <summary>Weights with PyTorch's names under the model's; <c>num_batches_tracked</c>, which it does not need, is
    /// left out.</summary>
    /// <exception cref="WeightsError">A weight is missing, superfluous or has another shape, or the names are of another
    /// model.</exception>
    public Weights From(Model model, Weights weights)
    {
        var names = Of(model);
        var known = names.Values.ToHashSet();
        var extra = weights.Keys.FirstOrDefault(name => !known.Contains(name)
            && !name.EndsWith(".num_batches_tracked", StringComparison.Ordinal));
        return extra is null
            ? new(model.Parameters.Select(p => p.Variable).Concat(model.Running.Select(r => r.Variable))
                .Select(variable => KeyValuePair.Create(variable.Op.Name, weights.For(names[variable.Op.Name], variable.Shape))))
            : throw new WeightsError($"the weights have {extra} {weights[extra].Shape}, the model has no such name.");
    }

    private static TorchNames Chain(int[] features, int[] classifier) => new([.. features.Select(i => $"features.{i}"),
        .. classifier.Select(i => $"classifier.{i}")]);

    /// <summary>Stages of so many blocks of so many convolutions; a block that changes the shape may have one
    /// more.</summary>
    private static TorchNames ResNet(string head, bool projects, params (int Blocks, int Convolutions)[] stages) => new([
        "conv1", "bn1",
        .. stages.SelectMany((stage, s) => Enumerable.Range(0, stage.Blocks).SelectMany(block => Inside($"layer{s + 1}.{block}",
        [
            .. Enumerable.Range(1, stage.Convolutions).SelectMany(i => new[] { $"conv{i}", $"bn{i}" }),
            .. projects && block == 0 && (s > 0 || stage.Convolutions == 3) ? ["downsample.0", "downsample.1"] : Array.Empty<string>(),
        ]))),
        head]);

    private static IEnumerable<string> Inside(string path, params string[] names) =>
        names.Select(name => $"{path}.{name}");

    /// <summary>The layers that have parameters, in order.</summary>
    private static IEnumerable<string> Owners(Model model) => Values(model).Select(Owner).Distinct();

    private static IEnumerable<string> Values(Model model) =>
        model.Parameters.Select(parameter => parameter.Name).Concat(model.Running.Select(running => running.Name));

    private static string Owner(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];
}
