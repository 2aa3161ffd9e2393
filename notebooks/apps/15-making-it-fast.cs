// What 15-making-it-fast.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # Making it fast
//
// A convolution written as its formula reads is seven nested loops, and it is slow. Here you turn it into a matrix product, into a product of frequencies, and finally into a compiled plan, with the same numbers each time. Then you look at
// what a training step needs of memory, and why it gives the same bits with any number of threads.
//
// No times are printed here: they would be those of my machine. What can be counted is counted.

// ## Seven loops
//
// One layer of a small network: 8 channels in, 16 filters of 3 × 3, images of 16 × 16. The formula, letter by letter, with a counter for the multiplications:

var (image, kernel) = (Key.Of(1).Normal([1, 8, 16, 16]), Key.Of(2).Normal([16, 8, 3, 3]));
(Tensor Y, int Count) Naive(Tensor x, Tensor w)
{
    var (channels, filters, k, size) = (x.Shape[1], w.Shape[0], w.Shape[2], x.Shape[2] - w.Shape[2] + 1);
    var (y, count) = (new double[filters * size * size], 0);
    for (var o = 0; o < filters; o++)
        for (var i = 0; i < size; i++)
            for (var j = 0; j < size; j++)
                for (var c = 0; c < channels; c++)
                    for (var r = 0; r < k; r++)
                        for (var s = 0; s < k; s++, count++)
                            y[(o * size + i) * size + j] += x[0, c, i + r, j + s] * w[o, c, r, s];
    return (Tensor.Of([1, filters, size, size], y), count);
}

var (naive, multiplications) = Naive(image, kernel);
Claim.Same(Conv2D(image, kernel), naive, within: 1e-12);
Claim.That(multiplications == 16 * 14 * 14 * 8 * 3 * 3);
Show(() => multiplications);

// (Six loops; the seventh is over the images of a batch.) Each multiplication is one instruction among many: an index is computed, its bounds are checked, a number is fetched. A processor could multiply 16 numbers at once, twice in each cycle, if only they
// lay side by side and were used more than once while they are near.
//
// ## One matrix product
//
// There is one loop that has been made fast for fifty years: the product of two matrices. So make a matrix of the image. Each position of the window becomes a column that holds what the window sees. That is *im2col*.

