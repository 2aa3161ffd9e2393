namespace FacadeTests;

/// <summary>PyTorch's names, against what torchvision's modules are called.</summary>
public sealed class TorchNamesTests
{
    private static readonly Dictionary<string, (TorchNames Names, Layer Layer)> networks = new()
    {
        ["AlexNet"] = (TorchNames.AlexNet, Models.AlexNet),
        ["VGG-11"] = (TorchNames.Vgg11, Models.Vgg11),
        ["VGG-16"] = (TorchNames.Vgg16, Models.Vgg16),
        ["SqueezeNet"] = (TorchNames.SqueezeNet, Models.SqueezeNet),
        ["GoogLeNet"] = (TorchNames.GoogLeNet, Models.GoogLeNet),
        ["ResNet-18"] = (TorchNames.ResNet18, Models.ResNet18),
        ["ResNet-34"] = (TorchNames.ResNet34, Models.ResNet34),
        ["ResNet-50"] = (TorchNames.ResNet50, Models.ResNet50),
        ["ResNet-20"] = (TorchNames.ResNet20, Models.ResNet20),
        ["ResNet-56"] = (TorchNames.ResNet56, Models.ResNet56),
        ["MobileNetV1"] = (TorchNames.MobileNetV1, Models.MobileNetV1),
        ["MobileNetV2"] = (TorchNames.MobileNetV2, Models.MobileNetV2),
    };

    [Theory]
    [InlineData("AlexNet", 16)]
    [InlineData("VGG-11", 22)]
    [InlineData("VGG-16", 32)]
    [InlineData("SqueezeNet", 52)]
    [InlineData("GoogLeNet", 287)]
    [InlineData("ResNet-18", 102)]
    [InlineData("ResNet-34", 182)]
    [InlineData("ResNet-50", 267)]
    [InlineData("ResNet-20", 97)]
    [InlineData("ResNet-56", 277)]
    [InlineData("MobileNetV1", 137)]
    [InlineData("MobileNetV2", 262)]
    public void Every_value_of_a_model_has_a_name_of_its_own(string name, int count)
    {
        var model = networks[name].Layer.Build([1, 3, 224, 224]);
        Assert.Equal(count, model.Parameters.Length + model.Running.Length);
        Assert.Equal(count, networks[name].Names.Of(model).Values.Distinct().Count());
    }

    /// <summary>Names and shapes that are in the weights that torchvision publishes; of a model's many those where it is
    /// special.</summary>
    [Theory]
    [InlineData("AlexNet", "features.0.weight [64, 3, 11, 11]", "features.10.bias [256]", "classifier.1.weight [4096, 9216]", "classifier.6.bias [1000]")]
    [InlineData("VGG-11", "features.0.weight [64, 3, 3, 3]", "features.18.weight [512, 512, 3, 3]", "classifier.0.weight [4096, 25088]", "classifier.3.weight [4096, 4096]")]
    [InlineData("VGG-16", "features.2.weight [64, 64, 3, 3]", "features.28.weight [512, 512, 3, 3]", "classifier.6.weight [1000, 4096]")]
    [InlineData("SqueezeNet", "features.0.weight [64, 3, 3, 3]", "features.3.squeeze.weight [16, 64, 1, 1]", "features.6.expand3x3.weight [128, 32, 3, 3]",
        "features.12.expand1x1.bias [256]", "classifier.1.weight [1000, 512, 1, 1]")]
    [InlineData("GoogLeNet", "conv1.conv.weight [64, 3, 7, 7]", "conv3.bn.running_var [192]", "inception3a.branch1.conv.weight [64, 192, 1, 1]",
        "inception3a.branch2.0.conv.weight [96, 192, 1, 1]", "inception3a.branch2.1.conv.weight [128, 96, 3, 3]", "inception4e.branch3.1.conv.weight [128, 32, 3, 3]",
        "inception5b.branch4.1.bn.running_mean [128]", "fc.weight [1000, 1024]")]
    [InlineData("ResNet-18", "conv1.weight [64, 3, 7, 7]", "bn1.running_mean [64]", "layer1.0.conv2.weight [64, 64, 3, 3]", "layer2.0.conv1.weight [128, 64, 3, 3]",
        "layer2.0.downsample.0.weight [128, 64, 1, 1]", "layer2.0.downsample.1.running_var [128]", "layer4.1.bn2.bias [512]", "fc.weight [1000, 512]")]
    [InlineData("ResNet-34", "layer1.2.conv2.weight [64, 64, 3, 3]", "layer3.5.bn2.weight [256]", "layer4.2.conv2.weight [512, 512, 3, 3]", "fc.bias [1000]")]
    [InlineData("ResNet-50", "layer1.0.conv1.weight [64, 64, 1, 1]", "layer1.0.conv3.weight [256, 64, 1, 1]", "layer1.0.downsample.0.weight [256, 64, 1, 1]",
        "layer3.5.bn3.weight [1024]", "layer4.0.conv2.weight [512, 512, 3, 3]", "layer4.0.downsample.1.bias [2048]", "fc.weight [1000, 2048]")]
    [InlineData("ResNet-20", "conv1.weight [16, 3, 3, 3]", "layer2.0.conv1.weight [32, 16, 3, 3]", "layer3.2.bn2.running_var [64]", "linear.weight [10, 64]")]
    [InlineData("ResNet-56", "layer3.8.conv2.weight [64, 64, 3, 3]", "linear.bias [10]")]
    [InlineData("MobileNetV1", "model.0.0.weight [32, 3, 3, 3]", "model.1.0.weight [32, 1, 3, 3]", "model.1.3.weight [64, 32, 1, 1]", "model.13.4.running_var [1024]", "fc.weight [1000, 1024]")]
    [InlineData("MobileNetV2", "features.0.0.weight [32, 3, 3, 3]", "features.1.conv.0.0.weight [32, 1, 3, 3]", "features.1.conv.1.weight [16, 32, 1, 1]",
        "features.1.conv.2.running_mean [16]", "features.2.conv.0.0.weight [96, 16, 1, 1]", "features.2.conv.1.0.weight [96, 1, 3, 3]", "features.17.conv.2.weight [320, 960, 1, 1]",
        "features.17.conv.3.bias [320]", "features.18.0.weight [1280, 320, 1, 1]", "classifier.1.weight [1000, 1280]")]
    public void Names_are_torchvision_s(string name, params string[] expected)
    {
        var model = networks[name].Layer.Build([1, 3, 224, 224]);
        var names = networks[name].Names.Of(model);
        var have = model.Parameters.Select(p => $"{names[p.Name]} {p.Shape}").Concat(model.Running.Select(r => $"{names[r.Name]} {r.Shape}")).ToHashSet();
        Assert.Subset(have, expected.ToHashSet());
    }

