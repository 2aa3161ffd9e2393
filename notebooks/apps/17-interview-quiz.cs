// What 17-interview-quiz.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # Interview quiz, answered by the library
//
// Twenty questions on convolutional networks that are asked in interviews, from "what does a kernel do?" to "how many weights has this layer?". You answer; the library computes whether you are right. At the end it counts.

// **How it works.** Put your answer into the cell under the question and run it. Questions with a choice want a letter, `"b"`; the others a number. The letters are not stored anywhere: each option is a statement that the cell puts to the test, and the right letter is that of
// the one which holds. Behind every question, folded, is what to say when someone asks you; and a link to the notebook that has more.

var score = new SortedDictionary<int, string>();
string Letter(params bool[] holds)
{
    Claim.That(holds.Count(h => h) == 1);
    return $"{"abcd"[Array.IndexOf(holds, true)]}";
}
string Choice(int question, string? answer, string right) =>
    score[question] = Exercise.Check(answer, right);
string Number(int question, double? answer, double right) =>
    score[question] = Exercise.Check(answer, right);

// ## Kernels
//
// ### 1. What is a kernel for?
//
// The kernel `[[1, 0, -1], [1, 0, -1], [1, 0, -1]]` slides over a picture whose left half is 10 and whose right half is 0.
//
// - **a** It gives large numbers everywhere on the bright half.
// - **b** It gives large numbers at the border between bright and dark, and 0 elsewhere.
// - **c** It gives the mean of each neighbourhood.

string? q1 = null; // your answer
var half = Tensor.From([6, 6], i => i % 6 < 3 ? 10 : 0);
var vertical = Tensor.Of([[1, 0, -1], [1, 0, -1], [1, 0, -1]]);
var found = CrossCorrelate(half, vertical).Value;
Show(() => Choice(1, q1, Letter(
    found[1, 0] > 0 && found[1, 3] == 0,
    found[1, 0] == 0 && found[1, 1] == 30 && found[1, 2] == 30 && found[1, 3] == 0,
    found[1, 1] == half[2, 2])));

// <details><summary>What to say</summary>
//
// A kernel extracts a *local feature* of the picture, such as an edge of one direction. Different kernels extract different features; in a network they are learnt. More in [notebook 04](04-volume-convolution.ipynb).
// </details>
//
// On a real picture, with this kernel and with its quarter turn:

var camera = Reshape(SamplePictures.Camera(), [1, 1, 256, 256]);
var photo = Slice(camera, start: [0, 0, 30, 60], size: [1, 1, 112, 112]);
var kernels = Tensor.Stack([vertical, Transpose(vertical).Value]).Reshape([2, 1, 3, 3]);
Show(() => Conv2D(photo, kernels).Value.DrawMaps());

// ### 2. What does "local connection" mean?
//
// Each number of a 3 × 3 convolution depends on
//
// - **a** all pixels of the picture,
// - **b** the nine pixels under the kernel,
// - **c** one pixel.

string? q2 = null; // your answer
var jacobian = Jacobian(v => CrossCorrelate(v, Ones([3, 3])))(Tensor.Fill([6, 6], 0));
var matrix = jacobian.Value.Reshape([16, 36]);
int Connections(int output) => Enumerable.Range(0, 36).Count(pixel => matrix[output, pixel] != 0);
Show(() => Choice(2, q2, Letter(Connections(5) == 36, Connections(5) == 9, Connections(5) == 1)));

// ### 3. What is it good for?
//
// A layer from 6 × 6 to 4 × 4 numbers, with all connections: 576 products. How many are left if each output is connected with its nine pixels only?

double? q3 = null; // your answer
Claim.That(matrix.Count == 576);
Show(() => Number(3, q3, matrix.ToDoubles().Count(connection => connection != 0)));

// <details><summary>What to say</summary>
//
// A convolution can be seen as a dense layer in which all weights but those of a small neighbourhood are 0. That makes far fewer parameters and products, and it keeps *spatial* information: what is near what. [Notebook 04](04-volume-convolution.ipynb) draws the picture below for smaller sizes.
// </details>

Show(() => Chart.Heatmap(matrix).WithTitle("6 × 6 to 4 × 4 by a kernel of 3 × 3: what is not cut")
    .WithXTitle("pixel").WithYTitle("output").WithSize(720, 380));

// ### 4. What does "parameter sharing" mean?
//
// How many different weights are in that matrix if the kernel's nine weights are all different?

