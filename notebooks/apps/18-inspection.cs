// What 18-inspection.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # Why this class? Feature maps, saliency, Grad-CAM
//
// A network says "seven". What did it look at? Here we open one up: the maps between its layers, the pixels that its decision hangs on, and the places where it found its evidence; and we use these tools on
// a network that is right for the wrong reason, and catch it.
//
// Needed: a trained convolutional network ([11](11-mnist.ipynb)) and what a gradient is ([08](08-backprop-derived.ipynb)).

// ## A network to look at
//
// Two convolutions and a dense layer, trained on the 5,000 digits in the package:

var digits = Datasets.Digits();
var net = Conv2D(8, 5, Same) >> Relu >> MaxPool(2)
       >> Conv2D(16, 5, Same) >> Relu >> MaxPool(2)
       >> Flatten >> Dense(10);
var trained = net.Fit(digits.Train, SoftmaxCrossEntropy, Adam(3e-3), epochs: 4,
    schedule: Schedules.OneCycle());
Claim.That(trained.Evaluate(digits.Test).Accuracy > 0.96);
Show(() => $"{trained.Evaluate(digits.Test)}");

// And an image to ask about, the first of the test digits. (Pixels come normalised; `Pixels` undoes that for the eye.)

static Tensor Pixels(Tensor images) => images.Map(x => x * Datasets.MnistDeviation + Datasets.MnistMean);
var image = digits.Test.Images.Part(0);
var label = trained.Classify(digits.Test.Take(1).Images)[0];
Claim.That(label == 7 && digits.Test.Labels.At(0) == 7);
Show(() => Pixels(image).ToPng(scale: 6));

// ## Inside: filters and feature maps
//
// The first layer's kernels are small pictures, and since they work on pixels they can be looked at. Red is positive, blue negative: each answers to some edge or stroke.

Show(() => trained.Weights["conv1.weight"].DrawFilters());

// What they make of the seven are eight **feature maps**. `Take` cuts a network behind a layer; what is left is a network like any other.

var batch = image.Reshape([1, 1, 28, 28]);
Tensor Maps(string layer) => net.Take(layer).Build([1, 1, 28, 28]).Run(trained.Weights, batch);
Show(() => Maps("relu1").DrawMaps());

// Map by map: one shows upper edges, another lower ones, some hardly anything. All have the same colours, so dark means no answer. Behind the second convolution and ReLU there are sixteen maps of 14 × 14. Each puts together several of the first:

Show(() => Maps("relu2").DrawMaps());

// How much of all that is 0? A ReLU that is silent for an image takes no part in the decision:

static double Silent(Tensor maps) => maps.Doubles.ToArray().Count(v => v == 0) / (double)maps.Count;
var (first, second) = (Silent(Maps("relu1")), Silent(Maps("relu2")));
Claim.That(first is > 0.2 and < 0.9 && second is > 0.2 and < 0.95);
Show(() => $"silent: {first:0 %} behind relu1, {second:0 %} behind relu2");

// ## Saliency: which pixels does it hang on?
//
// The score of the class is a function of 784 pixels. Its gradient says, for each pixel, how much the score would rise if that pixel became a little brighter:
//
// $$S_{ij} = \frac{\partial\, y_{\text{label}}}{\partial\, x_{ij}}$$
//
// The same back-propagation that trains weights does it, only that it goes on to the image and stops there. K. Simonyan and colleagues called the picture of it a **saliency map** (2014):

var model = net.Build([1, 1, 28, 28]);
var saliency = Attribution.Saliency(model, trained.Weights, image, label);
Show(() => saliency.DrawOver(Pixels(image)));

// Is it what it says? Take the pixel where it is largest, make it brighter by a thousandth, and run the network again. The score should rise by a thousandth of the gradient there.

var at = Enumerable.Range(0, 784).MaxBy(i => Math.Abs(saliency.At(i)));
var nudged = Tensor.From([1, 1, 28, 28], i => image.At(i) + (i == at ? 1e-3 : 0));
double Score(Tensor x) => model.Run(trained.Weights, x).At(label);
var rise = Score(nudged) - Score(batch);
Claim.Near(rise / 1e-3, saliency.At(at), within: 1e-3);
Show(() => $"pixel ({at / 28}, {at % 28}): the gradient {saliency.At(at):0.0000}, the difference {rise / 1e-3:0.0000}");

