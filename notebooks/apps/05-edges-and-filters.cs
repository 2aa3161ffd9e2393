// What 05-edges-and-filters.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
#:project ../../src/Facade/Facade.csproj

using AutoDiffCnn;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using System;
using static AutoDiffCnn.Functions;
using static Cells;

// # Edges and filters; learning a kernel
//
// Nine numbers can find the outline of a man with a camera, sharpen a picture or take a scratch away. First we choose the nine numbers ourselves. Then we let a machine find them: from an image and the
// answer that we want, it learns the kernel, and we can predict every number that it prints.

// ## What is an edge?
//
// An edge is a place where brightness changes much within a few pixels. So take the difference: what is on the left of a pixel minus what is on its right, over three rows at
// once, to be less sensitive to noise. For the other direction, the same turned by a quarter.
//
// | vertical edges | horizontal edges |
// | --- | --- |
// | 1 0 −1 | 1 1 1 |
// | 1 0 −1 | 0 0 0 |
// | 1 0 −1 | −1 −1 −1 |

var vertical = Tensor.Of([[1, 0, -1], [1, 0, -1], [1, 0, -1]]);
var horizontal = Transpose(vertical).Value;
Claim.Same(horizontal, Tensor.Of([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]));
Show(() => Stack(0, vertical, horizontal).Value.Reshape([2, 1, 3, 3]).DrawFilters());

// The classic test is an image whose left half is bright and whose right half is dark. There is one vertical edge in it, and no horizontal one.

var half = Tensor.From([6, 6], i => i % 6 < 3 ? 10 : 0);
var found = CrossCorrelate(half, vertical);
Claim.Same(found, Tensor.From([4, 4], i => i % 4 is 1 or 2 ? 30 : 0));
Claim.Same(CrossCorrelate(half, horizontal), Tensor.Fill([4, 4], 0));
Show(() => found);

// In the flat halves the positive and the negative weights cancel. Across the border they do not: $10 + 10 + 10 = 30$. Watch the window pass.

Show(() => Pictures.DrawConvolution(half, vertical));

// Two weights will do, too. *Dive into Deep Learning* takes the kernel $[1, -1]$ and an image with a dark bar. It answers 1 where bright turns to dark, −1 where dark turns to bright.

var bar = Tensor.From([6, 8], i => i % 8 is >= 2 and < 6 ? 0 : 1);
var pair = Tensor.Of([[1, -1]]);
var Y = CrossCorrelate(bar, pair).Value;
Claim.Same(Y, Tensor.From([6, 7], i => i % 7 == 1 ? 1 : i % 7 == 5 ? -1 : 0));
Show(() => Y);

// (One retelling of this example announces the detected edges and then prints `X`, the image. What it means to show is `Y`.)
//
// The kernel is blind in the other direction. Transpose the image, and the same kernel finds nothing at all:

Claim.That(!Y.Equals(bar));
Claim.Same(CrossCorrelate(Transpose(bar), pair), Tensor.Fill([8, 5], 0));

// ## A real picture
//
// A man with a camera, on grass, in front of a university. 128 × 128 pixels, 0 is black and 1 is white.

var camera = AvgPool(SamplePictures.Camera().Reshape([1, 1, 256, 256]), 2).Value.Reshape([128, 128]);
Show(() => camera.ToPng(2));

// The vertical kernel and the horizontal one, side by side. Red is positive, blue negative, white is no answer. Look at the tripod, and at the horizon.

var (gx, gy) = (CrossCorrelate(camera, vertical).Value, CrossCorrelate(camera, horizontal).Value);
Show(() => Stack(0, gx, gy).Value.DrawMaps());

// Each kernel extracts its own feature. Together they give the outline: at each pixel the two answers are the legs of a right triangle, and its hypotenuse $\sqrt{g_x^2 + g_y^2}$ says how
// strong the edge is, whatever its direction. That is what the next layer of a network can do with the maps of the one before.

