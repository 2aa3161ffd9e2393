// What 02-convolution-by-hand.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # Convolution by hand
//
// A kernel slides over an image; at each place the numbers under it are multiplied with its own and added up. That is all a convolution is. Here we do it
// with small matrices that can be checked with a pencil, and find every formula for the size of the result.

// ## Place, multiply, add, write
//
// An image of 4 × 4 numbers and a kernel of 3 × 3:

var image = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
var kernel = Tensor.Of([[2, 0, 1], [0, 1, 2], [1, 0, 2]]);
Show(() => image);

Show(() => kernel);

// First, **place** the kernel on the upper left corner of the image, and **multiply** each of its numbers with the one under it.

var under = Slice(image, start: [0, 0], size: [3, 3]);
var products = under * kernel;
Show(() => products);

// Then **add** the nine products, and **write** the sum down: it is the upper left number of the result.

Claim.Near(Sum(products).Value.Scalar, 15);
Show(() => Sum(products));

// Then the kernel moves on: from left to right, and at the end of a row down to the next, as one reads. (If the picture stands still, your viewer does not play it;
// it shows the first step.)

Show(() => Pictures.DrawConvolution(image, kernel));

// The result is called a **feature map**: a picture of where the kernel found what it looks for. The library computes all four places at once. The cell asserts what it claims, as every cell here does: if a number in this text were wrong, the notebook would stop.

var result = CrossCorrelate(image, kernel);
Claim.Same(result, Tensor.Of([[15, 16], [6, 15]]));
Show(() => result);

// As a formula, with the image $x$, the kernel $w$ of $k \times k$ numbers and the result $y$:
//
// $$y_{i,j} = \sum_{m=0}^{k-1} \sum_{n=0}^{k-1} x_{i+m,\,j+n} \cdot w_{m,n}$$
//
// ## A word about the word
//
// Many texts print another formula, for an image $f$ and a kernel $h$:
//
// $$G[m,n] = (f * h)[m,n] = \sum_j \sum_k h[j,k] \cdot f[m-j,\,n-k]$$
//
// Look at the minus signs: here the kernel is laid upon the image *turned by 180°*. This is what mathematics calls convolution; what networks compute, with plus signs, is its sister, cross-correlation.
// Both give maps of the same size, but not the same numbers:

var turned = Rotate180(kernel, 0);
Claim.Same(Convolve(image, kernel), Tensor.Of([[11, 12], [10, 11]]));
Claim.Same(CrossCorrelate(image, turned), Tensor.Of([[11, 12], [10, 11]]));
Show(() => turned);

// In this notebook, and in all of deep learning, "convolution" is the one with plus signs. [Notebook 06](06-convolution-and-cross-correlation.ipynb) tells what the difference is good for.
//
// ## In two loops
//
// Here is the whole op as a program. The same code stands in *Dive into Deep Learning* under the name `corr2d`.

Tensor Corr2D(Tensor x, Tensor w)
{
    var (rows, columns) = (x.Shape[0] - w.Shape[0] + 1, x.Shape[1] - w.Shape[1] + 1);
    var y = new double[rows * columns];
    for (var i = 0; i < rows; i++)
        for (var j = 0; j < columns; j++)
            y[i * columns + j] = Sum(Slice(x, [i, j], w.Shape) * w).Value.Scalar;
    return Tensor.Of([rows, columns], y);
}

// That book's example, the numbers 0 to 8 under a kernel of 2 × 2: the first sum is $0 \cdot 0 + 1 \cdot 1 + 3 \cdot 2 + 4 \cdot 3 = 19$.

var nine = Tensor.Of([[0, 1, 2], [3, 4, 5], [6, 7, 8]]);
var four = Tensor.Of([[0, 1], [2, 3]]);
Claim.Same(Corr2D(nine, four), Tensor.Of([[19, 25], [37, 43]]));
Claim.Same(CrossCorrelate(nine, four), Corr2D(nine, four));
Show(() => Corr2D(nine, four));

// And it agrees with the library on our image:

Claim.Same(Corr2D(image, kernel), result.Value);
Show(() => Corr2D(image, kernel));

// ## How large is the result?
//
// A kernel of width $k$ on a row of $n$ numbers can begin at the first, the second, … and last at the number $n - k + 1$, where its right end touches the border. So
//
// $$m = n - k + 1$$
//
// and $m < n$ as soon as $k > 1$: the result is smaller than the image. For us, $4 - 3 + 1 = 2$.

