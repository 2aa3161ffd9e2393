// What 13-resnet-mobilenet.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
#:project ../../src/Facade/Facade.csproj

using AutoDiffCnn;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using System;
using static AutoDiffCnn.Functions;
using static AutoDiffCnn.Layers;
using static AutoDiffCnn.Optimizers;
using static Cells;

// # ResNet and MobileNet: ways around layers, convolutions taken apart
//
// Two ideas carried convolutional networks from ten layers to a hundred, and from the computing centre into the telephone: a **shortcut** around layers, which lets gradients through, and a convolution
// split into two cheap ones. Here we build both, see *why* they work, and count what they cost.
//
// Needed: back-propagation ([08](08-backprop-derived.ipynb)), 1 × 1 convolutions and bottlenecks ([12](12-lenet-googlenet.ipynb)).

// ## Deeper is worse
//
// Common sense says that a deeper network is at least as good: its further layers could simply hand on what they get. Practice said otherwise. Watch the gradient that arrives at the first layer, in chains of 3 × 3 convolutions of 4, 8, …, 32 layers before any training:

static Layer Plain(int depth) => Conv2D(8, 3, Same) >> Relu >> MaxPool(2)
    >> Repeat(depth - 2, Conv2D(8, 3, Same) >> Relu) >> GlobalAvgPool >> Dense(10);
var digits = Datasets.Digits();
var batch = digits.Train.Take(16);
double FirstGradient(Layer net)
{
    var model = net.Build(batch.Images.Shape, Mode.Train);
    var loss = SoftmaxCrossEntropy(model.Output, Indices(batch.Labels));
    var size = Sqrt(Sum(Square(Gradient.Of(loss, model.Parameters[0].Variable))));
    var values = model.Bind(model.Init(Key.Of(1))).Append((model.Input, batch.Images));
    return Cpu.Run([size], values.ToDictionary())[0].Scalar;
}
int[] depths = [4, 8, 16, 24, 32];
var plain = depths.Select(depth => FirstGradient(Plain(depth))).ToArray();
Claim.Near(Math.Pow(plain[^1] / plain[0], 1 / 28.0), 0.65, within: 0.02);
Show(() => $"4 layers: {plain[0]:0.0e0}; 32 layers: {plain[^1]:0.0e0}");

// It **vanishes**. By the chain rule, the gradient of the first layer is a product with one factor for each layer behind it. Here each layer leaves about 65 % of it, so 28 more of them leave $0.65^{28} \approx 6 \cdot 10^{-6}$. (Were the factors above 1, it would *explode*.) A first layer that hears nothing learns nothing.
//
// ## The shortcut
//
// K. He and colleagues (2015) let the signal also go *around* each pair of layers. Instead of $H(x)$ a block computes
//
// $$a^{[n+i]} = \operatorname{ReLU}\big(z^{[n+i]} + a^{[n]}\big),$$
//
// where $a^{[n]}$ is what enters the block and $z^{[n+i]}$ what its $i$ layers make of it, before the last ReLU. The layers need only learn what is to be *added*: the residual.

// > **A slip to avoid.** One of the texts that this course follows writes $\operatorname{ReLU}(z^{[n+i]} + a^{[i]})$. What is added is the block's own input, $a^{[n]}$, $i$ layers back, and not the $i$-th layer of the network.

static Layer Block() => Residual(Conv2D(8, 3, Same) >> Relu >> Conv2D(8, 3, Same)) >> Relu;
var block = Block().Build([1, 8, 28, 28]);
Show(() => block.Output.Draw(depth: 2));

// The formula, number by number: run the block on random input, and its body alone, and add by hand.

var random = Key.Of(5).Normal([1, 8, 28, 28]);
var weights = block.Init(Key.Of(2));
var body = weights.ToDictionary(w => w.Key.Replace("residual1.", ""), w => w.Value);
var z = (Conv2D(8, 3, Same) >> Relu >> Conv2D(8, 3, Same)).Build([1, 8, 28, 28]).Run(new(body), random);
Claim.Same(Relu(Constant(z) + random), block.Run(weights, random), within: 1e-6);
Show(() => "ReLU(z + a) is what the block computes");

