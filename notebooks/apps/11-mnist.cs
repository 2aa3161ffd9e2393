// What 11-mnist.ipynb does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.
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

// # MNIST: from a dense network to a convolutional one
//
// Handwritten digits are where every text on neural networks begins, and a good place to measure what convolution buys. We train three networks, from
// the classic dense one to a small convolutional one, look at what each has learnt and where it fails, and save, load and use one of them.
//
// Needed: what a convolution and a pool are ([02](02-convolution-by-hand.ipynb), [07](07-pooling.ipynb)) and what an optimiser does ([10](10-optimisers.ipynb)).

// ## The data
//
// MNIST has 60,000 digits to learn from and 10,000 to judge by, written by employees of the US Census Bureau and by high-school students. Inside the package
// are 6,000 of them: enough to see everything here in seconds. At the end we come back to the full set.

var digits = Datasets.Digits();
Claim.That(digits.Train.Count == 5000 && digits.Test.Count == 1000);
Show(() => $"{digits.Train}; to judge by: {digits.Test}");

// Pixels come normalised to mean 0 and deviation 1 over the whole of MNIST, as $(x/255 - 0.1307)/0.3081$. Undo that to look at them:

static Tensor Pixels(Tensor images) => images.Map(x => x * Datasets.MnistDeviation + Datasets.MnistMean);
Show(() => Pixels(digits.Train.Take(40).Images).ToPng(scale: 2, columns: 10));

Show(() => digits.Train.Labels.Slice(0, 40).Reshape([4, 10]));

// What should we expect of a network that knows nothing? It gives each of ten classes the probability 1/10: right once in ten times, with a cross-entropy of
// $-\ln \tfrac{1}{10} = \ln 10 = 2.303$. Everything below has to beat that.

var clueless = SoftmaxCrossEntropy(Zeros([1000, 10]), Indices(digits.Test.Labels));
Claim.Near(clueless.Value.Scalar, Math.Log(10), within: 1e-9);
Show(() => clueless);

// ## One hidden layer
//
// The classic network flattens the 28 × 28 pixels into 784 numbers and connects each to every hidden unit. One hidden layer of 500 units takes
// $784 \cdot 500 = 392{,}000$ weights and 500 biases, whatever the pictures show:

var hidden = (Layer.Of(Flatten) >> Dense(500)).Build([1, 1, 28, 28]);
Claim.That(hidden.Parameters[0].Shape.Elements == 392_000);   // dense1.weight
Claim.That(hidden.Parameters[1].Shape.Elements == 500);       // dense1.bias
Show(() => hidden);

// We take 512 units. A chain of layers is a value; `Fit` gives another value, the network with its weights, and leaves the first alone. The one-cycle schedule takes
// large steps in the middle of the training and tiny ones at its end.

var dense = Layer.Of(Flatten) >> Dense(512) >> Relu >> Dense(10);
var plain = dense.Fit(digits.Train, SoftmaxCrossEntropy, Adam(3e-3), epochs: 8, batch: 128,
    validation: digits.Test, schedule: Schedules.OneCycle());
Show(() => Chart.Accuracy(plain.History).WithTitle("dense network, 407,050 weights"));

// The two lines part: the network knows *all* the digits it has learnt from, but not all of those it has never seen. With 81 weights for each example it can afford to learn them
// by heart. That is **over-fitting**.

var learnt = plain.Evaluate(digits.Train);
var unseen = plain.Evaluate(digits.Test);
Claim.That(learnt.Accuracy > 0.999 && unseen.Accuracy < 0.96);
Console.WriteLine($"on what it has learnt from: {learnt}");
Console.WriteLine($"on what it has never seen:  {unseen}");

// ## Keeping it from learning by heart
//
// Two classic remedies. **Dropout** takes a random 3 of 10 hidden units away in each step, so that none can rely on another. **Weight decay** adds
// $\tfrac{\lambda}{2}\lVert w\rVert^2$ to the loss, which pulls every weight a little towards 0. Both are one word here:

var careful = Layer.Of(Flatten) >> Dense(512) >> Relu >> Dropout(0.3) >> Dense(10);
var regular = careful.Fit(digits.Train, SoftmaxCrossEntropy, Adam(3e-3).WeightDecay(1e-5, "*.weight"),
    epochs: 8, batch: 128, validation: digits.Test, schedule: Schedules.OneCycle());
Claim.Near(regular.Evaluate(digits.Test).Accuracy, 0.956, within: 0.005);
Claim.That(regular.Evaluate(digits.Test).Loss < unseen.Loss);
Show(() => $"{regular.Evaluate(digits.Test)}");

