// What 14-transfer-learning.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # Transfer learning and augmentation: much from few images
//
// A network with many weights wants many examples, and often there are few. Two remedies, both in this notebook: take over what another network has learnt from *other* images, and make more of the images that one has.
//
// Needed: training ([11](11-mnist.ipynb)) and what convolutions learn ([18](18-inspection.ipynb)).

// ## The task: few fives, sixes, sevens, eights, nines
//
// We play a common case on digits. Of 0 to 4 there are 500 images each; of 5 to 9 only 20 each, and these we want to tell apart.

static Dataset Five(Dataset digits, int from, int each)
{
    var chosen = digits.Pick([.. Enumerable.Range(0, digits.Count)
        .GroupBy(i => (int)digits.Labels.At(i)).Where(digit => digit.Key >= from && digit.Key < from + 5)
        .SelectMany(digit => digit.Take(each))]);
    return chosen with { Labels = chosen.Labels.Map(label => label - from), Classes = 5 };
}
var digits = Datasets.Digits();
var many = Five(digits.Train, from: 0, each: 500);
var few = Five(digits.Train, from: 5, each: 20);
var test = Five(digits.Test, from: 5, each: 100);
Claim.That(many.Count == 2500 && few.Count == 100 && test.Count == 500);

static Tensor Pixels(Tensor images) => images.Map(x => x * Datasets.MnistDeviation + Datasets.MnistMean);
Show(() => Pixels(few.Images).ToPng(columns: 20));

// That is all there is. From scratch, a small convolutional network makes of it what it can:

var features = Conv2D(8, 5, Same) >> Relu >> MaxPool(2) >> Conv2D(16, 5) >> Relu >> MaxPool(2);
var net = features >> Flatten >> Dense(64) >> Relu >> Dense(5);
double Learn(Optimizer optimizer, Weights? start = null) => net.Fit(few, SoftmaxCrossEntropy, optimizer,
    epochs: 15, batch: 20, seed: 2, start: start).Evaluate(test).Accuracy;
var scratch = Learn(Adam(1e-3));
Show(() => $"from scratch: {scratch:0.0 %}");

// ## Taking over what was learnt
//
// The same network learns the digits of which there are many, 0 to 4:

var source = net.Fit(many, SoftmaxCrossEntropy, Adam(2e-3), epochs: 4, batch: 32, seed: 1);
Claim.That(source.Evaluate(Five(digits.Test, from: 0, each: 100)).Accuracy > 0.97);
Show(() => source.Weights["conv1.weight"].DrawFilters());

// Its convolutions know edges and strokes, and these are in a 7 as in a 4. Its last layer knows 0 to 4, which is of no use here. So we **reuse the convolutions** and **replace the softmax layer**. `Match` takes from other weights what fits by name and shape, draws the rest anew, and says what it did:

var convolutions = new Weights(source.Weights.Where(weight => weight.Key.StartsWith("conv")));
var match = net.Match(convolutions, [1, 28, 28], seed: 2);
Claim.That(match.Taken.Length == 4 && match.New.Length == 4);
Show(() => $"{match}");

// **Freeze** what was taken over: the optimiser leaves it as it is, and its gradients are not even computed. The network is then a fixed *feature extractor* with a new head. With only 100 images, that is fair: they need not teach 3,424 weights of convolutions what an edge is.

var frozen = Learn(Adam(1e-3).Freeze("conv*"), match.Weights);
Claim.That(frozen > scratch);
Show(() => $"frozen features: {frozen:0.0 %}");

// Has anything moved? The convolutions are the source's, to the last bit:

var student = net.Fit(few, SoftmaxCrossEntropy, Adam(1e-3).Freeze("conv*"), start: match.Weights);
Claim.That(student.Weights["conv1.weight"].Equals(source.Weights["conv1.weight"]));
Claim.That(!student.Weights["dense1.weight"].Equals(match.Weights["dense1.weight"]));
Show(() => "conv1 has not moved, dense1 has");

// Or let them follow *slowly*, at a tenth of the rate (**fine-tuning**); or freeze the first layer only, which is the most general:

var slowly = Learn(Adam(1e-3).ScaleRate("conv*", 0.1), match.Weights);
var firstOnly = Learn(Adam(1e-3).Freeze("conv1*"), match.Weights);
var all = Learn(Adam(1e-3), match.Weights);
Claim.That(new[] { slowly, firstOnly, all }.All(accuracy => accuracy > scratch));
Show(() => Chart.Bar(["scratch", "all learn", "conv1 frozen", "slowly", "frozen"],
    new[] { scratch, all, firstOnly, slowly, frozen }.Select(accuracy => 100 * (1 - accuracy)))
    .WithTitle("5 to 9 from 20 images each").WithXTitle("mistakes on test digits (%)").WithSize(560, 260));