int Size(int n, int k) => CrossCorrelate(Ones([n, n]), Ones([k, k])).Shape[0];
Claim.That(Size(n: 4, k: 3) == 4 - 3 + 1);
Claim.That(Size(n: 28, k: 5) == 24);
Show(() => result.Shape);

// An image of 6 × 6 has $4 \cdot 4 = 16$ places for a kernel of 3 × 3:

var six = Tensor.From([6, 6], i => i);
var places = CrossCorrelate(six, Ones([3, 3]));
Claim.That(places.Shape == Shape.Of(4, 4));
Claim.That(places.Shape.Elements == 16);
Show(() => places);

// So each convolution takes something away. With $k = 3$ a row of 6 becomes 4, then 2, and then there is no room for the kernel. The library says so, and says what would help:

Claim.That(Size(6, 3) == 4 && Size(4, 3) == 2);
try
{
    CrossCorrelate(Ones([2, 2]), Ones([3, 3]));
}
catch (ShapeError error)
{
    Console.WriteLine(error.Message);
}

// How deep could a network be that loses two rows, four or six in each layer? An image of 28 × 28 lasts for 13, 6, or 4 convolutions:

double[] Widths(int k) =>
    Enumerable.Range(0, 14).Select(depth => 28.0 - depth * (k - 1)).Where(n => n > 0).ToArray();
Claim.That(Widths(3).Length == 1 + 13 && Widths(5).Length == 1 + 6 && Widths(7).Length == 1 + 4);
Show(() => Chart.Plot(new[] { 3, 5, 7 }.Select(k => Chart.Line(Widths(k), $"{k} × {k}")))
    .WithTitle("Without padding an image wears out")
    .WithXTitle("convolutions").WithYTitle("width in pixels"));

// And something else goes wrong on the way. Count how many windows see each pixel of a 6 × 6 image. A neat way to count: with a kernel of ones, the derivative of the sum of all
// results by a pixel *is* the number of windows that it lies in.

var x = Variable("x", [6, 6]);
Tensor Windows(int padding)
{
    var total = Sum(CrossCorrelate(x, Ones([3, 3]), padding));
    return Reference.Run(Gradient.Of(total, x), (x, six));
}
var seen = Windows(padding: 0);
Claim.That(seen[0, 0] == 1 && seen[0, 1] == 2 && seen[0, 2] == 3 && seen[2, 2] == 9);
Show(() => Chart.Heatmap(seen).WithTitle("Windows that see each pixel, 6 × 6, k = 3")
    .WithXTitle("column").WithYTitle("row"));

// A corner is seen once, an edge two or three times, the middle nine times. What is at the border hardly counts.
//
// ## Padding
//
// The remedy for both is a frame. With one row of zeros on each side, $p = 1$, an image of 6 × 6 becomes 8 × 8, and the result is 6 × 6, as large as what we began with:

Claim.That(Pad2D(six, 1).Shape == Shape.Of(8, 8));
Claim.That(CrossCorrelate(six, Ones([3, 3]), padding: 1).Shape == Shape.Of(6, 6));
var framed = Windows(padding: 1);
Claim.That(framed[0, 0] == 4 && framed[0, 2] == 6 && framed[2, 2] == 9);
Show(() => framed);

// (The table counts windows again: now 4 at a corner, 6 at an edge, 9 in the middle.)
//
// A frame of width $p$ adds $2p$ numbers to each row, so
//
// $$m = n + 2p - k + 1$$

int Padded(int n, int k, int p) =>
    CrossCorrelate(Ones([n, n]), Ones([k, k]), padding: p).Shape[0];
Claim.That(Padded(n: 6, k: 3, p: 1) == 6 + 2 * 1 - 3 + 1);
Claim.That(Padded(n: 4, k: 3, p: 1) == 4);
Claim.That(Padded(n: 28, k: 5, p: 0) == Size(n: 28, k: 5));
Show(() => Padded(n: 28, k: 5, p: 1));

// Our image of 4 × 4 in a frame of zeros:

var zeros = Pad2D(image, 1);
Claim.That(zeros.Shape == Shape.Of(6, 6) && zeros.Value[0, 0] == 0 && zeros.Value[1, 1] == 1);
Show(() => zeros);

Show(() => Pictures.DrawConvolution(image, kernel, padding: 1));

// Two names are used everywhere:
//
// * **valid**: no padding, $p = 0$; every number comes from pixels that exist.
// * **same**: as much padding as keeps the size. Put $m = n$ into the formula above and solve it: $p = (k - 1)/2$, which is why $k$ is usually odd.

