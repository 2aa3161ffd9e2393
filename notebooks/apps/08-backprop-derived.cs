// What 08-backprop-derived.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
#:project ../../src/Facade/../GradKit/GradKit.csproj
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

// # Backprop derived, not coded
//
// Back-propagation is often taught as a list of formulas to be learnt by heart, and then coded by hand, with one sign or one transpose wrong. Here we
// write down only the forward pass. The library derives the backward pass, prints it as mathematics, and we check each formula of the textbook against it:
// softmax, dense layers, activations, convolutions with stride, channels and bias. At the end you compare a backward pass of your own with the derived
// one, and ask why a single element of a gradient is what it is.

// ## The question
//
// A loss $L$ is one number at the end of many steps. How much does it change if one weight changes a little? The chain rule answers from the end to the
// beginning: first for the last step's input, then for the one before it, and so on.
//
// We write $dA$ for $\partial L/\partial A$, and likewise $dZ$, $dW$, $db$. It is only a shorthand, and it has one rule that already finds most mistakes: **$dV$ has the
// shape of $V$**, because there is one number in it for each number in $V$.

var model = (Conv2D(2, 3) >> Relu >> Flatten >> Dense(3)).Build([2, 1, 4, 4]);
var labels = Variable("labels", [2], Kind.Index);
var loss = SoftmaxCrossEntropy(model.Output, labels);
Node[] weights = [.. model.Parameters.Select(parameter => parameter.Variable)];
var gradients = Gradient.Of(loss, weights);
for (var i = 0; i < weights.Length; i++)
{
    Claim.That(gradients[i].Shape == weights[i].Shape);
    Console.WriteLine($"d {model.Parameters[i].Name,-13} {gradients[i].Shape}");
}

// That was all: `Gradient.Of` gave four new nodes, and each is a graph like any other. What do they compute? `Derivation` writes the chain rule down as a
// textbook does, with $\star$ for cross-correlation, $\odot$ for the product of each element, and $[A > 0]$ for 1 where that holds and 0 elsewhere.

var derivation = Derivation.Of(loss, weights);
Claim.That(derivation.IsChecked);
Show(() => derivation);

// Nothing here was typed in by hand. Each line was found in the graph, and compared with finite differences before it was printed; that is what `IsChecked` says. Read the
// second half from top to bottom: the error starts at the loss and walks back to the first weight. The rest of this notebook takes these lines one by one.
//
// ## 1. Softmax makes a distribution
//
// The last layer gives three scores $z$. Softmax turns them into shares that are positive and add up to 1:
//
// $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$

var z = Tensor.Of([[2, 0, 1]]);
var p = Softmax(z);
Claim.Near(p.Value[0, 0], Math.Exp(2) / (Math.Exp(2) + Math.Exp(0) + Math.Exp(1)));
Claim.Near(Sum(p).Value.Scalar, 1);
Show(() => p);

Show(() => Chart.Column(["cat: 2", "dog: 0", "bird: 1"], p.Value.ToDoubles())
    .WithTitle("softmax of three scores").WithXTitle("class and its score")
    .WithYTitle("probability").WithSize(520, 280));

// ## 2. Predicted minus true
//
// Cross-entropy is $L = -\ln p_t$ for the true class $t$. With the softmax before it, the gradient becomes as simple as one could wish. Since
// $L = -z_t + \ln \sum_j e^{z_j}$,
//
// $$\frac{\partial L}{\partial z_i} = p_i - y_i, \qquad y_i = 1 \text{ for the true class, else } 0.$$
//
// With a batch of $N$ examples and a mean over it, all of that is divided by $N$.

var scores = Variable("z", [1, 3]);
var entropy = SoftmaxCrossEntropy(scores, Indices(Tensor.Of([2])));
var dz = Reference.Run(Gradient.Of(entropy, scores), (scores, z));
Claim.Same(dz, (p - Tensor.Of([[0, 0, 1]])).Value, 1e-12);
Show(() => dz);

// The true class is the third, with a probability of 0.245. Its gradient is −0.755, so descent raises its score; the other two are pushed down by just what they were given.
// Do not believe it? Then measure: change one score by a millionth, and see how the loss changes.

double Loss(double first) => Reference.Run(entropy, (scores, Tensor.Of([[first, 0, 1]]))).Scalar;
var slope = (Loss(2 + 1e-6) - Loss(2 - 1e-6)) / 2e-6;
Claim.Near(slope, dz[0, 0], 1e-8);
Show(() => Math.Round(slope, 6));

