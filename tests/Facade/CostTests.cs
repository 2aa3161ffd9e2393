using System.Globalization;
using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

/// <summary>What a summary says beside parameters and multiply-adds: gradients, bytes, receptive fields, formulas.</summary>
public sealed class CostTests
{
    private static readonly Gen<int> small = Gen.Choose(1, 3);

    private static readonly Gen<Layer> link =
        from n in small.Four()
        from bias in Gen.Elements(true, false)
        from padding in Gen.Elements(0, 1, Same)
        from layer in Gen.Elements(Conv2D(2 * n.Item1, n.Item2, padding, n.Item3, n.Item4, bias: bias), Conv2D(2, [n.Item1, n.Item2], padding, [n.Item3, n.Item4], groups: 2),
            ConvTranspose2D(2 * n.Item1, n.Item2 + 1, 0, n.Item3), DepthwiseConv2D(n.Item2, padding, n.Item3), SeparableConv2D(2 * n.Item1, n.Item2, padding),
            MaxPool(n.Item2, n.Item3), AvgPool(n.Item2), BatchNorm(), Layer.Of(Relu), LocalResponseNorm(2 * n.Item1 - 1), Pad(n.Item1, n.Item2),
            Residual(Conv2D(2, n.Item2, Same), Conv2D(2, 1)), Concat(Conv2D(2, 2 * n.Item2 - 1, Same), Identity))
        select layer;

    private static readonly Gen<Layer> network =
        from links in link.NonEmptyListOf().Where(links => links.Count < 5)
        let chain = links.Aggregate(Identity, (net, next) => net >> next)
        from head in Gen.Elements(Identity, GlobalAvgPool >> Dense(3), Layer.Of(Flatten) >> Dense(4, bias: false) >> Relu >> Dense(2))
        let net = chain >> head
        where Fits(net)
        select net;

    [Fact]
    public void A_summary_s_numbers_are_those_of_the_graph() => Law.ForAll(network, net =>
    {
        var (summary, model) = (net.Summary([2, 14, 12]), net.Build([1, 2, 14, 12]));
        var variables = model.Parameters.Select(p => p.Variable).ToArray();
        var all = Cost.MultiplyAdds(new Graph([model.Output, .. Gradient.Of(Sum(model.Output), variables)]));
        Assert.Equal(model.ParameterCount, summary.Parameters);
        Assert.Equal(Cost.MultiplyAdds(new Graph(model.Output)), summary.MultiplyAdds);
        Assert.Equal(all - summary.MultiplyAdds, summary.BackwardMultiplyAdds);
    });

    [Fact]
    public void A_formula_in_numbers_gives_the_row_s_number() => Law.ForAll(network, net => Assert.All(net.Summary([2, 14, 12]).Rows, row =>
    {
        Assert.Equal(row.Parameters, Evaluated(row.ParametersFormula));
        Assert.Equal(row.MultiplyAdds, Evaluated(row.MultiplyAddsFormula));
        Assert.All(row.OutputFormula.Split(", ", StringSplitOptions.RemoveEmptyEntries), size => Assert.EndsWith($" = {Evaluated(size)}", size, StringComparison.Ordinal));
    }));