Claim.Same(CrossCorrelate(image, kernel, Valid), result.Value);
var same = CrossCorrelate(image, kernel, Same);
Claim.Same(same, CrossCorrelate(image, kernel, padding: (3 - 1) / 2).Value);
Claim.That(same.Shape == image.Shape);
Show(() => same);

// > **A slip to know.** Some slides print $p = (k-1)/2$ under the heading "valid". It belongs to *same*: a valid convolution has no padding at all. The next cell tries both.

Claim.That(Padded(n: 10, k: 5, p: (5 - 1) / 2) == 10);  // keeps the size: same
Claim.That(Padded(n: 10, k: 5, p: 0) == 6);             // valid

// The three kernels that you will meet most need 1, 2 and 3:

foreach (var k in new[] { 3, 5, 7 })
{
    var p = (k - 1) / 2;
    Claim.That(Padded(n: 28, k, p) == 28);
    Console.WriteLine($"{k} × {k}: padding {p}");
}

// ## What stands in the frame
//
// Zeros are a choice, not a law. Any constant will do, such as ones; or the frame repeats the nearest pixel of the edge. The middle of the result does not change, its border does.

var withZeros = CrossCorrelate(Pad2D(image, 1), kernel);
Claim.Same(withZeros,
    Tensor.Of([[7, 12, 10, 2], [4, 15, 16, 10], [10, 6, 15, 6], [8, 10, 4, 3]]));
Show(() => withZeros);

var withOnes = CrossCorrelate(Pad2D(image, 1, PadMode.Constant, value: 1), kernel);
Claim.Same(withOnes,
    Tensor.Of([[11, 15, 13, 9], [7, 15, 16, 15], [13, 6, 15, 11], [13, 13, 7, 9]]));
Show(() => withOnes);

var withEdge = CrossCorrelate(Pad2D(image, 1, PadMode.Edge), kernel);
Claim.Same(withEdge,
    Tensor.Of([[11, 17, 14, 14], [9, 15, 16, 20], [12, 6, 15, 15], [22, 12, 9, 9]]));
Show(() => withEdge);

// > **A slip to know.** One set of slides shows the second of these tables, which begins with 11, 15, 13, 9, as the result of *zero* padding. Check the corner: with zeros the four pixels in the corner and the lower right four weights
// > give $1 \cdot 1 + 2 \cdot 2 + 0 \cdot 0 + 1 \cdot 2 = 7$. The 11 needs a frame of ones, whose five other weights, $2 + 0 + 1 + 0 + 1 = 4$, make up the difference.

var weights = Slice(kernel, [1, 1], [2, 2]);
var corner = Sum(Slice(image, [0, 0], [2, 2]) * weights).Value.Scalar;
var onFrame = (Sum(kernel) - Sum(weights)).Value.Scalar;
Claim.Near(corner, 7);
Claim.Near(corner + onFrame, 11);
Show(() => $"{corner} with zeros, {corner} + {onFrame} = {corner + onFrame} with ones");

// ## Stride
//
// The kernel need not go step by step. With a **stride** of $s$ it jumps $s$ pixels at a time: windows overlap less, the map gets smaller, and there is less to compute. An image of 5 × 5:

var five = Tensor.Of([[1, 0, 3, 2, 3], [0, 1, 2, 3, 0], [2, 0, 1, 2, 3],
    [3, 3, 0, 1, 2], [0, 2, 3, 0, 1]]);
Show(() => Pictures.DrawConvolution(five, kernel, stride: 2));

// Stride 1 gives 3 × 3 numbers, stride 2 gives the four in its corners: a stride only leaves out what lies between.

var step1 = CrossCorrelate(five, kernel, stride: 1);
var step2 = CrossCorrelate(five, kernel, stride: 2);
Claim.Same(step1, Tensor.Of([[14, 14, 19], [7, 15, 16], [14, 6, 15]]));
Claim.Same(step2, Tensor.Of([[14, 19], [14, 15]]));
Claim.Same(Slice(step1, start: [0, 0], size: [2, 2], step: [2, 2]), step2.Value);
Show(() => step1);

Show(() => step2);

// On 28 × 28 pixels, what a stride saves:

var strides = new[] { 1, 2, 3, 4 };
var counts = strides.Select(s => CrossCorrelate(Ones([28, 28]), Ones([3, 3]), stride: s))
    .Select(y => (double)y.Shape.Elements).ToArray();