double? q4 = null; // your answer
var numbered = Tensor.From([3, 3], i => i + 1);
var shared = Jacobian(v => CrossCorrelate(v, numbered))(Tensor.Fill([6, 6], 0)).Value;
Show(() => Number(4, q4, shared.ToDoubles().Where(weight => weight != 0).Distinct().Count()));

// ### 5. And what is *that* good for?
//
// A picture is moved by two pixels. What happens to the result of a convolution, away from the border?
//
// - **a** Nothing.
// - **b** It moves by two pixels.
// - **c** It is another one altogether.

string? q5 = null; // your answer
var scene = Tensor.From([12, 12], i => i * 7 % 11);
var moved = Pad(scene, before: [0, 2], after: [0, 0]);
var (before, after) = (CrossCorrelate(scene, numbered), CrossCorrelate(moved, numbered));
Node Columns(Node v, int from) => Slice(v, [0, from], [10, 8]);
bool Equal(Node a, Node b) => a.Value.Equals(b.Value);
var same = Equal(Columns(before, 2), Columns(after, 2));
var shifted = Equal(Columns(before, 2), Columns(after, 4));
Show(() => Choice(5, q5, Letter(same, shifted, !same && !shifted)));

// <details><summary>What to say</summary>
//
// The same weights are used at all places, so a layer needs only $k \cdot k$ of them for each pair of channels, however large the picture; and a feature that was learnt in one place is found in all others. The word is **equivariance**: the result moves with the picture.
//
// *Beware:* slides say "the position does not affect the result". That is *in*variance, and wrong for a convolution.
// </details>
//
// ## Against dense layers
//
// ### 6. What is wrong with a dense network for pictures?
//
// 512 neurons look at a colour picture of 300 × 200. How many weights are that, without biases? Then: how many *multiplications* for one picture? (One number answers both.)

double? q6 = null; // your answer
var dense = Dense(512, bias: false).Summary([3 * 200 * 300]);
Claim.That(dense.Parameters == dense.MultiplyAdds);
Show(() => Number(6, q6, dense.Parameters));

// <details><summary>What to say</summary>
//
// Two defects. *Too many parameters*, hence too much to compute and too easily learnt by heart. And *the spatial information is lost*: flattened to a row, neighbours are no neighbours any more, and what moves meets other weights.
//
// *Beware:* slides count $M^2 N$ multiplications. Each weight is used once for each picture, $M \cdot N$. More in [notebook 01](01-images-as-tensors.ipynb).
// </details>
//
// ### 7. How does a convolutional layer differ, and what are its advantages?
//
// Which of these is **not** true of a layer of eight 3 × 3 kernels with "same" padding, compared with a dense layer that makes as many numbers?
//
// - **a** It has fewer parameters.
// - **b** It has fewer products.
// - **c** Its result keeps rows and columns.
// - **d** Each of its results sees the whole picture.

string? q7 = null; // your answer
var conv = Conv2D(8, 3, Same).Summary([1, 28, 28]);
var full = Dense(8 * 28 * 28).Summary([28 * 28]);
Show(() => Choice(7, q7, Letter(
    !(conv.Parameters < full.Parameters),
    !(conv.MultiplyAdds < full.MultiplyAdds),
    conv.Rows[^1].Output != Shape.Of(8, 28, 28),
    conv.Rows[^1].ReceptiveField != Shape.Of(28, 28))));

// <details><summary>What to say</summary>
//
// Two differences: *local connection* and *parameter sharing*. Three advantages: fewer parameters and less to compute; spatial information is kept; equivariance. That each result sees only a neighbourhood is the price; depth pays it, for the neighbourhood grows with each layer.
// </details>

Show(() => Chart.Column(["dense", "convolution"], [full.Parameters, conv.Parameters])
    .WithTitle("28 × 28 to 28 × 28 × 8").WithXTitle("layer").WithYTitle("parameters").WithLogY());

// ## Sizes
//
// The next questions share one function: what the library really computes for $n$ pixels, a kernel of $k$, padding $p$ and stride $s$.

int Size(int n, int k, int p = 0, int s = 1) =>
    CrossCorrelate(Ones([n, n]), Ones([k, k]), padding: p, stride: s).Shape[0];

// ### 8 and 9. How large is the result without padding, and how large with it?
//
// $n = 32$, $k = 5$. First answer: $p = 0$. Second: $p = 1$.

double? q8Without = null, q8With = null; // your answers
Console.WriteLine(Number(8, q8Without, Size(n: 32, k: 5)));
Show(() => Number(9, q8With, Size(n: 32, k: 5, p: 1)));

