using System.IO.Compression;
using System.Text.Json;

namespace OracleTests;

/// <summary>The networks are torchvision's: names and shapes of their parameters, and what they compute; see models.py.</summary>
public sealed class NetworkTests
{
    private static readonly JsonElement torch = Read();

    private static readonly Dictionary<string, (Layer Layer, TorchNames Names)> known = new()
    {
        ["alexnet"] = (Models.AlexNet, TorchNames.AlexNet),
        ["vgg11"] = (Models.Vgg11, TorchNames.Vgg11),
        ["vgg16"] = (Models.Vgg16, TorchNames.Vgg16),
        ["googlenet"] = (Models.GoogLeNet, TorchNames.GoogLeNet),
        ["resnet18"] = (Models.ResNet18, TorchNames.ResNet18),
        ["resnet34"] = (Models.ResNet34, TorchNames.ResNet34),
        ["resnet50"] = (Models.ResNet50, TorchNames.ResNet50),
        ["mobilenet_v2"] = (Models.MobileNetV2, TorchNames.MobileNetV2),
        ["squeezenet1_1"] = (Models.SqueezeNet, TorchNames.SqueezeNet),
    };

    public static TheoryData<string> All => [.. known.Keys];

    /// <summary>Those that are small enough to be run here: without AlexNet and VGG.</summary>
    public static TheoryData<string> Small => [.. known.Keys.Where(name => torch.GetProperty(name).TryGetProperty("results", out _))];

    [Theory]
    [MemberData(nameof(All))]
    public void Parameters_have_torchvision_s_names_and_shapes(string name)
    {
        var (layer, names) = known[name];
        var model = layer.Build([1, 3, 224, 224]);
        var ours = names.Of(model);
        Assert.Equal(
            StateDict(name).Select(entry => $"{entry.Name} {entry.Shape}").Order(StringComparer.Ordinal),
            model.Parameters.Select(p => (p.Name, p.Shape)).Concat(model.Running.Select(r => (r.Name, r.Shape)))
                .Select(value => $"{ours[value.Name]} {value.Shape}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void All_but_the_large_ones_are_run() => Assert.Equal(6, Small.Count);

    [Theory]
    [MemberData(nameof(Small))]
    public void With_the_same_weights_they_compute_the_same(string name)
    {
        var (layer, names) = known[name];
        double[] expected = [.. torch.GetProperty(name).GetProperty("results").EnumerateArray().Select(value => value.GetDouble())];
        var model = layer.Build([1, 3, 96, 96]);
        var weights = names.From(model, new(StateDict(name).Select((entry, place) => KeyValuePair.Create(entry.Name, Value(place, entry.Name, entry.Shape)))));
        using var session = Cpu.Compile([model.Output]).Start();
        foreach (var (variable, value) in model.Bind(weights))
        {
            session.Set(variable, value);
        }

        session.Set(model.Input, Wave(0.5, [1, 3, 96, 96]));
        session.Run();
        var got = session.Get(model.Output).ToDoubles();
        var scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(got), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * scale));
    }

    private static (string Name, Shape Shape)[] StateDict(string network) =>
        [.. torch.GetProperty(network).GetProperty("names").EnumerateArray().Select(entry =>
            (entry[0].GetString()!, Shape.From(entry[1].EnumerateArray().Select(size => size.GetInt32()))))];

    private static Tensor Wave(double place, Shape shape) => Tensor.From(shape, i => Math.Sin(place + 12.9898 * i));

    private static Tensor Value(int place, string name, Shape shape) => shape.Rank > 1
        ? Wave(place, shape).Map(v => v * Math.Sqrt(4.0 / shape[1..].Elements))
        : name.EndsWith("running_var", StringComparison.Ordinal) || name.EndsWith("weight", StringComparison.Ordinal)
            ? Wave(place, shape).Map(v => 1 + 0.5 * v * v)
            : Wave(place, shape).Map(v => 0.1 * v);

    private static JsonElement Read()
    {
        using var packed = typeof(NetworkTests).Assembly.GetManifestResourceStream("models.json.gz")!;
        using var text = new GZipStream(packed, CompressionMode.Decompress);
        return JsonDocument.Parse(text).RootElement;
    }
}