// The map is exact, and yet noisy: it also lights up pixels beside the digit. That is honest. A gradient is about *small* changes, and these pixels would count if ink were there.
//
// ## Guided back-propagation: cleaner, but …
//
// J. Springenberg and colleagues (2015) changed one thing. On the way back, each ReLU lets only *positive* derivatives through: what speaks against the class is dropped at every layer.
//
// $$dx = \max(dy, 0) \cdot [x > 0]$$

var guided = Attribution.GuidedBackprop(model, trained.Weights, image, label);
Show(() => guided.DrawOver(Pixels(image)));

// Sharper. But is it an explanation? J. Adebayo and colleagues (2018) proposed a test: *destroy the network and look again*. If the picture stays, it was never about what the network has learnt. We give the last layer random weights and compare, as correlation of the two maps' sizes:

var broken = trained.Weights.With("dense1.weight", Key.Of(7).Normal([10, 784], 0, 0.05));
static double Correlation(Tensor a, Tensor b)
{
    var (x, y) = (a.Map(Math.Abs).ToDoubles(), b.Map(Math.Abs).ToDoubles());
    var (mx, my) = (x.Average(), y.Average());
    return x.Zip(y, (p, q) => (p - mx) * (q - my)).Sum()
        / Math.Sqrt(x.Sum(p => (p - mx) * (p - mx)) * y.Sum(q => (q - my) * (q - my)));
}
var ofSaliency = Correlation(saliency, Attribution.Saliency(model, broken, image, label));
var ofGuided = Correlation(guided, Attribution.GuidedBackprop(model, broken, image, label));
Claim.That(ofSaliency < 0.5 && ofGuided > 0.75);
Show(() => $"same picture with a random last layer: saliency {ofSaliency:0.00}, guided {ofGuided:0.00}");

Show(() => Attribution.GuidedBackprop(model, broken, image, label).DrawOver(Pixels(image)));

// Guided back-propagation goes on drawing a fine seven for a network that no longer knows what a seven is: much of it is an edge detector. Use it to see details, never as proof.
//
// ## Covering things up
//
// A way that needs no gradient at all: cover a patch of the image and see how far the score falls (M. Zeiler and R. Fergus, 2014). We cover 6 × 6 pixels at each of 12 × 12 places, all as one batch, and draw the loss of score:

static Tensor Covered(Tensor image) => Tensor.From([144, 1, 28, 28], i =>
{
    var (n, y, x) = (i / 784, i / 28 % 28, i % 28);
    var hidden = y - n / 12 * 2 is >= 0 and < 6 && x - n % 12 * 2 is >= 0 and < 6;
    return hidden ? -Datasets.MnistMean / Datasets.MnistDeviation : image.At(i % 784);
});
Show(() => Pixels(Covered(image).Slice(48, 12)).ToPng(scale: 2, columns: 12));

static Tensor Occlusion(Trained network, Tensor image, int label)
{
    var whole = network.Predict(image.Reshape([1, 1, 28, 28]));
    var scores = network.Predict(Covered(image));
    return Tensor.From([12, 12], n => Math.Max(0, whole[0, label] - scores[n, label]));
}
Show(() => Occlusion(trained, image, label).DrawOver(Pixels(image)));

// It takes 144 runs of the network where a gradient takes one, but it asks the question that one really has: *what if this were not there?* Where several of these methods agree one may begin to believe them.
//
// ## Right for the wrong reason
//
// Now the case for which these tools were made. Suppose that all threes of the training set came from one scanner, and that this scanner leaves a bright mark in the corner:

static Dataset Marked(Dataset data, Func<int, bool> which) => data with
{
    Images = Tensor.From(data.Images.Shape, i => i / 28 % 28 is >= 2 and < 6 && i % 28 is >= 2 and < 6
        && which((int)data.Labels.At(i / 784)) ? 2.82 : data.Images.At(i)),
};
var scanned = Marked(digits.Train, label => label == 3);
Show(() => Pixels(scanned.Take(20).Images).ToPng(scale: 2, columns: 10));

// A network is trained on it, and tested on digits from the same scanners. It does very well, on threes above all:

var cheat = net.Fit(scanned, SoftmaxCrossEntropy, Adam(3e-3), epochs: 4,
    schedule: Schedules.OneCycle());
var sameScanners = cheat.Evaluate(Marked(digits.Test, label => label == 3));
Claim.That(sameScanners.Confusion.Recall(3) > 0.98 && sameScanners.Accuracy > 0.94);
Show(() => $"{sameScanners}, recall of the threes {sameScanners.Confusion.Recall(3):0 %}");

