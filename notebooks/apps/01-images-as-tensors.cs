// What 01-images-as-tensors.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # Images as tensors; why not a dense network
//
// What a picture is to a program, how a network of fully connected layers would read it, and the two reasons why that does not work: arithmetic and blindness. All
// counts are done by the library, including two that are often printed wrong.

// A phone unlocks when it sees its owner's face, and mends the photo that you are about to post. Cars find the lane and the child behind the parked van; programs look through X-ray pictures before a physician does; a shop without a till
// knows what you took from the shelf. Not long ago these were thought out of reach. What most of them share is one idea, the convolutional network, and it begins with the question what a picture *is*.
//
// ## A picture is a matrix

var camera = SamplePictures.Camera();
Show(() => camera);

// Go near enough and there are only squares, each with one brightness. Here are 8 × 8 pixels of the man's head, and the numbers that are stored for them:

var near = Slice(camera, start: [0, 60, 124], size: [1, 8, 8]).Value;
Show(() => near.ToPng(scale: 20));

var bytes = camera.Map(value => Math.Round(value * 255));
Claim.That(bytes.ToDoubles().Min() >= 0 && bytes.ToDoubles().Max() <= 255);
Claim.Same(bytes.Map(value => value / 255), camera, within: 1e-6);
Show(() => Slice(bytes, start: [0, 60, 124], size: [1, 8, 8]).Value.Reshape([8, 8]));

// They are whole numbers from 0, black, to 255, white: 256 values, because that is what fits into one byte ($2^8 = 256$), and because our eyes can hardly tell more shades of grey apart. The library divides by 255, so that a tensor holds
// brightness from 0 to 1.
//
// A grey picture is one such matrix. A colour picture is three, one on top of the other: how much red, how much green, how much blue. They are called **channels**.

var cat = SamplePictures.Chelsea();
Show(() => cat);

Claim.That(camera.Shape == Shape.Of(1, 256, 256));
Claim.That(cat.Shape == Shape.Of(3, 170, 256));
Show(() => cat.Shape);

// Take the channels of the cat's face apart, and paint each in its own colour:

var face = Slice(cat, start: [0, 0, 40], size: [3, 170, 160]).Value;
Tensor Only(int channel) =>
    Tensor.From(face.Shape, i => i / (170 * 160) == channel ? face.At(i) : 0);
Show(() => Tensor.Stack([Only(0), Only(1), Only(2)]).ToPng(columns: 3));

// A table of numbers with any number of axes is a **tensor**. A vector has one axis, a matrix two, this picture three: channel, row, column. Networks read many pictures at once, so a fourth axis comes before the others. Ten handwritten digits:

var digits = Datasets.Digits();
var ten = digits.Train.Images.Slice(0, 10);
Claim.That(ten.Shape == Shape.Of(10, 1, 28, 28));
Show(() => ten.ToPng(scale: 3, columns: 10));

// The four axes are called $N$ (number), $C$ (channels), $H$ (height), $W$ (width), always in this order here.
//
// ## A dense network
//
// The oldest kind of network knows nothing of rows and columns. It takes a list of numbers, the *features*; each neuron of a layer multiplies **every** number of the layer before with a weight of its own, and adds them up. Every line below is a weight:

double[][] layers = [[-1.5, -0.5, 0.5, 1.5], [-2, -1, 0, 1, 2], [-1.5, -0.5, 0.5, 1.5]];
var path = (from l in Enumerable.Range(0, 2)
            from a in l == 0 ? layers[0] : layers[1].Reverse()
            from b in layers[l + 1]
            from end in new[] { (X: l, Y: a), (X: l + 1, Y: b) }
            select end).ToArray();
Claim.That(path.Length == 2 * (4 * 5 + 5 * 4));   // two ends for each weight
Show(() => Chart.Line(path.Select(end => (double)end.X), path.Select(end => end.Y))
    .WithTitle("A dense network: 4 features, 5 hidden neurons, 4 classes")
    .WithXTitle("layer").WithYTitle("neurons"));

// Where the features are few and each means something, this works well. Say we know four numbers of each football player, goals, passes, tackles and saves in a match, and ask for the position. (The players are invented: four typical ones and chance.)