double[] epochs = [1, 2, 3, 4, 5, 6, 7, 8];
Show(() => Chart.Plot(Chart.Line(epochs, plain.History.Select(e => e.Validation!.Loss), "plain"),
    Chart.Line(epochs, regular.History.Select(e => e.Validation!.Loss), "dropout and weight decay"))
    .WithTitle("loss on digits never seen").WithXTitle("epoch").WithYTitle("cross-entropy (nats)"));

// The regularised network ends with 95.6 %. On a thousand test digits a few tenths of a percent are no more than luck; the loss, which also counts how sure the network was, tells more.
// What does most against over-fitting is more data, and the next best is data that looks like more: see [14](14-transfer-learning.ipynb).
//
// What has a hidden unit learnt? Its 784 weights are a picture. Most of it is the noise that it began with, so we draw the difference: red is what training has added, blue what it has taken away.

var first = careful.Build([1, 1, 28, 28]).Init(Key.Of(0).FoldIn("init"));
var change = Constant(regular.Weights["dense1.weight"]) - first["dense1.weight"];
Show(() => change.Value.Slice(0, 24).Reshape([24, 1, 28, 28]).DrawFilters(each: true));

// Bits of strokes, each at *its* place: every pixel has weights of its own, so what has been learnt at the left must be learnt again at the right. Convolution ends that.
//
// ## The Keras network, line by line
//
// Countless tutorials begin with a Keras program of four layers. In Python:
//
//     model = Sequential([
//         Conv2D(8, 2, input_shape=(28, 28, 1), activation='relu'),
//         MaxPooling2D(pool_size=4),
//         Flatten(),
//         Dense(10, activation='softmax')])

var keras = Conv2D(8, 2) >> Relu >> MaxPool(4) >> Flatten >> Dense(10) >> Softmax;
Show(() => keras.Summary([1, 28, 28]));

// Each number can be worked out by hand. The convolution has $8 \cdot (2 \cdot 2 \cdot 1) + 8 = 40$ weights and gives $28 - 2 + 1 = 27$ rows; each of its
// $8 \cdot 27 \cdot 27$ results takes 4 multiplications, 23,328 in all. The pool makes $\lfloor 27/4 \rfloor = 6$ rows of 27, so it never looks at the last 3. The dense layer has
// $288 \cdot 10 + 10 = 2{,}890$:

var table = keras.Summary([1, 28, 28]).Rows;
Claim.That(table[0].Output == Shape.Of(8, 27, 27) && table[2].Output == Shape.Of(8, 6, 6));
Claim.That(table[3].Output == Shape.Of(288) && table[4].Output == Shape.Of(10));
Claim.That(table[0].Parameters == 40 && table[4].Parameters == 2_890);
Claim.That(table.Sum(row => row.Parameters) == 2_930);
Claim.That(table[0].MultiplyAdds == 23_328 && table[4].MultiplyAdds == 2_880);
Show(() => $"the pool sees {6 * 4} of {table[0].Output[1]} rows");

// The program scales pixels to $x/255 - 0.5$. Ours come normalised already, so we go back:
//
//     train_images = (train_images / 255) - 0.5

static Dataset Centred(Dataset data) => data with { Images = Pixels(data.Images).Map(x => x - 0.5) };
var (train, test) = (Centred(digits.Train), Centred(digits.Test));
Claim.Near(train.Images.Doubles.ToArray().Min(), -0.5, within: 1e-6);
Claim.Near(train.Images.Doubles.ToArray().Max(), 0.5, within: 1e-6);
Show(() => $"{train}");

// What Python does besides is not needed here. `reshape(-1, 28, 28, 1)` adds the axis of channels, which our images have: [n, 1, 28, 28], channels first. `to_categorical` makes a row such as
// $(0, 0, 1, 0, \dots)$ of the label 2; our loss takes the label itself. One line tells them apart:

Func<Node, Node, Node> categoricalCrossEntropy = (p, labels) =>
    CrossEntropy(Log(Maximum(p, 1e-7)), labels);
Show(() => OneHot(Indices(train.Labels.Slice(0, 3)), 10));

// Like Keras, the loss counts no probability as less than $10^{-7}$. Then
//
//     model.compile('adam', loss='categorical_crossentropy', metrics=['accuracy'])
//     model.fit(train_images, to_categorical(train_labels), epochs=5,
//               validation_data=(test_images, to_categorical(test_labels)))

var fitted = keras.Fit(train, categoricalCrossEntropy, Adam(), epochs: 5, batch: 32, validation: test);
Claim.Near(fitted.Evaluate(test).Accuracy, 0.915, within: 0.01);
Show(() => Chart.Accuracy(fitted.History).WithTitle("the Keras network, 2,930 weights"));