// ## 3. Through an activation
//
// An activation works on each element for itself, $A = g(Z)$. So the chain rule is the one of school, element by element:
//
// $$dZ = dA \odot g'(Z)$$

var before = Variable("Z", [5]);
var dA = Variable("dA", [5]);
Node Through(Func<Node, Node> g) => Gradient.Vjp(g(before), dA, [before])[0];
(Node, Tensor)[] at = [(before, Tensor.Of([-2, -1, 0, 1, 2])), (dA, Tensor.Of([10, 10, 10, 10, 10]))];
var (byRelu, byTanh) = (Reference.Run(Through(Relu), at), Reference.Run(Through(Tanh), at));
Claim.Same(byRelu, Tensor.Of([0, 0, 0, 10, 10]));
Claim.Near(byTanh[3], 10 * (1 - Math.Tanh(1) * Math.Tanh(1)));
Show(() => byRelu);

// `Relu` lets an error pass where its input was positive, and stops it elsewhere. At 0 itself there are two slopes; the convention here is 0. `Tanh`
// lets everything pass, but flattens it where it is saturated. That is why the errors of deep networks of `Tanh` vanish:

double[] xs = [.. Enumerable.Range(-30, 61).Select(i => i / 10.0)];
Chart Slope(string name, Func<Node, Node> g) =>
    Chart.Line(xs, Grad(x => Sum(g(x)))(Tensor.Of(xs)).Value.ToDoubles(), name);
Show(() => Chart.Plot(Slope("relu", Relu), Slope("tanh", Tanh), Slope("sigmoid", Sigmoid))
    .WithTitle("what an activation lets pass").WithXTitle("z").WithYTitle("g'(z)").WithSize(560, 320));

// ## 4. Dense layers: the error recursion
//
// Layers of rows $a^l = f(z^l)$, $z^l = a^{l-1} w^l + b^l$. Many books name the error of a layer $\delta^l = \partial L / \partial z^l$, and go from each to the one before it in a single line:
//
// $$\delta^{l-1} = \left(\delta^l (w^l)^\top\right) \odot f'(z^{l-1}), \qquad \nabla w^l = (a^{l-1})^\top \delta^l, \qquad \nabla b^l = \sum_n \delta^l_n$$
//
// `Notation.Delta` prints just that. The library keeps $W$ as PyTorch does, one row for each output, so its $W$ is the books' $w^\top$.

var dense = (Dense(4) >> Sigmoid >> Dense(2)).Build([3, 5]);
var squares = Sum(Square(dense.Output - Variable("Y", [3, 2])));
Show(() => Derivation.Of(squares, [.. dense.Parameters.Select(parameter => parameter.Variable)], Notation.Delta));

// Now let us do it by hand, on numbers, and compare.

Tensor Draw(string name, Shape shape) => Key.Of(8).FoldIn(name).Normal(shape);
var (a0, w1, w2) = (Draw("a0", [3, 5]), Draw("w1", [5, 4]), Draw("w2", [4, 2]));
var (b1, b2, y) = (Draw("b1", [4]), Draw("b2", [2]), Draw("y", [3, 2]));
var a1 = Sigmoid(MatMul(a0, w1) + b1);
var δ2 = 2 * (MatMul(a1, w2) + b2 - y);
var δ1 = MatMul(δ2, Transpose(w2)) * a1 * (1 - a1);
var byHand = MatMul(Transpose(a0), δ1);
Show(() => byHand);

Node Squares(Node w, Node b) => Sum(Square(MatMul(Sigmoid(MatMul(a0, w) + b), w2) + b2 - y));
Claim.Same(Grad(w => Squares(w, b1))(w1), byHand.Value, 1e-12);
Claim.Same(Grad(b => Squares(w1, b))(b1), Sum(δ1, [0]).Value, 1e-12);

// ## 5. Convolution: the error goes back to the image
//
// Now the heart of it. A convolutional layer computes a cross-correlation, $Z = A \star W + b$, and the kernel is *not* turned on the way forward. That is this notebook's
// convention, and it decides where the rotation appears. (A well-known text says of the backward pass that "we use the kernel; the earlier one is it rotated by
// 180°". Both halves of that are right together only if the forward pass is called cross-correlation, as here.)
//
// A pixel $A_{ij}$ is under the window several times, each time below another weight. So its error is a sum, one copy of the kernel for each
// element of the error map, laid where the window was:
//
// $$dA += \sum_m \sum_n W \cdot dZ_{mn}$$

