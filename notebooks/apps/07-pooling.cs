// What 07-pooling.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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
using static Cells;

// # Pooling, masks and indices
//
// After a convolution the maps are as large as the picture, and most of their numbers say "nothing here". Pooling keeps one number of each window. We see how, what it is good for and what not, and how errors find their way back through it.

// ## The largest, or the mean
//
// **Max pooling**: windows of 2 × 2, side by side (stride 2), and the largest number of each is kept.

var image = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
Show(() => Pictures.DrawPool(image, 2));

// **Average pooling** keeps the mean:

var x = image.Reshape([1, 1, 4, 4]);
Claim.Same(Reshape(AvgPool(x, 2), [2, 2]), Tensor.Of([[1, 2], [2, 1]]));
Show(() => Pictures.DrawPool(image, 2, average: true));

// In the library both are functions of $(N, C, H, W)$, as a convolution is:

var (largest, mean) = (MaxPool(x, kernel: 2), AvgPool(x, kernel: 2));
Claim.Same(largest, Tensor.Of([[[[2, 3], [3, 2]]]]));
Claim.Same(mean, Tensor.Of([[[[1, 2], [2, 1]]]]));
Show(() => largest);

// Four numbers of sixteen are left: 25 %. This is why it is also called *sub-sampling*; LeNet's pooling layers have that name. On a photograph, three times one after the other, largest above, means below:

var photo = Reshape(SamplePictures.Camera(), [1, 1, 256, 256]);
Node[] Thrice(Func<Node, Node> pool) => [pool(photo), pool(pool(photo)), pool(pool(pool(photo)))];
var (maxima, means) = (Thrice(v => MaxPool(v, 2)), Thrice(v => AvgPool(v, 2)));
Claim.Near(maxima[0].Shape.Elements / (double)photo.Shape.Elements, 0.25);
Node Shown(Node v) => Resize(v, [128, 128]);
Show(() => Concat(0, [.. maxima.Select(Shown), .. means.Select(Shown)]).Value.ToPng(columns: 3));

// The means look like a photograph taken from farther away. The maxima make whatever is bright grow: on a picture odd, on a *feature map* just right, for there bright means "found", and found once in a window is found.
//
// ## What can be chosen
//
// The window's size and the stride, and that is all. Each channel is pooled by itself, so as many come out as went in. There is nothing to learn, no weight and no bias, and no activation follows: the largest of numbers that went through a ReLU is not negative anyway.

var pool = MaxPool(kernel: 3, stride: 2);
var summary = (Conv2D(8, 3) >> Relu >> pool).Summary([3, 33, 33]);
Claim.That(summary.Rows[^1].Output == Shape.Of(8, 15, 15) && summary.Rows[^1].Parameters == 0);
var two = Concat(1, x, 10 - Constant(x));
Claim.Same(MaxPool(two, 2), Concat(1, MaxPool(x, 2), MaxPool(10 - Constant(x), 2)).Value);
var positive = Relu(Constant(x) - 2);
Claim.Same(Relu(MaxPool(positive, 2)), MaxPool(positive, 2).Value);
Show(() => summary);

// The size follows from the formula for convolutions, with $p = 0$ and the window $F$ and stride $S$:
//
// $$\text{out} = \left\lfloor \frac{\text{in} - F}{S} \right\rfloor + 1$$
//
// > **A slip to know.** One set of slides says: pooling with stride $s$ makes $m = n/s$. That is so only if the window is as wide as the stride *and* $s$ divides $n$. What does not fill a window is dropped.

int Out(int size, int f, int s) => MaxPool(Ones([1, 1, size, size]), f, s).Shape[2];
foreach (var (n, f, s) in new[] { (28, 2, 2), (27, 4, 4), (7, 3, 2), (33, 3, 2), (6, 3, 1) })
{
    Claim.That(Out(n, f, s) == (n - f) / s + 1);
    Console.Write($"{n} pixels, window {f}, stride {s}: {Out(n, f, s)}; ");
    Console.WriteLine($"n/s would be {n / (double)s}");
}
Claim.That(Out(28, 2, 2) == 28 / 2 && Out(7, 3, 2) == 3 && Out(27, 4, 4) == 6);