// ## Why it helps
//
// Differentiate $y = f(x) + x$: $\;\partial y/\partial x = \partial f/\partial x + 1$. Even where $f$ passes nothing on, the 1 does. With a shortcut around each pair of layers the gradient arrives:

static Layer Residuals(int depth) => Conv2D(8, 3, Same) >> Relu >> MaxPool(2)
    >> Repeat((depth - 2) / 2, Block()) >> GlobalAvgPool >> Dense(10);
var residual = depths.Select(depth => FirstGradient(Residuals(depth))).ToArray();
Claim.That(residual.All(size => size > 1e-2));
Show(() => Chart.Plot(Chart.Line(depths.Select(d => (double)d), plain, "plain"),
    Chart.Line(depths.Select(d => (double)d), residual, "with shortcuts"))
    .WithTitle("the gradient that reaches the first layer").WithXTitle("layers")
    .WithYTitle("‖dw‖").WithLogY());

// What does that mean for learning? The same two networks of 24 layers, four epochs of 2,000 digits each. (Clipping keeps the gradient, now rather too large, from steps that are too long.)

Evaluation Learn(Layer net) => net.Fit(digits.Train.Take(2000), SoftmaxCrossEntropy,
    Adam(3e-3).ClipNorm(1), epochs: 4, batch: 50, schedule: Schedules.OneCycle()).Evaluate(digits.Test);
var (deepPlain, deepResidual) = (Learn(Plain(24)), Learn(Residuals(24)));
Claim.That(deepPlain.Accuracy < 0.2 && Math.Abs(deepPlain.Loss - Math.Log(10)) < 0.01);
Claim.That(deepResidual.Accuracy > 0.6);
Console.WriteLine($"plain           {deepPlain}");
Console.WriteLine($"with shortcuts  {deepResidual}");

// The plain network has not even begun: its loss is $\ln 10 = 2.303$, that of guessing. (Batch norm also keeps gradients alive; yet He and colleagues found that deep plain networks stay behind even so. [VanishingGradients](../docs/samples/VanishingGradients.md) measures all four combinations at 56 layers.)
//
// ## Where the size changes
//
// A shortcut adds, so both ways must have the same shape. Where a block halves height and width and doubles the channels, its shortcut must, too; otherwise the library says what would:

try
{
    Residual(Conv2D(16, 3, 1, stride: 2) >> Relu >> Conv2D(16, 3, Same)).Build([1, 8, 28, 28]);
}
catch (ShapeError error)
{
    Console.WriteLine(error.Message);
}

var halved = Residual(Conv2D(16, 3, 1, stride: 2) >> Relu >> Conv2D(16, 3, Same),
    shortcut: Conv2D(16, 1, stride: 2)) >> Relu;
Claim.That(halved.Build([1, 8, 28, 28]).Output.Shape == Shape.Of(1, 16, 14, 14));
Show(() => halved.Build([1, 8, 28, 28]));

// ## ResNet
//
// Four stages of such blocks, with twice the channels and half the size at each, are the networks of the paper. ResNet-20, for small images, has three, and ResNet-50 uses bottlenecks of 1 × 1, 3 × 3 and 1 × 1 as in [12](12-lenet-googlenet.ipynb):

(string Name, Layer Net, Shape Input, long Weights)[] resnets =
[
    ("ResNet-20", Models.ResNet20, [3, 32, 32], 269_722),
    ("ResNet-56", Models.ResNet56, [3, 32, 32], 853_018),
    ("ResNet-18", Models.ResNet18, [3, 224, 224], 11_689_512),
    ("ResNet-50", Models.ResNet50, [3, 224, 224], 25_557_032),
];
foreach (var (name, net, input, count) in resnets)
{
    Claim.That(net.Build([1, .. input]).ParameterCount == count);
    Console.WriteLine($"{name,-10} {count,11:N0} weights, images {input}");
}

