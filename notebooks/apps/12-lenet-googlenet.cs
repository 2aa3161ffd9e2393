// What 12-lenet-googlenet.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # LeNet and GoogLeNet: in series and in parallel
//
// Convolutions and pools are bricks. This notebook puts the same bricks together in the two classic ways: one behind the other, as LeNet does, and side by side, as GoogLeNet does;
// and shows the trick that makes the second affordable, convolutions of a single pixel.
//
// Needed: [04](04-volume-convolution.ipynb) for channels and filters, [07](07-pooling.ipynb) for pools. Networks are trained in [11](11-mnist.ipynb).

// ## The parts
//
// A convolutional network for classes has five kinds of parts: the **input**, a tensor of images; **convolutions** that find features; **pools** that make maps smaller; **dense** (fully connected) layers that
// weigh all that was found; and a **softmax** that makes probabilities of scores. A ReLU stands behind each convolution and each dense layer but the last. The smallest with all of them:

var smallest = Conv2D(4, 3) >> Relu >> MaxPool(2)
            >> Flatten >> Dense(16) >> Relu >> Dense(10) >> Softmax;
Show(() => smallest.Summary([1, 28, 28]));

// Put an image in and probabilities come out; before training they mean nothing, but they sum to 1.

var weights = smallest.Build([1, 1, 28, 28]).Init(Key.Of(1));
var guess = smallest.Build([1, 1, 28, 28]).Run(weights, Datasets.Digits().Test.Take(1).Images);
Claim.Near(guess.Doubles.ToArray().Sum(), 1, within: 1e-6);
Show(() => guess);

// ## In series: LeNet-5
//
// LeCun's network of 1998 has two units of convolution and pool, one behind the other, and then dense layers. Today one writes it with ReLU and max pooling:

var lenet = Conv2D(6, 5, Same) >> Relu >> MaxPool(2)
         >> Conv2D(16, 5)      >> Relu >> MaxPool(2)
         >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10);
Show(() => lenet.Summary([1, 28, 28]));

// `>>` puts layers one behind the other. As a graph, that is a single thread from the image to the scores:

Show(() => lenet.Build([1, 1, 28, 28]).Output.Draw(depth: 1));

// Where do the numbers come from? Each layer in letters, $C$ channels in, $O$ out, kernel $k$, $H'$ and $W'$ rows and columns after: first its parameters, then its multiply-adds for one image.

Claim.That(lenet.Summary([1, 28, 28]).Parameters == 61_706);
Claim.That(Models.LeNet5.Summary([1, 28, 28]).Parameters == 61_706);
foreach (var row in lenet.Summary([1, 28, 28]).Rows.Where(row => row.Parameters > 0))
{
    Console.WriteLine($"{row.Path}  {row.ParametersFormula,-36}  {row.MultiplyAddsFormula}");
}

// LeCun had images of 32 × 32 and no padding; that comes to the same maps and the same 61,706.
//
// (The network of 1998 differs in details that have gone out of use: pools with two trained weights for each map, tanh for ReLU, a second convolution in which each map sees only some of the six before it, and a last layer
// of distances. It had about 60,000 parameters.)

var of1998 = Conv2D(6, 5) >> Relu >> MaxPool(2)
          >> Conv2D(16, 5) >> Relu >> MaxPool(2)
          >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10);
Claim.That(of1998.Summary([1, 32, 32]).Parameters == 61_706);
Claim.That(of1998.Summary([1, 32, 32]).Rows[0].Output == lenet.Summary([1, 28, 28]).Rows[0].Output);

// **Parameters are not work.** Convolutions have few weights and use each of them at every place; dense layers have many and use each once. So nearly all weights are in the dense layers,
// and nearly all multiplications in the convolutions:

var rows = lenet.Summary([1, 28, 28]).Rows.Where(row => row.Parameters > 0).ToArray();
var convolutions = rows.Where(row => row.Path.StartsWith("conv"));
Claim.Near((double)convolutions.Sum(row => row.Parameters) / 61_706, 0.042, within: 0.001);
Claim.Near((double)convolutions.Sum(row => row.MultiplyAdds) / 416_520, 0.859, within: 0.001);
Show(() => Chart.Column(rows.Select(row => row.Path), rows.Select(row => (double)row.Parameters))
    .WithTitle("LeNet-5: weights (4 % in the convolutions)").WithYTitle("parameters").WithSize(480, 260));

Show(() => Chart.Column(rows.Select(row => row.Path), rows.Select(row => (double)row.MultiplyAdds))
    .WithTitle("LeNet-5: work (86 % in the convolutions)").WithYTitle("multiply-adds").WithSize(480, 260));

