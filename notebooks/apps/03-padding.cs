// What 03-padding.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # Padding
//
// A convolution without a frame around the picture loses its border, twice over. This notebook shows the loss, the frame that mends it, what may stand in that frame, what each choice does to a real picture, and how wide the frame must be.

// ## What is lost
//
// A piece of a photograph, and a kernel of 7 × 7 that takes the mean of what it covers, a plain blur:

var photo = Slice(SamplePictures.Camera(), start: [0, 30, 60], size: [1, 96, 96]).Value;
var picture = photo.Reshape([96, 96]);
var blur = Tensor.Fill([7, 7], 1.0 / 49);
Show(() => photo.ToPng(scale: 2));

// Blur it again and again without padding. Each time the kernel's centre cannot come nearer to the border than three pixels, so three rows go on each side:

Node[] worn = [picture, .. Enumerable.Range(1, 8).Select(times =>
    Enumerable.Range(0, times).Aggregate((Node)picture, (x, _) => CrossCorrelate(x, blur)))];
var shown = worn.Select(x => Pad(x, [0, 0], [96 - x.Shape[0], 96 - x.Shape[1]], value: 1));
Show(() => Tensor.Stack([.. shown.Select(x => x.Value.Reshape([1, 96, 96]))]).ToPng(columns: 9));

var areas = worn.Select(x => 100.0 * x.Shape.Elements / picture.Count).ToArray();
Claim.That(worn[8].Shape == Shape.Of(96 - 8 * 6, 96 - 8 * 6));
Claim.Near(areas[8], 25);
Show(() => Chart.Line(areas, "7 × 7, no padding").WithTitle("What eight convolutions leave of the picture")
    .WithXTitle("convolutions").WithYTitle("area in %"));

// After eight of them a quarter of the picture is left. What is more, even the first did not treat all pixels alike. How many windows look at each pixel? Let $y$ be the result for a kernel of ones; each window that contains the pixel adds it once to the sum of $y$, so the answer is a derivative:
//
// $$\text{windows that see pixel } (i,j) \;=\; \frac{\partial}{\partial x_{i,j}} \sum y$$
//
// For the small case that can be counted by hand, 6 × 6 pixels and a kernel of 3 × 3:

Tensor Windows(int n, int k, int padding)
{
    var x = Variable("x", [n, n]);
    var total = Sum(CrossCorrelate(x, Ones([k, k]), padding));
    return Reference.Run(Gradient.Of(total, x), (x, Tensor.Fill([n, n], 0)));
}
var bare = Windows(n: 6, k: 3, padding: 0);
Claim.That(bare[0, 0] == 1 && bare[0, 1] == 2 && bare[0, 2] == 3 && bare[2, 2] == 9);
Show(() => Chart.Heatmap(bare).WithTitle("Windows that see each pixel, without padding")
    .WithXTitle("column").WithYTitle("row"));

// The corner has one voice, its neighbours at the edge two and three, a pixel in the middle nine. Whatever is near the border, the end of a word, a pedestrian who just steps into the picture, is hardly heard.
//
// ## A frame
//
// Put rows and columns around the picture, $p$ on each side. For 6 × 6 pixels and $p = 1$ there are then 8 × 8, and a kernel of 3 × 3 gives 6 × 6 numbers, one for each pixel that we had:

Claim.That(Pad2D(Ones([6, 6]), 1).Shape == Shape.Of(8, 8));
Claim.That(CrossCorrelate(Ones([6, 6]), Ones([3, 3]), padding: 1).Shape == Shape.Of(6, 6));
Show(() => CrossCorrelate(Ones([6, 6]), Ones([3, 3]), padding: 1).Shape);

var framed = Windows(n: 6, k: 3, padding: 1);
Claim.That(framed[0, 0] == 4 && framed[0, 2] == 6 && framed[2, 2] == 9);
Show(() => Chart.Heatmap(framed).WithTitle("Windows that see each pixel, padding 1")
    .WithXTitle("column").WithYTitle("row"));

