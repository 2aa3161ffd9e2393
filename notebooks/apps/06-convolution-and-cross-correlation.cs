// What 06-convolution-and-cross-correlation.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # Convolution and cross-correlation
//
// What deep learning calls convolution is, in the words of mathematics, cross-correlation: the kernel is not turned. Why are there two, what can each do that the other cannot, and why does a network not care?

// ## One dot
//
// Lay a kernel with the numbers 1 to 9 on a picture that is black but for one dot, and let it slide.

var dot = Tensor.From([5, 5], i => i == 12 ? 1 : 0);
var kernel = Tensor.From([3, 3], i => i + 1);
Show(() => Pictures.DrawConvolution(dot, kernel));

// The result has the kernel's numbers in it, but *upside down and back to front*: when the dot is under the kernel's last weight, 9, the kernel is at its first place.

Claim.Same(CrossCorrelate(dot, kernel), Rotate180(kernel, 0).Value);
Show(() => CrossCorrelate(dot, kernel));

// To get a copy of the kernel where the dot is, one has to turn it by 180° before. That is convolution as mathematicians define it, with the sign $*$:

Claim.Same(Convolve(dot, kernel), kernel);
Claim.Same(Convolve(dot, kernel), CrossCorrelate(dot, Rotate180(kernel, 0)).Value);
Show(() => Convolve(dot, kernel));

// As formulas they differ in a sign. Cross-correlation, which networks compute, of $x$ and $w$:
//
// $$S(i,j) = \sum_m \sum_n x(i+m,\, j+n) \cdot w(m,n)$$
//
// and convolution of $f$ and $g$:
//
// $$S(i,j) = \sum_m \sum_n f(m,n) \cdot g(i-m,\, j-n)$$
//
// The sums go over all places where both exist; elsewhere we take 0. Here they are as programs, and they agree with the library:

double At(Tensor x, int i, int j) =>
    i >= 0 && j >= 0 && i < x.Shape[0] && j < x.Shape[1] ? x[i, j] : 0;
double Over(Tensor x, Func<int, int, double> term) =>
    Enumerable.Range(0, x.Count).Sum(k => term(k / x.Shape[1], k % x.Shape[1]));
double Convolved(Tensor f, Tensor g, int i, int j) =>
    Over(f, (m, n) => f[m, n] * At(g, i - m, j - n));
var image = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
var full = Convolve(image, kernel, Full);
Claim.Same(full, Tensor.From([6, 6], k => Convolved(image, kernel, k / 6, k % 6)));
Show(() => full);

double Correlated(Tensor x, Tensor w, int i, int j) =>
    Over(w, (m, n) => At(x, i + m, j + n) * w[m, n]);
var valid = CrossCorrelate(image, kernel);
Claim.Same(valid, Tensor.From([2, 2], k => Correlated(image, kernel, k / 2, k % 2)));
Claim.Same(CrossCorrelate(image, Rotate180(kernel, 0)), Convolve(image, kernel).Value);
Show(() => valid);

// (The first, with "full" padding, has every place where image and kernel touch at all; the second only those where the kernel lies wholly inside.)
//
// A kernel that looks the same after half a turn, such as a blur, does not know the difference. With others, say which you mean.
//
// ## Where convolution comes from
//
// Two functions of time. $f(\tau)$ is what a bell does after one stroke: it fades. $g(\tau)$ is how it is struck: evenly, for one second. What is heard at the time $t$? Of what was struck at $t - \tau$, which is $\tau$ old, the part $f(\tau)$ is left; add them all up:
//
// $$S(t) = \int f(\tau)\, g(t - \tau)\, d\tau$$
//
// The minus sign is not a whim: $g$ runs backwards because what was struck *longer* ago has faded *more*. And the integral has a picture: lay the turned $g$ over $f$, multiply, and take the **area** under the product.

var step = 0.01;
double F(double tau) => tau >= 0 ? Math.Exp(-tau) : 0;
double G(double tau) => tau is >= 0 and < 1 ? 1 : 0;
var times = Enumerable.Range(-60, 360).Select(i => i * step).ToArray();
var strokes = times.Where((_, i) => i % 3 == 0).SelectMany(tau => new[] { tau, tau, tau }).ToArray();
double Height(int i, double t) => i % 3 == 1 ? F(strokes[i]) * G(t - strokes[i]) : 0;
Chart Turned(double t) => Chart.Plot(Chart.Line(times, times.Select(F), "f(τ)"),
        Chart.Line(times, times.Select(tau => G(t - tau)), "g(t − τ)"),
        Chart.Line(strokes, strokes.Select((_, i) => Height(i, t)), "product"))
    .WithTitle($"t = {t} s: the area under the product is S(t)")
    .WithXTitle("τ in s").WithYTitle("loudness").WithSize(560, 280);