    [Fact]
    public void Weights_go_to_PyTorch_and_come_back()
    {
        var model = Models.ResNet20.Build([1, 3, 32, 32]);
        var weights = model.Init(Key.Of(1));
        var there = TorchNames.ResNet20.To(model, weights);
        Assert.Equal(weights["residual4.conv1.weight"], there["layer2.0.conv1.weight"]);

        var saved = new Weights(there.Append(KeyValuePair.Create("bn1.num_batches_tracked", Tensor.Of(7))));
        Assert.Equal(weights.Sha256(), TorchNames.ResNet20.From(model, saved).Sha256());
        Assert.Equal(weights.Keys, TorchNames.ResNet20.From(model, saved).Keys);
    }

    [Fact]
    public void A_chain_is_named_as_PyTorch_s_Sequential()
    {
        var net = Conv2D(6, 5, Same) >> Relu >> Repeat(2, Conv2D(6, 1, bias: false) >> BatchNorm()) >> Residual(Conv2D(6, 1, bias: false)) >> Flatten >> Dense(2);
        var model = net.Build([1, 1, 4, 4]);
        Assert.Equal(["0", "2", "3", "4", "5", "6.conv1", "8"], TorchNames.Sequential(model).Modules.AsEnumerable());
        var names = TorchNames.Sequential(model).Of(model);
        Assert.Equal("3.running_mean", names["norm1.running_mean"]);
        Assert.Equal("8.bias", names["dense1.bias"]);
    }

    [Fact]
    public void Names_or_weights_of_another_model_are_refused()
    {
        var model = Models.LeNet5.Build([1, 1, 28, 28]);
        var weights = model.Init(Key.Of(1));
        var names = TorchNames.Sequential(model);
        Assert.Equal("the model has 5 layers with parameters, the names are for 8.", Assert.Throws<WeightsError>(() => TorchNames.AlexNet.Of(model)).Message);
        Assert.Equal("the weights have fc.bias [1], the model has no such name.",
            Assert.Throws<WeightsError>(() => names.From(model, names.To(model, weights).With("fc.bias", Tensor.Of([1])))).Message);
        Assert.Equal("0.weight has [1] in the weights, the model needs [6, 1, 5, 5].",
            Assert.Throws<WeightsError>(() => names.From(model, names.To(model, weights).With("0.weight", Tensor.Of([1])))).Message);
    }
}