var small = Tensor.Of([[[[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]]]);
var columns = Patches(small, [3, 3]).Value.Reshape([9, 4]);
Show(() => columns.DrawNumbers());

// Nine rows for the nine weights, four columns for the four positions. The kernel, written as one row, times this matrix is the whole convolution:

var row = Tensor.Of([[2, 0, 1, 0, 1, 2, 1, 0, 2]]); // [[2, 0, 1], [0, 1, 2], [1, 0, 2]]
var product = MatMul(row, columns);
Claim.Same(product, Tensor.Of([[15, 16, 6, 15]]));
Show(() => product);

// With channels the columns are longer, with filters there are more rows of weights, and nothing else changes. It is the same number of multiplications, too: im2col saves none, it only puts them in an order that a processor likes.

var wide = Patches(image, [3, 3]);
var weights = Reshape(kernel, [16, 8 * 3 * 3]);
var byProduct = Reshape(MatMul(weights, Reshape(wide, [72, 196])), [1, 16, 14, 14]);
Claim.Same(byProduct, naive, within: 1e-12);
Claim.That(16 * 72 * 196 == multiplications);

// The price is memory: each pixel is copied into up to nine columns.

var growth = (double)wide.Shape.Elements / image.Count;
Claim.Near(growth, 72.0 * 196 / (8 * 256));
Show(() => Math.Round(growth, 2));

// And the gradient? It is a matrix product as well, $W^\top dY$, and then the columns are added back to where they came from (*col2im*, here `Fold`). We need not code it: it is what differentiation makes of `Patches`.

var dy = Key.Of(3).Normal([1, 16, 14, 14]);
var dx = Vjp(x => Conv2D(x, kernel), image).Pullback(dy);
var dColumns = MatMul(Transpose(weights), Reshape(dy, [16, 196]));
Claim.Same(dx, Fold(Reshape(dColumns, [1, 72, 196]), [16, 16], [3, 3]).Value, within: 1e-12);

// ## By frequencies
//
// There is another way, and it does save multiplications. After a Fourier transform a convolution is a plain product, frequency by frequency: $y = F^{-1}(F x \odot \overline{F w})$, the kernel filled up with zeros. Here the transform is
// written as multiplication by the matrices of cosines and sines; positions where the window stays inside see nothing of the wrap at the border.

Node Wave(int n, Func<double, double> f) =>
    Tensor.From([n, n], at => f(2 * Math.PI * (at / n) * (at % n) / n));
var (cos, sin) = (Wave(16, Math.Cos), Wave(16, Math.Sin));
(Node Re, Node Im) Fourier(Node re, Node im, double sign)
{
    var (a, b) = (MatMul(cos, re) - sign * MatMul(sin, im), MatMul(cos, im) + sign * MatMul(sin, re));
    return (MatMul(a, cos) - sign * MatMul(b, sin), MatMul(b, cos) + sign * MatMul(a, sin));
}

var (plane, stamp) = (image.Part(0).Part(0), kernel.Part(0).Part(0));
var fx = Fourier(plane, Zeros([16, 16]), -1);
var fw = Fourier(Pad(stamp, [0, 0], [13, 13]), Zeros([16, 16]), -1);
var back = Fourier(fx.Re * fw.Re + fx.Im * fw.Im, fx.Im * fw.Re - fx.Re * fw.Im, 1).Re / 256;
Claim.Same(Slice(back, [0, 0], [14, 14]), CrossCorrelate(plane, stamp).Value, within: 1e-10);

// The *fast* Fourier transform needs about $2 n^2 \log_2 n^2$ multiplications for an image of $n \times n$, whatever the size of the kernel. Three transforms and a product, against $k^2$ multiplications for each pixel:

double[] sizes = [1, 3, 5, 7, 9, 11, 13, 15];
var fast = 3 * 2 * Math.Log2(256 * 256) + 4; // of an image of 256 × 256
Claim.That(9 * 9 < fast && fast < 11 * 11);
Show(() => Chart.Plot(
        Chart.Line(sizes, sizes.Select(k => k * k), "directly"),
        Chart.Line(sizes, sizes.Select(_ => fast), "by frequencies"))
    .WithTitle("multiplications for each pixel, 256 × 256").WithXTitle("kernel size k")
    .WithYTitle("multiplications").WithSize(560, 320));

// For kernels of 11 × 11 frequencies begin to pay. Networks use 3 × 3 nearly everywhere, so their libraries use matrix products, or the following trick.
//
// ## Winograd: four instead of six
//
// Two neighbouring results of a kernel with three weights take six multiplications. Shmuel Winograd found that four will do, if one adds and subtracts beforehand:

double[] d = [1, 2, 4, 7], g = [3, 5, -2];
var m1 = (d[0] - d[2]) * g[0];
var m2 = (d[1] + d[2]) * ((g[0] + g[1] + g[2]) / 2);
var m3 = (d[2] - d[1]) * ((g[0] - g[1] + g[2]) / 2);
var m4 = (d[1] - d[3]) * g[2];
var byFour = Tensor.Of([m1 + m2 + m3, m2 - m3 - m4]);
Claim.Same(CrossCorrelate(Tensor.Of(d), Tensor.Of(g)), byFour, within: 1e-12);
Show(() => byFour);

// In two dimensions, with tiles of 4 × 4 results, it is 36 multiplications instead of 144. The library's kernels for 3 × 3 do that. The rounding errors are somewhat larger, so it can be turned off (`winograd: false`).
//
// ## Compiled
//
// You need not choose. A network is a graph, and `Cpu.Compile` makes a *plan* of it: it simplifies, takes for each convolution what suits its size, joins what can be done in one pass, and lays out the memory. Look at
// a function of three ops on a million numbers.

var many = Variable("x", [1000, 1000]);
var plan = Cpu.Compile([many * Tanh(Softplus(many))]);
Claim.That(plan.ArenaBytes == 2 * 4_000_000);
Show(() => plan.Print());

// One loop for three ops. There is no array for softplus and none for tanh: each number is fetched once, goes through all three in registers, and is stored once. The plan moves 8 MB, input and output. Done one by one, the three ops would move 28: two arrays for softplus, two for tanh, three for the product.
//
// The gradient of a layer is treated alike. Values are those of the plain meaning, but for the rounding of single precision.

var (x0, w0) = (Variable("x", image.Shape), Variable("w", kernel.Shape));
var dw = Gradient.Of(Sum(Square(Relu(Conv2D(x0, w0)))), w0);
var compiled = Cpu.Run([dw], new Dictionary<Node, Tensor> { [x0] = image, [w0] = kernel })[0];
var meant = Reference.Run(dw, (x0, image), (w0, kernel));
Claim.That(Max(Abs((compiled - (Node)meant) / Max(Abs(meant)))).Value.Scalar < 1e-5);

// How much faster is it? Set `look` to true, and see it for your machine. (Not stored here: a page should not depend on who made it.)

var look = false;
var session = Cpu.Compile([Conv2D(x0, w0)]).Start();
session.Set(x0, image);
session.Set(w0, kernel);
double Seconds(int times, Action run)
{
    var clock = System.Diagnostics.Stopwatch.StartNew();
    for (var i = 0; i < times; i++)
        run();
    return clock.Elapsed.TotalSeconds / times;
}
if (look)
    Console.WriteLine($"{Seconds(3, () => Naive(image, kernel)) / Seconds(10_000, session.Run):0} times");

// ## What a training step needs
//
// Loss, gradients and the optimiser's update are one graph, so a training step is one plan. Here is LeNet-5's with Adam, on 32 digits at a time.

var lenet = Conv2D(6, 5, Same) >> Relu >> MaxPool(2) >> Conv2D(16, 5) >> Relu >> MaxPool(2)
    >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10);
