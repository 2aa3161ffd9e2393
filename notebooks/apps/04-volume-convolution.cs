// What 04-volume-convolution.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # Volume convolution: channels, filters, biases, and what they cost
//
// Pictures have three channels, feature maps have many. Here a kernel grows a third axis, a layer gets several kernels and biases, and all weights and multiplications are counted. At the end a convolution turns out to be a dense layer in which most weights are cut and the
// others shared, and we see what that is good for.

// ## A kernel as deep as the picture
//
// A tiny "colour picture": three channels of 4 × 4 numbers. As always, the axes are $N$, $C$, $H$, $W$; this is one picture, so $N = 1$.

var red = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
var green = Tensor.Of([[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]);
var blue = Tensor.Of([[2, 2, 2, 2], [2, 2, 2, 2], [0, 0, 0, 0], [0, 0, 0, 0]]);
var picture = Tensor.Stack([red, green, blue]).Reshape([1, 3, 4, 4]);
Show(() => picture.Part(0).DrawMaps());

// The kernel has a slice for each channel: its channels must be as many as the picture's.

var forRed = Tensor.Of([[2, 0, 1], [0, 1, 2], [1, 0, 2]]);
var forGreen = Tensor.Of([[1, 0, 1], [0, 1, 0], [1, 0, 1]]);
var forBlue = Tensor.Of([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]);
var kernel = Tensor.Stack([forRed, forGreen, forBlue]).Reshape([1, 3, 3, 3]);
Show(() => kernel.Reshape([3, 1, 3, 3]).DrawFilters());

// First, each channel is convolved with its own slice, just as in notebook 02:

var fromRed = CrossCorrelate(red, forRed);
var fromGreen = CrossCorrelate(green, forGreen);
var fromBlue = CrossCorrelate(blue, forBlue);
Claim.Same(fromRed, Tensor.Of([[15, 16], [6, 15]]));
Claim.Same(fromGreen, Tensor.Of([[0, 5], [5, 0]]));
Claim.Same(fromBlue, Tensor.Of([[6, 6], [6, 6]]));
Show(() => Concat(1, fromRed, fromGreen, fromBlue));

// Then the three results are **added**. Three channels go in, one comes out:

var sum = fromRed + fromGreen + fromBlue;
Claim.Same(sum, Tensor.Of([[21, 27], [17, 21]]));
Claim.Same(Reshape(Conv2D(picture, kernel), [2, 2]), sum.Value);
Show(() => sum);

// It does not matter how many pictures come at once; each is treated alike. A batch of two, shape $(N, 3, 4, 4)$, with one kernel of 3 × 3 × 3 gives $(N, 1, 2, 2)$:

var batch = Concat(0, picture, 2 * Constant(picture));
var answers = Conv2D(batch, kernel);
Claim.That(batch.Shape == Shape.Of(2, 3, 4, 4) && answers.Shape == Shape.Of(2, 1, 2, 2));
Claim.Same(Reshape(answers, [4, 2]), Concat(0, sum, 2 * sum).Value);
Show(() => answers.Shape);

// ## Several kernels, and biases
//
// One kernel looks for one thing. A layer has several, each of which sees all channels, and stacks their results: **as many kernels, as many channels come out**. To each of these maps a constant is added, the **bias** $b^d$. For output channel $d$, stride $s$:
//
// $$z^d_{i,j} = \sum_{ch} \sum_r \sum_c x^{ch}_{i \cdot s + r,\; j \cdot s + c} \cdot w^{d,ch}_{r,c} + b^d$$
//
// Two kernels, the one above and one that takes the mean of the middle pixel's channels, with biases −20 and 1:

var middle = Tensor.From([1, 3, 3, 3], i => i % 9 == 4 ? 1 / 3.0 : 0);
var both = Concat(0, kernel, middle);
var bias = Tensor.Of([-20, 1]);
var z = Conv2D(picture, both) + Reshape(bias, [1, 2, 1, 1]);
Show(() => z);

// Take the formula at its word, and compute one of these numbers with loops: $d = 0$, $i = 0$, $j = 1$.

double Z(int d, int i, int j, int s = 1)
{
    var total = bias[d];
    for (var ch = 0; ch < 3; ch++)
        for (var r = 0; r < 3; r++)
            for (var c = 0; c < 3; c++)
                total += picture[0, ch, i * s + r, j * s + c] * both.Value[d, ch, r, c];
    return total;
}
Claim.Near(Z(d: 0, i: 0, j: 1), 27 - 20);
Claim.Same(z, Tensor.Of([[[[Z(0, 0, 0), Z(0, 0, 1)], [Z(0, 1, 0), Z(0, 1, 1)]],
    [[Z(1, 0, 0), Z(1, 0, 1)], [Z(1, 1, 0), Z(1, 1, 1)]]]]), within: 1e-9);
Show(() => Z(d: 0, i: 0, j: 1));

// The library can be asked the same, "where does this number come from?", and answers with the terms, the largest first:

var (x, w) = (Variable("x", [1, 3, 4, 4]), Variable("w", [2, 3, 3, 3]));
var account = $"{Conv2D(x, w).Explain([0, 0, 0, 1], (x, picture), (w, both.Value))}";
Show(() => string.Join("\n", account.Split('\n').Take(6)));

// ## The activation
//
// After that comes a function of each number alone, nearly always $\mathrm{ReLU}(z) = \max(0, z)$, which lets through what speaks for the feature and drops what speaks against it:
//
// $$a^d_{i,j} = \mathrm{ReLU}(z^d_{i,j})$$

var a = Relu(z);
Claim.Same(Reshape(Slice(z, [0, 0, 0, 0], [1, 1, 2, 2]), [2, 2]), Tensor.Of([[1, 7], [-3, 1]]));
Claim.Same(Reshape(Slice(a, [0, 0, 0, 0], [1, 1, 2, 2]), [2, 2]), Tensor.Of([[1, 7], [0, 1]]));
Show(() => a);

// Books write the whole layer in two short lines. With $A^{[l-1]}$ for what comes in, and $*$ for what we have just done:
//
// $$Z^{[l]} = W^{[l]} * A^{[l-1]} + b^{[l]} \qquad A^{[l]} = g^{[l]}(Z^{[l]})$$
//
// The letters hide four axes, so here are their shapes, for a layer with $f \times f$ kernels from $n_C$ channels to $n_C'$, in a batch of $m$ pictures. (These books put channels last; here they come second.)
//
// | | in the books | here |
// | --- | --- | --- |
// | $A^{[l-1]}$ | $m \times n_H \times n_W \times n_C$ | $[m, n_C, n_H, n_W]$ |
// | $W^{[l]}$ | $f \times f \times n_C \times n_C'$ | $[n_C', n_C, f, f]$ |
// | $b^{[l]}$ | $1 \times 1 \times 1 \times n_C'$ | $[n_C']$ |
// | $Z^{[l]}$, $A^{[l]}$ | $m \times n_H' \times n_W' \times n_C'$ | $[m, n_C', n_H', n_W']$ |

var (m, nH, nW, nC, nextC, f) = (10, 39, 39, 3, 16, 5);
var model = (Conv2D(nextC, f) >> Relu).Build([m, nC, nH, nW]);
Claim.That(model.Input.Shape == Shape.Of(m, nC, nH, nW));
Claim.That(model.Parameters[0].Shape == Shape.Of(nextC, nC, f, f));
Claim.That(model.Parameters[1].Shape == Shape.Of(nextC));
Claim.That(model.Output.Shape == Shape.Of(m, nextC, 35, 35));
Show(() => model.Output.Draw());

// (Values go down: what is given is green, what is computed is blue. The bias is reshaped to $[1, n_C', 1, 1]$ so that it can be repeated over the map.)
//
// ## Sizes and counts
//
// Nothing new for height and width: each follows the formula of notebook 02. For a cube of $n \times n \times n_c$ numbers and $n_f$ kernels
//
// $$[n, n, n_c] * [f, f, n_c] \;\to\; \left[ \left\lfloor \tfrac{n + 2p - f}{s} \right\rfloor + 1,\; \left\lfloor \tfrac{n + 2p - f}{s} \right\rfloor + 1,\; n_f \right]$$
//
// The channels of the input are gone from the result; they have been summed over.

Shape Out(int n, int channels, int size, int p, int s, int count) =>
    Conv2D(Ones([1, channels, n, n]), Ones([count, channels, size, size]), p, s).Shape;
void Tell(int n, int c, int k, int p, int s, int count)
{
    var side = (n + 2 * p - k) / s + 1;
    Claim.That(Out(n, c, k, p, s, count) == Shape.Of(1, count, side, side));
    Console.Write($"{n}×{n}×{c} ∗ {k}×{k}×{c}, padding {p}, stride {s}, ");
    Console.WriteLine($"{count} kernels: {side}×{side}×{count}");
}
Tell(n: 6, c: 3, k: 3, p: 0, s: 1, count: 2);
Tell(n: 32, c: 3, k: 5, p: 2, s: 1, count: 6);
Tell(n: 7, c: 8, k: 3, p: 1, s: 2, count: 4);

// In the order $N, C, H, W$, for an input $(N, C_{in}, H, W)$ and $C_{out}$ kernels, interviewers want to hear
//
// $$(N, C_{out}, H', W'), \quad H' = \left\lfloor \tfrac{H + 2p - k}{s} \right\rfloor + 1, \quad W' = \left\lfloor \tfrac{W + 2p - k}{s} \right\rfloor + 1$$
//
// and the number of weights: $C_{in} \cdot C_{out} \cdot k \cdot k$. With the biases there are $C_{out}$ more. The library writes its own counts as formulas ($d$, the dilation, is 1 here):

var layer = Conv2D(filters: 16, kernel: 3, padding: 1, stride: 2);
var built = layer.Build([8, 3, 200, 300]);
Claim.That(built.Output.Shape == Shape.Of(8, 16, (200 + 2 - 3) / 2 + 1, (300 + 2 - 3) / 2 + 1));
Claim.That(built.Parameters[0].Shape.Elements == 3 * 16 * 3 * 3);
Claim.That(built.ParameterCount == 3 * 16 * 3 * 3 + 16);
var counted = layer.Summary([3, 200, 300]).Rows[^1];
Console.WriteLine(counted.OutputFormula.Replace(", ", "\n"));
Console.WriteLine(counted.ParametersFormula);
Console.WriteLine(counted.MultiplyAddsFormula);

// Mind the order of the weights' axes. Some texts give the kernels as $(C_{in}, C_{out}, k, k)$; PyTorch, ONNX and this library have $(C_{out}, C_{in}, k, k)$: the kernel's number first. Handing over the other order is an error at once, unless $C_{in} = C_{out}$, when nobody can tell:

var inFirst = Ones([3, 16, 3, 3]);
try
{
    Conv2D(Ones([1, 3, 8, 8]), inFirst);
}
catch (ShapeError error)
{
    Console.WriteLine(error.Message);
}
Claim.That(Conv2D(Ones([1, 3, 8, 8]), Transpose(inFirst, [1, 0, 2, 3])).Shape[1] == 16);

// The depth of the result is the number of kernels (some texts call it $F_{depth}$ or $D$) and nothing else has a say in it:

foreach (var depth in new[] { 1, 6, 64 })
{
    Claim.That(Out(n: 28, channels: 3, size: 5, p: 0, s: 1, count: depth)[1] == depth);
    Claim.That(Out(n: 28, channels: 9, size: 5, p: 0, s: 1, count: depth)[1] == depth);
}
Show(() => Conv2D(64, 5).Summary([9, 28, 28]));

// ## Each kernel its own feature
//
// Why have several? Because each finds something else. Four kernels on a photograph: edges that lie, edges that stand, a blur, and a sharpener.

var piece = Slice(SamplePictures.Camera(), start: [0, 20, 50], size: [1, 112, 112]);
var photo = Reshape(piece, [1, 1, 112, 112]);
var lying = Tensor.Of([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]);
var standing = Tensor.Of([[1, 0, -1], [1, 0, -1], [1, 0, -1]]);
var mean = Tensor.Fill([3, 3], 1 / 9.0);
var sharper = Tensor.Of([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]);
var four = Tensor.Stack([lying, standing, mean, sharper]).Reshape([4, 1, 3, 3]);
var maps = Conv2D(photo, four);
Claim.That(maps.Shape == Shape.Of(1, 4, 110, 110));
Show(() => maps.Value.DrawMaps(each: true, columns: 4));

// Each map alone is half blind. Stacked, they are the input of the next layer, whose kernels can combine them: the two edge maps, squared and added, are the outline of the man.

var edges = Slice(maps, [0, 0, 0, 0], [1, 2, 110, 110]);
var outline = Sqrt(Sum(Square(edges), [1], keepDims: true));
Claim.Same(Square(outline), Sum(Square(edges), [1], keepDims: true).Value, within: 1e-9);
Show(() => (outline / Max(outline)).Value.ToPng(scale: 2));

// Nobody has to invent the numbers. A kernel of 3 × 3 is nine unknowns $w_1 \dots w_9$ and a bias, and training finds them, for a derivative says how the loss changes with each. ([Notebook 05](05-edges-and-filters.ipynb) learns an edge kernel from pictures.)
//
// > **A slip to know.** A text speaks of "a 9 × 9 kernel with the weights $w_1$ to $w_9$". Nine weights are 3 × 3; a kernel of 9 × 9 has 81.

var learnable = (Conv2D(1, 3) >> Relu).Build([1, 1, 8, 8]);
Claim.That(learnable.Parameters[0].Shape.Elements == 9 && learnable.ParameterCount == 10);
Claim.That(Conv2D(1, 9).Build([1, 1, 12, 12]).Parameters[0].Shape.Elements == 81);
var loss = Sum(Square(learnable.Output));
Show(() => string.Join(" and ", learnable.Parameters.Select(p => $"{Gradient.Of(loss, p.Variable).Shape}")));

// (The derivative by the kernel has the kernel's shape, that by the bias the bias's.)
//
// ## What a convolution is, seen from a dense layer
//
// A dense layer multiplies its input, as one long row, with a matrix. So does a convolution: all it does is multiply and add. We need not think about what the matrix is; it is the derivative of the result by the input, the *Jacobian*, and the library computes it. An image of 4 × 4,
// a kernel of 3 × 3 with the numbers 1 to 9, a result of 2 × 2: the matrix is 4 × 16.

var numbers = Tensor.From([3, 3], i => i + 1);
var jacobian = Jacobian(v => CrossCorrelate(v, numbers))(Tensor.Fill([4, 4], 0));
var matrix = Reshape(jacobian, [4, 16]).Value;
Show(() => Chart.Heatmap(matrix).WithTitle("A convolution as a matrix: 0 is a cut connection")
    .WithXTitle("pixel of the image").WithYTitle("number of the result").WithSize(900, 320));

// A dense layer would have $16 \cdot 4 = 64$ different weights here. In the convolution
//
// * each output is connected with nine pixels only: 36 connections are left, the others are cut. This is **local connection**;
// * in each row stand the same nine numbers, moved along: nine weights serve all. This is **parameter sharing**.

Claim.That(matrix.Count == 64);
Claim.That(matrix.ToDoubles().Count(weight => weight != 0) == 36);
Claim.That(matrix.ToDoubles().Where(weight => weight != 0).Distinct().Count() == 9);
Claim.That(Dense(4, bias: false).Build([1, 16]).ParameterCount == 64);
Show(() => Chart.Column(["dense", "connected locally", "and shared: convolution"], [64, 36, 9])
    .WithTitle("Weights from 4 × 4 to 2 × 2").WithYTitle("weights"));

// A smaller case, in which every connection can be followed by eye: inputs 1 to 9 in a square, outputs A to D, a kernel of four weights I to IV.

var roman = Tensor.Of([[1, 2], [3, 4]]);
var cut = Reshape(Jacobian(v => CrossCorrelate(v, roman))(Tensor.Fill([3, 3], 0)), [4, 9]).Value;
string[] names = ["·", "I", "II", "III", "IV"];
Console.WriteLine("      1    2    3    4    5    6    7    8    9");
foreach (var output in Enumerable.Range(0, 4))
{
    var weights = Enumerable.Range(0, 9).Select(input => names[(int)cut[output, input]]);
    Console.WriteLine("ABCD"[output] + " " + string.Concat(weights.Select(name => $"{name,5}")));
}

// Read it in three ways. *By columns:* input 1, the corner, affects only A; input 5, the middle, affects all four. *By rows:* each output has four connections; nine inputs and four outputs would make 36 in a dense layer. *By weights:* I stands in each row, so several connections share it.
//
// And one thing more, which is the key to learning: **each weight has a part in every output**. If the loss is to know how it depends on I, it must ask A, B, C and D, and add up their answers. That is why the derivative by a kernel is always a *sum* over the map.

Claim.That(9 * 4 == 36 && roman.Count == 4 && cut.ToDoubles().Count(v => v != 0) == 16);
Claim.That(Enumerable.Range(0, 4).Count(output => cut[output, 0] != 0) == 1 && cut[0, 0] != 0);
Claim.That(Enumerable.Range(1, 4).All(v => cut.ToDoubles().Count(c => c == v) == 4));
var byWeight = Jacobian(v => CrossCorrelate(Tensor.From([3, 3], i => i + 1), v))(roman);
Claim.That(byWeight.Value.ToDoubles().All(share => share != 0));
Show(() => Reshape(byWeight, [4, 4]));

// (Row: output A to D. Column: weight I to IV. What stands there is the pixel that the weight meets; no 0 among them.)
//
// ## What it is good for
//
// **Fewer parameters, less to compute.** From $32 \times 32 \times 3$ to six maps of $28 \times 28$: a dense layer would need 14 million weights.

var map = Conv2D(6, 5).Summary([3, 32, 32]);
var full = Dense(6 * 28 * 28).Summary([3 * 32 * 32]);
Claim.That(map.Parameters == 456 && full.Parameters == 14_455_392);
Show(() => Chart.Bar(["dense: weights", "conv: weights", "dense: products", "conv: products"],
        [full.Parameters, map.Parameters, full.MultiplyAdds, map.MultiplyAdds])
    .WithTitle("From 32 × 32 × 3 to 28 × 28 × 6").WithXTitle("count").WithLogX().WithYTitle(""));

// **It keeps what is next to what.** Rows and columns go in, rows and columns come out; each output sees a neighbourhood.
//
// **Equivariance.** The same weights look everywhere, so what they find in one place they find in any other:
//
// > "Convolutional neural nets are based on the simple fact that a vision system needs to use the same knowledge at all locations in the image." Geoffrey Hinton, 2018
//
// Move the picture, and the map moves with it: $\mathrm{conv}(\mathrm{shift}(x)) = \mathrm{shift}(\mathrm{conv}(x))$. Only at the border, where something else came into view, may they differ.

Node Shift(Node v, int by) => Slice(Pad(v, [0, 0, by, by], [0, 0, 0, 0]), [0, 0, 0, 0], v.Shape);
Node Inside(Node v) => Slice(v, [0, 0, 12, 12], [1, v.Shape[1], 90, 90]);
var shiftFirst = Conv2D(Shift(photo, 10), four);
var shiftLast = Shift(Conv2D(photo, four), 10);
Claim.Same(Inside(shiftFirst), Inside(shiftLast).Value, within: 1e-12);
Show(() => Slice(shiftFirst, [0, 0, 0, 0], [1, 2, 110, 110]).Value.DrawMaps());

// > **A slip to know.** One reads that "the place of a feature does not affect the result of a convolution". It does: the result *moves*. Not to be affected at all is called **in**variance. A convolution is **equi**variant; only what comes after, such as taking the largest number of each whole map, makes invariance of it.

var square = Pad(Ones([1, 1, 3, 3]), before: [0, 0, 3, 4], after: [0, 0, 10, 9]);
var (here, there) = (Conv2D(square, four), Conv2D(Shift(square, 5), four));
Claim.That(!here.Value.Equals(there.Value));
Claim.Same(GlobalMaxPool(here), GlobalMaxPool(there).Value, within: 1e-12);
Show(() => GlobalMaxPool(there));

// Summed up: two **properties**, local connection and parameter sharing, and three **advantages**, fewer parameters and less to compute, spatial information, equivariance.

var wide = Dense(28 * 28).Summary([28 * 28]);
var local = Conv2D(1, 3, Same).Summary([1, 28, 28]);
Claim.That(wide.Parameters == 615_440 && local.Parameters == 10);  // fewer parameters
Claim.That(wide.MultiplyAdds / local.MultiplyAdds == 87);          // and less to compute
Claim.That(local.Rows[^1].ReceptiveField == Shape.Of(3, 3));       // local: each sees 3 × 3
Claim.That(local.Rows[^1].Output == Shape.Of(1, 28, 28));          // rows and columns are kept
Show(() => local);

// ## Your turn
//
// **1.** A layer with 64 kernels of 3 × 3 on 128 channels, with biases: how many parameters?

double? parameters = null; // your answer
Show(() => Exercise.Check(parameters, Conv2D(64, 3).Summary([128, 32, 32]).Parameters));

// **2.** A convolution with kernels of 1 × 1 sees one pixel at a time. What does it compute from `picture`, with the weights 1, 1, 1 for the three channels? Write the 4 × 4 matrix, or an expression for it. (Hint: what is left of the sums over $r$ and $c$?)

Tensor? pointwise = null; // your answer
Show(() => Exercise.Check(pointwise, Reshape(Conv2D(picture, Ones([1, 3, 1, 1])), [4, 4]).Value));

// **3.** How many of the 28 · 28 · 28 · 28 numbers in the matrix of a 3 × 3 convolution with "same" padding on 28 × 28 pixels are not cut? (Hint: count windows that see pixels, as in notebook 03: an inner pixel has 9, and the border?)

double? connections = null; // your answer
var seen = Conv2D(Ones([1, 1, 28, 28]), Ones([1, 1, 3, 3]), Same);
Show(() => Exercise.Check(connections, Sum(seen).Value.Scalar));

// ## Where to go on
//
// * Next: [05 Edges and filters](05-edges-and-filters.ipynb). Back: [03 Padding](03-padding.ipynb). Then: [06 Convolution and cross-correlation](06-convolution-and-cross-correlation.ipynb), [07 Pooling](07-pooling.ipynb).
// * Stanford [CS231n, Convolutional Networks](https://cs231n.github.io/convolutional-networks/): "Local connectivity", "Parameter sharing"; [UFLDL Tutorial](http://ufldl.stanford.edu/tutorial/supervised/FeatureExtractionUsingConvolution/), feature extraction using convolution; *Dive into Deep Learning*, [7.4](https://d2l.ai/chapter_convolutional-neural-networks/channels.html).
// * Y. LeCun et al., *Gradient-based learning applied to document recognition*, 1998: where shared weights became a network.

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