// Now the corner has 4 of 9, an edge 6. In general, a row of $n$ pixels with $p$ more on each side is $n + 2p$ long, and
//
// $$m = n + 2p - k + 1$$

int Result(int n, int k, int p) =>
    CrossCorrelate(Ones([n, n]), Ones([k, k]), padding: p).Shape[0];
foreach (var (n, k, p) in new[] { (6, 3, 1), (4, 3, 1), (28, 5, 0), (28, 5, 2), (7, 3, 3) })
{
    Claim.That(Result(n, k, p) == n + 2 * p - k + 1);
    Console.WriteLine($"{n} + 2·{p} − {k} + 1 = {Result(n, k, p)}");
}

// ## Valid and same
//
// Two kinds of padding have names. **Valid** means none: only windows that lie wholly in the picture count. **Same** means as much as keeps the size: $m = n$ gives $n = n + 2p - k + 1$, so
//
// $$p = \frac{k - 1}{2}$$
//
// for $k = 3, 5, 7$ that is 1, 2, 3.

Claim.That(CrossCorrelate(picture, blur, Valid).Shape == Shape.Of(90, 90));
Claim.That(CrossCorrelate(picture, blur, Same).Shape == Shape.Of(96, 96));
Claim.Same(CrossCorrelate(picture, blur, Same), CrossCorrelate(picture, blur, padding: 3).Value);

foreach (var k in new[] { 3, 5, 7 })
{
    Claim.That(Result(n: 28, k, p: (k - 1) / 2) == 28);
    Console.WriteLine($"{k} × {k} keeps the size with padding {(k - 1) / 2}");
}

// > **A slip to know.** On some slides this formula stands under "valid padding". Valid is $p = 0$; the formula is that of *same*.
//
// The formula also shows why kernels are nearly always odd. For $k = 4$ it asks for a row and a half. `Same` then puts one row more at the end than at the beginning:

Claim.That(Result(n: 28, k: 5, p: (5 - 1) / 2) == 28 && Result(n: 28, k: 5, p: 0) == 24);
var even = Tensor.From([4, 4], i => i);
var uneven = Padding.Of(before: [1, 1], after: [2, 2]);
Claim.Same(CrossCorrelate(picture, even, Same), CrossCorrelate(picture, even, uneven).Value);
Show(() => Conv2D(1, 4, Same).Summary([1, 28, 28]));

// There is a third aim, **full**: $p = k - 1$, so that even windows count which touch the picture with one pixel only. The result is *larger*, $n + k - 1$. You will meet it when errors go back through a convolution
// ([notebook 08](08-backprop-derived.ipynb)).

Claim.That(CrossCorrelate(picture, blur, Full).Shape[0] == 96 + 7 - 1);
Show(() => CrossCorrelate(picture, blur, Full).Shape);

// ## What stands in the frame?
//
// Something must, and the usual answer is zeros. With the image and the kernel of notebook 02:

var image = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
var kernel = Tensor.Of([[2, 0, 1], [0, 1, 2], [1, 0, 2]]);
var zeros = Pad2D(image, 1);
Claim.That(zeros.Shape == Shape.Of(6, 6));
Claim.Near(Sum(zeros).Value.Scalar, Sum(image).Value.Scalar);
Show(() => zeros);

Show(() => Pictures.DrawConvolution(image, kernel, padding: 1));

// Other constants are possible. In the next cell the frame holds ones:

var ones = Pad2D(image, 1, PadMode.Constant, value: 1);
Claim.Near(Sum(ones).Value.Scalar, Sum(image).Value.Scalar + 20);
Show(() => ones);

// or the frame repeats the nearest pixel of the picture:

var edge = Pad2D(image, 1, PadMode.Edge);
Claim.That(edge.Value[0, 0] == image[0, 0] && edge.Value[5, 3] == image[3, 2]);
Show(() => edge);

// The results differ where a window touches the frame, and nowhere else: 15, 16, 6 and 15 stand in the middle of all three.