    // What an element depends on is seen in its gradient; weights of 1 leave nothing out. A step over pixels within the
    // field is still inside it, so the field is the distance from the first to the last pixel.
    [Fact]
    public void A_receptive_field_is_as_far_as_gradients_reach()
    {
        var chains =
            from kernels in Gen.Choose(1, 3).Four().NonEmptyListOf()
            where kernels.Count < 4
            from kind in Gen.Choose(0, 2).ListOf(kernels.Count)
            select kernels.Zip(kind, (n, k) => k switch
            {
                0 => Conv2D(1, [n.Item1, n.Item2], 0, n.Item3, n.Item4, bias: false, init: Init.Ones),
                1 => AvgPool(n.Item1, n.Item3),
                _ => Conv2D(1, n.Item2, stride: n.Item3, bias: false, init: Init.Ones) >> Layer.Of(Relu),
            }).Aggregate(Identity, (net, next) => net >> next);
        Law.ForAll(chains.Where(net => Fits(net, [1, 40, 40])), net =>
        {
            var model = net.Build([1, 1, 40, 40]);
            var values = model.Bind(model.Init(Key.Of(1))).Append((model.Input, Tensor.Fill([1, 1, 40, 40], 1))).ToDictionary(pair => pair.Item1, pair => pair.Item2);
            var first = Slice(model.Output, [0, 0, 0, 0], [1, 1, 1, 1]);
            var reached = Reference.Run([Gradient.Of(Sum(first), model.Input)], values)[0].ToDoubles();
            var pixels = Enumerable.Range(0, 1600).Where(i => reached[i] != 0).ToList();
            Assert.Equal([pixels.Max(i => i / 40) + 1, pixels.Max(i => i % 40) + 1], net.Summary([1, 40, 40]).ReceptiveField);
        }, times: 60);
    }

    /// <summary>Fields from A. Araujo et al., Computing Receptive Fields of Convolutional Neural Networks, Distill,
    /// 2019.</summary>
    [Fact]
    public void Receptive_fields_of_networks_are_the_published_ones()
    {
        Assert.Equal([195, 195], Field(Models.AlexNet, "pool3"));
        Assert.Equal([212, 212], Field(Models.Vgg16, "pool5"));
        Assert.Equal([315, 315], Field(Models.MobileNetV1, "relu27"));

        // There 483, for strides at the end of a block. Here they are in its 3×3: 11 pixels at steps of 4 after the pool, then
        // 3·2·4, (2·4 + 3·2·8), (2·8 + 5·2·16), (2·16 + 2·2·32).
        Assert.Equal([427, 427], Field(Models.ResNet50, "residual16"));
        Assert.Equal([224, 224], Models.ResNet18.Summary([3, 224, 224]).ReceptiveField);
    }

    /// <summary>The last row of a summary may be one branch of several; the network's field is that of its result.</summary>
    [Fact]
    public void The_receptive_field_of_branches_is_the_largest()
    {
        var branches = Concat(Conv2D(4, 1), Conv2D(4, 5, Same), MaxPool(3, 1, padding: 1));
        Assert.Equal([5, 5], branches.Summary([3, 28, 28]).ReceptiveField);
        Assert.Equal([3, 3], branches.Summary([3, 28, 28]).Rows[^1].ReceptiveField);
    }

    [Fact]
    public void Gradients_cost_twice_the_forward_pass_but_for_the_first_layer()
    {
        var summary = Models.LeNet5.Summary([1, 28, 28]);
        Assert.Equal([117_600, 480_000, 96_000, 20_160, 1_680], summary.Rows.Where(row => row.MultiplyAdds > 0).Select(row => row.BackwardMultiplyAdds!.Value));
        Assert.Equal(2 * 416_520 - 117_600, summary.BackwardMultiplyAdds);
        Assert.Equal(4 * (2 * (6 * 784 + 1600) + 6 * 196 + 400 + 400 + 2 * (120 + 84) + 10), summary.ActivationBytes);
    }