Show(() => Turned(0.6));

Show(() => Turned(1.8));

// A computer samples both functions, and the integral becomes a sum times the width of a step: the convolution of two rows of numbers. Here the area can also be found with a pencil, $S(t) = 1 - e^{-t}$ while the bell is struck and $e^{-(t-1)} - e^{-t}$ afterwards, and both agree:

var f = Tensor.From([300], i => F((i + 0.5) * step));
var g = Tensor.From([100], i => G((i + 0.5) * step));
var s = (Convolve(f, g, Full) * step).Value;
double S(double t) => s.At((int)Math.Round(t / step) - 1);
Claim.Near(S(0.6), 1 - Math.Exp(-0.6), within: 1e-4);
Claim.Near(S(1.8), Math.Exp(-0.8) - Math.Exp(-1.8), within: 1e-4);
Show(() => Chart.Line(Enumerable.Range(1, 300).Select(i => i * step), s.ToDoubles().Take(300), "S = f ∗ g")
    .WithTitle("What is heard of a bell that is struck for one second")
    .WithXTitle("t in s").WithYTitle("loudness").WithSize(560, 300));

// You have known another convolution since school. Multiply $(1 + 2x)(3 + x + x^2)$: each coefficient of the product is a sum over all pairs whose exponents add up, $i = m + (i - m)$.

Claim.Same(Convolve(Tensor.Of([1, 2]), Tensor.Of([3, 1, 1]), Full), Tensor.Of([3, 7, 3, 2]));
Show(() => Convolve(Tensor.Of([1, 2]), Tensor.Of([3, 1, 1]), Full));

// $3 + 7x + 3x^2 + 2x^3$. Now it is plain why convolution behaves so well: products of polynomials may be taken in any order.
//
// ## Order does not matter
//
// Convolution is **associative**, and commutative, too:
//
// $$F_a * (F_b * G) = (F_a * F_b) * G, \qquad F * G = G * F$$
//
// Not a proof, but a test with random whole numbers, exact to the last digit (kernels are put together with *full* convolution, so that nothing is cut off):

var random = new Random(6);
Tensor Random(int rows, int columns) => Tensor.From([rows, columns], _ => random.Next(-9, 10));
Node C(Node a, Node b) => Convolve(a, b, Full);
for (var trial = 0; trial < 20; trial++)
{
    var (fa, fb, picture) = (Random(3, 3), Random(2, 4), Random(5, 6));
    Claim.Same(C(fa, C(fb, picture)), C(C(fa, fb), picture).Value);
    Claim.Same(C(fa, picture), C(picture, fa).Value);
}
Show(() => "20 random triples: associative and commutative");

// Cross-correlation, $\star$, is neither. One counterexample is enough:

Node X(Node a, Node b) => CrossCorrelate(a, b, Full);
var (one, two, three) = (Tensor.Of([1, 2]), Tensor.Of([1, 3]), Tensor.Of([1, 5]));
var left = X(X(one, two), three);
var right = X(one, X(two, three));
Claim.Same(left, Tensor.Of([15, 38, 17, 2]));
Claim.Same(right, Tensor.Of([3, 22, 37, 10]));
Show(() => Concat(0, Reshape(left, [1, 4]), Reshape(right, [1, 4])));

Claim.Same(X(one, two), Tensor.Of([3, 7, 2]));
Claim.Same(X(two, one), Tensor.Of([2, 7, 3]));
Claim.Same(X(two, one), Reverse(X(one, two), [0]).Value);
Show(() => X(two, one));

// Exchange the two, and the result is turned around.
//
// ## What associativity is good for
//
// Two filters one after the other are the same as *one* whose kernel is the convolution of theirs. If both are known, it can be computed beforehand. First a blur, then an edge, on a photograph:

var camera = SamplePictures.Camera().Reshape([256, 256]);
var photo = Slice(camera, start: [30, 60], size: [128, 128]).Value;
var blur = Tensor.Of([[1, 2, 1], [2, 4, 2], [1, 2, 1]]).Map(weight => weight / 16);
var edge = Tensor.Of([[1, 0, -1], [1, 0, -1], [1, 0, -1]]);
var composite = Convolve(blur, edge, Full).Value;
Show(() => composite.Reshape([1, 1, 5, 5]).DrawFilters());

var twice = CrossCorrelate(CrossCorrelate(photo, blur), edge).Value;
var once = CrossCorrelate(photo, composite).Value;
Claim.That(composite.Shape == Shape.Of(5, 5));
Claim.Same(once, twice, within: 1e-12);
Show(() => once.Reshape([1, 124, 124]).DrawMaps());