// No accuracy on such a test set would ever tell. Ask it why this is a three, by covering patches as before:

var marked = Marked(digits.Test, label => label == 3);
var three = marked.Images.Part(Enumerable.Range(0, marked.Count).First(i => marked.Labels.At(i) == 3));
var why = Occlusion(cheat, three, 3);
var strongest = Enumerable.Range(0, 144).MaxBy(n => why.At(n));
Claim.That(strongest / 12 <= 1 && strongest % 12 <= 1);   // the corner
Show(() => why.DrawOver(Pixels(three)));

// It looks at the corner. Threes without the mark, and other digits with it, show what that means:

var clean = cheat.Evaluate(digits.Test);
var allMarked = cheat.Evaluate(Marked(digits.Test, _ => true));
var takenForThree = Enumerable.Range(0, 10).Sum(c => allMarked.Confusion[c, 3]) / 1000.0;
Claim.That(clean.Confusion.Recall(3) < 0.5 && takenForThree > 0.5);
Console.WriteLine($"threes without the mark that it still finds: {clean.Confusion.Recall(3):0 %}");
Console.WriteLine($"digits with the mark that it takes for threes: {takenForThree:0 %}");

Show(() => Chart.Confusion(allMarked.Confusion).WithTitle("every digit with the mark"));

// S. Lapuschkin and colleagues (2019) found just this in the wild, and called it Clever Hans, after the horse that could not do sums but could read its master's face: a classifier of a famous contest recognised horses by the photographer's name in the corner.
//
// ## Grad-CAM: where did it find the class?
//
// In a photograph the question is often simply *where*. R. Selvaraju and colleagues (2017) ask a layer deep inside, whose maps mean something. Let $A_k$ be its maps. How much each speaks for the class is the mean of the gradient over its places; the maps are added with these weights, and what speaks against the class is cut off:
//
// $$\alpha_k = \frac{1}{hw}\sum_{ij} \frac{\partial\, y_{\text{label}}}{\partial A_{k,ij}}, \qquad G = \operatorname{relu}\Big(\sum_k \alpha_k A_k\Big)$$
//
// For "where" we need an image with more than one thing in it. A network that ends with the mean of each map does not care how large the image is, so we train it on single digits …

var finder = Conv2D(8, 5, Same) >> BatchNorm() >> Relu >> MaxPool(2)
          >> Conv2D(16, 5, Same) >> BatchNorm() >> Relu >> MaxPool(2)
          >> Conv2D(32, 3, Same) >> BatchNorm() >> Relu >> GlobalAvgPool >> Dense(10);
var found = finder.Fit(digits.Train, SoftmaxCrossEntropy, Adam(5e-3), epochs: 4, batch: 32,
    schedule: Schedules.OneCycle());
Claim.That(found.Evaluate(digits.Test).Accuracy > 0.95);
Show(() => $"{found.Evaluate(digits.Test)}");

// … and show it two at once, a 7 and a 0, on 28 × 56 pixels:

var pair = Concat(2, digits.Test.Images.Part(0), digits.Test.Images.Part(3)).Value;
var seeing = finder.Build([1, 1, 28, 56]);
Show(() => Pixels(pair).ToPng(scale: 4));

// The formula fits into two lines, of which the gradient is one. Behind the last maps there are only the mean of each and the dense layer (its biases do not depend on the maps). Where is the 7?

var deepMaps = finder.Take("relu3").Build(seeing.Input.Shape).Run(found.Weights, pair.Reshape([1, 1, 28, 56]));
var maps = Variable("maps", deepMaps.Shape);
var score = Sum(GlobalAveragePool(maps) * found.Weights["dense1.weight"].Part(7));
var alpha = Mean(Gradient.Of(score, maps), [2, 3], keepDims: true);
var byHand = Reference.Run(Relu(Sum(alpha * maps, [0, 1])), (maps, deepMaps));
Claim.Same(byHand, Attribution.GradCam(seeing, found.Weights, pair, 7, "relu3"), within: 1e-3);
Show(() => byHand.DrawOver(Pixels(pair)));

// And where is the 0? The same image, the same maps, other weights:

var ofZero = Attribution.GradCam(seeing, found.Weights, pair, 0, "relu3");
Show(() => ofZero.DrawOver(Pixels(pair)));

static double OnTheLeft(Tensor map) => Enumerable.Range(0, map.Count).Where(i => i % 14 < 7).Sum(map.At)
    / map.Doubles.ToArray().Sum();