    [Fact]
    public void What_has_no_gradient_says_none()
    {
        var summary = (Dense(3) >> Layer.Of(x => new Blocked().Of(x))).Summary([4]);
        Assert.Null(summary.BackwardMultiplyAdds);
        Assert.EndsWith("none                24", summary.Details(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tied_layer_is_one_row_with_the_cost_of_all_its_uses()
    {
        var summary = (Tied("d", Dense(4)) >> Relu >> Tied("d", Dense(4))).Summary([4]);
        Assert.Equal(["d", "relu1"], summary.Rows.Select(row => row.Path));
        Assert.Equal((20, 32), (summary.Parameters, summary.MultiplyAdds));
        Assert.Equal("O·C + O·C = 4·4 + 4·4 = 32", summary.Rows[0].MultiplyAddsFormula);
    }

    [Fact]
    public void E12_the_Keras_network_in_formulas() => Assert.Equal(
        """
        name      output                                                                       parameters                      multiply-adds
        conv1     H' = ⌊(H + 2p − d·(k−1) − 1)/s⌋ + 1 = ⌊(28 + 2·0 − 1·(2−1) − 1)/1⌋ + 1 = 27  O·C·k·k + O = 8·1·2·2 + 8 = 40  O·H'·W'·C·k·k = 8·27·27·1·2·2 = 23,328
        relu1
        pool1     H' = ⌊(H + 2p − d·(k−1) − 1)/s⌋ + 1 = ⌊(27 + 2·0 − 1·(4−1) − 1)/4⌋ + 1 = 6
        flatten1
        dense1                                                                                 O·C + O = 10·288 + 10 = 2,890   O·C = 10·288 = 2,880
        """, Models.KerasMnist.Summary([1, 28, 28]).InFormulas());

    [Fact]
    public void E12_the_Keras_network_in_details() => Assert.Equal(
        """
        name      output       parameters  multiply-adds  backward  activation bytes  receptive field
        input     [1, 28, 28]                                                         [1, 1]
        conv1     [8, 27, 27]          40         23,328    23,328            23,328  [2, 2]
        relu1     [8, 27, 27]           0              0         0            23,328  [2, 2]
        pool1     [8, 6, 6]             0              0         0             1,152  [5, 5]
        flatten1  [288]                 0              0         0             1,152  [5, 5]
        dense1    [10]              2,890          2,880     5,760                40  [28, 28]
        total                       2,930         26,208    29,088            49,000
        """, Models.KerasMnist.Summary([1, 28, 28]).Details());

    [Fact]
    public void A13_dense_beside_convolution() => Assert.Equal(
        """
        on [1, 4, 4]      Flatten >> Dense(4, bias: false)  Conv2D(1, 3, bias: false)  ratio
        output                                         [4]                  [1, 2, 2]
        parameters                                      64                          9  0.141
        multiply-adds                                   64                         36  0.562
        backward                                        64                         36  0.562
        activation bytes                                80                         16    0.2
        receptive field                             [4, 4]                     [3, 3]
        """, $"{(Layer.Of(Flatten) >> Dense(4, bias: false)).Compare(Conv2D(1, 3, bias: false), [1, 4, 4])}");

    [Fact]
    public void E7_a_convolution_beside_a_bottleneck() => Assert.Equal(
        """
        on [192, 28, 28]  Conv2D(32, 5, Same, bias: false)  Conv2D(16, 1, bias: false) >> Conv2D(32…  ratio
        output                                [32, 28, 28]                              [32, 28, 28]
        parameters                                 153,600                                    15,872  0.103
        multiply-adds                          120,422,400                                12,443,648  0.103
        backward                               120,422,400                                22,478,848  0.187
        activation bytes                           100,352                                   150,528    1.5
        receptive field                             [5, 5]                                    [5, 5]
        """, $"{Conv2D(32, 5, Same, bias: false).Compare(Conv2D(16, 1, bias: false) >> Conv2D(32, 5, Same, bias: false), [192, 28, 28])}");

    [Fact]
    public void Formulas_of_other_layers()
    {
        static SummaryRow Row(Layer layer, Shape input) => layer.Summary(input).Rows[0];
        Assert.Equal("L' = (L−1)·s − 2p + d·(k−1) + 1 + o = (7−1)·2 − 2·0 + 1·(2−1) + 1 + 0 = 14", Row(ConvTranspose1D(3, 2, stride: 2), [4, 7]).OutputFormula);
        Assert.Equal("C·L·O·k = 4·7·3·2 = 168", Row(ConvTranspose1D(3, 2, stride: 2), [4, 7]).MultiplyAddsFormula);
        Assert.Equal("O·C·k·k = 4·1·3·3 = 36", Row(DepthwiseConv2D(3, bias: false), [4, 7, 7]).ParametersFormula);
        Assert.Equal("O·H'·W'·C/g·k·k = 4·5·5·1·3·3 = 900", Row(DepthwiseConv2D(3, bias: false), [4, 7, 7]).MultiplyAddsFormula);
        Assert.Equal("C + C = 8 + 8 = 16", Row(BatchNorm(), [8, 3, 3]).ParametersFormula);
        Assert.Equal("H' = ⌊(H + p − d·(k−1) − 1)/s⌋ + 1 = ⌊(8 + (0 + 1) − 1·(2−1) − 1)/1⌋ + 1 = 8", Row(MaxPool(2, 1, Same), [1, 8, 8]).OutputFormula);
        Assert.Equal("H' = ⌊(H + 2p − d·(k−1) − 1)/s⌋ + 1 = ⌊(9 + 2·0 − 1·(1−1) − 1)/1⌋ + 1 = 9, W' = ⌊(W + 2p − d·(k−1) − 1)/s⌋ + 1 = ⌊(7 + 2·0 − 1·(3−1) − 1)/2⌋ + 1 = 3",
            Row(Conv2D(2, [1, 3], stride: [1, 2]), [1, 9, 7]).OutputFormula);
        Assert.Equal(("", "", ""), (Row(Layer.Of(Relu), [4]).OutputFormula, Row(Layer.Of(Relu), [4]).ParametersFormula, Row(Layer.Of(Relu), [4]).MultiplyAddsFormula));
    }

    private static Shape Field(Layer layer, string last) => layer.Take(last).Summary([3, 224, 224]).ReceptiveField;

    private static bool Fits(Layer net, Shape? input = null)
    {
        try
        {
            net.Build([1, .. input ?? [2, 14, 12]]);
            return true;
        }
        catch (ShapeError)
        {
            return false;
        }
    }

    /// <summary>The value of what stands between the last two equal signs: sums, products, differences and one ⌊…/s⌋.</summary>
    private static long Evaluated(string equation)
    {
        if (equation.Length == 0)
        {
            return 0;
        }

        var text = equation.Split(" = ")[^2];
        if (text.StartsWith('⌊'))
        {
            var (top, bottom) = (text[1..text.LastIndexOf('/')], text[(text.LastIndexOf('/') + 1)..text.IndexOf('⌋', StringComparison.Ordinal)]);
            return (long)Math.Floor((double)Sum(top[1..^1]) / long.Parse(bottom, CultureInfo.InvariantCulture)) + 1;
        }

        return Sum(text);

        // Inner parentheses first.
        static long Sum(string sum)
        {
            var open = sum.LastIndexOf('(');
            if (open >= 0)
            {
                var close = sum.IndexOf(')', open);
                return Sum(string.Create(CultureInfo.InvariantCulture, $"{sum[..open]}{Sum(sum[(open + 1)..close])}{sum[(close + 1)..]}"));
            }

            return sum.Replace("−", " − ", StringComparison.Ordinal).Replace(" − ", " + −", StringComparison.Ordinal).Replace("− ", "−", StringComparison.Ordinal)
                .Split(" + ").Sum(term => term.TrimStart().StartsWith('−') ? -Product(term.Trim()[1..]) : Product(term));
        }

        static long Product(string product) => product.Split('·').Aggregate(1L, (value, factor) => value * long.Parse(factor, CultureInfo.InvariantCulture));
    }

    private sealed record Blocked : Op1
    {
        public override Shape Infer(Shape x) => x;

        public override Tensor Reference(Tensor x) => x;

        public override Node? Vjp(Node x, Node y, Node dy) => NotDifferentiable("nothing passes");
    }
}