// 27 pixels in windows of 4: six windows cover 24 pixels, and three rows and three columns are never seen. (A switch, `ceil: true`, lets a last, incomplete window count.)

Claim.That(27 - 6 * 4 == 3);
Claim.That(MaxPool(Ones([1, 1, 27, 27]), 4, ceil: true).Shape[2] == 7);
Show(() => MaxPool(4).Summary([8, 27, 27]));

// ## What it is good for
//
// **It makes the rest of the network small.** A quarter of the numbers go on after each pool; the dense layer at the end, which holds most of the weights, gets a fraction, and with fewer weights there is less danger of learning the examples by heart. LeNet-5, with its pools and without:

Layer Net(Layer pool) => Conv2D(6, 5, Same) >> Relu >> pool >> Conv2D(16, 5) >> Relu >> pool
    >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10);
var (with, without) = (Net(MaxPool(2)).Summary([1, 28, 28]), Net(Identity).Summary([1, 28, 28]));
Claim.That(with.Parameters == 61_706 && without.Parameters == 1_119_626);
Claim.That(without.MultiplyAdds > 6 * with.MultiplyAdds);
Show(() => Chart.Column(["with pooling", "without"], [with.Parameters, without.Parameters])
    .WithTitle("LeNet-5 on 28 × 28 pixels").WithXTitle("").WithYTitle("parameters"));

// **It forgives small steps.** Move what is in the picture by one pixel, and the largest number of a window is often the same, because it only moved *inside* the window. Here is a map of edges of a digit, and the same after a step of one pixel to the right, first as they are, then pooled in windows of 4:

var digits = Datasets.Digits().Test.Images.Slice(0, 40);
var edge = Tensor.Of([[1, 0, -1], [1, 0, -1], [1, 0, -1]]).Reshape([1, 1, 3, 3]);
Node Map(Node pictures) => Relu(Conv2D(pictures, edge, Same));
Node Moved(Node v, int by) => Slice(Pad(v, [0, 0, 0, by], [0, 0, 0, 0]), [0, 0, 0, 0], v.Shape);
var one = digits.Slice(0, 1);
var (still, stepped) = (Map(one), Map(Moved(one, 1)));
Node[] maps = [still, stepped, MaxPool(still, 4), MaxPool(stepped, 4)];
Show(() => Concat(1, [.. maps.Select(v => Resize(v, [56, 56]))]).Value.DrawMaps(columns: 4));

// Measure it. For forty digits, take the cosine between the map before the step and after: 1 means that nothing has changed.

double Alike(Node a, Node b, int window) => Mean(CosineSimilarity(
    Flatten(MaxPool(Map(a), window)), Flatten(MaxPool(Map(b), window)))).Value.Scalar;
int[] windows = [1, 2, 4];
double[][] afterStep = [.. windows.Select(w => Enumerable.Range(0, 7)
    .Select(by => Alike(digits, Moved(digits, by), w)).ToArray())];
Claim.That(afterStep[0][1] < 0.65 && afterStep[2][1] > 0.85);
Claim.That(afterStep[2][6] < 0.3);
string Named(int w) => w == 1 ? "no pooling" : $"windows of {w}";
Show(() => Chart.Plot(windows.Select((w, i) => Chart.Line(afterStep[i], Named(w))))
    .WithTitle("Digits moved to the right")
    .WithXTitle("step in pixels").WithYTitle("likeness, cosine"));

// So pooling brings invariance under small translations: *approximately*, and for steps that are small beside the window. After six pixels it is of little help.
//
// > **A slip to know.** One reads that pooling makes a network invariant under translation *and scale*. Try scale: enlarge the digits about their middle.

Node Zoomed(int size) => Slice(Resize(digits, [size, size], ResizeMode.Linear),
    start: [0, 0, (size - 28) / 2, (size - 28) / 2], size: [40, 1, 28, 28]);