var image = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
var kernel = Tensor.Of([[2, 0, 1], [0, 1, 2], [1, 0, 2]]);
var dZ = Tensor.Of([[1, 2], [3, 4]]);
double[] sum = new double[16];
for (var m = 0; m < 2; m++)
    for (var n = 0; n < 2; n++)
        for (var r = 0; r < 3; r++)
            for (var c = 0; c < 3; c++)
                sum[(m + r) * 4 + n + c] += kernel[r, c] * dZ[m, n];
var scattered = Tensor.Of([4, 4], sum);
Show(() => scattered);

// The animation lays down one copy after the other.

Show(() => Pictures.DrawConvolutionGradient(dZ, kernel, size: [4, 4]));

// And what does the library derive? The same, of course, and without being told.

Node Back(Node x, Func<Node, Node> f, Tensor error) => Vjp(f, x).Pullback(error);
Claim.Same(Back(image, x => CrossCorrelate(x, kernel), dZ), scattered);

// Seen from one pixel, the same sum reads the other way round: a window walks over the *error map* with zeros around it, and the kernel under it is turned by 180°. That is a full convolution:
//
// $$dA = \mathrm{pad}(dZ, k-1) \star \mathrm{rot180}(W)$$
//
// Here it is, step by step: `x` is the error map with its zeros, `w` the turned kernel, `y` the gradient.

Show(() => Pictures.DrawConvolution(dZ, Rotate180(kernel, 0).Value, padding: 2));

Claim.Same(CrossCorrelate(Pad(dZ, [2, 2], [2, 2]), Rotate180(kernel, 0)), scattered);
Claim.Same(Convolve(dZ, kernel, Padding.Full), scattered);

// If there was an activation before the layer, section 3 adds its factor and the recursion of the books is complete:
//
// $$\delta^{l-1} = \left(\mathrm{pad}(\delta^l) \star \mathrm{rot180}(w^l)\right) \odot f'(z^{l-1})$$
//
// Ask for it in that notation, and here it comes out of the graph of two convolutions:

var two = (Conv2D(1, 3, bias: false) >> Relu >> Conv2D(1, 3, bias: false)).Build([1, 1, 8, 8]);
Node[] kernels = [.. two.Parameters.Select(parameter => parameter.Variable)];
var deep = Derivation.Of(Sum(Square(two.Output)), kernels, Notation.Delta);
Claim.That(deep.ToString().Contains("rot180(W₂)) ⊙ [A₁ > 0]"));
Show(() => deep);

// ## 6. Strides: put the zeros back
//
// With a stride of 2 the window skips places. Think of the full error map, computed at every place, with zeros where the window did not stop. So: insert $s-1$
// zeros between the elements (*dilate*), then use the rule for stride 1.

var dilated = Dilate(dZ, [2, 2]);
Claim.Same(dilated, Tensor.Of([[1, 0, 2], [0, 0, 0], [3, 0, 4]]));
Show(() => dilated);

foreach (var s in new[] { 1, 2, 3 })
{
    var size = 3 + s; // the window stops twice
    var derived = Back(Draw("x", [size, size]), x => CrossCorrelate(x, kernel, stride: s), dZ);
    Claim.Same(derived, Convolve(Dilate(dZ, [s, s]), kernel, Padding.Full).Value, 1e-12);
    Console.WriteLine($"stride {s}: image {derived.Shape}, dilated {Dilate(dZ, [s, s]).Shape}: the same");
}

// If the stride does not divide, the last pixels were never seen. Their gradient must be 0, so zeros are added at the end. The library's rule does this
// by itself: here a 7 × 7 image with stride 3 loses its last row and column.

var lost = Back(Draw("x", [7, 7]), x => CrossCorrelate(x, kernel, stride: 3), dZ);
Claim.Same(lost, Pad(Convolve(Dilate(dZ, [3, 3]), kernel, Padding.Full), [0, 0], [1, 1]).Value, 1e-12);
Show(() => lost);

