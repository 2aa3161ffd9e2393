using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

/// <summary>The layers that wrap a function: what they print, compute and declare.</summary>
public sealed class LayerKindTests
{
    private static readonly Tensor image = Key.Of(1).Uniform([2, 4, 6, 6], -1, 1);

    public static TheoryData<Layer, Func<Node, Node>, string> Calls => new()
    {
        { LeakyRelu(0.1), x => LeakyRelu(x, 0.1), "LeakyRelu(0.1)" },
        { Elu(0.5), x => Elu(x, 0.5), "Elu(0.5)" },
        { Celu(0.5), x => Celu(x, 0.5), "Celu(0.5)" },
        { HardTanh(-0.5, 0.25), x => HardTanh(x, -0.5, 0.25), "HardTanh(-0.5, 0.25)" },
        { Clamp(-0.5, 0.25), x => Clamp(x, -0.5, 0.25), "Clamp(-0.5, 0.25)" },
        { HardShrink(), x => HardShrink(x), "HardShrink(0.5)" },
        { SoftShrink(0.25), x => SoftShrink(x, 0.25), "SoftShrink(0.25)" },
        { Threshold(0.1, 20), x => Threshold(x, 0.1, 20), "Threshold(0.1, 20)" },
        { Softplus(2), x => Softplus(x, 2), "Softplus(2, 20)" },
        { Softmax(1), x => Softmax(x, 1), "Softmax(1)" },
        { LogSoftmax(1), x => LogSoftmax(x, 1), "LogSoftmax(1)" },
        { Softmin(1), x => Softmin(x, 1), "Softmin(1)" },
        { Sparsemax(1), x => Sparsemax(x, 1), "Sparsemax(1)" },
        { Glu(1), x => Glu(x, 1), "Glu(1)" },
        { LpPool(2, 3, 2, 1), x => LpPool(x, 2, 3, 2, 1), "LpPool(2, 3, 2, 1)" },
        { LpPool(2, 2), x => LpPool(x, 2, 2), "LpPool(2, 2, 2)" },
        { GlobalLpPool(3), x => GlobalLpPool(x, 3), "GlobalLpPool(3)" },
        { AdaptiveAvgPool(3), x => AdaptiveAvgPool(x, [3, 3]), "AdaptiveAvgPool(3)" },
        { AdaptiveMaxPool([4, 3]), x => AdaptiveMaxPool(x, [4, 3]), "AdaptiveMaxPool([4, 3])" },
        { MaxPool(3, 2, 0, ceil: true), x => MaxPool(x, 3, 2, ceil: true), "MaxPool(3, 2, 0, ceil: true)" },
        { MaxPool(2, 2, 1, ceil: true), x => MaxPool(x, 2, padding: 1, ceil: true), "MaxPool(2, 2, 1, ceil: true)" },
        { AvgPool(3, 2, 1, ceil: true), x => AvgPool(x, 3, 2, 1, ceil: true), "AvgPool(3, 2, 1, ceil: true)" },
        { MaxPool([1, 2]), x => Max(Reshape(x, [2, 4, 6, 3, 2]), 4), "MaxPool([1, 2])" },
        { MaxPool([3, 1], [3, 2], dilation: [1, 4]), x => Max(Reshape(Slice(x, [0, 0, 0, 0], [2, 4, 6, 3], [1, 1, 1, 2]), [2, 4, 2, 3, 3]), 3),
            "MaxPool([3, 1], [3, 2], dilation: [1, 4])" },
        { MaxPool([2], dilation: 3), x => MaxPool(x, 2, dilation: 3), "MaxPool([2], dilation: 3)" },
        { AvgPool([3, 1]), x => Mean(Reshape(x, [2, 4, 2, 3, 6]), [3]), "AvgPool([3, 1])" },
        { AvgPool([2], [2], 1), x => AvgPool(x, 2, 2, 1), "AvgPool(2, 2, 1)" },
        { LpPool(1, [1, 3], [1, 3]), x => Sum(Abs(Reshape(x, [2, 4, 6, 2, 3])), [4]), "LpPool(1, [1, 3], [1, 3])" },
        { LocalResponseNorm(5, alpha: 0.1, k: 2), x => LocalResponseNorm(x, 5, 0.1, k: 2), "LocalResponseNorm(5, alpha: 0.1, k: 2)" },
        { Resize([9, 4], ResizeMode.Linear), x => Resize(x, [9, 4], ResizeMode.Linear), "Resize([9, 4], ResizeMode.Linear)" },
        { Upsample(2, ResizeMode.Cubic, alignCorners: true), x => Resize(x, [12, 12], ResizeMode.Cubic, true), "Upsample(2, ResizeMode.Cubic, alignCorners: true)" },
        { Pad(1, [0, 2]), x => Pad(x, [0, 0, 1, 1], [0, 0, 0, 2]), "Pad(1, [0, 2])" },
        { Pad(1, 1, PadMode.Reflect), x => Pad2D(x, 1, PadMode.Reflect), "Pad(1, 1, PadMode.Reflect)" },
        { Conv2D(3, [1, 2], stride: [2, 1], bias: false, init: Init.Ones), x => Conv2D(Slice(x, [0, 0, 0, 0], [2, 4, 3, 6], [1, 1, 2, 1]), Tensor.Fill([3, 4, 1, 2], 1)),
            "Conv2D(3, [1, 2], stride: [2, 1], bias: false, init: Init.Ones)" },
        { LayerNorm(1), x => LayerNorm(x, axis: 1), "LayerNorm(axis: 1)" },
        { RmsNorm(epsilon: 0.5), x => RmsNorm(x, epsilon: 0.5), "RmsNorm(epsilon: 0.5)" },
        { GroupNorm(2), x => GroupNorm(x, 2), "GroupNorm(2)" },
        { InstanceNorm(), x => InstanceNorm(x), "InstanceNorm()" },
        { PRelu(), x => LeakyRelu(x, 0.25), "PRelu()" },
        { PRelu(perChannel: true, slope: 0.5), x => LeakyRelu(x, 0.5), "PRelu(perChannel: true, slope: 0.5)" },
        { Branch(Maximum, Identity, Layer.Of(Square)), x => Maximum(x, Square(x)), "Branch(Maximum, Identity, Square)" },
        { Branch((a, b) => a - b, Identity, Layer.Of(Square)), x => x - Square(x), "Branch((a, b) => …, Identity, Square)" },
        { Repeat(3, Layer.Of(Square)), x => Square(Square(Square(x))), "Repeat(3, Square)" },
        { Repeat(0, Layer.Of(Square)), x => x, "Repeat(0, Square)" },
        { ChannelDropout(0.5), x => x, "ChannelDropout(0.5)" },
        { AlphaDropout(0.5), x => x, "AlphaDropout(0.5)" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_layer_is_its_function_and_prints_as_its_constructor_call(Layer layer, Func<Node, Node> function, string text)
    {
        Assert.Equal(text, $"{layer}");
        var model = layer.Build(image.Shape);
        Assert.Equal(function(image).Value, model.Run(model.Init(Key.Of(2)), image));
    }

    [Fact]
    public void Norms_and_slopes_declare_their_parameters()
    {
        Assert.Equal(["norm1.weight [4, 6, 6]", "norm1.bias [4, 6, 6]"], Names(LayerNorm(1)));
        Assert.Equal(["norm1.weight [6]", "norm1.bias [6]"], Names(LayerNorm()));
        Assert.Equal(["norm1.weight [6]"], Names(RmsNorm()));
        Assert.Equal(["norm1.weight [4]", "norm1.bias [4]"], Names(GroupNorm(2)));
        Assert.Equal(["norm1.weight [4]", "norm1.bias [4]"], Names(InstanceNorm()));
        Assert.Equal(["prelu1.weight [1]"], Names(PRelu()));
        Assert.Equal(["prelu1.weight [4]"], Names(PRelu(perChannel: true)));
    }

    [Fact]
    public void Kinds_of_dropout_drop_in_training()
    {
        var channels = ChannelDropout(0.5).Build([8, 16, 2, 2], Mode.Train).Run(new Weights([]), Tensor.Fill([8, 16, 2, 2], 1), Key.Of(3));
        Assert.All(channels.ToDoubles().Chunk(4), plane => Assert.True(plane.All(v => v == 0) || plane.All(v => v == 2)));
        Assert.Equal(2, channels.ToDoubles().Distinct().Count());
        Assert.Equal(2, AlphaDropout(0.5).Build([8, 16], Mode.Train).Run(new Weights([]), Tensor.Fill([8, 16], 1), Key.Of(3)).ToDoubles().Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => AlphaDropout(-0.5));
    }

    [Fact]
    public void Transposed_convolutions_of_every_rank()
    {
        Assert.Equal([1, 3, 14], ConvTranspose1D(3, 2, stride: 2).Build([1, 4, 7]).Output.Shape);
        Assert.Equal([1, 3, 14, 10, 8], ConvTranspose3D(3, 2, stride: 2).Build([1, 4, 7, 5, 4]).Output.Shape);
        Assert.Equal(["conv1.weight [4, 3, 2, 2, 2]", "conv1.bias [3]"],
            ConvTranspose3D(3, 2).Build([1, 4, 7, 5, 4]).Parameters.Select(p => $"{p.Name} {p.Shape}"));
        Assert.Equal("ConvTranspose3D(3, 2, stride: 2)", $"{ConvTranspose3D(3, 2, stride: 2)}");
    }

    [Fact]
    public void An_embedding_takes_rows_of_indices_or_of_reals()
    {
        var model = Embedding(3, 2).Build([2, 2]);
        var table = new Weights([KeyValuePair.Create("embedding1.weight", Tensor.Of([[1, 2], [3, 4], [5, 6]]))]);
        Assert.Equal(Tensor.Of([[[5, 6], [1, 2]], [[3, 4], [0, 0]]]), model.Run(table, Tensor.Of([[2, 0], [1.5, 7]])));
        Assert.Equal("Embedding(3, 2)", $"{Embedding(3, 2)}");
        Assert.Equal([2, 2], (Embedding(100, 16) >> Flatten >> Dense(2)).Build([2, 8]).Output.Shape);
        var scope = new Scope(Mode.Eval);
        Assert.Equal([5, 2], Embedding(3, 2).Apply(scope, Variable("words", [5], Kind.Index)).Shape);
    }

    [Fact]
    public void Where_height_and_width_change_places_everywhere_so_do_they_in_the_result()
    {
        var numbers =
            from n in Gen.Choose(1, 3).ArrayOf(8)
            from room in Gen.Choose(0, 1).Two()
            select (Kernel: (n[0], n[1]), Stride: (n[2], n[3]), Dilation: (n[4], n[5]), Room: room);
        Law.ForAll(numbers, at =>
        {
            var ((kh, kw), (sh, sw), (dh, dw), (ph, pw)) = at;
            Same((k, s, d, p, both) => Conv2D(3, k, both, s, d));
            Same((k, s, d, p, both) => DepthwiseConv2D(k, both, s, d));
            Same((k, s, d, p, both) => SeparableConv2D(3, k, both, s, d));
            Same((k, s, d, p, both) => ConvTranspose2D(3, k, p, s, d, outputPadding: [Math.Min(p[0], s[0] - 1), Math.Min(p[1], s[1] - 1)]));
            Same((k, s, d, p, both) => MaxPool(k, s, p[0] < k[0] && p[1] < k[1] ? both : 0, d, ceil: true));
            Same((k, s, d, p, both) => AvgPool(k, s, both, ceil: true));
            Same((k, s, d, p, both) => LpPool(2, k, s, both));

            void Same(Func<PerAxis, PerAxis, PerAxis, PerAxis, Padding, Layer> layer)
            {
                var model = layer([kh, kw], [sh, sw], [dh, dw], [ph, pw], Padding.Of([ph, pw], [ph, pw])).Build([2, 4, 9, 9]);
                var turned = layer([kw, kh], [sw, sh], [dw, dh], [pw, ph], Padding.Of([pw, ph], [pw, ph])).Build([2, 4, 9, 9]);
                var weights = model.Init(Key.Of(1));
                var x = Key.Of(2).Uniform([2, 4, 9, 9], -1, 1);
                var y = turned.Run(new(weights.Select(pair => KeyValuePair.Create(pair.Key, Turned(pair.Value)))), Turned(x));
                Assert.All(Turned(y).ToDoubles().Zip(model.Run(weights, x).ToDoubles()), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
            }
        }, times: 30);

        static Tensor Turned(Tensor x) => x.Shape.Rank == 4 ? Transpose(x, [0, 1, 3, 2]).Value : x;
    }

    [Fact]
    public void Numbers_for_each_axis_must_be_as_many_as_axes() => Assert.Equal(
        """
        conv1: Conv2D(3, [1, 2, 3]) on [1, 1, 8, 8]: [1, 2, 3] needs one number or 2, one a spatial axis.
        Possible: [1, 1].
        So far: input [1, 1, 8, 8]
        """, Assert.Throws<ShapeError>(() => Conv2D(3, [1, 2, 3]).Build([1, 1, 8, 8])).Message);

    [Fact]
    public void A_shared_layer_has_its_parameters_once()
    {
        var tower = Conv2D(2, 1, bias: false) >> BatchNorm() >> Relu;
        var net = Concat(Tied("tower", tower), Layer.Of(Square) >> Tied("tower", tower));
        Assert.Equal(["tower.conv1.weight", "tower.norm1.weight", "tower.norm1.bias"], net.Build(image.Shape).Parameters.Select(p => p.Name));

        // The gradient is the sum over both uses, as of one variable.
        var model = Branch((a, b) => a * b, Tied("d", Dense(1, bias: false)), Layer.Of(Square) >> Tied("d", Dense(1, bias: false))).Build([1, 1]);
        var w = Assert.Single(model.Parameters).Variable;
        var dw = Gradient.Of(Sum(model.Output), w);
        Assert.Equal(Tensor.Of([[2 * 3 * 27]]), Reference.Run(dw, (model.Input, Tensor.Of([[3]])), (w, Tensor.Of([[3]]))));
        Assert.Equal("Tied(\"d\", Dense(1))", $"{Tied("d", Dense(1))}");
    }

    [Fact]
    public void A_shared_batch_norm_follows_both_batches()
    {
        var net = Branch((a, b) => a + b, Tied("n", BatchNorm(0.5)), Layer.Of(x => x + 4) >> Tied("n", BatchNorm(0.5)));
        var model = net.Build([2, 1], Mode.Train);
        Assert.Equal(["n.running_mean", "n.running_var"], model.Running.Select(r => r.Name));
        var values = model.Bind(model.Init(Key.Of(1))).Append((model.Input, Tensor.Of([[1], [3]]))).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        Assert.Equal(Tensor.Of([0.5 * (0.5 * 2) + 0.5 * 6]), Reference.Run([model.Running[0].Next], values)[0]);
    }

    [Fact]
    public void Layers_that_share_must_be_the_same_and_fit()
    {
        Assert.StartsWith("two layers are called d.", Assert.Throws<ArgumentException>(() => (Tied("d", Dense(2)) >> Tied("d", Dense(3))).Build([1, 2])).Message);
        Assert.StartsWith("two layers are called d.", Assert.Throws<ArgumentException>(() => (Tied("d", Dense(2)) >> Named("d", Dense(2))).Build([1, 2])).Message);
        Assert.Equal(
            """
            d: Dense(2) on [1, 2]: the shared d.weight is [2, 3], this input needs [2, 2].
            Possible: an input like the first, another name.
            So far: input [1, 3] -> d [1, 2]
            """, Assert.Throws<ShapeError>(() => (Tied("d", Dense(2)) >> Tied("d", Dense(2))).Build([1, 3])).Message);
    }

    [Fact]
    public void Wrong_wrappers_are_refused_where_they_are_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Repeat(-1, Dense(2)));
        Assert.Throws<ArgumentException>(() => Branch(Maximum));
        Assert.Throws<ArgumentException>(() => Tied("a b", Dense(2)));
    }

    private static IEnumerable<string> Names(Layer layer) => layer.Build(image.Shape).Parameters.Select(p => $"{p.Name} {p.Shape}");
}