// <details><summary>What to say</summary>
//
// Without: $m = n - k + 1$. With: $m = n + 2p - k + 1$. [Notebook 02](02-convolution-by-hand.ipynb) counts the windows.
// </details>
//
// ### 10 and 11. What is bad about no padding, and what does padding do about it?
//
// In a picture of 6 × 6 with a kernel of 3 × 3: how many windows see the pixel in the corner, (1) without padding, (2) with $p = 1$?

double? q10Without = null, q10With = null; // your answers
double Corner(int padding)
{
    var x = Variable("x", [6, 6]);
    var total = Sum(CrossCorrelate(x, Ones([3, 3]), padding));
    return Reference.Run(Gradient.Of(total, x), (x, Tensor.Fill([6, 6], 0)))[0, 0];
}
Console.WriteLine(Number(10, q10Without, Corner(0)));
Show(() => Number(11, q10With, Corner(1)));

// <details><summary>What to say</summary>
//
// Without padding the maps shrink with each layer, so there can be only so many; and features at the border are lost, since its pixels are in few windows. Padding keeps the size, and gives the border more voice. [Notebook 03](03-padding.ipynb).
// </details>
//
// ### 12. How wide must the padding be to keep the size? And for 3 × 3, 5 × 5, 7 × 7?
//
// Answer with the three numbers, `Tensor.Of([…, …, …])`.

Tensor? q12 = null; // your answer
double Keeps(int k) => Enumerable.Range(0, 9).Single(p => Size(28, k, p) == 28);
Show(() => score[12] = Exercise.Check(q12, Tensor.Of([Keeps(3), Keeps(5), Keeps(7)])));

// <details><summary>What to say</summary>
//
// $m = n$ in $m = n + 2p - k + 1$ gives $p = (k - 1)/2$; this is called **same** padding.
//
// *Beware:* in some slides the formula, and the question itself, say "valid". A valid convolution has no padding.
// </details>
//
// ### 13. Size of the picture, of the kernel, padding, stride: how large is the result?
//
// Take $n = 224$, $k = 7$, $p = 3$, $s = 2$, the first layer of ResNet. (Change the numbers for another question.)

double? q13 = null; // your answer
var (n, k, p, s) = (224, 7, 3, 2);
Show(() => Number(13, q13, Size(n, k, p, s)));

// <details><summary>What to say</summary>
//
// $$m = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
//
// Do not forget to round **down**; slides print it without the brackets. And if nobody has mentioned padding or stride, *ask*: it shows that you know of them.
// </details>

Claim.That(Size(n: 7, k: 3, p: 1, s: 2) == 4 && Size(n: 6, k: 3, p: 0, s: 2) == 2);
var seven = Tensor.From([7, 7], i => i % 5);
Show(() => Pictures.DrawConvolution(seven, Tensor.Fill([3, 3], 1), stride: 2, padding: 1));

// ## Channels
//
// ### 14. How many weights has a convolutional layer?
//
// 64 channels come in, 128 go out, kernels of 3 × 3, no biases.

double? q14 = null; // your answer
var layer = Conv2D(128, 3, Same, stride: 2, bias: false);
Show(() => Number(14, q14, layer.Summary([64, 56, 56]).Parameters));

// <details><summary>What to say</summary>
//
// $C_{in} \cdot C_{out} \cdot k \cdot k$; with biases $C_{out}$ more. The size of the picture is not in it. As a tensor it is $(C_{out}, C_{in}, k, k)$ in PyTorch, ONNX and here.
// </details>
//
// ### 15. And which shape has its result?
//
// For a batch $(8, 64, 56, 56)$ and the layer of question 14 with padding 1 and stride 2. Write it as text, `"[…, …, …, …]"`.

string? q15 = null; // your answer
var padded = Conv2D(128, 3, padding: 1, stride: 2, bias: false);
Show(() => Choice(15, q15, $"{padded.Build([8, 64, 56, 56]).Output.Shape}"));

// <details><summary>What to say</summary>
//
// $(N, C_{out}, H', W')$, where $C_{out}$ is the number of kernels and $H' = \lfloor (H + 2p - k)/s \rfloor + 1$, $W'$ likewise. If only one channel was asked for, mention that you know how it goes with several.
// </details>
//
// ## Pooling
//
// ### 16. What is a pooling layer for?
//
// Which of these does a max pool of 2 × 2 **not** do?
//
// - **a** Leave a quarter of the numbers.
// - **b** Learn what to keep.
// - **c** Give the same result when a lone bright pixel moves within its window.