// The networks for small images have $6n + 2$ layers. The smallest, $n = 1$, shows the plan of all: a convolution, blocks with the shortcuts inside, the mean of each map, and one dense layer.

Show(() => Models.ResNetCifar(1).Build([1, 3, 32, 32]).Output.Draw(depth: 1));

// ## What a convolution costs
//
// Now to the second idea. The work of a convolution is a product: each element of the output takes as many multiplications as a kernel has elements,
//
// $$\text{cost} = \underbrace{k \cdot k \cdot C_\text{in}}_{\text{elements of one kernel}} \cdot \underbrace{H' \cdot W' \cdot C_\text{out}}_{\text{elements of the output}}.$$
//
// From 6 × 6 × 3 to 4 × 4 × 5 with kernels of 3 × 3: $27 \cdot 80 = 2160$.

var full = Conv2D(5, 3, bias: false).Summary([3, 6, 6]);
Claim.That(full.Rows[0].Output == Shape.Of(5, 4, 4));
Claim.That(full.MultiplyAdds == 3 * 3 * 3 * (4 * 4 * 5) && full.MultiplyAdds == 2160);
Show(() => full.Rows[0].MultiplyAddsFormula);

// It does two jobs at once: it looks at neighbouring *pixels*, and it mixes *channels*. MobileNet (A. Howard and colleagues, 2017) gives each job a layer of its own.
//
// ## Depthwise: one kernel for each channel
//
// The first layer looks at each channel alone, with one flat kernel of $k \times k$ for it. Channels are not mixed, so there are as many out as in, and the cost is kernel area × output area × channels: $9 \cdot 16 \cdot 3 = 432$.

var depthwise = DepthwiseConv2D(3, bias: false).Summary([3, 6, 6]);
Claim.That(depthwise.Rows[0].Output == Shape.Of(3, 4, 4) && depthwise.Parameters == 3 * 9);
Claim.That(depthwise.MultiplyAdds == 9 * (4 * 4) * 3 && depthwise.MultiplyAdds == 432);
Show(() => depthwise.Rows[0].MultiplyAddsFormula);

// On a photograph: three kernels, an edge for red, nothing for green, a blur for blue. Each channel is changed alone:

var cat = Resize(SamplePictures.Chelsea().Reshape([1, .. SamplePictures.Chelsea().Shape]), [96, 144],
    ResizeMode.Linear).Value;
double[] edge = [1, 0, -1, 1, 0, -1, 1, 0, -1], same = [0, 0, 0, 0, 1, 0, 0, 0, 0];
var kernels = Tensor.Of([3, 1, 3, 3], [.. edge, .. same, .. Enumerable.Repeat(1 / 9.0, 9)]);
var each = DepthwiseConv2D(cat, kernels, Same).Value;
Show(() => each.DrawMaps(each: true, columns: 3));

// A depthwise convolution is one of as many *groups* as channels. In full it would be a kernel with zeros for all other channels:

var sparse = Tensor.From([3, 3, 3, 3], i => i / 27 == i / 9 % 3 ? kernels.At(i / 27 * 9 + i % 9) : 0);
Claim.Same(Conv2D(cat, sparse, Same), each, within: 1e-9);
Claim.Same(Conv2D(cat, kernels, Same, groups: 3), each, within: 1e-9);
Show(() => "depthwise = groups = a full kernel with zeros");

// ## Pointwise: 1 × 1 across the channels
//
// The second layer mixes channels and looks at no neighbours. Each output element takes $C_\text{in}$ multiplications, so the cost is $C_\text{in} \cdot (H' \cdot W' \cdot C_\text{out}) = 3 \cdot 80 = 240$.

var pointwise = Conv2D(5, 1, bias: false).Summary([3, 4, 4]);
Claim.That(pointwise.MultiplyAdds == 3 * (4 * 4 * 5) && pointwise.MultiplyAdds == 240);
Show(() => pointwise.Rows[0].MultiplyAddsFormula);