// ## 7. The weights' gradient is a cross-correlation, too
//
// Each weight touches every output, so its gradient is a sum over all places of the window: the slice of the image that was under it, times the error there,
//
// $$dW = \sum_m \sum_n A^{\text{slice}}_{mn} \cdot dZ_{mn} \qquad\text{or, in one sign,}\qquad dW = A \star dZ$$
//
// The error map is the kernel now, and slides over the image: 4 × 4 and 2 × 2 give 3 × 3, as large as the kernel.

Node slices = Zeros([3, 3]);
for (var m = 0; m < 2; m++)
    for (var n = 0; n < 2; n++)
        slices += Slice(image, [m, n], [3, 3]) * dZ[m, n];
var dW = Back(kernel, w => CrossCorrelate(image, w), dZ);
Claim.Same(dW, slices.Value);
Claim.Same(dW, CrossCorrelate(image, dZ).Value);
Show(() => dW);

Show(() => Pictures.DrawConvolution(image, dZ));

// With a stride the error map is dilated here, too. In the words of ONNX's `Conv`, strides and dilations change places: what was the stride of the forward pass is the
// dilation of the backward pass. Where the stride did not divide, the result is a little too large and is cropped to the kernel.

var wide = Draw("wide", [1, 1, 8, 8]);
var k3 = Draw("kernel", [1, 1, 3, 3]);
var strided = Vjp(w => Conv2D(wide, w, stride: 2), k3).Pullback(Draw("error", [1, 1, 3, 3]));
var asConv = Conv2D(wide, Draw("error", [1, 1, 3, 3]), dilation: 2);
Claim.That(asConv.Shape == Shape.Of(1, 1, 4, 4));
Claim.Same(strided, Slice(asConv, [0, 0, 0, 0], [1, 1, 3, 3]).Value, 1e-12);
Show(() => asConv.Shape);

// ## 8. The bias
//
// The bias $b^d$ is added at every place of map $d$, in every image of the batch. So its gradient is the sum of all errors there:
//
// $$db^d = \sum_n \sum_i \sum_j dZ^d_{nij}$$

var errors = Draw("errors", [2, 3, 4, 4]);
var db = Vjp(b => BroadcastTo(Reshape(b, [1, 3, 1, 1]), [2, 3, 4, 4]), Zeros([3])).Pullback(errors);
Claim.Same(db, Sum(errors, [0, 2, 3]).Value, 1e-12);
Show(() => db);

// ## 9. Channels
//
// With $C$ channels in and $D$ filters, filter $d$ looks at channel $c$ with a kernel of its own. Backwards there are $D \times C$ partial errors, and those of all
// filters are added up for each channel:
//
// $$dA^c = \sum_d \mathrm{pad}(dZ^d) \star \mathrm{rot180}(W^{d,c})$$

var (maps, filters, error) = (Draw("maps", [2, 5, 5]), Draw("filters", [3, 2, 3, 3]), Draw("e", [3, 3, 3]));
Node Partial(int d, int c) => Convolve(error.Part(d), filters.Part(d).Part(c), Padding.Full);
Node Channel(int c) => Partial(0, c) + Partial(1, c) + Partial(2, c);
var perChannel = Stack(0, Channel(0), Channel(1));
var all = Vjp(x => Conv2D(Reshape(x, [1, 2, 5, 5]), filters), maps).Pullback(error.Reshape([1, 3, 3, 3]));
Claim.Same(all, perChannel.Value, 1e-12);
Show(() => all.Shape);

// Six partial errors, two maps. The whole is itself a convolution: exchange the two first axes of the kernel, turn it, and the sum over filters becomes the usual sum
// over channels. So the graph needs one node for it. Blue is forward, orange is backward: `Conv2DInput` reads the error and the kernel, `Conv2DKernel` the image and the error.

var X = Variable("X", [1, 2, 5, 5]);
var W = Variable("W", [3, 2, 3, 3]);
Show(() => new Graph([.. Gradient.Of(Sum(Square(Conv2D(X, W))), [X, W])]).Simplify().Draw());

// ## Your own backward pass, compared
//
// Suppose that you did code it. `Backprop.Compare` (package `AutoDiffCnn.GradKit`) takes both, your forward and your backward pass, and brings yours and the derived one into one
// normal form. If the forms meet, the two are equal for *all* values: a proof, not a test.

Node Turned(Node w) => Transpose(Rotate180(w, 2), [1, 0, 2, 3]);
Node ForWeights(Node x, Node δ) =>
    Transpose(Conv2D(Transpose(x, [1, 0, 2, 3]), Transpose(δ, [1, 0, 2, 3])), [1, 0, 2, 3]);
