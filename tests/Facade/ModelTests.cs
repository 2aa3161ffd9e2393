namespace FacadeTests;

/// <summary>The networks of the literature have exactly the parameters and multiply-adds that are known of them.</summary>
/// <remarks>Parameters: the papers, and torchvision's documentation of each model's weights ("num_params"). Multiply-adds:
/// torchvision's documentation in thousands of millions ("GFLOPS", which counts a multiply-add as one), and for the
/// others the papers.</remarks>
public sealed class ModelTests
{
    private static readonly Dictionary<string, Layer> networks = new()
    {
        ["LeNet-5"] = Models.LeNet5,
        ["Keras"] = Models.KerasMnist,
        ["AlexNet"] = Models.AlexNet,
        ["VGG-11"] = Models.Vgg11,
        ["VGG-16"] = Models.Vgg16,
        ["GoogLeNet"] = Models.GoogLeNet,
        ["ResNet-18"] = Models.ResNet18,
        ["ResNet-34"] = Models.ResNet34,
        ["ResNet-50"] = Models.ResNet50,
        ["ResNet-20"] = Models.ResNet20,
        ["ResNet-56"] = Models.ResNet56,
        ["ResNet-20 with projections"] = Models.ResNetCifar(3, projection: true),
        ["MobileNetV1"] = Models.MobileNetV1,
        ["MobileNetV2"] = Models.MobileNetV2,
        ["SqueezeNet 1.1"] = Models.SqueezeNet,
    };

    [Theory]
    [InlineData("AlexNet", 224, 61_100_840, 0.714)]
    [InlineData("VGG-11", 224, 132_863_336, 7.609)]
    [InlineData("VGG-16", 224, 138_357_544, 15.470)]
    [InlineData("GoogLeNet", 224, 6_624_904, 1.498)]
    [InlineData("ResNet-18", 224, 11_689_512, 1.814)]
    [InlineData("ResNet-34", 224, 21_797_672, 3.664)]
    [InlineData("ResNet-50", 224, 25_557_032, 4.089)]
    [InlineData("MobileNetV2", 224, 3_504_872, 0.301)]
    [InlineData("SqueezeNet 1.1", 224, 1_235_496, 0.349)]

    // The paper: 4.2 million parameters, 569 million multiply-adds.
    [InlineData("MobileNetV1", 224, 4_231_976, 0.569)]

    // The paper: 0.27 and 0.85 million parameters.
    [InlineData("ResNet-20", 32, 269_722, 0.041)]
    [InlineData("ResNet-56", 32, 853_018, 0.125)]
    [InlineData("ResNet-20 with projections", 32, 272_474, 0.041)]
    public void A_network_has_its_parameters_multiply_adds_and_classes(string name, int side, long parameters, double billions)
    {
        var summary = networks[name].Summary([3, side, side]);
        Assert.Equal((parameters, billions), (summary.Parameters, Math.Round(summary.MultiplyAdds * 1e-9, 3)));
        var model = networks[name].Build([2, 3, side, side], Mode.Train);
        Assert.Equal([2, side == 32 ? 10 : 1000], model.Output.Shape);
        Assert.Equal(parameters, model.ParameterCount);
    }

    /// <summary>Sizes in the papers' tables.</summary>
    [Theory]
    [InlineData("AlexNet", "pool3", 256, 6)]
    [InlineData("VGG-16", "pool5", 512, 7)]
    [InlineData("GoogLeNet", "inception3a", 256, 28)]
    [InlineData("GoogLeNet", "inception4e", 832, 14)]
    [InlineData("GoogLeNet", "inception5b", 1024, 7)]
    [InlineData("ResNet-18", "residual2", 64, 56)]
    [InlineData("ResNet-34", "residual13", 256, 14)]
    [InlineData("ResNet-50", "residual16", 2048, 7)]
    [InlineData("MobileNetV2", "residual10", 160, 7)]
    [InlineData("SqueezeNet 1.1", "concat8", 512, 13)]
    public void A_network_has_its_table_s_sizes(string name, string last, int channels, int side) =>
        Assert.Equal([1, channels, side, side], networks[name].Take(last).Build([1, 3, 224, 224]).Output.Shape);

    /// <summary>Large dense layers are made small: they would take most of the time and are not what is special. Without
    /// dropout every step is of the same network.</summary>
    [Theory]
    [InlineData("LeNet-5", 28)]
    [InlineData("Keras", 28)]
    [InlineData("AlexNet", 64)]
    [InlineData("VGG-11", 32)]
    [InlineData("VGG-16", 32)]
    [InlineData("GoogLeNet", 32)]
    [InlineData("ResNet-18", 32)]
    [InlineData("ResNet-34", 32)]
    [InlineData("ResNet-50", 32)]
    [InlineData("ResNet-20", 16)]
    [InlineData("ResNet-56", 16)]
    [InlineData("MobileNetV1", 32)]
    [InlineData("MobileNetV2", 64)]
    [InlineData("SqueezeNet 1.1", 48)]
    public void A_network_learns_a_few_images(string name, int side)
    {
        var channels = side == 28 ? 1 : 3;
        var layer = Small(name, networks[name]);
        var classes = layer.Build([1, channels, side, side]).Output.Shape[1];
        var images = new Dataset(Key.Of(1).Normal([4, channels, side, side]), Tensor.Of([0, 1, 2, 3]), classes);
        var history = layer.Fit(images, SoftmaxCrossEntropy, Optimizers.Adam(3e-4), epochs: 6, batch: 4).History;
        Assert.True(history[^1].Loss < history[0].Loss, string.Join(", ", history.Select(epoch => epoch.Loss)));
    }

    [Fact]
    public void A_shortcut_without_parameters_halves_and_pads()
    {
        var x = Key.Of(1).Uniform([1, 2, 4, 4], -1, 1);
        var y = Models.Subsampled(x).Value;
        Assert.Equal([1, 4, 2, 2], y.Shape);
        Assert.Equal([0, 0, 0, 0, x[0, 0, 0, 0], x[0, 0, 0, 2], x[0, 0, 2, 0], x[0, 0, 2, 2]], y.ToDoubles()[..8]);
        Assert.All(y.ToDoubles()[12..], value => Assert.Equal(0, value));
    }

    private static Layer Small(string name, Layer layer) => name switch
    {
        "AlexNet" or "VGG-11" or "VGG-16" => layer.Replace("dense1", Dense(32)).Replace("dense2", Dense(32)).Replace("dense3", Dense(4))
            .Without("dropout2").Without("dropout1"),
        "SqueezeNet 1.1" => layer.Replace("conv10", Conv2D(4, 1)).Without("dropout1"),
        "GoogLeNet" or "MobileNetV2" => layer.Replace("dense1", Dense(4)).Without("dropout1"),
        "LeNet-5" or "Keras" or "ResNet-20" or "ResNet-56" => layer,
        _ => layer.Replace("dense1", Dense(4)),
    };
}