Claim.That(counts.SequenceEqual([676, 169, 81, 49]));
Show(() => Chart.Column(strides.Select(s => $"{s}"), counts).WithTitle("Windows to compute: 28 × 28, k = 3")
    .WithXTitle("stride in pixels").WithYTitle("windows"));

// The first window takes $k$ of the $n + 2p$ numbers in a row. Each further one needs $s$ more, and $n + 2p - k$ are left, so that
//
// $$m = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
//
// This is the formula to remember; all the others are special cases of it. The brackets round down, because a window that would hang over the edge is not taken.

int Formula(int n, int k, int p, int s) => (n + 2 * p - k) / s + 1;   // C# rounds down here
int Library(int n, int k, int p, int s) =>
    CrossCorrelate(Ones([n, n]), Ones([k, k]), padding: p, stride: s).Shape[0];
Claim.That(Formula(n: 6, k: 3, p: 0, s: 2) == 2 && Library(n: 6, k: 3, p: 0, s: 2) == 2);
Show(() => Pictures.DrawConvolution(six, kernel, stride: 2));

// In a row of 6 the windows begin at 0 and 2; one at 4 would need the pixels 4, 5 and 6. So there are $\lfloor 3/2 \rfloor + 1 = 2$, and the last row and the last column of the image are never read.
//
// > **A slip to know.** The formula is often printed without the brackets. That would make 2.5 windows here.

var unrounded = (6 + 2 * 0 - 3) / 2.0 + 1;
Claim.Near(unrounded, 2.5);
Claim.That(Math.Floor(unrounded) == Library(n: 6, k: 3, p: 0, s: 2));

// An example that is asked in interviews: $n = 7$, $k = 3$, $p = 1$, $s = 2$. Work it out before you look.

Claim.That(Library(n: 7, k: 3, p: 1, s: 2) == 4);
Show(() => $"⌊(7 + 2·1 − 3) / 2⌋ + 1 = {Formula(n: 7, k: 3, p: 1, s: 2)}");

// Rather than trust a few examples, compare the formula with what the library really does, for every image of up to 12 pixels, every kernel that fits, paddings up to 3 and strides up to 4:

var cases = (from n in Enumerable.Range(1, 12)
             from p in Enumerable.Range(0, 4)
             from k in Enumerable.Range(1, n + 2 * p)
             from s in Enumerable.Range(1, 4)
             select (n, k, p, s)).ToArray();
Claim.That(cases.All(c => Formula(c.n, c.k, c.p, c.s) == Library(c.n, c.k, c.p, c.s)));
Show(() => $"the formula holds in all {cases.Length} cases");

// Height and width may have strides of their own; each goes into the formula for its axis. On 5 × 5 pixels, steps of 1 downwards and of 2 to the right give $3 \times 2$ numbers:

var wide = Conv2D(filters: 1, kernel: 3, stride: [1, 2]);
Claim.That(wide.Summary([1, 5, 5]).Rows[^1].Output == Shape.Of(1, 3, 2));
Claim.That(Formula(n: 5, k: 3, p: 0, s: 1) == 3 && Formula(n: 5, k: 3, p: 0, s: 2) == 2);
var perAxis = new Convolution(Window.Of(rank: 2) with { Stride = [1, 2] })
    .Of(five.Reshape([1, 1, 5, 5]), kernel.Reshape([1, 1, 3, 3]));
Claim.Same(Reshape(perAxis, [3, 2]), Slice(step1, [0, 0], size: [3, 2], step: [1, 2]).Value);
Show(() => Reshape(perAxis, [3, 2]));

// ## The other way round: which padding do I need?
//
// Given the size that must come out, solve for $p$, with $F$ for the kernel's size as some texts call it:
//
// $$p = \frac{(\text{out} - 1) \cdot s + F - \text{in}}{2}$$

double Needed(int from, int to, int f, int s) => ((to - 1) * s + f - from) / 2.0;
Claim.Near(Needed(from: 7, to: 5, f: 3, s: 1), 0);
Claim.Near(Needed(from: 3, to: 4, f: 2, s: 1), 1);
Claim.That(Library(n: 7, k: 3, p: 0, s: 1) == 5 && Library(n: 3, k: 2, p: 1, s: 1) == 4);
Console.WriteLine($"from 7 to 5 with 3 × 3: padding {Needed(7, 5, 3, 1)}");
Console.WriteLine($"from 3 to 4 with 2 × 2: padding {Needed(3, 4, 2, 1)}");