// > **Mind the words.** The texts call this "kernel volume × output volume". That is right only if *the kernel* is one filter of $1 \times 1 \times C_\text{in}$, 3 elements, and the *output volume* is $H' \cdot W' \cdot C_\text{out}$. With all five filters as "the kernel" ($3 \cdot 5 = 15$) one would count each output channel five times and get $15 \cdot 80 = 1200$.

// ## Together: separable
//
// Depthwise and then pointwise make a layer from 3 to 5 channels with 3 × 3 surroundings, as the full convolution is. It costs $432 + 240 = 672$ in place of 2160:

var separable = Conv2D(5, 3, bias: false).Compare(SeparableConv2D(5, 3, bias: false), [3, 6, 6]);
Claim.That(SeparableConv2D(5, 3, bias: false).Summary([3, 6, 6]).MultiplyAdds == 672);
Show(() => separable);

// For any sizes the ratio is
//
// $$\frac{k^2 H'W' C_\text{in} + C_\text{in} H'W' C_\text{out}}{k^2 C_\text{in} H'W' C_\text{out}} = \frac{1}{C_\text{out}} + \frac{1}{k^2}.$$
//
// With many channels and 3 × 3 kernels that is about a ninth. The library confirms the formula for every number of filters:

int[] filters = [1, 2, 5, 8, 16, 32, 64, 128];
static double Work(Layer layer) => layer.Summary([16, 14, 14]).MultiplyAdds;
var ratios = filters.Select(c => Work(SeparableConv2D(c, 3, Same)) / Work(Conv2D(c, 3, Same))).ToArray();
Claim.Near(672 / 2160.0, 1 / 5.0 + 1 / 9.0);
Claim.Same(Tensor.Of(ratios), Tensor.Of([.. filters.Select(c => 1.0 / c + 1 / 9.0)]), within: 1e-12);
Show(() => Chart.Plot(Chart.Line(filters.Select(c => (double)c), ratios, "separable / full"),
    Chart.Line([1, 128], [1 / 9.0, 1 / 9.0], "1/9")).WithLogX().WithLogY()
    .WithTitle("work of a separable convolution, 3 × 3").WithXTitle("filters")
    .WithYTitle("share of the full one"));

// For one filter it is more work, not less: 1 + 1/9. What is lost? A separable layer is a full one whose kernels are products of a spatial part and a mixing part, $w_{oc,ij} = p_{oc}\, d_{c,ij}$: fewer functions.
//
// ## Does it learn as well?
//
// A small network of full convolutions with norms, and the same with each but the first taken apart; and a third one, taken apart but twice as wide:

static Layer Full(int filters, int stride = 1) =>
    Conv2D(filters, 3, 1, stride, bias: false) >> BatchNorm() >> Relu;
static Layer Apart(int filters, int stride = 1) =>
    DepthwiseConv2D(3, 1, stride, bias: false) >> BatchNorm() >> Relu
    >> Conv2D(filters, 1, bias: false) >> BatchNorm() >> Relu;
var wholes = Full(16) >> Full(32, stride: 2) >> Full(64, stride: 2) >> GlobalAvgPool >> Dense(10);
var parts = Full(16) >> Apart(32, stride: 2) >> Apart(64, stride: 2) >> GlobalAvgPool >> Dense(10);
var wide = Full(16) >> Apart(64, stride: 2) >> Apart(128, stride: 2) >> GlobalAvgPool >> Dense(10);

double Judge(string name, Layer net)
{
    var trained = net.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-2), epochs: 3, batch: 50,
        schedule: Schedules.OneCycle());
    var (cost, result) = (net.Summary([1, 28, 28]), trained.Evaluate(digits.Test));
    Console.WriteLine($"{name,-15}  {cost.Parameters,6:N0} weights {cost.MultiplyAdds,9:N0} mult.  {result}");
    return result.Accuracy;
}
var (ofWholes, ofParts) = (Judge("full", wholes), Judge("separable", parts));
var ofWide = Judge("separable, wide", wide);
Claim.That(ofParts < ofWide && Math.Abs(ofWholes - ofWide) < 0.03);