// All ways of taking over beat the start from scratch. Which is best depends on **how much data there is**: with few images freeze more; with many let more, or all, learn again, since then the images know better. The same comparison for 5 to 200 images of each digit:

int[] counts = [5, 10, 20, 50, 100, 200];
double With(int each, Optimizer optimizer, Weights? start) => 100 * net.Fit(Five(digits.Train, 5, each),
    SoftmaxCrossEntropy, optimizer, epochs: Math.Max(3, 300 / each), batch: 20, seed: 2, start: start)
    .Evaluate(test).Accuracy;
var anew = counts.Select(each => With(each, Adam(1e-3), null)).ToArray();
var reused = counts.Select(each => With(each, Adam(1e-3).Freeze("conv*"), match.Weights)).ToArray();
Claim.That(reused[0] > anew[0] && reused[^1] - anew[^1] < reused[0] - anew[0]);
Show(() => Chart.Plot(Chart.Line(counts.Select(c => (double)c), anew, "from scratch"),
    Chart.Line(counts.Select(c => (double)c), reused, "frozen features")).WithLogX()
    .WithTitle("what reuse is worth").WithXTitle("images of each digit").WithYTitle("test accuracy (%)"));

// The fewer images, the more it is worth. With a file of someone else's weights it is no different: `new Weights(Safetensors.Read(path))` goes into `Match`, and `TorchNames` translates PyTorch's names ([16](16-out-of-dotnet.ipynb)). Editing a large network for a task of one's own is a line:

var mine = Models.ResNet18.Replace("dense1", Dense(5));
Claim.That(mine.Build([1, 3, 224, 224]).Output.Shape == Shape.Of(1, 5));
Claim.That(Models.ResNet18.Build([1, 3, 224, 224]).Output.Shape == Shape.Of(1, 1000));
Claim.That(mine.Build([1, 3, 224, 224]).ParameterCount == 11_689_512 - 1000 * 513 + 5 * 513);
Show(() => $"{mine.Build([1, 3, 224, 224]).ParameterCount:N0} weights");

// ## Augmentation: the same picture, seen differently
//
// A cat that looks to the left is as much a cat as one that looks to the right, and a digit that leans a little is the same digit. So each epoch may show each image *a little changed*, which the network has never seen before. Take one picture …

var small = Resize(SamplePictures.Chelsea().Reshape([1, .. SamplePictures.Chelsea().Shape]), [60, 90],
    ResizeMode.Linear).Value;
Tensor Six(Augmentation change) =>
    Tensor.Stack([.. Enumerable.Range(0, 6).Select(i => change.Apply(Key.Of(i), small).Part(0))]);
Show(() => small.Part(0).ToPng(scale: 2));

// … and **crop** it, at random places; with a mirror now and then:

Show(() => Six(Augment.Crop(48, 72) >> Augment.Flip()).ToPng(columns: 6));

// **Change its colours**: brightness, contrast, saturation, hue.

var colours = Augment.Brightness(-0.2, 0.2) >> Augment.Contrast(0.6, 1.4)
    >> Augment.Saturation(0.3, 1.7) >> Augment.Hue(-0.1, 0.1);
Show(() => Six(colours).ToPng(columns: 6));

// **Filter** it: blur, sharpen, emboss; each in one half of the cases.

Show(() => Six(Augment.Blur(0.5, 1.5).Sometimes(0.5) >> Augment.Sharpen(0.5, 2).Sometimes(0.5)
    >> Augment.Emboss(0.3, 0.6).Sometimes(0.5)).ToPng(columns: 6));

// **Distort** it: turned, sheared, or seen from the side.

Show(() => Six(Augment.Rotate(-20, 20) >> Augment.Shear(-0.2, 0.2) >> Augment.Perspective(0.2)).ToPng(columns: 6));

// **Warp** it, as if printed on rubber:

Show(() => Six(Augment.Elastic(alpha: 80, sigma: 5)).ToPng(columns: 6));

// Each is a pure function of a *key* and a batch. The same key gives the same images, on every machine, so a training with augmentation can be repeated bit by bit:

var change = Augment.PadCrop(4) >> Augment.Flip() >> colours;
Claim.Same(Constant(change.Apply(Key.Of(1), small)), change.Apply(Key.Of(1), small));
Claim.That(!change.Apply(Key.Of(1), small).Equals(change.Apply(Key.Of(2), small)));
Show(() => $"{change}");

// Not every change is allowed for every task. A mirrored 2 is no digit, a 6 turned on its head is a 9, and where the colour is the class no colour may change. The question is always: *would its label still be right?* For digits a slight turn, shear, zoom and shift will do:

var background = -Datasets.MnistMean / Datasets.MnistDeviation;
var warp = Augment.Affine(degrees: 15, shear: 0.1, scale: 0.1, shift: 0.1, fill: background);
var six = few.Images.Slice(40, 1);
var ten = Enumerable.Range(0, 10).Select(i => warp.Apply(Key.Of(i), six).Part(0));
Show(() => Pixels(Tensor.Stack([.. ten])).ToPng(scale: 2, columns: 10));

// ## What it brings
//
// Our 100 digits again, from scratch, with the same number of steps: plain, and each epoch warped anew.

var batches = Loader.Of(few).Shuffle(Key.Of(1)).Batch(20);
double Train(Loader<Dataset> loader) => net.Fit(loader, SoftmaxCrossEntropy, Adam(2e-3), epochs: 60,
    seed: 2, schedule: Schedules.Linear).Evaluate(test).Accuracy;
var still = Train(batches);
var warped = Train(batches.With(Key.Of(3), warp));
Claim.That(warped > still + 0.02);
Show(() => $"plain {still:0.0 %}, augmented {warped:0.0 %}");

// Half of the mistakes are gone. And both remedies together?

var both = net.Fit(batches.With(Key.Of(3), warp), SoftmaxCrossEntropy, Adam(2e-3).ScaleRate("conv*", 0.3),
    epochs: 60, seed: 2, start: match.Weights, schedule: Schedules.Linear).Evaluate(test).Accuracy;
Claim.Near(both, warped, within: 0.02);
Show(() => Chart.Bar(["plain", "augmented", "and taken over"], [100 * (1 - still), 100 * (1 - warped), 100 * (1 - both)])
    .WithTitle("5 to 9 from 20 images each").WithXTitle("mistakes on test digits (%)").WithSize(560, 220));

// No better than augmentation alone: what the convolutions brought along, the warped digits teach as well. Remedies against the same want do not add up; measure, and keep the one that helps.
//
// With 1,000 digits and a dense network, augmentation, dropout and weight decay are compared in [Overfitting](../docs/samples/Overfitting.md): augmentation helps most, since it alone says something new about digits.
//
// ## Exercises
//
// **1.** How many of `net`'s weights and biases learn if `conv*` is frozen? (Two dense layers: 400 to 64, and 64 to 5.)

double? learning = null; // your answer
var dense = net.Build([1, 1, 28, 28]).Parameters.Where(p => p.Name.StartsWith("dense"));
Show(() => Exercise.Check(learning, dense.Sum(p => p.Shape.Elements)));

// **2.** `PadCrop(4)` puts four rows or columns on each side and cuts the old size out again at a random place. How many different images can one image become?

double? crops = null; // your answer
var tiny = Key.Of(9).Uniform([1, 1, 8, 8]);
var seen = Enumerable.Range(0, 1500).Select(i => Augment.PadCrop(4).Apply(Key.Of(i), tiny)).Distinct();
Show(() => Exercise.Check(crops, seen.Count()));

// **3.** If digits are turned by up to 180 degrees in training, is that better or worse on the test digits than 15 degrees? Guess, with one word, and think of 6 and 9.

string? turned = null; // your answer
var whirl = Augment.Affine(degrees: 180, shear: 0.1, scale: 0.1, shift: 0.1, fill: background);
Show(() => Exercise.Check(turned, Train(batches.With(Key.Of(3), whirl)) < warped ? "worse" : "better"));

// ## Read on
//
// [16](16-out-of-dotnet.ipynb) brings weights in from elsewhere and out again.
//
// - J. Yosinski, J. Clune, Y. Bengio, H. Lipson, *How Transferable Are Features in Deep Neural Networks?*, NeurIPS 2014.
// - P. Simard, D. Steinkraus, J. Platt, *Best Practices for Convolutional Neural Networks Applied to Visual Document Analysis*, ICDAR 2003: warped digits.
// - [CS231n](https://cs231n.github.io/transfer-learning/), "Transfer Learning"; [*Dive into Deep Learning*](https://d2l.ai), sections 14.1 and 14.2.

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