Plan Step(int batch)
{
    var model = lenet.Build([batch, 1, 28, 28], Mode.Train);
    var labels = Variable("labels", [batch], Kind.Index);
    var step = TrainingStep.Of(model, SoftmaxCrossEntropy(model.Output, labels), Optimizers.Adam(1e-3));
    return Cpu.Compile([step.Loss], [.. step.State]);
}

// Three things take memory. The **weights**, four times over with Adam: themselves, their gradients, and two running means. The **activations** on the way forward, which the way back needs, with an **error** of the same size for each. And the **positions of the maxima** that each pool
// must remember. The first does not depend on the batch, the others grow with it:

var summary = lenet.Summary([1, 28, 28]);
Claim.That(summary.Parameters == 61_706);
var ofWeights = 4 * 4 * summary.Parameters;
var ofErrors = 2 * summary.ActivationBytes;
var ofMaxima = 4 * (6 * 14 * 14 + 16 * 5 * 5);
Show(() => Chart.Bar(["weights", "errors", "maxima"], [ofWeights / 1e6, 32 * ofErrors / 1e6, 32 * ofMaxima / 1e6])
    .WithTitle("LeNet-5, 32 digits: what a step would keep").WithXTitle("megabytes").WithSize(620, 240));

// That is what a program would take that keeps everything. But an error is needed only until the one before it is known, and then its place is free. The plan knows when each value is needed for the last time, before anything runs, and gives its place to another:

var kept = ofWeights + 32 * (ofErrors + ofMaxima);
var planned = Step(32).ArenaBytes;
Claim.That(planned < 0.75 * kept);
Console.WriteLine($"everything kept {kept / 1e6:0.0} MB, planned {planned / 1e6:0.0} MB");

// How does it do that? Look at a smaller network: the first column is the address of each value, the second its size. Where an address comes twice, a place is used twice.

var tiny = (Conv2D(2, 3) >> Relu >> MaxPool(2) >> Flatten >> Dense(3)).Build([4, 1, 8, 8]);
var gradients = Gradient.Of(Sum(Square(tiny.Output)), [.. tiny.Parameters.Select(p => p.Variable)]);
string[] lines = Cpu.Compile([.. gradients]).Print().Split('\n');
string[] values = [.. lines.Where(line => line.Contains(" bytes  ") && !line.Contains(", kept"))];
Claim.That(values.Select(line => line.Trim().Split(' ')[0]).Distinct().Count() < values.Length);
Show(() => string.Join("\n", values));

// At address 1600 `Relu` is written over `Conv2D`, and on the way back `Select`, which is the error before the relu, over both. `MaxPoolIndices` are the remembered positions of the maxima.
//
// So the memory of a batch is known before it is tried. This is the limit that everybody meets: where the line crosses what the machine has, the batch ends.

double[] batches = [8, 32, 64, 128, 256];
double[] megabytes = [.. batches.Select(batch => Step((int)batch).ArenaBytes / 1e6)];
var perImage = (megabytes[4] - megabytes[3]) / 128;
Claim.That(perImage * 1e6 < ofErrors + ofMaxima);
Show(() => Chart.Plot(
        Chart.Line(batches, megabytes, "planned"),
        Chart.Line(batches, batches.Select(n => (ofWeights + n * (ofErrors + ofMaxima)) / 1e6), "everything kept"))
    .WithTitle("memory of a training step of LeNet-5").WithXTitle("images in a batch")
    .WithYTitle("megabytes").WithSize(600, 340));

// And if it does not suffice? One can forget activations on purpose, and compute them again when the way back needs them: more time, less memory. `Checkpoint` around a block does that.

