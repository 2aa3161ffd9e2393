using FsCheck;
using FsCheck.Fluent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using static AutoDiffCnn.Layers;

namespace DocsTests;

/// <summary>What a layer prints is C# for the same layer.</summary>
public sealed class PrintedLayerTests
{
    private static readonly Gen<int> number = Gen.Choose(1, 5);

    private static readonly Gen<double> real = Gen.Choose(1, 999_999).Select(n => n / 1_000_003.0);

    private static readonly Gen<PerAxis> perAxis =
        Gen.OneOf(number.Select(n => (PerAxis)n), number.Two().Select(n => PerAxis.Of(n.Item1, n.Item2)));

    private static readonly Gen<Padding> padding = Gen.OneOf(Gen.Elements(Padding.Valid, Padding.Same, Padding.Full, 2),
        number.Four().Select(n => Padding.Of([n.Item1, n.Item2], [n.Item3, n.Item4])));

    private static readonly Gen<Init> init =
        from a in real
        from b in real
        from rule in Gen.Elements(Init.XavierUniform, Init.HeNormal, Init.Zeros, Init.Constant(a), Init.Uniform(-a, b), Init.TruncatedNormal(a, b))
        select rule;

    private static readonly Gen<Layer> convolution =
        from n in number.ArrayOf(6)
        from k in perAxis.ArrayOf(4)
        from p in padding
        from bias in Gen.Elements(true, false)
        from i in init
        from layer in Gen.Elements(
            Conv1D(n[0], n[1], p, n[2], n[3], n[4], bias, i), Conv2D(n[0], k[0], p, k[1], k[2], n[1], bias, i), Conv3D(n[0], k[0], p, k[1], k[2], n[1], bias, i),
            DepthwiseConv2D(n[0], p, n[1], n[2], bias, i), SeparableConv2D(n[0], n[1], p, n[2], n[3], bias, i),
            DepthwiseConv2D(k[0], p, k[1], k[2], bias, i), SeparableConv2D(n[0], k[0], p, k[1], k[2], bias, i),
            ConvTranspose2D(n[0], k[0], k[1], k[2], k[3], n[1], k[1], bias, i), ConvTranspose3D(n[0], k[0], k[1], k[2], k[3], n[1], k[1], bias, i),
            ConvTranspose1D(n[0], n[1], n[2], n[3], n[4], n[5]), ConvTranspose2D(n[0], n[1], n[2], n[3], n[4], n[5], n[0], bias, i),
            ConvTranspose3D(n[0], n[1], 0, n[3], outputPadding: n[4]), Dense(n[0], bias, i), Embedding(n[0], n[1], i))
        select layer;

    private static readonly Gen<Layer> pool =
        from n in number.ArrayOf(2)
        from k in perAxis.ArrayOf(3)
        from p in padding
        from a in real
        from flag in Gen.Elements(true, false)
        from mode in Gen.Elements(ResizeMode.Nearest, ResizeMode.Linear, ResizeMode.Cubic)
        from border in Gen.Elements(PadMode.Constant, PadMode.Edge, PadMode.Reflect)
        from layer in Gen.Elements(MaxPool(n[0]), MaxPool(n[0], n[1], p, flag), AvgPool(n[0], n[1], p, flag), LpPool(1 + a, n[0]),
            MaxPool(k[0], k[1], p, k[2], flag), AvgPool(k[0], k[1], p, flag), LpPool(1 + a, k[0], k[1], p), GlobalAvgPool, GlobalLpPool(a), AdaptiveAvgPool(k[0]), AdaptiveMaxPool(k[0]),
            Resize(k[0], mode, flag), Upsample(k[0], mode, flag), Pad(k[0], k[1], border, a))
        select layer;

    private static readonly Gen<Layer> activation =
        from n in number
        from a in real.Two()
        from flag in Gen.Elements(true, false)
        let low = -a.Item1
        let high = a.Item2
        from layer in Gen.Elements(BatchNorm(high, high), LayerNorm(n, high), LayerNorm(), RmsNorm(n, high), GroupNorm(n, high), InstanceNorm(),
            InstanceNorm(high), LocalResponseNorm(n, high, -low, high), Dropout(high), ChannelDropout(high), AlphaDropout(high), PRelu(flag, high), PRelu(),
            LeakyRelu(high), Elu(high), Celu(high), HardTanh(low, high), Clamp(low, high), HardShrink(high), SoftShrink(high), Threshold(low, high),
            Softplus(high), Softmax(n), LogSoftmax(n), Softmin(n), Sparsemax(n), Glu(n))
        select layer;

    private static readonly Gen<Layer> simple = Gen.OneOf(convolution, pool, activation);

    private static readonly Gen<Layer> any = Gen.OneOf(simple,
        simple.Two().Select(two => two.Item1 >> Relu >> two.Item2), simple.Two().Select(two => Residual(two.Item1, two.Item2)),
        simple.Two().Select(two => Concat(two.Item1, two.Item2 >> Tanh)), simple.Two().Select(two => Branch(Maximum, two.Item1, two.Item2)),
        simple.Select(layer => Repeat(3, layer >> Relu)), simple.Select(layer => Named("stem", layer)), simple.Select(layer => Tied("tower", layer)));

    [Fact]
    public void A_printed_layer_compiled_again_equals_itself()
    {
        var layers = any.Sample(1500);
        var again = Compiled([.. layers.Select(layer => $"{layer}")]);
        Assert.All(layers.Zip(again), pair => Assert.Equal(pair.First, pair.Second));
    }

    private static Layer[] Compiled(string[] texts)
    {
        var code = $$"""
            using AutoDiffCnn;
            using static AutoDiffCnn.Functions;
            using static AutoDiffCnn.Layers;
            public static class Printed { public static Layer[] All => [{{string.Join(",\n", texts)}}]; }
            """;
        var compilation = CSharpCompilation.Create("Printed", [CSharpSyntaxTree.ParseText(code, new(LanguageVersion.CSharp14))],
            Example.References.Select(path => MetadataReference.CreateFromFile(path)), new(OutputKind.DynamicallyLinkedLibrary));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Take(5).Select(d => $"{d} in {code.Split('\n')[d.Location.GetLineSpan().StartLinePosition.Line]}")));
        stream.Position = 0;
        return (Layer[])Example.Context.LoadFromStream(stream).GetType("Printed")!.GetProperty("All")!.GetValue(null)!;
    }
}