// ## The pattern
//
// Most networks before 2014 follow one pattern,
//
// $$\text{input} \to \{\,\text{conv}^{+} \to \text{pool}^{?}\,\}^{+} \to \text{dense}^{+} \to \text{output}$$
//
// where $^{+}$ means "once or more" and $^{?}$ "once or not at all". That is a regular expression, so let us use one: C for a convolution, P for a pool, D for a dense layer.

static string Letters(Layer net, Shape input) => string.Concat(net.Summary(input).Rows
    .Select(row => char.ToUpperInvariant(row.Path.Split('.')[^1][0])).Where("CPD".Contains));
var pattern = new System.Text.RegularExpressions.Regex("^(C+P?)+D+$");
var vgg = Conv2D(64, 3, Same) >> Conv2D(64, 3, Same) >> MaxPool(2)
       >> Conv2D(128, 3, Same) >> Conv2D(128, 3, Same) >> MaxPool(2)
       >> Flatten >> Dense(4096) >> Dense(10);
Claim.That(pattern.IsMatch(Letters(lenet, [1, 28, 28])) && pattern.IsMatch(Letters(vgg, [3, 32, 32])));
Console.WriteLine($"LeNet-5            {Letters(lenet, [1, 28, 28])}");
Console.WriteLine($"in VGG's manner    {Letters(vgg, [3, 32, 32])}");

// ## In parallel: Inception
//
// Which kernel should the next layer have, 1 × 1, 3 × 3 or 5 × 5? Or a pool? A small feature wants a small kernel, a large one a large kernel, and an image has both. C. Szegedy and colleagues answered in 2014: *take all of them*, side by side, and let training decide which matter. That is an **Inception** module.
//
// `Concat` gives the same input to several layers and stacks their results along the channels. All branches must keep height and width ("same" padding), or the results would not fit on top of each other:

var naive = Concat(Conv2D(64, 1), Conv2D(128, 3, Same), Conv2D(32, 5, Same), MaxPool(3, 1, padding: 1));
var stacked = naive.Build([1, 192, 28, 28]).Output;
Claim.That(stacked.Shape == Shape.Of(1, 64 + 128 + 32 + 192, 28, 28));
Show(() => stacked.Draw(depth: 3));

// Channels add up: 64 + 128 + 32 of the convolutions, and all 192 of the pool, which leaves their number alone. Without padding, the library says which branch does not fit, and by how much:

try
{
    Concat(Conv2D(64, 1), Conv2D(128, 3)).Build([1, 192, 28, 28]);
}
catch (ShapeError error)
{
    Console.WriteLine(error.Message);
}

// As it stands, the module has two flaws. The 5 × 5 branch is expensive, and with the pool's channels the output grows with each module: 192, 416, 640, …. One idea repairs both.
//
// ## A convolution of one pixel
//
// A 1 × 1 convolution looks at no neighbours. At each place it takes the channels there, and makes new channels of them, with the same weights everywhere: $y_o = \sum_c w_{oc}\, x_c$, a small dense layer
// for each pixel. The best-known one makes grey of colour, with the three weights of how bright the eye finds red, green and blue:

var photo = Resize(SamplePictures.Coffee().Reshape([1, 3, 171, 256]), [128, 192], ResizeMode.Linear).Value;
var toGrey = Tensor.Of([1, 3, 1, 1], [0.299, 0.587, 0.114]);
var grey = Conv2D(photo, toGrey).Value;
Console.WriteLine($"{photo.Shape} to {grey.Shape}");

Show(() => photo.Part(0).ToPng());

Show(() => grey.Part(0).ToPng());

// Three channels have become one: a 1 × 1 convolution chooses the *depth* of what follows. And it is a product of matrices, which we can check: pixels as rows, channels as columns.

var x = Key.Of(2).Normal([1, 8, 5, 5]);
var w = Key.Of(3).Normal([3, 8, 1, 1]);
var asMatrix = MatMul(w.Reshape([3, 8]), x.Reshape([8, 25]));
Claim.Same(Conv2D(x, w).Value.Reshape([3, 25]), asMatrix.Value, within: 1e-9);
Show(() => $"{w.Reshape([3, 8]).Shape} times {x.Reshape([8, 25]).Shape} is {asMatrix.Shape}");