double[][] typical = [[0, 20, 0, 4], [0.1, 35, 4, 0], [0.2, 55, 2, 0], [0.7, 25, 0.5, 0]];
double[] spread = [0.4, 16, 2, 2], unit = [1, 50, 1, 1];
var random = new Random(1);
double Chance() => random.NextDouble() + random.NextDouble() - 1;
var players = Tensor.From([400, 4], i =>
    (typical[i / 4 % 4][i % 4] + spread[i % 4] * Chance()) / unit[i % 4]);
var squad = new Dataset(players, Tensor.From([400], i => i % 4), Classes: 4);

var small = Dense(5) >> Relu >> Dense(4);
var known = squad.Slice(0, 300);
var scout = small.Fit(known, SoftmaxCrossEntropy, Adam(0.02), epochs: 40, batch: 20);
var found = scout.Evaluate(squad.Slice(300, 100)).Accuracy;
Claim.That(found > 0.9);
Show(() => $"positions of 100 new players found: {100 * found:F0} %");

// ## What if the features are pixels?
//
// Nothing forbids it: make one long row of the picture, take each pixel's brightness as a feature, and connect. This is called *flattening*. Count what it costs. A digit has 28 × 28 = 784 pixels, and a layer of 512 neurons wants a weight for each pair:

var first = Layer.Of(Flatten) >> Dense(512, bias: false);
Claim.That(28 * 28 == 784);
Claim.That(first.Build([1, 1, 28, 28]).ParameterCount == 401_408);
Show(() => first.Summary([1, 28, 28]));

// The last column is how many multiplications one picture takes. Each weight is used exactly once, so with $M$ features and $N$ neurons there are $M \cdot N$ weights and $M \cdot N$ multiplications:
//
// $$784 \cdot 512 = 401{,}408$$
//
// > **A slip to know.** Some slides count $M^2 N$ multiplications: $784 \cdot 784 \cdot 512 = 314{,}703{,}872$. The product is right, the formula is not: a dense layer does not multiply pixels with pixels.

Claim.That(first.Summary([1, 28, 28]).MultiplyAdds == 401_408);
Claim.That(784L * 784 * 512 == 314_703_872);
Show(() => $"{314_703_872 / 401_408} times too many");

// A network with one hidden layer of 500 neurons, the classic for these digits, has $784 \cdot 500 = 392{,}000$ weights there, and 500 biases: a constant that each neuron adds.

var hidden = (Layer.Of(Flatten) >> Dense(500)).Build([1, 1, 28, 28]);
Claim.That(hidden.Parameters[0].Shape.Elements == 392_000);
Claim.That(hidden.Parameters[1].Shape.Elements == 500);
Show(() => hidden);

// So far that is nothing. But pictures of 28 × 28 are stamps. Flatten a small colour picture of 288 × 288 pixels:

var row = Flatten(Ones([1, 3, 288, 288]));
Claim.That(row.Shape == Shape.Of(1, 248_832));
Show(() => row.Shape);

// 248,832 features. And with 300 × 200 pixels in colour, 180,000 features, the layer of 512 neurons has
//
// $$300 \cdot 200 \cdot 3 \cdot 512 = 1.8 \cdot 10^5 \cdot 512 = 92{,}160{,}000 \approx 9.2 \cdot 10^7$$
//
// weights, ninety-two million:

var larger = first.Summary([3, 200, 300]);
Claim.That(300 * 200 * 3 == 180_000);
Claim.That(larger.Parameters == 92_160_000);
Show(() => larger);

// > **A slip to know, in two parts.** The same slides print $9 \cdot 10^8$ for this product: ten times too many. And for the multiplications again $M^2 N$, which is $1.65888 \cdot 10^{13}$ exactly and rounded there to $1.6 \cdot 10^{13}$; it is $9.2 \cdot 10^7$ for one picture, as many as weights.

Claim.That(larger.MultiplyAdds == 92_160_000);
Claim.Near(180_000.0 * 180_000 * 512, 1.65888e13);
Claim.Near(9e8 / larger.Parameters, 9.77, within: 1e-3);

// Ninety-two million weights are too many to learn from a few thousand pictures, and each layer more costs as much again. Compare with a convolution that makes 512 maps: it has 3 × 3 weights for each channel and map, whatever the size of the picture.