Node Half(Node x, string name) => Tanh(Conv2D(x, Variable(name, [8, 8, 3, 3]), Same));
Node Block(Node x, int number) => Half(Half(x, $"a{number}"), $"b{number}");
long Bytes(Func<Func<Node, Node>, Func<Node, Node>> around)
{
    var deep = Variable("x", [8, 8, 32, 32]);
    var y = Enumerable.Range(0, 12).Aggregate(deep, (x, number) => around(z => Block(z, number))(x));
    return Cpu.Compile([Gradient.Of(Sum(Square(y)), deep)]).ArenaBytes;
}
var (all, some) = (Bytes(block => block), Bytes(Checkpoint));
Claim.That(some < 0.75 * all);
Console.WriteLine($"24 layers: {all / 1e6:0.0} MB, with checkpoints {some / 1e6:0.0} MB");

// A larger batch is not only a matter of memory. The gradient of a batch is the mean of those of its images, and these pull in different directions: much of them cancels. Here for a linear classifier and 64 digits: how long is the mean, compared with a single one? (`Vmap` makes of the gradient of one digit the gradients of all.)

var digits = Datasets.Digits();
var rows = AvgPool(digits.Train.Take(64).Images, 4).Value.Reshape([64, 1, 49]);
var truth = OneHot(Indices(digits.Train.Take(64).Labels.Reshape([64, 1])), 10).Value;
Node flat = Zeros([49, 10]);
var each = Vmap((a, b) => Grad(w => -Sum(b * LogSoftmax(MatMul(a, w))))(flat))(rows, truth);
var lengths = Norm(each, 2, [1, 2]);
var ratio = (Norm(Mean(each, [0])) / Mean(lengths)).Value.Scalar;
Claim.That(ratio < 0.6);
Show(() => Math.Round(ratio, 2));

// A sixth. The rest has cancelled: it pointed to what is special about each digit. So a batch twice as large costs twice the work and does not bring one twice as far; what it brings is less noise.
//
// ## The same bits
//
// Floating-point addition is not associative. Add the same numbers in another order, and the last digits differ:

var numbers = Key.Of(4).Normal([10_000]).ToSingles();
var forward = numbers.Aggregate(0f, (sum, value) => sum + value);
var backward = numbers.Reverse().Aggregate(0f, (sum, value) => sum + value);
Claim.That(forward != backward);
Console.WriteLine($"{forward:R}\n{backward:R}");

// If each thread adds up its share, and the shares depend on how many threads there are, so do the last digits. After a hundred steps of training they have become the first digits, and no run can be repeated on another machine. That is usual, and it is not necessary: the library
// cuts sums by the *shapes* of what is added, never by the number of threads or the width of a register, and adds the parts in a fixed order.

string Trained(int threads) => lenet.Fit(digits.Train.Take(640), SoftmaxCrossEntropy,
    Optimizers.Adam(1e-3), epochs: 1, seed: 7, threads: threads).Sha256();
string[] hashes = [Trained(1), Trained(2), Trained(3)];
Claim.That(hashes.Distinct().Count() == 1);
Show(() => hashes[0][..16]);

// Ten steps of training, 61,706 weights, one hash of all their bits: the same with one, two and three threads. Compare it with yours. If it differs, it is a bug.
//
// ## Exercises
//
// **1.** How many multiplications does LeNet-5's second convolution need for one digit? 6 channels of 14 × 14 in, 16 filters of 5 × 5, no padding.

double? second = null; // your answer
Show(() => Exercise.Check(second, summary.Rows.Single(line => line.Path == "conv2").MultiplyAdds));

// **2.** How many numbers has the im2col matrix of a 3 × 3 convolution with padding 1 on an RGB image of 224 × 224?

double? numbersOf = null; // your answer
Show(() => Exercise.Check(numbersOf, Patches(Variable("photo", [1, 3, 224, 224]), [3, 3], 1).Shape.Elements));

// **3.** From which odd kernel size on would frequencies need fewer multiplications for images of 32 × 32, by the count above?

double? from = null; // your answer
Show(() => Exercise.Check(from, sizes.First(k => k * k > 3 * 2 * Math.Log2(32 * 32) + 4)));

// ## Where to go from here
//
// How fast the library is, beside others and how it was measured, is in `docs/performance.md`; how a plan is made in `docs/architecture.md`.
//
// * K. Chellapilla, S. Puri, P. Simard, *High performance convolutional neural networks for document processing*, 2006: im2col. S. Chetlur et al., *cuDNN*, 2014.
// * A. Lavin, S. Gray, *Fast algorithms for convolutional neural networks*, 2016: Winograd. M. Mathieu, M. Henaff, Y. LeCun, *Fast training of convolutional networks through FFTs*, 2014.
// * T. Chen et al., *Training deep nets with sublinear memory cost*, 2016: checkpoints. CS231n, *Convolutional networks: implementation as matrix multiplication*.

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