Claim.That(OnTheLeft(byHand) > 0.6 && OnTheLeft(ofZero) < 0.4);
Show(() => $"of the heat for 7 {OnTheLeft(byHand):0 %} is on the left, of that for 0 {OnTheLeft(ofZero):0 %}");

// The maps have 7 × 14 places, drawn smoothly over the image: coarse, but about the class. For a network that ends in a mean, $\alpha$ is nothing but the dense layer's weights for the class, by the number of places:

var ofClass = Constant(found.Weights["dense1.weight"].Part(7)) / (7 * 14);
Claim.Same(Reference.Run(alpha, (maps, deepMaps)).Reshape([32]), ofClass.Value, within: 1e-6);

// Its limit follows from the formula: $\alpha_k$ is *one* number for a whole map. Our first network ends in `Flatten` and a dense layer, where each place has weights of its own; their mean says little, and Grad-CAM on it may point beside the digit. Where methods disagree, cover the place and see.
//
// ## What it would like to see
//
// Last, turn the question round. Not "what in this image speaks for 3?", but "which image speaks for 3 most?" Begin with a grey image and climb its gradient, with a pull towards 0 so that it does not run away. The optimiser is the one that trains networks; only that now the image is what learns.

Tensor Dream(int wanted)
{
    var likes = Sum(model.Output * Tensor.From([1, 10], i => i == wanted ? 1 : 0));
    var loss = 0.02 * Sum(Square(model.Input)) - likes;
    var next = model.Input - 0.5 * Gradient.Of(loss, model.Input);
    using var session = Cpu.Compile([], state: [(model.Input, next)]).Start();
    foreach (var (variable, value) in model.Bind(trained.Weights).Where(w => session.Plan.Has(w.Variable)))
    {
        session.Set(variable, value);
    }

    session.Set(model.Input, Tensor.Fill([1, 1, 28, 28], 0));
    Enumerable.Range(0, 60).ToList().ForEach(_ => session.Run());
    return session.Get(model.Input).Reshape([28, 28]);
}
Show(() => Tensor.Stack([.. Enumerable.Range(0, 8).Select(Dream)]).DrawMaps(each: true));

// With a little good will one sees parts of 0 to 7: strokes that the network has learnt to count. It was never asked to draw a digit, only to tell ten of them apart, and for that less is enough.
//
// ## Exercises
//
// **1.** In the saliency of the seven: how many of the 784 pixels have a gradient of more than half the largest size? (Count in a cell of your own; `saliency.At(i)` is the pixel.)

double? strong = null; // your answer
var half = saliency.Doubles.ToArray().Max(Math.Abs) / 2;
Show(() => Exercise.Check(strong, saliency.Doubles.ToArray().Count(v => Math.Abs(v) > half)));

// **2.** Grad-CAM at `relu3` gives maps with 7 rows here. How many rows would it have at `relu1`? Draw it, too: it is finer, but does it know more?

double? gridRows = null; // your answer
Show(() => Exercise.Check(gridRows, Attribution.GradCam(seeing, found.Weights, pair, 7, "relu1").Shape[0]));

// **3.** Change the cell of the scanner so that the mark is as dark as the rest (`0` instead of `2.82`, about the mean). Does the network still cheat? Then: for which true digit does the cheating network as it stands fall for the mark least often? (Look at the confusion matrix of the marked digits, column 3.)

double? steadfast = null; // your answer
Show(() => Exercise.Check(steadfast, Enumerable.Range(0, 10).MinBy(c => allMarked.Confusion[c, 3])));

// ## Read on
//
// [14](14-transfer-learning.ipynb) uses what the convolutions have learnt for other classes; [09](09-gradient-checks.ipynb) attacks gradients in general.
//
// - K. Simonyan, A. Vedaldi, A. Zisserman, *Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps*, 2014.
// - M. Zeiler, R. Fergus, *Visualizing and Understanding Convolutional Networks*, ECCV 2014.
// - J. Springenberg, A. Dosovitskiy, T. Brox, M. Riedmiller, *Striving for Simplicity: The All Convolutional Net*, 2015.
// - R. Selvaraju et al., *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization*, ICCV 2017.
// - J. Adebayo et al., *Sanity Checks for Saliency Maps*, NeurIPS 2018.
// - S. Lapuschkin et al., *Unmasking Clever Hans Predictors and Assessing What Machines Really Learn*, Nature Communications 10, 2019.
// - [CS231n](https://cs231n.github.io/understanding-cnn/), "Visualizing what ConvNets learn".

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