string? q16 = null; // your answer
var pool = MaxPool(2).Summary([8, 28, 28]);
Tensor Lone(int column) => Tensor.From([1, 1, 8, 8], i => i == 16 + column ? 1 : 0);
Show(() => Choice(16, q16, Letter(
    4 * pool.Rows[^1].Output.Elements != 8 * 28 * 28,
    pool.Parameters == 0,
    !Equal(MaxPool(Lone(4), 2), MaxPool(Lone(5), 2)))));

// <details><summary>What to say</summary>
//
// It makes the maps smaller, so that there is less to compute and fewer weights follow, which helps against over-fitting; it keeps the main features; and it makes the network *approximately* invariant under *small translations*.
//
// *Beware:* "scale invariance", as slides add, is claimed too much. [Notebook 07](07-pooling.ipynb) measures both.
// </details>
//
// ### 17 and 18. How is a max pool computed, and how an average pool?
//
// Windows of 2 × 2, stride 2, on the image below. Answer with both results, `Tensor.Of([[…, …], […, …]])`.

Tensor? q17Max = null, q17Mean = null; // your answers
var image = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
var plane = image.Reshape([1, 1, 4, 4]);
Console.WriteLine(score[17] = Exercise.Check(q17Max, MaxPool(plane, 2).Value.Reshape([2, 2])));
Console.WriteLine(score[18] = Exercise.Check(q17Mean, AvgPool(plane, 2).Value.Reshape([2, 2])));
Show(() => image);

// <details><summary>What to say</summary>
//
// Max pooling keeps the largest number of each window, average pooling the mean. Nothing else: no weights, no activation after it, each channel by itself, so that the number of channels stays.
// </details>

Show(() => Pictures.DrawPool(image, 2));

// ### 19. How large is the result of a pool?
//
// A picture of 27 × 27, windows of 4, stride 4.

double? q19 = null; // your answer
Show(() => Number(19, q19, MaxPool(Ones([1, 8, 27, 27]), kernel: 4, stride: 4).Shape[2]));

// <details><summary>What to say</summary>
//
// $\lfloor (n - F)/S \rfloor + 1$, the formula of the convolution without padding.
//
// *Beware:* the answer on slides is $m = n/s$. It holds only if window and stride are equal and the stride divides $n$; here it would be 6.75.
// </details>
//
// ## The whole
//
// ### 20. Which layers does a convolutional network consist of?
//
// Here is one, from the picture to the probabilities. How many of its layers have weights?

var net = Conv2D(6, 5, Same) >> Relu >> MaxPool(2) >> Conv2D(16, 5) >> Relu >> MaxPool(2)
    >> Flatten >> Dense(10) >> Softmax;
Show(() => net.Summary([1, 28, 28]));

double? q20 = null; // your answer
var model = net.Build([1, 1, 28, 28]);
Claim.Near(Sum(Softmax(Constant(Tensor.Of([[1, 2, 3]])))).Value.Scalar, 1);
Show(() => Number(20, q20, net.Summary([1, 28, 28]).Rows.Count(row => row.Parameters > 0)));

// <details><summary>What to say</summary>
//
// Input, convolutional layers with an activation such as ReLU, pooling layers, fully connected layers (with activations, too), and softmax, which turns the last numbers into probabilities that add up to 1. A pattern: INPUT → {CONV → ReLU, several times → POOL, perhaps}, several times → dense layers → OUTPUT. In parallel instead of in series it is GoogLeNet.
// </details>

Show(() => model.Output.Draw(depth: 1));

// ## Your score

var right = score.Values.Count(said => said == "Right.");
Claim.That(score.Count == 20);
Show(() => $"{right} of {score.Count} answers are right");

// ## Where to go on
//
// * From the beginning: [01 Images as tensors](01-images-as-tensors.ipynb), [02 Convolution by hand](02-convolution-by-hand.ipynb), [03 Padding](03-padding.ipynb), [04 Volume convolution](04-volume-convolution.ipynb), [05 Edges and filters](05-edges-and-filters.ipynb), [06 Convolution and cross-correlation](06-convolution-and-cross-correlation.ipynb), [07 Pooling](07-pooling.ipynb).
// * Stanford [CS231n](https://cs231n.github.io/convolutional-networks/) and [UFLDL](http://ufldl.stanford.edu/tutorial/supervised/ConvolutionalNeuralNetwork/) have the same questions in their own words; Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, 1998, has the first answers.

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