// 91.5 % after five epochs of our 5,000 digits, with less than a hundredth of the dense network's weights. Training and test accuracy stay together: so few weights cannot learn digits by heart.
//
// ## Save, load, predict
//
//     model.save_weights('cnn.mnist')
//     model.load_weights('cnn.mnist')
//
// The file is in the safetensors format, whatever its name ([16](16-out-of-dotnet.ipynb) reads it in other ways). What is loaded is what was saved, to the last bit:

var folder = Directory.CreateTempSubdirectory();
var path = Path.Combine(folder.FullName, "cnn.mnist");
fitted.Save(path);
var loaded = keras.Load(path, [1, 28, 28]);
Claim.That(loaded.Sha256() == fitted.Sha256());
Show(() => $"{new FileInfo(path).Length:N0} bytes: 4 for each of {2_930:N0} weights, and names");

//     predictions = model.predict(test_images)
//     predicted_labels = np.argmax(predictions[:8], axis=1)

var predictions = loaded.Predict(test.Images);
var predictedLabels = ArgMax(predictions.Slice(0, 8), 1).Value.Reshape([8]);
Console.WriteLine($"Predicted labels: {predictedLabels}");
Console.WriteLine($"Real labels:      {test.Labels.Slice(0, 8)}");

// Seven of eight: the seventh, a 5, was read as a 4. Here they are:

Claim.That(Enumerable.Range(0, 8).Count(i => predictedLabels.At(i) == test.Labels.At(i)) == 7);
Claim.That(predictedLabels.At(6) == 4 && test.Labels.At(6) == 5);
Show(() => Pixels(digits.Test.Take(8).Images).ToPng(scale: 3));

// And how sure it was of each: a row sums to 1, the largest of it is the prediction.

var real = Enumerable.Range(0, 8).Select(i => $"really {test.Labels.At(i)}");
Show(() => Chart.Heatmap(predictions.Slice(0, 8).Map(p => Math.Round(p, 2)), rows: real, name: "probability")
    .WithTitle("what the network says").WithXTitle("class").WithYTitle("digit").WithSize(640, 340));

// > **A slip to avoid.** The text that this program is from imports Keras from `tensorflow._api.v2.compat.v1`. A name that begins with an underscore is TensorFlow's own business and may vanish with any release:
// > `from tensorflow import keras` is the public way. The same text calls smoothing a picture "pooling": smoothing is a convolution, see [05](05-edges-and-filters.ipynb).

folder.Delete(recursive: true);

// ## A convolutional network that means it
//
// Two convolutions of 5 × 5, each with a pool; dropout in front of the dense layers, where most weights are:

var cnn = Conv2D(16, 5) >> Relu >> MaxPool(2)
       >> Conv2D(32, 5) >> Relu >> MaxPool(2)
       >> Flatten >> Dropout(0.5) >> Dense(128) >> Relu >> Dense(10);
Show(() => cnn.Summary([1, 28, 28]));

var trained = cnn.Fit(digits.Train, SoftmaxCrossEntropy, Adam(3e-3), epochs: 5,
    validation: digits.Test, schedule: Schedules.OneCycle());
var result = trained.Evaluate(digits.Test);
Claim.Near(result.Accuracy, 0.982, within: 0.004);
Show(() => $"{result}");

// 98 %, with less than half of the dense network's mistakes and a fifth of its weights. What it has learnt in one corner it knows in all. All three:

static int Mistakes(ConfusionMatrix confusion) => confusion.Total - confusion.Correct;
Claim.That(cnn.Summary([1, 28, 28]).Parameters == 80_202);
Claim.That(dense.Summary([1, 28, 28]).Parameters == 407_050);
Claim.That(2 * Mistakes(result.Confusion) < Mistakes(regular.Evaluate(digits.Test).Confusion));
Show(() => Chart.Bar(["dense", "Keras", "convolutional"],
    [Mistakes(regular.Evaluate(digits.Test).Confusion), Mistakes(fitted.Evaluate(test).Confusion),
        Mistakes(result.Confusion)])
    .WithTitle("mistakes on 1,000 digits").WithXTitle("mistakes").WithSize(640, 240));

// Its sixteen kernels in the first layer, red above 0 and blue below: edges and strokes in several directions, each looked for everywhere in the image.

Show(() => trained.Weights["conv1.weight"].DrawFilters());

// ## Where it fails
//
// The **confusion matrix** counts what was taken for what: true classes are rows, predictions columns, and all that is off the diagonal is a mistake.

Show(() => Chart.Confusion(result.Confusion));

// Two numbers for each class: **recall**, the share of its digits that were found (along a row), and **precision**, the share of the finds that are right (down a column).

int[] classes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
var x = classes.Select(c => (double)c).ToArray();
Show(() => Chart.Plot(Chart.Scatter(x, classes.Select(c => 100 * result.Confusion.Recall(c)), "recall"),
    Chart.Scatter(x, classes.Select(c => 100 * result.Confusion.Precision(c)), "precision"))
    .WithTitle("each digit").WithXTitle("class").WithYTitle("%").WithSize(640, 300));