var strength = Sqrt(Square(gx) + Square(gy)).Value;
Show(() => strength.Map(value => value / 3).ToPng(2));

// ## What is worth finding
//
// Not every patch of an image tells something. A piece of sky looks like any other piece of sky; a piece of the tripod can be recognised. Edge kernels make that a number: how strong is the answer in a patch
// of sky, in one of grass, and around the head?

double Strength(int row, int column) => Mean(Slice(strength, [row, column], [20, 20])).Value.Scalar;
var (sky, grass, head) = (Strength(5, 90), Strength(104, 100), Strength(20, 48));
Claim.That(head > 5 * sky && head > grass);
Show(() => Chart.Bar(["sky", "grass", "head"], [sky, grass, head])
    .WithTitle("what edge kernels find in 20 × 20 pixels").WithXTitle("mean strength of edges")
    .WithSize(560, 220));

// Useful features are *local changes*: edges, corners, shapes. Useless ones are large even areas and background. Corners are the most telling of all, since an edge looks the same when one moves along
// it, and a corner does not. This kernel takes the difference of a difference, once along the rows and once along the columns: it is silent on straight edges and answers at corners only.

var corner = Tensor.Of([[1, 0, -1], [0, 0, 0], [-1, 0, 1]]);
var square = Tensor.From([12, 12], i => i / 12 is >= 3 and < 9 && i % 12 is >= 3 and < 9 ? 1 : 0);
var corners = CrossCorrelate(square, corner).Value;
Claim.That(corners.ToDoubles().Count(value => value != 0) == 16); // four places at each of four corners
var (left, top) = (CrossCorrelate(square, vertical), CrossCorrelate(square, horizontal));
Show(() => Stack(0, left, top, corners).Value.DrawMaps(each: true));

// ## A gallery
//
// All the tools of a photo program that look at a pixel and its neighbours are kernels. Here are six, each with what it makes of the cat Chelsea.