// ## The bottleneck
//
// Now the 5 × 5 branch. To make 32 maps of 28 × 28 from 192 of them costs, for each of $28 \cdot 28 \cdot 32$ results, $5 \cdot 5 \cdot 192$ multiplications:
//
// $$28 \cdot 28 \cdot 32 \cdot 5 \cdot 5 \cdot 192 = 120{,}422{,}400.$$
//
// If a 1 × 1 convolution reduces the 192 channels to 16 first, the two together cost
//
// $$\underbrace{28 \cdot 28 \cdot 16 \cdot 192}_{2{,}408{,}448} + \underbrace{28 \cdot 28 \cdot 32 \cdot 5 \cdot 5 \cdot 16}_{10{,}035{,}200} = 12{,}443{,}648.$$

var direct = Conv2D(32, 5, Same);
var bottleneck = Conv2D(16, 1) >> Relu >> Conv2D(32, 5, Same);
var narrow = bottleneck.Summary([192, 28, 28]);
Claim.That(direct.Summary([192, 28, 28]).MultiplyAdds == 120_422_400);
Claim.That(narrow.Rows[0].MultiplyAdds == 2_408_448 && narrow.Rows[2].MultiplyAdds == 10_035_200);
Claim.That(narrow.MultiplyAdds == 12_443_648);
Claim.Near(120_422_400.0 / narrow.MultiplyAdds, 9.68, within: 0.001);
Show(() => direct.Compare(bottleneck, [192, 28, 28]));

// Almost ten times cheaper, in weights as in work, and both see 5 × 5 pixels. It is no free lunch: whatever the 5 × 5 kernels can see has to pass through 16 channels. How wide may the bottleneck be before nothing is saved? The cost is a straight line in its width $r$:
// $28 \cdot 28 \cdot (192 + 25 \cdot 32)\, r$.

double[] widths = [.. Enumerable.Range(1, 20).Select(i => 10.0 * i)];
var costs = widths.Select(r => 28 * 28 * (192 + 25 * 32) * r / 1e6);
var evenAt = 120_422_400.0 / (28 * 28 * (192 + 25 * 32));
Claim.Near(evenAt, 154.8, within: 0.001);
Show(() => Chart.Plot(Chart.Line(widths, costs, "with a bottleneck"),
    Chart.Line([10, 200], [120.4224, 120.4224], "direct"))
    .WithTitle("a bottleneck saves work up to 154 channels").WithXTitle("channels in the bottleneck")
    .WithYTitle("multiply-adds (millions)").WithSize(640, 320));

// ## The module as it was built
//
// With a 1 × 1 convolution before the 3 × 3, before the 5 × 5, and *behind* the pool, both flaws are gone. Widths are those of GoogLeNet's first module, "3a":

static Layer Inception(int one, int reduce3, int three, int reduce5, int five, int pool) => Concat(
    Conv2D(one, 1) >> Relu,
    Conv2D(reduce3, 1) >> Relu >> Conv2D(three, 3, Same) >> Relu,
    Conv2D(reduce5, 1) >> Relu >> Conv2D(five, 5, Same) >> Relu,
    MaxPool(3, 1, padding: 1) >> Conv2D(pool, 1) >> Relu);
var module3a = Inception(64, 96, 128, 16, 32, 32);
Show(() => module3a.Build([1, 192, 28, 28]).Output.Draw(depth: 3));

Claim.That(module3a.Build([1, 192, 28, 28]).Output.Shape == Shape.Of(1, 256, 28, 28));
Claim.That(module3a.Summary([192, 28, 28]).Parameters == 163_696);
var (before, after) = (naive.Summary([192, 28, 28]), module3a.Summary([192, 28, 28]));
Claim.Near((double)after.MultiplyAdds / before.MultiplyAdds, 0.422, within: 0.001);
Console.WriteLine($"naive        {before.Parameters,8:N0} weights {before.MultiplyAdds,12:N0} mult.");
Console.WriteLine($"as built     {after.Parameters,8:N0} weights {after.MultiplyAdds,12:N0} mult.");

// Less than half of the weights and of the work, though three convolutions were added; and 256 channels come out where the naive module has 416.
//
// ## GoogLeNet
//
// Nine such modules in a row, a few ordinary layers before them, and behind them no large dense layers, but the mean of each map (`GlobalAvgPool`) and one dense layer: that is GoogLeNet, which won the ImageNet contest of 2014. The library has it in the form that is in use today, with batch norms, without the two auxiliary classifiers, and with 3 × 3 kernels in place of 5 × 5:

var googlenet = Models.GoogLeNet;
Claim.That(googlenet.Summary([3, 224, 224]).Parameters == 6_624_904);
Show(() => googlenet.Build([1, 3, 224, 224]).Output.Draw(depth: 1));

// Series or parallel, all the systems that this course speaks of are the same bricks. On one image of ImageNet's size (LeNet on its digit):