// With a sixth of the weights and a fifth of the work the separable network lags behind after three epochs. Spend some of what was saved on width, and most of the gap closes, still with half of the weights and 40 % of the work.
//
// A comparison on coloured shapes, with networks of seven and twenty layers, is in [ColouredNetworks](../docs/samples/ColouredNetworks.md): ResNet-20 takes 40.6 million multiply-adds for an image and reaches 99.2 %, a network of MobileNet's blocks 4.6 million and 99.5 %. A ninth of the work is not a ninth of the time, though: depthwise convolutions and norms wait for memory.
//
// ## MobileNet
//
// A stack of such blocks for ImageNet is MobileNetV1. V2 puts both ideas of this notebook together: separable convolutions with shortcuts around them.

var (v1, v2) = (Models.MobileNetV1.Summary([3, 224, 224]), Models.MobileNetV2.Summary([3, 224, 224]));
var resnet18 = Models.ResNet18.Summary([3, 224, 224]);
Claim.That(v1.Parameters == 4_231_976 && v2.Parameters == 3_504_872);
Show(() => Chart.Bar(["ResNet-18", "MobileNetV1", "MobileNetV2"],
    [resnet18.MultiplyAdds / 1e6, v1.MultiplyAdds / 1e6, v2.MultiplyAdds / 1e6])
    .WithTitle("work for one image of 224 × 224").WithXTitle("multiply-adds (millions)").WithSize(560, 220));

// ## Exercises
//
// **1.** A full 3 × 3 convolution from 128 to 128 channels is taken apart. What share of the multiplications is left? (Four digits.)

double? share = null; // your answer
var of128 = Conv2D(128, 3, Same).Summary([128, 14, 14]).MultiplyAdds;
Show(() => Exercise.Check(share, SeparableConv2D(128, 3, Same).Summary([128, 14, 14]).MultiplyAdds / (double)of128, within: 1e-4));

// **2.** How many multiplications does a depthwise convolution of 5 × 5 with `Same` padding take on 16 channels of 10 × 10?

double? products = null; // your answer
Show(() => Exercise.Check(products, DepthwiseConv2D(5, Same).Summary([16, 10, 10]).MultiplyAdds));

// **3.** A function passes the gradient on with the factor 0.1, and there are 10 such blocks in a row, each with a shortcut. By which factor is the gradient at the front larger than at the end? (Think of $f'(x) + 1$.)

double? factor = null; // your answer
var s = Variable("s", []);
var tenBlocks = Enumerable.Range(0, 10).Aggregate(s, (y, _) => 0.1 * y + y);
Show(() => Exercise.Check(factor, Reference.Run(Gradient.Of(tenBlocks, s), (s, Tensor.Of(1))).Scalar, within: 1e-3));

// ## Read on
//
// [14](14-transfer-learning.ipynb) reuses what a network has learnt; [15](15-making-it-fast.ipynb) shows where the time goes.
//
// - K. He, X. Zhang, S. Ren, J. Sun, *Deep Residual Learning for Image Recognition*, CVPR 2016.
// - A. Howard et al., *MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications*, 2017.
// - M. Sandler et al., *MobileNetV2: Inverted Residuals and Linear Bottlenecks*, CVPR 2018.
// - [CS231n](https://cs231n.github.io/convolutional-networks/), "Case Studies"; [*Dive into Deep Learning*](https://d2l.ai), section 8.6.

/// <summary>Prints what the notebook shows.</summary>
internal static class Cells
{
    public static void Show<T>(Func<T> value) => value().Display();

    public static void Show(Action action) => action();

    public static Shown display(object? value) => value.Display();

    public static Shown Display(this object? value) => new Shown().Update(value);

    internal sealed class Shown
    {
        public Shown Update(object? value)
        {
            Console.WriteLine(value is System.Collections.IEnumerable items && $"{value}" == $"{value.GetType()}"
                ? $"[ {string.Join(", ", items.Cast<object>())} ]"
                : value);
            return this;
        }
    }
}