var mine = Backprop.Compare(
    inputs => Conv2D(inputs[0], inputs[1]),
    (inputs, δ) => [Conv2D(δ, Turned(inputs[1]), padding: 2), ForWeights(inputs[0], δ)],
    [1, 2, 5, 5], [3, 2, 3, 3]);
Claim.That(mine.IsProved);
Show(() => mine.ToString());

// And now the classic mistake: the same, but the kernel is not turned.

var wrong = Backprop.Compare(
    inputs => Conv2D(inputs[0], inputs[1]),
    (inputs, δ) => [Conv2D(δ, Transpose(inputs[1], [1, 0, 2, 3]), padding: 2), ForWeights(inputs[0], δ)],
    [1, 2, 5, 5], [3, 2, 3, 3]);
var finding = wrong.Report!.Finding!;
Claim.That(!wrong.Holds && finding.Mistake!.StartsWith("kernel not rotated"));
Console.WriteLine($"{wrong.Report.Title}\n{finding.What}\n{finding.Mistake}");

// It is falsified by a random case, compared with differences, and called by its name. [09](09-gradient-checks.ipynb) shows how that is done.
//
// ## Why is this element what it is?
//
// A gradient is a sum, and you may ask for its terms. Here for one element of the kernel's gradient in the example above; it is $dW_{01} = 19$.

var A = Variable("A", [1, 1, 4, 4]);
var K = Variable("K", [1, 1, 3, 3]);
var δ = Variable("dZ", [1, 1, 2, 2]);
var dK = Gradient.Vjp(Conv2D(A, K), δ, [K])[0];
(Node, Tensor) picture = (A, image.Reshape([1, 1, 4, 4]));
var explained = dK.Explain([0, 0, 0, 1], picture, (δ, dZ.Reshape([1, 1, 2, 2])));
Claim.Near(explained.Value, 19);
Show(() => explained.ToString());

// And the other way round: a gradient that is 0, where you had hoped that something would be learnt. Why?

var dead = Gradient.Of(Sum(Relu(Conv2D(A, K) - 100)), K);
var why = dead.WhyZero([0, 0, 0, 0], picture, (K, kernel.Reshape([1, 1, 3, 3])));
Claim.That(why.Reason.StartsWith("dead relu"));
Show(() => why.ToString());

// A dead relu: its largest input is 16 − 100 = −84, so nothing passes anywhere, and no step of descent will ever change that kernel again.
//
// ## Exercises
//
// **1.** Softmax gave $p$ for the scores 2, 0, 1. What is $\partial L/\partial z_1$ (the score 2) if the *first* class is the true one? Three digits are enough.

double? first = null; // your answer
Show(() => Exercise.Check(first, p.Value[0, 0] - 1, within: 1e-3));

// **2.** In the 4 × 4 example with the error map [[1, 2], [3, 4]], the pixel in row 1, column 1 (counted from 0) was under the window four times. What is its gradient? Do it on paper:
// which weight was above it, each time?

double? pixel = null; // your answer
Show(() => Exercise.Check(pixel, scattered[1, 1]));

// **3.** Write the gradient of *average* pooling, 2 × 2 with stride 2, from the error map `dZ` to a 4 × 4 image, as a tensor. Hint: each pixel gets the same share.

Tensor? share = null; // your answer, Tensor.Of([[…], …])
var pooled = Vjp(x => AvgPool(x, 2), image.Reshape([1, 1, 4, 4]));
Show(() => Exercise.Check(share, pooled.Pullback(dZ.Reshape([1, 1, 2, 2])).Value.Reshape([4, 4])));

// ## Where to go from here
//
// [09](09-gradient-checks.ipynb) attacks gradients with random cases until they fall, and builds an op of your own. [10](10-optimisers.ipynb) uses gradients to descend.
//
// * D. Rumelhart, G. Hinton, R. Williams, *Learning representations by back-propagating errors*, Nature 1986.
// * Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, 1998.
// * CS231n, *Backpropagation, intuitions*; UFLDL, *Convolutional neural network*: the error recursion; *Dive into Deep Learning*, chapter 5.3.
// * V. Dumoulin, F. Visin, *A guide to convolution arithmetic for deep learning*, 2016: with animations of strides and dilations.

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