var kernels = new Dictionary<string, Tensor>
{
    ["smooth"] = Tensor.Fill([3, 3], 1.0 / 9),
    ["sharpen"] = Tensor.Of([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    ["emboss"] = Tensor.Of([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
    ["outline"] = Tensor.Of([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    ["vertical"] = vertical,
    ["horizontal"] = horizontal,
};
Show(() => string.Join(", ", kernels.Select(pair => $"{pair.Key}: sum {Math.Round(pair.Value.ToDoubles().Sum(), 6)}")));

// Look at the sums. Where it is 1, an even area keeps its brightness: the result is a picture again. Where it is 0, an even area becomes 0: the result is a map of changes. To see those, half is added.

var colours = SamplePictures.Chelsea().Reshape([3, 1, 170, 256]); // a batch of three grey pictures
var cat = Slice(AvgPool(colours, 2), [0, 0, 8, 24], [3, 1, 72, 90]);
Tensor Apply(Tensor kernel)
{
    var each = Conv2D(cat, kernel.Reshape([1, 1, 3, 3]), Same).Value.Reshape([3, 72, 90]);
    var even = Math.Abs(kernel.ToDoubles().Sum()) < 1e-9 ? 0.5 : 0;
    return each.Map(value => value + even);
}
Show(() => Tensor.Stack([.. kernels.Values.Select(Apply)]).ToPng(scale: 2, columns: 3));

// Smoothing takes the mean of a window, sharpening adds what smoothing would take away. (One text calls smoothing with a sliding window "pooling". It is not: smoothing gives a pixel for each pixel, and pooling makes the image
// smaller; notebook 07 is about that.)

Claim.That(CrossCorrelate(camera, kernels["smooth"], Same).Shape == Shape.Of(128, 128));
Claim.That(AvgPool(camera.Reshape([1, 1, 128, 128]), 2).Shape == Shape.Of(1, 1, 64, 64));

// ## A healing brush
//
// Somebody has scratched the picture. Where the scratch is, we know nothing; it is marked in a mask. The brush fills each lost pixel with the mean of those around it that are known: smooth the image without the
// scratch, smooth the mask, and divide one by the other.

var known = Tensor.From([128, 128], i => Math.Abs(i / 128 - i % 128 + 6) < 2 ? 0 : 1);
var scratched = Constant(camera) * known;
Node Smooth(Node x) => CrossCorrelate(x, Tensor.Fill([5, 5], 1.0 / 25), Same);
var filled = Smooth(scratched) / Smooth(known);
var healed = Where(Constant(known), camera, filled).Value;
Show(() => Stack(0, scratched, healed).Value.Reshape([2, 1, 128, 128]).ToPng(2));

double Off(Node picture) => Mean(Abs(picture - camera)).Value.Scalar;
Claim.That(Off(healed) < Off(scratched) / 5);
Show(() => Math.Round(Off(scratched) / Off(healed), 1));

// The picture is nine times closer to the original. What is missing are the finest details, since all that a mean can fill in is smooth.
//
// ## A kernel as a layer
//
// So far we knew the numbers. A network does not: its kernels are *parameters*. (Some texts speak here of a "9 × 9" kernel with weights $w_1, \dots, w_9$; nine weights are 3 × 3.) In the textbook one writes a
// module: a random weight, a bias of zero, and a forward pass. In this library that is a record with one method.

var model = new Corr2D(3, 3).Build([6, 8]);
Claim.That(model.ParameterCount == 10 && model.Output.Shape == Shape.Of(4, 6));
Claim.That(model.Init(Key.Of(1))["corr2D1.bias"].Scalar == 0);
Show(() => model.Init(Key.Of(1))["corr2D1.weight"]);

// Nine random weights and a bias. The bias is one number and is added everywhere: broadcasting does that. Nothing more is to be done; the gradient follows from the forward pass.
//
// ## Learning the kernel
//
// Back to the dark bar. We keep the image `bar` and the answer `Y`, and forget the kernel. Is there a way back? Begin with $w = (0, 0)$, take the sum of squared errors, and go ten times against its gradient, with a
// rate of 0.03. The loss is printed in every second step, before the weights change.

Node Loss(Node w) => Sum(Square(CrossCorrelate(bar, w) - Y));
Node weight = Tensor.Of([[0, 0]]);
var printed = new List<double>();
for (var k = 1; k <= 10; k++)
{
    var (value, slope) = ValueAndGrad(Loss)(weight);
    printed.Add(value.Value.Scalar);
    if (k % 2 == 0)
        Console.WriteLine($"step {k}: loss {value.Value.Scalar:0.000}");
    weight = (weight - 0.03 * slope).Value;
}

double[] expected = [4.915, 0.825, 0.138, 0.023, 0.004];
for (var k = 0; k < 5; k++) Claim.Near(printed[2 * k + 1], expected[k], within: 5e-4);
Claim.Same(weight, Tensor.Of([[0.9885, -0.9885]]), within: 1e-4);
Show(() => weight);

// Found: nearly $[1, -1]$, from nothing but an example. Here is the way through the landscape of the loss.

Node Flat(Node w) => Loss(Reshape(w, [1, 2]));
Show(() => Chart.Plot(
        Chart.Contour(Flat, (-0.5, 2.2), (-2.2, 0.5)),
        Chart.Descent(Flat, (0, 0), Optimizers.Sgd(0.03), 10))
    .WithTitle("ten steps to the kernel").WithXTitle("first weight").WithYTitle("second weight")
    .WithSize(480, 460));

// ## Predicting what will be printed
//
// The model is linear in $w$, so the loss is a quadratic function, and there is no secret in how it falls. Its Hessian is the same everywhere:

var H = Hessian(Flat)(Tensor.Of([0, 0]));
Claim.Same(H, Tensor.Of([[36, 24], [24, 36]]), 1e-9);
var w0 = Variable("w", [2]);
var curvature = Curvature.Of(Flat(w0), w0, 2, (w0, Tensor.Of([0, 0])));
Claim.Near(curvature.Eigenvalues[0], 60, 1e-6);
Claim.Near(curvature.Eigenvalues[1], 12, 1e-6);
Show(() => H);

// Along its eigenvectors, $(1, 1)$ with $\lambda = 60$ and $(1, -1)$ with $\lambda = 12$, each step multiplies the error by $1 - \eta\lambda$: by −0.8 and by 0.64. With $c_i$, the error at the start along each of them, the loss that is printed in step $k$ must be
//
// $$L_k = \tfrac12 \sum_i \lambda_i \left(c_i (1 - \eta\lambda_i)^{k-1}\right)^2$$

double Predicted(int k, double c60, double c12) =>
    0.5 * (60 * Math.Pow(c60 * Math.Pow(-0.8, k - 1), 2) + 12 * Math.Pow(c12 * Math.Pow(0.64, k - 1), 2));
var c12 = -Math.Sqrt(2); // from (1, -1) to (0, 0), along (1, -1)/√2; nothing along (1, 1)
for (var k = 1; k <= 10; k++) Claim.Near(Predicted(k, 0, c12), printed[k - 1], within: 1e-9);

// All ten agree to nine digits. We can even check a stranger's run. Somebody published the output of the same program in another library, begun at random weights that we do not know: losses of 11.542, 3.541, 1.252,
// 0.479, 0.191, and the kernel [1.0331, −0.9438] at the end. Ten steps back from that kernel were the first weights, and so:

var (u, v) = (1.0331 - 1, -0.9438 + 1); // what was left of the error
var along60 = (u + v) / Math.Sqrt(2) / Math.Pow(-0.8, 10);
var along12 = (u - v) / Math.Sqrt(2) / Math.Pow(0.64, 10);
double[] theirs = [11.542, 3.541, 1.252, 0.479, 0.191];
double[] ours = [.. new[] { 2, 4, 6, 8, 10 }.Select(k => Math.Round(Predicted(k, along60, along12), 3))];
Claim.Same(Tensor.Of(ours), Tensor.Of([11.573, 3.547, 1.253, 0.480, 0.191]), within: 1e-9);
Console.WriteLine($"published {string.Join("  ", theirs.Select(value => $"{value:0.000}"))}");
Console.WriteLine($"predicted {string.Join("  ", ours.Select(value => $"{value:0.000}"))}");

// The first differs by three per mille, because the kernel was published with four digits and ten steps back magnify what was rounded, the more the larger the error was. The last agree.

double[] steps = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
Show(() => Chart.Plot(
        Chart.Line(steps, steps.Select(k => Predicted((int)k, along60, along12)), "formula"),
        Chart.Scatter([2, 4, 6, 8, 10], theirs, "published"))
    .WithTitle("a run predicted from its last line").WithXTitle("step").WithYTitle("loss").WithLogY()
    .WithSize(560, 320));

// The factor also says when learning fails. If $\eta > 2/60 = 1/30$, then $|1 - 60\eta| > 1$, and the error grows with each step. [10](10-optimisers.ipynb) follows that further.

Claim.Near(curvature.LargestRate, 1.0 / 30, 1e-6);
Tensor After(double rate, int count)
{
    Node w = Tensor.Of([[0, 0.1]]);
    for (var k = 0; k < count; k++)
        w = (w - rate * Grad(Loss)(w)).Value;
    return w.Value;
}
Claim.That(Math.Abs(After(0.0330, 1000)[0, 0] - 1) < 1e-6);
Claim.That(Math.Abs(After(0.0336, 1000)[0, 0] - 1) > 100);

// ## Finding out a secret filter
//
// Does it work with nine weights? Somebody has a secret filter and lets us try it on pictures of our own. We send a picture in, get the answer, and descend. Which picture is best, a
// photograph or pure noise? Both are brought to mean 0 and variance 1, so that the contest is fair.

var secret = kernels["emboss"];
Tensor Fair(Node x) => ((x - Mean(x)) / Std(Reshape(x, [(int)x.Shape.Elements]), [0])).Value;
var photo = Fair(Slice(camera, [10, 30], [32, 32]));
var noise = Fair(Key.Of(5).Normal([32, 32]));
Show(() => Stack(0, photo, noise).Value.Reshape([2, 1, 32, 32]).Map(value => 0.5 + value / 4).ToPng(5));

double[] Learn(Tensor picture, double rate)
{
    var w = Variable("w", [3, 3]);
    var miss = Mean(Square(CrossCorrelate(picture, w) - CrossCorrelate(picture, secret)));
    var next = w - rate * Gradient.Of(miss, w);

    var places = new List<Tensor> { Tensor.Fill([3, 3], 0) };
    for (var k = 0; k < 100; k++)
        places.Add(Reference.Run(next, (w, places[^1])));
    return [.. places.Select(place => Norm(Constant(place) - secret).Value.Scalar)];
}

var (byNoise, byPhoto) = (Learn(noise, 0.3), Learn(photo, 0.1));
Claim.That(byNoise[30] < 1e-4 && byPhoto[100] > 0.1);
Show(() => Chart.Plot(Chart.Line(byPhoto, "photograph"), Chart.Line(byNoise, "noise"))
    .WithTitle("learning a secret filter").WithXTitle("step").WithYTitle("distance to the filter")
    .WithLogY().WithSize(560, 320));

// Noise wins by far. Its pixels have nothing to do with each other, so the Hessian is nearly a multiple of the unit matrix: the valley is round, and descent goes straight to its bottom. In a
// photograph neighbours are alike. Kernels that differ only in how they share their weight among neighbours give nearly the same answer, so the valley is long, and most steps are spent along it.
// That is one reason why networks want their inputs whitened or normalised.

// ## Exercises
//
// **1.** An image grows brighter by 1 with each column, $x_{ij} = j$. What does the vertical kernel answer everywhere?

double? everywhere = null; // your answer
Show(() => Exercise.Check(everywhere, CrossCorrelate(Tensor.From([5, 5], i => i % 5), vertical).Value[0, 0]));

// **2.** Which 3 × 3 kernel moves a picture by one pixel to the left, so that each pixel gets the value of its right neighbour? (It is a cross-correlation: nothing is turned.)

Tensor? shift = null; // your answer, Tensor.Of([[…], […], […]])
var goal = Slice(camera, [1, 2], [126, 126]).Value;
Show(() => Exercise.Check(shift is null ? null : CrossCorrelate(camera, shift).Value, goal));

// **3.** What does the kernel *outline* answer for the bowl $x_{ij} = i^2 + j^2$? Think of second differences.

double? bowl = null; // your answer
var round = Tensor.From([5, 5], i => (i / 5) * (i / 5) + (i % 5) * (i % 5));
Show(() => Exercise.Check(bowl, CrossCorrelate(round, kernels["outline"]).Value[0, 0]));

// ## Where to go from here
//
// Notebook 06 turns kernels around and composes them. [10](10-optimisers.ipynb) is about the learning rate.
//
// * A. Zhang, Z. Lipton, M. Li, A. Smola, *Dive into Deep Learning*, chapter 7.2: the kernel that learns.
// * CS231n, *Convolutional networks*; UFLDL, *Feature extraction using convolution*.
// * I. Sobel, G. Feldman, *A 3×3 isotropic gradient operator for image processing*, 1968; J. Canny, *A computational approach to edge detection*, 1986.

sealed record Corr2D(int Height, int Width) : Layer
{
    public override Node Apply(Scope scope, Node x) =>
        CrossCorrelate(x, scope.Parameter("weight", [Height, Width], Init.Normal(0, 1)))
        + scope.Parameter("bias", [], Init.Zeros);
}

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