double[] zooms = [28, 30, 32, 34, 36, 38, 40, 42];
double[][] afterZoom = [.. windows.Select(w => zooms
    .Select(size => Alike(digits, Zoomed((int)size), w)).ToArray())];
Claim.That(afterZoom[2][1] > 0.95 && afterZoom[2][^1] < 0.7 && afterZoom[0][^1] < 0.3);
var percent = zooms.Select(size => 100 * size / 28).ToArray();
Show(() => Chart.Plot(windows.Select((w, i) => Chart.Line(percent, afterZoom[i], Named(w))))
    .WithTitle("Digits enlarged").WithXTitle("size in %").WithYTitle("likeness, cosine"));

// A few per cent are forgiven, as far as nothing moves by more than a window. A digit half as large again is another map. A network that is to know things near and far must be shown them near and far.
//
// ## The way back: who was the largest?
//
// Learning needs the derivative of the loss by each pixel. If $y$ is the largest of four numbers, then a little more of *that one* makes $y$ as much larger, and a little more of the others does nothing: the derivative is 1 at the maximum and 0 elsewhere. So the error of each
// window, $\delta$, goes to where its largest number was. Everything else gets nothing.

var error = Tensor.Of([[10, 20], [30, 40]]);
Show(() => Pictures.DrawPoolGradient(image, error, 2));

// To know the places later, note them down on the way forward: these are the **indices**, counted through the picture row by row from 0. In the window at the upper left the largest is the 2 at index 1.

var index = MaxPoolIndices(x, 2);
Claim.Same(index, Tensor.Of([[[[1, 2], [8, 11]]]]));
Show(() => index.Value.Reshape([2, 2]));

// Or, what is the same as a picture, the **mask**: 1 where a maximum was taken.

var mask = MaxUnpool(Ones([1, 1, 2, 2]), index, [4, 4]).Value.Reshape([4, 4]);
Claim.Same(mask, Tensor.Of([[0, 1, 1, 0], [0, 0, 0, 0], [1, 0, 0, 1], [0, 0, 0, 0]]));
Show(() => Chart.Heatmap(mask).WithTitle("Mask of the max pool").WithXTitle("column").WithYTitle("row")
    .WithSize(420, 320));

// Look at the window on the upper right: it has two 3s. Which of them gets the error? Both rules would be correct, but one must be fixed: here, as in PyTorch, the **first** in reading order wins, and gets all.
//
// The derivative that the library finds by itself is the errors, each put at its index:

var v = Variable("x", [1, 1, 4, 4]);
var pooled = MaxPool(v, 2);
var back = Gradient.Of(Sum(pooled * error.Reshape([1, 1, 2, 2])), v);
var dx = Reference.Run(back, (v, x));
Claim.Same(dx, MaxUnpool(error.Reshape([1, 1, 2, 2]), index, [4, 4]).Value);
Claim.Same(dx, Tensor.Of([[[[0, 10, 20, 0], [0, 0, 0, 0], [30, 0, 0, 40], [0, 0, 0, 0]]]]));
Show(() => dx.Reshape([4, 4]));

// Its graph shows the plan: the indices are computed from $x$, and the derivative only puts numbers at places.

Show(() => new Graph(pooled, back).Simplify());

// Where windows overlap, a pixel may be the largest of several; then it gets the sum of their errors. In windows of 3 × 3 with stride 1 the 3 of the first row wins both upper windows, and gets 10 + 20:

var overlapping = Gradient.Of(Sum(MaxPool(v, 3, stride: 1) * error.Reshape([1, 1, 2, 2])), v);
var sums = Reference.Run(overlapping, (v, x)).Reshape([4, 4]);
Claim.Near(Sum(sums).Value.Scalar, 10 + 20 + 30 + 40);
Claim.Same(sums, Tensor.Of([[0, 0, 30, 0], [0, 0, 0, 40], [30, 0, 0, 0], [0, 0, 0, 0]]));
Show(() => sums);

// ## The way back through a mean
//
// A mean of $F \cdot F$ numbers depends on each with $1/(F \cdot F)$. So the error is dealt out evenly, $\delta / (F \cdot F)$ for each pixel of the window:

var even = Gradient.Of(Sum(AvgPool(v, 2) * error.Reshape([1, 1, 2, 2])), v);
var shares = Reference.Run(even, (v, x));
Claim.Same(shares, (Resize(error.Reshape([1, 1, 2, 2]), [4, 4]) / (2 * 2)).Value);
Claim.Near(shares.At(0), 10 / 4.0);
Show(() => shares.Reshape([4, 4]));

Show(() => Pictures.DrawPoolGradient(image, error, 2, average: true));

// ## Through the activation, too
//
// In a network the pool stands after an activation, $a = f(z)$ with $f = \mathrm{ReLU}$. Call "upsample" what we have just done, bring the errors back to the size before the pool. Then the whole step from the error behind the pool to that before the activation is
//
// $$\delta^{l-1} = \mathrm{upsample}(\delta^l) \odot f'(z^{l-1})$$
//
// with $\odot$ for number by number, and $f'$ which is 1 where $z > 0$ and 0 elsewhere. Check it with $z$ = image − 2:

var z = (Constant(x) - 2).Value;
var passed = MaxPool(Relu(v), 2);
var throughBoth = Gradient.Of(Sum(passed * error.Reshape([1, 1, 2, 2])), v);
var upsampled = MaxUnpool(error.Reshape([1, 1, 2, 2]), MaxPoolIndices(Relu(z), 2), [4, 4]);
Claim.Same(Reference.Run(throughBoth, (v, z)), (upsampled * Greater(z, 0)).Value);
Show(() => Reference.Run(throughBoth, (v, z)).Reshape([4, 4]));

// The 10 is gone: the largest of the upper left window was the 2, which became $z = 0$, and there the ReLU lets nothing through.
//
// Nobody wrote this formula into the library. It derives it from the graph, and can print what it derived:

var model = (Conv2D(4, 3) >> Relu >> MaxPool(2)).Build([1, 1, 8, 8]);
var derivation = Derivation.Of(Sum(Square(model.Output)), model.Parameters[0].Variable);
Claim.That(derivation.IsChecked && $"{derivation}".Contains("upsample"));
Show(() => derivation);

// ## Your turn
//
// **1.** A map of 112 × 112 pixels is pooled with windows of 3 and stride 2. How wide is the result?

double? width = null; // your answer
Show(() => Exercise.Check(width, Out(112, 3, 2)));

// **2.** Write the mask of `image` for a max pool with windows of 4 (one window, the whole picture). Mind the rule for equal numbers.

Tensor? oneWindow = null; // your answer
var whole = MaxUnpool(Ones([1, 1, 1, 1]), MaxPoolIndices(x, 4), [4, 4]).Value;
Show(() => Exercise.Check(oneWindow, whole.Reshape([4, 4])));

// **3.** An error of 12 comes back to a window of a *mean* pool with windows of 3. What does each pixel get?

double? share = null; // your answer
var nine = Variable("nine", [1, 1, 3, 3]);
var dealt = Gradient.Of(Sum(12 * AvgPool(nine, 3)), nine);
Show(() => Exercise.Check(share, Reference.Run(dealt, (nine, Tensor.Fill([1, 1, 3, 3], 0))).At(0)));

// ## Where to go on
//
// * Next: [08 Backprop](08-backprop-derived.ipynb), which takes errors through everything else. Back: [06 Convolution and cross-correlation](06-convolution-and-cross-correlation.ipynb).
// * Y. LeCun et al., *Gradient-based learning applied to document recognition*, 1998: sub-sampling as it began. D. Scherer, A. Müller, S. Behnke, *Evaluation of pooling operations in convolutional architectures*, 2010: maxima against means.
// * R. Zhang, [*Making convolutional networks shift-invariant again*](https://arxiv.org/abs/1904.11486), 2019: how far the invariance really goes. [UFLDL, Pooling](http://ufldl.stanford.edu/tutorial/supervised/Pooling/); *Dive into Deep Learning*, [7.5](https://d2l.ai/chapter_convolutional-neural-networks/pooling.html).

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