int[] sides = [28, 64, 128, 256, 512, 1024];
var kernels = Conv2D(512, 3, bias: false);
var ofDense = sides.Select(n => (double)first.Summary([3, n, n]).Parameters);
var ofKernels = sides.Select(n => (double)kernels.Summary([3, n, n]).Parameters);
Claim.That(ofKernels.All(count => count == 3 * 3 * 3 * 512));
Show(() => Chart.Plot(Chart.Line(sides.Select(n => (double)n), ofDense, "dense, 512 neurons"),
        Chart.Line(sides.Select(n => (double)n), ofKernels, "convolution, 512 maps of 3 × 3"))
    .WithTitle("Weights of the first layer").WithXTitle("side of the picture in pixels")
    .WithYTitle("weights").WithLogX().WithLogY());

// The photo that a phone takes has some 4000 × 3000 pixels: 36 million features. A network that keeps even one neuron for each number needs tens of millions of them in each layer, hundreds of millions in all, before the first weight is counted. Could we not make the photo smaller? We can:

Claim.That(4000L * 3000 * 3 == 36_000_000);
var one = Reshape(cat, [1, .. cat.Shape]);
var tiny = Resize(one, [17, 26], ResizeMode.Linear);
var back = Resize(tiny, [170, 256]);
Claim.That(tiny.Shape.Elements == 1_326 && one.Shape.Elements == 130_560);
Show(() => Concat(0, one, back).Value.ToPng(columns: 2));

// The right one has 1,326 numbers instead of 130,560. That it is a cat, one may still guess; whose cat, where it looks, whether it has whiskers: gone.
//
// ## A dense network is blind
//
// There is a second reason, and it is worse. Let us ask the dense network to read digits, once as they are, and once with all pixels shuffled: the same shuffling in each picture.

var place = Tensor.From([784], i => i * 331 % 784);   // each pixel goes elsewhere
Dataset Shuffled(Dataset data)
{
    var pixels = Gather(Flatten(data.Images), Indices(place), axis: 1);
    return data with { Images = Reshape(pixels, data.Images.Shape).Value };
}
var five = digits.Train.Slice(0, 5);
Show(() => Concat(0, five.Images, Shuffled(five).Images).Value.ToPng(scale: 3, columns: 5));

var (train, test) = (digits.Train.Take(1200), digits.Test.Take(500));
var dense = Layer.Of(Flatten) >> Dense(64) >> Relu >> Dense(10);
var reader = dense.Fit(train, SoftmaxCrossEntropy, Adam(3e-3), epochs: 6);
var shuffler = dense.Fit(Shuffled(train), SoftmaxCrossEntropy, Adam(3e-3), epochs: 6);
var asTheyAre = reader.Evaluate(test).Accuracy;
var mixedUp = shuffler.Evaluate(Shuffled(test)).Accuracy;
Claim.That(asTheyAre > 0.8 && mixedUp > 0.8 && Math.Abs(asTheyAre - mixedUp) < 0.04);
Show(() => $"digits read: {100 * asTheyAre:F1} %, shuffled digits: {100 * mixedUp:F1} %");

// We cannot read the shuffled ones at all. The dense network does not even notice. For it the pixels are a list, and any order is as good as another: which pixels are neighbours, what shape they form, all that we see at once, was lost when the picture was flattened.
//
// ## One step to the side
//
// It gets worse. A tiger is the same tiger when it takes a step to the side, or comes closer. But each of its stripes now falls on other pixels, which are multiplied with *other weights*, and those have never learnt anything about stripes. Move the test digits to the right, pixel by pixel, and ask both a dense network and a convolutional one, trained on the same 1,200 digits where they were:

Dataset Moved(Dataset data, int by)
{
    var wider = Pad(data.Images, before: [0, 0, 0, by], after: [0, 0, 0, 0]);
    return data with { Images = Slice(wider, [0, 0, 0, 0], data.Images.Shape).Value };
}
var steps = Enumerable.Range(0, 7).ToArray();
Show(() => Tensor.Stack([.. steps.Select(by => Moved(test, by).Images.Part(0))]).ToPng(scale: 3));