// All the mistakes, with what was read:

var read = trained.Classify(digits.Test.Images);
var wrong = Enumerable.Range(0, 1000).Where(i => read[i] != (int)digits.Test.Labels.At(i)).ToArray();
Claim.That(wrong.Length == result.Confusion.Total - result.Confusion.Correct);
Console.WriteLine(string.Join("  ", wrong.Select(i => $"{digits.Test.Labels.At(i)}→{read[i]}")));
Show(() => Pixels(digits.Test.Pick(wrong).Images).ToPng(scale: 2, columns: 9));

// Several would make a human think twice.
//
// ## The full MNIST
//
// With all 60,000 digits the same three networks do what the literature says: a dense network with one hidden layer, regularised, passes **98 %**, a convolutional one **99 %**. Seen on two cores:
//
// | network | weights | accuracy on 10,000 digits | |
// | --- | --- | --- | --- |
// | dense, dropout and weight decay, 8 epochs | 407,050 | **98.41 %** | [DenseMnist](../docs/samples/DenseMnist.md), 13 s |
// | Keras, 5 epochs | 2,930 | 96.04 % | [KerasMnist](../docs/samples/KerasMnist.md) |
// | convolutional, 5 epochs | 80,202 | **99.35 %** | [CnnMnist](../docs/samples/CnnMnist.md), 23 s |
//
// The dense network makes 159 mistakes where the convolutional one makes 65. If the four files of MNIST are on your machine, set the environment variable `MNIST` to their folder before you
// start the notebook, and the next cell trains all three and checks these numbers; otherwise it only repeats them.

if (Environment.GetEnvironmentVariable("MNIST") is { } full)
{
    var all = Datasets.Mnist(full);
    var fullDense = careful.Fit(all.Train, SoftmaxCrossEntropy, Adam(3e-3).WeightDecay(1e-5, "*.weight"),
        epochs: 8, batch: 128, schedule: Schedules.OneCycle());
    var fullKeras = keras.Fit(Centred(all.Train), categoricalCrossEntropy, Adam(), epochs: 5, batch: 32);
    var fullCnn = cnn.Fit(all.Train, SoftmaxCrossEntropy, Adam(3e-3), epochs: 5,
        schedule: Schedules.OneCycle());
    Claim.Near(fullDense.Evaluate(all.Test).Accuracy, 0.9841, within: 0.002);
    Claim.Near(fullKeras.Evaluate(Centred(all.Test)).Accuracy, 0.9604, within: 0.005);
    Claim.Near(fullCnn.Evaluate(all.Test).Accuracy, 0.9935, within: 0.001);
}
Show(() => "claimed of the full MNIST: dense 98.41 %, Keras 96.04 %, convolutional 99.35 %");

// ## Exercises
//
// **1.** How many weights would the Keras network have with `MaxPool(2)` in place of `MaxPool(4)`? (The convolution keeps its 40. How many numbers does the pool leave?)

double? weights = null; // your answer
var finer = Conv2D(8, 2) >> Relu >> MaxPool(2) >> Flatten >> Dense(10);
Show(() => Exercise.Check(weights, finer.Summary([1, 28, 28]).Parameters));

// **2.** Which digit has the lowest *precision*? (Look down the columns of the confusion matrix: in which is the largest share off the diagonal?)

double? digit = null; // your answer
Show(() => Exercise.Check(digit, classes.MinBy(c => result.Confusion.Precision(c))));

// **3.** Change the cell of the Keras network so that it has 16 filters of 3 × 3 and a pool of 2, run it and what follows, and see what five epochs come to. Many of its weights are in one layer: how many in the dense one?

double? denseWeights = null; // your answer
var wider = Conv2D(16, 3) >> Relu >> MaxPool(2) >> Flatten >> Dense(10);
Show(() => Exercise.Check(denseWeights, wider.Summary([1, 28, 28]).Rows[^1].Parameters));

// ## Read on
//
// [12: LeNet and GoogLeNet](12-lenet-googlenet.ipynb) looks at how such networks are put together; [18](18-inspection.ipynb) asks a trained network why.
//
// - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-Based Learning Applied to Document Recognition*, Proc. IEEE 86(11), 1998: MNIST and LeNet-5.
// - N. Srivastava et al., *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*, JMLR 15, 2014.
// - [CS231n](https://cs231n.github.io/), "Neural Networks Part 2" for regularisation; [UFLDL](http://ufldl.stanford.edu/tutorial/), "Convolutional Neural Network"; A. Zhang et al., [*Dive into Deep Learning*](https://d2l.ai), chapters 5 and 7.

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
