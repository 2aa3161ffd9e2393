using System.Globalization;
using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

/// <summary>Whatever layers are made with and applied to, they answer when the graph is built.</summary>
public sealed class AnyLayerTests
{
    private static readonly Gen<int> number = Gen.Frequency(
        (12, Gen.Choose(0, 4)), (2, Gen.Choose(-3, -1)), (1, Gen.Elements(65_536, int.MaxValue, int.MinValue)));

    // Small ones, and such that no index can count: what lies between would only cost memory where a constant is computed.
    private static readonly Gen<Shape> shape = Gen.Frequency(
            (12, Gen.Choose(1, 4)), (2, Gen.Constant(0)), (4, Gen.Choose(5, 9)), (1, Gen.Constant(65_536)))
        .ArrayOf().Where(sizes => sizes.Length < 6
            && sizes.Aggregate(1.0, (product, size) => product * size) is < 1e6 or > int.MaxValue and < 1e18).Select(Shape.From);

    private static readonly Gen<Padding> padding = Gen.OneOf(
        Gen.Elements(Padding.Valid, Padding.Same, Padding.Full, 1, int.MaxValue),
        from before in shape
        from after in shape
        select Padding.Of(before, after));

    private static readonly Gen<Layer> convolution =
        from n in number.ArrayOf(7)
        from p in padding
        from layer in Gen.Elements(
            Conv1D(n[0], n[1], p, n[2], n[3], n[4]), Conv2D(n[0], n[1], p, n[2], n[3], n[4]), Conv3D(n[0], n[1], p, n[2], n[3], n[4]),
            DepthwiseConv2D(n[1], p, n[2], n[3]), SeparableConv2D(n[0], n[1], p, n[2]),
            ConvTranspose2D(n[0], n[1], n[2], n[3], n[4], n[5], n[6]))
        select layer;

    private static readonly Gen<Layer> simple =
        from n in number.Two()
        from p in padding
        from layer in Gen.Elements(Dense(n.Item1), MaxPool(n.Item1, n.Item2, p), AvgPool(n.Item1, n.Item2, p), GlobalAvgPool,
            BatchNorm(), Dropout(0.5), Layer.Of(Flatten), Layer.Of(Relu), Layer.Of(LogSoftmax))
        select layer;

    // Small numbers: from a size that resizing is asked for it makes constants.
    private static readonly Gen<PerAxis> few = Gen.Choose(-2, 6).ArrayOf().Where(numbers => numbers.Length < 4).Select(numbers => PerAxis.Of(numbers));

    private static readonly Gen<Layer> more =
        from n in Gen.Choose(-2, 6).Two()
        from a in few.Four()
        from p in padding
        from mode in Gen.Elements(PadMode.Constant, PadMode.Edge, PadMode.Reflect, PadMode.Circular)
        from layer in Gen.Elements(Conv2D(4, a.Item1, p, a.Item2, a.Item3), Conv3D(4, a.Item1, p, a.Item2, a.Item3),
            DepthwiseConv2D(a.Item1, p, a.Item2, a.Item3), SeparableConv2D(4, a.Item1, p, a.Item2, a.Item3),
            ConvTranspose2D(4, a.Item1, a.Item2, a.Item3, a.Item4, 1, a.Item2), ConvTranspose3D(4, a.Item1, a.Item2, a.Item3, a.Item4, n.Item1, a.Item2),
            MaxPool(a.Item1, a.Item2, p, a.Item3, ceil: true), AvgPool(a.Item1, a.Item2, p, ceil: true), LpPool(2, a.Item1, a.Item2, p), ConvTranspose1D(4, n.Item1, 0, n.Item2),
            ConvTranspose3D(4, n.Item1, 0, n.Item2), MaxPool(n.Item1, n.Item2, p, ceil: true), AvgPool(n.Item1, n.Item2, p, ceil: true), LpPool(2, n.Item1, n.Item2, p),
            AdaptiveAvgPool(a.Item1), AdaptiveMaxPool(a.Item1), Resize(a.Item1, ResizeMode.Linear), Upsample(a.Item1), Pad(a.Item1, a.Item2, mode),
            LayerNorm(n.Item1), RmsNorm(n.Item1), GroupNorm(n.Item1), InstanceNorm(), LocalResponseNorm(n.Item1), PRelu(), PRelu(perChannel: true),
            Glu(n.Item1), Sparsemax(n.Item1), Softmax(n.Item1), Embedding(n.Item1, n.Item2), ChannelDropout(0.5), Branch(Maximum, Identity, Conv2D(4, 1)),
            Repeat(2, Conv2D(4, n.Item1)), Tied("tied", Conv2D(4, n.Item1)))
        select layer;

    private static readonly Gen<Layer> any = Gen.Frequency((3, convolution), (3, simple), (4, more),
        (1, convolution.Select(body => Residual(body))), (1, convolution.Two().Select(branches => Concat(branches.Item1, branches.Item2))),
        (1, simple.SelectMany(layer => Gen.Choose(0, 999_999).Select(n => Named(string.Create(CultureInfo.InvariantCulture, $"block{n}"), layer)))));

    [Fact]
    public void Any_layers_on_any_input_are_built_or_refused_with_a_place_a_repair_and_the_way_to_it()
    {
        var cases =
            from layers in any.Two()
            from input in shape
            from mode in Gen.Elements(Mode.Eval, Mode.Train)
            select (Net: layers.Item1 >> layers.Item2, input, mode);
        Law.ForAll(cases, at => Answers(at.Net, at.input, at.mode), times: 3000);
    }

    private static void Answers(Layer net, Shape input, Mode mode)
    {
        try
        {
            Verify.Check(new Graph(net.Build(input, mode).Output));
        }
        catch (MisfitError error)
        {
            Assert.NotEmpty(error.Repairs);
            Assert.Matches(@"^[a-z]\w*(\.\w+)*: .+ on \[[\d, ]*\]$", error.Place);
            Assert.StartsWith($"input {input}", error.Trail, StringComparison.Ordinal);
        }
    }
}