var withZeros = CrossCorrelate(zeros, kernel);
Claim.Same(withZeros,
    Tensor.Of([[7, 12, 10, 2], [4, 15, 16, 10], [10, 6, 15, 6], [8, 10, 4, 3]]));
Show(() => withZeros);

var withOnes = CrossCorrelate(ones, kernel);
Claim.Same(withOnes,
    Tensor.Of([[11, 15, 13, 9], [7, 15, 16, 15], [13, 6, 15, 11], [13, 13, 7, 9]]));
Show(() => withOnes);

var withEdge = CrossCorrelate(edge, kernel);
Claim.Same(withEdge,
    Tensor.Of([[11, 17, 14, 14], [9, 15, 16, 20], [12, 6, 15, 15], [22, 12, 9, 9]]));
Show(() => withEdge);

// > **A slip to know.** One set of slides explains padding with zeros, and then shows the table for *ones*. If you ever try to follow it with a pencil and get 7 where it says 11: you are right. Subtract the two tables and you see how much weight of the kernel lies on the frame at each place:

var onFrame = withOnes - withZeros;
Claim.Same(onFrame, CrossCorrelate(ones - zeros, kernel).Value);
Claim.That(onFrame.Value[0, 0] == 4 && onFrame.Value[1, 1] == 0);
Show(() => onFrame);

// ## On a photograph
//
// Zeros are black. Blur the photograph with five kinds of frame, several times over so that one sees it: zeros, ones, the nearest pixel, the picture mirrored at its edge, the picture continued from its other side.

Node Blurred(Node x, PadMode mode, double value) =>
    Enumerable.Range(0, 8).Aggregate(x, (y, _) => CrossCorrelate(Pad2D(y, 3, mode, value), blur));
(string Name, Node Result)[] frames =
[
    ("zeros", Blurred(picture, PadMode.Constant, 0)),
    ("ones", Blurred(picture, PadMode.Constant, 1)),
    ("nearest", Blurred(picture, PadMode.Edge, 0)),
    ("mirrored", Blurred(picture, PadMode.Reflect, 0)),
    ("continued", Blurred(picture, PadMode.Circular, 0)),
];
Show(() => Tensor.Stack([.. frames.Select(f => f.Result.Value.Reshape([1, 96, 96]))])
    .ToPng(scale: 2, columns: 5));

// Zeros make a dark rim, ones a bright one, and the last lets the dark coat below shine in from above. From left to right through the picture's sky, as numbers:

double[] Row(Node x) => Slice(x, start: [8, 0], size: [1, 96]).Value.ToDoubles();
Claim.That(Row(frames[0].Result)[0] < 0.5 * Row(frames[2].Result)[0]);
Show(() => Chart.Plot(frames.Select(f => Chart.Line(Row(f.Result), f.Name)))
    .WithTitle("Brightness along the row 8, after eight blurs")
    .WithXTitle("column in pixels").WithYTitle("brightness, 0 to 1"));

// Why does nearly every network use zeros all the same? They are cheap, and they do no harm where the weights can learn to live with them. They even tell something: a network that looks for edges finds one all around a white picture, and so knows where the border is.

var vertical = Tensor.Of([[1, 0, -1], [1, 0, -1], [1, 0, -1]]);
var white = Ones([6, 6]);
Claim.Same(CrossCorrelate(Pad2D(white, 1, PadMode.Edge), vertical), Tensor.Fill([6, 6], 0));
Claim.That(CrossCorrelate(white, vertical, Same).Value[2, 0] == -3);
Show(() => Chart.Heatmap(CrossCorrelate(white, vertical, Same).Value)
    .WithTitle("Vertical edges of a white picture in a frame of zeros")
    .WithXTitle("column").WithYTitle("row"));

// ## How much do I need?
//
// Sometimes the size of the result is given and the padding is sought. Solve the formula, with a stride $s$ and the kernel's size $F$, for $p$:
//
// $$p = \frac{(\text{out} - 1) \cdot s + F - \text{in}}{2}$$
//
// From 7 to 5 with a kernel of 3, and from 3 to 4 with a kernel of 2:

double Needed(int from, int to, int f, int s) => ((to - 1) * s + f - from) / 2.0;
Claim.Near(Needed(from: 7, to: 5, f: 3, s: 1), 0);
Claim.Near(Needed(from: 3, to: 4, f: 2, s: 1), 1);
Claim.That(Result(n: 7, k: 3, p: 0) == 5 && Result(n: 3, k: 2, p: 1) == 4);
Console.WriteLine($"7 → 5: {Needed(7, 5, 3, 1)}, 3 → 4: {Needed(3, 4, 2, 1)}");

// ## On each side, or in total?
//
// "Padding 2" is two rows on each side in PyTorch, ONNX, and here; in other texts it is two rows in total. If a size does not come out as you expect, this is the first thing to ask. `Padding.Of` leaves no doubt: so many before, so many after, for each axis.

Padding eachSide = 2;
var inTotal = Padding.Of(before: [1, 1], after: [1, 1]);
var first = CrossCorrelate(image, kernel, eachSide);
var second = CrossCorrelate(image, kernel, inTotal);
Claim.That(first.Shape == Shape.Of(6, 6) && second.Shape == Shape.Of(4, 4));
Show(() => $"2 on each side: {first.Shape}; 2 in total: {second.Shape}");

// The difference hides best where the sizes agree. With stride 2 on 6 pixels, a frame of 1 on each side and TensorFlow's "same" both give 3 × 3; but the first begins one pixel before the picture, the second in it, because one row is enough and goes to the end. The numbers are not the same:

var ramp = Tensor.From([6, 6], i => i);
var torchs = CrossCorrelate(ramp, kernel, padding: 1, stride: 2);
var sames = CrossCorrelate(ramp, kernel, Same, stride: 2);
Claim.Same(sames, CrossCorrelate(ramp, kernel, Padding.Of([0, 0], [1, 1]), stride: 2).Value);
Claim.That(torchs.Shape == sames.Shape && torchs.Value[0, 0] == 16 && sames.Value[0, 0] == 65);
Show(() => Concat(1, torchs, sames));

// (Left: 1 on each side. Right: same.) Whoever carries weights from one framework to another without knowing this gets a network that works a little worse, and no error.
//
// ## Your turn
//
// **1.** Which padding on each side keeps the size with a kernel of 9 × 9?

double? nine = null; // your answer
Show(() => Exercise.Check(nine, Needed(from: 28, to: 28, f: 9, s: 1)));

// **2.** How many windows see the corner pixel with a kernel of 5 × 5 and "same" padding? (Hint: where may the centre of such a window be?)

double? corner = null; // your answer
Show(() => Exercise.Check(corner, Windows(n: 10, k: 5, padding: 2)[0, 0]));

// **3.** Put `image` into a frame of 1 that continues it from the other side (circular). Write its first row by hand, six numbers: `Tensor.Of([…])`. (Hint: above the first row stands the last.)

Tensor? firstRow = null; // your answer
Show(() => Exercise.Check(firstRow, Pad2D(image, 1, PadMode.Circular).Value.Part(0)));

// ## Where to go on
//
// * Next: [04 Volume convolution](04-volume-convolution.ipynb): channels, several kernels, biases. Back: [02 Convolution by hand](02-convolution-by-hand.ipynb).
// * V. Dumoulin, F. Visin, [*A guide to convolution arithmetic for deep learning*](https://arxiv.org/abs/1603.07285), 2016; Stanford [CS231n](https://cs231n.github.io/convolutional-networks/), "Use of zero-padding"; *Dive into Deep Learning*, [7.3](https://d2l.ai/chapter_convolutional-neural-networks/padding-and-strides.html).
// * M. A. Islam, S. Jia, N. Bruce, [*How much position information do convolutional neural networks encode?*](https://arxiv.org/abs/2001.08248), 2020: what networks learn from the zeros around a picture.

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