// (It works for a chain of cross-correlations, too, as this cell shows: $(x \star a) \star b = x \star (a * b)$. The kernels are put together by *convolution*.)
//
// A program can find such chains itself. A rewrite rule in this library is a function that looks at one node and gives an equal one, or null. This one fuses two convolutions whose kernels are known, of 3 × 3 and one channel, into one:

Node? Fuse(Node node) =>
    node is { Op: Convolution, Inputs: [{ Op: Convolution, Inputs: [var x, var a] }, var b] }
    && a.IsClosed && b.IsClosed && a.Shape == [1, 1, 3, 3] && b.Shape == [1, 1, 3, 3]
        ? Conv2D(x, Conv2D(a, Rotate180(b, 2), Full).Value)
        : null;

Tensor Four(Tensor t) => t.Reshape([1, 1, .. t.Shape]);
var x = Variable("x", [1, 1, 128, 128]);
var chain = new Graph(Conv2D(Conv2D(x, Four(blur)), Four(edge)));
var fused = Rewrite.Apply(chain, Fuse);
Claim.That(chain.Nodes.Count(n => n.Op is Convolution) == 2);
Claim.That(fused.Nodes.Count(n => n.Op is Convolution) == 1);
var byFused = Reference.Run(fused.Outputs[0], (x, Four(photo)));
Claim.Same(byFused, Four(twice), within: 1e-12);
Show(() => fused);

// Is it faster? Count before you believe. Two kernels of 3 × 3 make 18 multiplications for each pixel, their composite of 5 × 5 makes 25: one pass over the picture instead of two, but more to multiply. With four blurs of 3 × 3 in a row it is 36 against 81. The great saving lies in the *other* direction: a kernel that is
// the convolution of a column and a row, as this blur is, can be taken apart.

var column = Tensor.Of([[1 / 4.0], [2 / 4.0], [1 / 4.0]]);
Claim.Same(Convolve(column, Transpose(column), Full), blur);
double[] sizes = [3, 5, 7, 9, 11];
Show(() => Chart.Plot(Chart.Line(sizes, sizes.Select(k => k * k), "k × k at once"),
        Chart.Line(sizes, sizes.Select(k => 2 * k), "column, then row"))
    .WithTitle("The same blur, together and taken apart")
    .WithXTitle("width k of the kernel in pixels").WithYTitle("multiplications for each pixel"));

// In a network with activations between its layers none of this applies: $\mathrm{ReLU}$ stands in the way, and that is what makes depth worth having. Without it, a hundred convolutions could do no more than one large one.
//
// ## Cross-correlation finds
//
// Slide a small picture, a **template**, over a large one, multiply and add: the sum is large where they are alike. For this the template must not be turned, so cross-correlation is the tool. Where in the photograph is this piece, the middle of the camera?

var template = Slice(photo, start: [42, 84], size: [16, 24]).Value;
Claim.That(template.Shape == Shape.Of(16, 24));
Show(() => template.ToPng(scale: 8));

// The plain sum has a weakness: bright sky makes it large everywhere. Subtract the mean of the template, and divide by how much the picture varies under the window; the result is the correlation coefficient of statistics, from −1 to 1, and is 1 only for a perfect match.

var window = Tensor.Fill([16, 24], 1.0 / 384);
var centred = (Constant(template) - Mean(template)).Value;
var (mean, squares) = (CrossCorrelate(photo, window), CrossCorrelate(Square(photo), window));
var spread = Constant(Sqrt(squares - Square(mean)).Value);
var size = Math.Sqrt(Mean(Square(centred)).Value.Scalar);
var likeness = (CrossCorrelate(photo, centred) / (384 * size * spread)).Value;
Show(() => Chart.Heatmap(likeness).WithTitle("Likeness of each place to the template")
    .WithXTitle("column in pixels").WithYTitle("row in pixels"));

int Best(Node map) => (int)ArgMax(map).Value.Scalar;
var best = Best(likeness);
var (bestRow, bestColumn) = Math.DivRem(best, likeness.Shape[1]);
Claim.That(bestRow == 42 && bestColumn == 84);
Claim.Near(likeness[bestRow, bestColumn], 1, within: 1e-6);
Claim.That(Best(CrossCorrelate(photo, template)) != best);     // the plain sum fails,
Claim.That(Best(Convolve(photo, centred) / spread) != best);   // and so does convolution
Show(() => $"best match at row {bestRow}, column {bestColumn}");

// A layer of a network is a bank of such templates, small ones, which nobody cut out of a picture but which were learnt.
//
// ## Convolution smooths
//
// The other classic is smoothing: each pixel becomes a mean of its neighbours, weighted by a bell curve. A noisy photograph before and after:

var bell = Tensor.From([7, 1], i => Math.Exp(-Math.Pow(i - 3, 2) / 3));
var gauss = Convolve(bell, Transpose(bell), Full) / Square(Sum(bell));
var noisy = photo.Map(v => v + 0.3 * (random.NextDouble() + random.NextDouble() - 1));
var smooth = Convolve(Pad2D(noisy, 3, PadMode.Edge), gauss).Value;
double Distance(Node y) => Math.Sqrt(Mean(Square(y - photo)).Value.Scalar);
Claim.Near(Sum(gauss).Value.Scalar, 1);
Claim.That(Distance(smooth) < 0.75 * Distance(noisy));
Show(() => Tensor.Stack([noisy, smooth]).Reshape([2, 1, 128, 128]).ToPng(scale: 2));

// Noise goes in all directions and cancels; the price is that edges get soft.
//
// > **A slip to know.** A text calls this averaging over a sliding window "pooling". Pooling makes the picture *smaller*, one number for each window, and is the subject of the next notebook; smoothing keeps its size. (The same text imports TensorFlow as `tensorflow._api.v2.compat.v1`. A name that begins with an underscore is private, and gone with the next version: do not imitate it.)

var pooled = AvgPool(Reshape(photo, [1, 1, 128, 128]), 2);
Claim.That(smooth.Shape == Shape.Of(128, 128) && pooled.Shape == Shape.Of(1, 1, 64, 64));
Show(() => $"smoothed: {smooth.Shape}, pooled: {pooled.Shape}");

// ## A network does not care
//
// If kernels are *learnt*, the difference disappears. Let a pair of students learn the same task, one by cross-correlation, the other by true convolution, the second with first weights turned by 180°. Gradient descent, fifty steps each:

var input = Tensor.From([8, 8], _ => random.NextDouble() - 0.5);
var target = CrossCorrelate(input, Tensor.Of([[1, 2, 3], [0, 1, 0], [-1, 0, 2]])).Value;
var w = Variable("w", [3, 3]);
Tensor[] Learn(Func<Node, Node, Node> op, Tensor start)
{
    var descend = w - 0.05 * Gradient.Of(Sum(Square(op(input, w) - target)), w);
    var steps = new List<Tensor> { start };
    for (var i = 0; i < 50; i++)
    {
        steps.Add(Reference.Run(descend, (w, steps[^1])));
    }

    return [.. steps];
}

var begin = Tensor.From([3, 3], _ => random.NextDouble() - 0.5);
var correlating = Learn((a, b) => CrossCorrelate(a, b), begin);
var convolving = Learn((a, b) => Convolve(a, b), Rotate180(begin, 0).Value);
for (var i = 0; i <= 50; i++)
    Claim.Same(Rotate180(convolving[i], 0), correlating[i], within: 1e-9);
Show(() => Tensor.Stack([correlating[50], convolving[50]]).Reshape([2, 1, 3, 3]).DrawFilters());

// At every one of the fifty steps the two kernels are each other's half turn, and both compute exactly the same. So libraries take the one that is simpler to program, cross-correlation, and keep the shorter name, convolution.
//
// ## Your turn
//
// **1.** What is the coefficient of $x^2$ in $(1 + x + x^2)(2 - x + 4x^2)$? Do it as a convolution of two rows.

double? coefficient = null; // your answer
var product = Convolve(Tensor.Of([1, 1, 1]), Tensor.Of([2, -1, 4]), Full).Value;
Show(() => Exercise.Check(coefficient, product.At(2)));

// **2.** The kernel `[1, 1]` adds each number to its neighbour. Which single kernel does it twice? Write it as `Tensor.Of([…])`.

Tensor? sums = null; // your answer
Show(() => Exercise.Check(sums, Convolve(Tensor.Of([1, 1]), Tensor.Of([1, 1]), Full).Value));

// **3.** Find a kernel of 3 × 3, other than a blur, with at least five different numbers in it, for which convolution and cross-correlation give the *same* result. (Hint: it must survive half a turn; corners opposite each other are partners.)

Tensor? symmetric = null; // your answer
Show(() => Exercise.Check(symmetric is null ? null : CrossCorrelate(image, symmetric).Value,
    Convolve(image, symmetric ?? kernel).Value));

// ## Where to go on
//
// * Next: [07 Pooling](07-pooling.ipynb). Back: [05 Edges and filters](05-edges-and-filters.ipynb). Where the turned kernel returns, in the derivative: [08 Backprop](08-backprop-derived.ipynb).
// * I. Goodfellow, Y. Bengio, A. Courville, [*Deep Learning*](https://www.deeplearningbook.org/contents/convnets.html), 9.1: both definitions. *Dive into Deep Learning*, [7.2.5](https://d2l.ai/chapter_convolutional-neural-networks/conv-layer.html).
// * J. P. Lewis, *Fast normalized cross-correlation*, 1995: template matching as above, made fast.

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