(string Name, Layer Net, Shape Input)[] systems =
[
    ("LeNet-5", Models.LeNet5, [1, 28, 28]), ("AlexNet", Models.AlexNet, [3, 224, 224]),
    ("VGG-16", Models.Vgg16, [3, 224, 224]), ("GoogLeNet", googlenet, [3, 224, 224]),
    ("ResNet-18", Models.ResNet18, [3, 224, 224]), ("MobileNetV1", Models.MobileNetV1, [3, 224, 224]),
];
var costsOf = systems.Select(system => system.Net.Summary(system.Input)).ToArray();
long[] published = [61_706, 61_100_840, 138_357_544, 6_624_904, 11_689_512, 4_231_976];
Claim.That(costsOf.Select(cost => cost.Parameters).SequenceEqual(published));
foreach (var (system, cost) in systems.Zip(costsOf))
{
    Console.WriteLine($"{system.Name,-12} {cost.Parameters,11:N0} weights {cost.MultiplyAdds,14:N0} mult.");
}

Show(() => Chart.Bar(systems.Select(system => system.Name), costsOf.Select(cost => cost.Parameters / 1e6))
    .WithTitle("weights").WithXTitle("parameters (millions)").WithSize(560, 280));

// GoogLeNet has a twentieth of VGG-16's weights and a tenth of its work: bottlenecks, and no large dense layers. Of VGG's 138 million weights 124 million are in three dense ones.

Claim.Near(138_357_544.0 / 6_624_904, 20.9, within: 0.002);
var denseRows = costsOf[2].Rows.Where(row => row.Path.StartsWith("dense"));
Claim.That(denseRows.Sum(row => row.Parameters) == 123_642_856);
Claim.Near((double)costsOf[2].MultiplyAdds / costsOf[3].MultiplyAdds, 10.3, within: 0.01);

// ## Both on digits
//
// Does it matter on something as small as a digit? We train LeNet-5 and a small network with two Inception modules in the same way, for three epochs of 5,000 digits:

var digits = Datasets.Digits();
var mini = Conv2D(8, 5, Same) >> Relu >> MaxPool(2)
        >> Inception(8, 8, 16, 4, 8, 8) >> MaxPool(2)
        >> Inception(16, 16, 32, 8, 16, 16)
        >> GlobalAvgPool >> Dense(10);
string Learn(Layer net, double rate)
{
    var trained = net.Fit(digits.Train, SoftmaxCrossEntropy, Adam(rate), epochs: 3, batch: 32,
        schedule: Schedules.OneCycle());
    Claim.Near(trained.Evaluate(digits.Test).Accuracy, 0.967, within: 0.01);
    return $"{net.Summary([1, 28, 28]).Parameters,6:N0} weights, test {trained.Evaluate(digits.Test)}";
}
Console.WriteLine($"LeNet-5          {Learn(lenet, 3e-3)}");
Console.WriteLine($"small Inception  {Learn(mini, 1e-2)}");

// 97 % and 96 %; the parallel one makes do with a fifth of the weights, since no large dense layer stands at its end.
//
// ## Exercises
//
// **1.** How many multiply-adds does the bottleneck of this notebook take if it has 32 channels and not 16? (Use the straight line above.)

double? with32 = null; // your answer
var wider = Conv2D(32, 1) >> Relu >> Conv2D(32, 5, Same);
Show(() => Exercise.Check(with32, wider.Summary([192, 28, 28]).MultiplyAdds));

// **2.** Module "4a" of GoogLeNet is `Inception(192, 96, 208, 16, 48, 64)` on 14 × 14 maps with 480 channels. How many channels come out?

double? channels = null; // your answer
Show(() => Exercise.Check(channels, Inception(192, 96, 208, 16, 48, 64).Build([1, 480, 14, 14]).Output.Shape[1]));

// **3.** Which layer of LeNet-5 has most of its weights? Give its name in the table.

string? layer = null; // your answer
Show(() => Exercise.Check(layer, lenet.Summary([1, 28, 28]).Rows.MaxBy(row => row.Parameters)!.Path));

// ## Read on
//
// [13: ResNet and MobileNet](13-resnet-mobilenet.ipynb) adds two more ideas: ways around layers, and convolutions taken apart.
//
// - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-Based Learning Applied to Document Recognition*, Proc. IEEE 86(11), 1998.
// - M. Lin, Q. Chen, S. Yan, *Network in Network*, ICLR 2014: 1 × 1 convolutions and global average pooling.
// - C. Szegedy et al., *Going Deeper with Convolutions*, CVPR 2015: GoogLeNet.
// - [CS231n](https://cs231n.github.io/convolutional-networks/), "Layer Patterns" and "Case Studies"; [*Dive into Deep Learning*](https://d2l.ai), section 8.4.

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