var convolutional = Conv2D(8, 5, Same) >> Relu >> MaxPool(2) >> Conv2D(16, 5, Same) >> Relu
    >> AdaptiveMaxPool([2, 2]) >> Flatten >> Dense(10);
var viewer = convolutional.Fit(train, SoftmaxCrossEntropy, Adam(5e-3), epochs: 6);
int Parameters(Layer net) => (int)net.Build([1, 1, 28, 28]).ParameterCount;
Claim.That(Parameters(convolutional) < Parameters(dense) / 10);
Show(() => $"{Parameters(convolutional)} parameters; the dense network has {Parameters(dense)}");

double[] Accuracies(Trained network) =>
    [.. steps.Select(by => 100 * network.Evaluate(Moved(test, by)).Accuracy)];
var (dull, sharp) = (Accuracies(reader), Accuracies(viewer));
Claim.That(dull[4] < 50 && sharp[4] > dull[4] + 15);
Show(() => Chart.Plot(Chart.Line(dull, "dense"), Chart.Line(sharp, "convolutional"))
    .WithTitle("Digits moved to the right").WithXTitle("pixels").WithYTitle("accuracy in %"));

// Four pixels, a seventh of the width, and the dense network reads less than half. The convolutional one falls too, since its last layer is a dense one, but much later.
//
// The same without any training: show a digit to a layer that has learnt nothing, move it, and compare. The convolution gives the same map, moved; a dense layer answers something else.

var still = Slice(test.Images, [0, 0, 0, 0], [1, 1, 28, 28]);
var moved = Slice(Moved(test, 4).Images, [0, 0, 0, 0], [1, 1, 28, 28]);
var kernel = Tensor.Of([[[[1, 2, 1], [0, 0, 0], [-1, -2, -1]]]]);
var (map, movedMap) = (Conv2D(still, kernel), Conv2D(moved, kernel));
var shared = Slice(movedMap, start: [0, 0, 0, 4], size: [1, 1, 26, 22]);
Claim.Same(shared, Slice(map, start: [0, 0, 0, 0], size: [1, 1, 26, 22]).Value);
Show(() => Concat(1, map, movedMap).Value.DrawMaps());

var weights = Dense(512).Build([1, 784]).Init(Key.Of(0))["dense1.weight"];
var (before, after) = (Dense(Flatten(still), weights), Dense(Flatten(moved), weights));
var alike = CosineSimilarity(before, after).Value.At(0);
Claim.That(alike < 0.7);
Show(() => $"cosine between the 512 answers before and after the step: {alike:F2} (1 would be: the same)");

// So this is what we want of a layer for pictures: few weights, used at every place; and a result that keeps rows and columns. [Notebook 02](02-convolution-by-hand.ipynb) builds it with pencil and paper.
//
// ## Your turn
//
// **1.** A dense layer of 1,000 neurons with biases looks at pictures of 224 × 224 pixels in colour. How many parameters does it have? (Hint: weights, and one bias for each neuron.)

double? parameters = null; // your answer
Show(() => Exercise.Check(parameters, Dense(1000).Summary([3 * 224 * 224]).Parameters));

// **2.** Which shape has a batch of 32 grey pictures, 48 pixels wide and 64 high? Write it as text, `"[…, …, …, …]"`.

string? shape = null; // your answer
Show(() => Exercise.Check(shape, $"{Shape.Of(32, 1, 64, 48)}"));

// **3.** Change this cell so that it makes of `near`, the piece of the man's head, its negative: black where it is white. The check compares your picture with $1 -$ brightness.

Tensor? negative = null; // your answer, for instance near.Map(value => …)
Show(() => Exercise.Check(negative, near.Map(brightness => 1 - brightness)));

// ## Where to go on
//
// * Next: [02 Convolution by hand](02-convolution-by-hand.ipynb).
// * Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, Proceedings of the IEEE, 1998: the digits, and the same two arguments.
// * *Dive into Deep Learning*, [7.1 From fully connected layers to convolutions](https://d2l.ai/chapter_convolutional-neural-networks/why-conv.html); Stanford [CS231n](https://cs231n.github.io/convolutional-networks/), its first section.

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