// What if it is no whole number? A kernel of 2 × 2 on 4 × 4 pixels would need $p = 1/2$ to keep the size: half a row on each side, which means one row on *one* side. So say which you mean, for "padding 1" is a row **on each side** in
// some books and programs, and **in total** in others. In this library one number is each side, and `Padding.Of` names them one by one:

Claim.Near(Needed(from: 4, to: 4, f: 2, s: 1), 0.5);
var onBoth = CrossCorrelate(image, four, padding: 1);
var atTheEnd = CrossCorrelate(image, four, Padding.Of(before: [0, 0], after: [1, 1]));
Claim.That(onBoth.Shape == Shape.Of(5, 5) && atTheEnd.Shape == Shape.Of(4, 4));
Claim.Same(CrossCorrelate(image, four, Same), atTheEnd.Value);
Show(() => $"1 on each side: {onBoth.Shape}, 1 in total: {atTheEnd.Shape}");

// `Same` puts an odd row at the end, as ONNX's `SAME_UPPER` and TensorFlow do.
//
// ## The letters
//
// | letter | means | also written | default |
// | --- | --- | --- | --- |
// | $n$ | width of the image | in, $W$ | |
// | $k$ | width of the kernel | $f$, $F$ | |
// | $p$ | padding on each side | pad | 0 |
// | $s$ | stride | step | 1 |
// | num | number of kernels: the channels of the result | $n_f$, $C_{out}$ | |
// | $m$ | width of the result | out | |
//
// and in one line of code:

var layer = Conv2D(filters: 6, kernel: 5, padding: 2, stride: 1);
Claim.That(layer.Summary([1, 28, 28]).Rows[^1].Output == Shape.Of(6, 28, 28));
Show(() => layer.Summary([1, 28, 28]));

// ## The same formula for pooling
//
// Pooling ([notebook 07](07-pooling.ipynb)) slides windows, too, and takes their largest number instead of a weighted sum. Its size is the same formula with $p = 0$.
//
// > **A slip to know.** "Pooling with stride $s$ makes $n/s$ of $n$" holds only if the window is as wide as the stride *and* $s$ divides $n$. 28 pixels in windows of 2 give 14; but 27 pixels in windows of 4 give 6, not 6.75, and 7 pixels in
// > windows of 3 with stride 2 give 3, not 3.5.

int Pooled(int n, int k, int s) => MaxPool(Ones([1, 1, n, n]), kernel: k, stride: s).Shape[2];
Claim.That(Pooled(n: 28, k: 2, s: 2) == 28 / 2);
Claim.That(Pooled(n: 27, k: 4, s: 4) == 6 && Formula(n: 27, k: 4, p: 0, s: 4) == 6);
Claim.That(Pooled(n: 7, k: 3, s: 2) == 3 && Formula(n: 7, k: 3, p: 0, s: 2) == 3);

// ## Your turn
//
// **1.** The first layer of AlexNet has kernels of 11 × 11, stride 4 and padding 2 on images of 224 × 224. How wide is its result? (Mind the brackets.)

double? width = null; // your answer
Show(() => Exercise.Check(width, Library(n: 224, k: 11, p: 2, s: 4)));

// **2.** What does the kernel `[[0, 0], [0, 1]]` make of `image`, without padding? Write the matrix first, `Tensor.Of([[…], …])`, then let it be checked. (Hint: it multiplies one number of each window by 1 and forgets the rest.)

Tensor? shifted = null; // your answer
Show(() => Exercise.Check(shifted, CrossCorrelate(image, Tensor.Of([[0, 0], [0, 1]])).Value));

// **3.** Find a kernel of 3 × 3 that, with padding 1, gives back exactly the image it is laid on. (Hint: of the nine numbers under it only one may count.)

Tensor? neutral = null; // your answer
Show(() => Exercise.Check(neutral is null ? null : CrossCorrelate(image, neutral, padding: 1).Value, image));

// ## Where to go on
//
// * Next: [03 Padding](03-padding.ipynb), which looks at what a frame does to real pictures. Back: [01 Images as tensors](01-images-as-tensors.ipynb).
// * A. Zhang, Z. Lipton, M. Li, A. Smola, [*Dive into Deep Learning*](https://d2l.ai/chapter_convolutional-neural-networks/conv-layer.html), 7.2 and 7.3.
// * Stanford [CS231n, Convolutional Networks](https://cs231n.github.io/convolutional-networks/): spatial arrangement.
// * V. Dumoulin, F. Visin, [*A guide to convolution arithmetic for deep learning*](https://arxiv.org/abs/1603.07285), 2016: all cases in pictures.

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
