using System.Globalization;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

public sealed class TrainingErrorTests
{
    private static Layer Net => Conv2D(2, 3) >> Relu >> Flatten >> Dense(2);

    private static Dataset Data(int count = 16) => new(Tensor.From([count, 1, 4, 4], i => Key.Of(1).Uniform((uint)i)), Tensor.From([count], i => i % 2), 2);

    [Fact]
    public void Nothing_is_no_argument()
    {
        var net = Layer.Of(Flatten) >> Dense(2);
        Assert.Equal("data", Assert.Throws<ArgumentNullException>(() => net.Fit((Dataset)null!, SoftmaxCrossEntropy, Adam())).ParamName);
        Assert.Equal("optimizer", Assert.Throws<ArgumentNullException>(() => net.Fit(Datasets.Digits().Test, SoftmaxCrossEntropy, null!)).ParamName);
    }

    [Fact]
    public void A_rate_that_diverges_names_step_and_node_and_keeps_the_last_good_weights()
    {
        var error = Assert.Throws<DivergedError>(() => Net.Fit(Data(), SoftmaxCrossEntropy, Sgd(1e30), epochs: 3, batch: 4, threads: 1));
        Assert.Equal(1, error.Epoch);
        Assert.InRange(error.Step, 2, 4);
        Assert.Equal(Net.Fit(Data(), SoftmaxCrossEntropy, Sgd(1e30), epochs: 0).Sha256(), error.LastGood.Sha256());
        Assert.Matches(
            """
            ^training diverged in epoch 1, step [234] of 4: the loss is (NaN|∞|Infinity)\.
            First not finite: (the parameter )?(conv1|relu1|dense1)[^\n]* \[[0-9, ]+\], -?(NaN|∞|Infinity) at \[[0-9, ]+\][^\n]*\.
            Possible: a smaller learning rate than 1E\+30, inputs scaled to about −1 to 1\.
            LastGood has the weights before training\.$
            """, error.Message);
    }

    [Fact]
    public void What_is_good_is_what_the_last_finished_epoch_left()
    {
        // One batch is one epoch. Ascending a square, weights grow by a factor a step, so it takes many to overflow.
        static Node Growing(Node scores, Node labels) => -Square(SoftmaxCrossEntropy(scores, labels));
        var error = Assert.Throws<DivergedError>(() => (Layer.Of(Flatten) >> Dense(2)).Fit(Data(), Growing, Sgd(0.5), epochs: 1000, batch: 16));
        Assert.True(error.Epoch > 1);
        Assert.Equal(error.Epoch - 1, error.LastGood.History[^1].Epoch);
        Assert.All(error.LastGood.Weights.Values, value => Assert.All(value.ToDoubles(), v => Assert.True(double.IsFinite(v))));
        Assert.EndsWith($"LastGood has the weights after epoch {error.Epoch - 1}.", error.Message);
    }

    [Fact]
    public void Cancelling_in_the_middle_of_an_epoch_keeps_what_was_learnt()
    {
        using var source = new CancellationTokenSource();
        var error = Assert.Throws<TrainingCanceledException>(() => Net.Fit(Data(), SoftmaxCrossEntropy, Sgd(0.1), epochs: 5, batch: 4,
            progress: new Told(progress => Cancel(progress, source)), cancel: source.Token));
        Assert.Equal("training was cancelled in epoch 2, after 3 of 4 steps; SoFar has the weights as they are.", error.Message);
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Single(error.SoFar.History);
        Assert.NotEqual(Net.Fit(Data(), SoftmaxCrossEntropy, Sgd(0.1), epochs: 1, batch: 4).Sha256(), error.SoFar.Sha256());
        Assert.Equal(16, error.SoFar.Evaluate(Data()).Confusion.Total);

        static void Cancel(TrainProgress progress, CancellationTokenSource source)
        {
            if (progress is { Epoch: 2, Step: 3 })
            {
                source.Cancel();
            }
        }
    }

    [Fact]
    public void Progress_is_told_step_by_step()
    {
        var told = new List<TrainProgress>();
        Net.Fit(Data(), SoftmaxCrossEntropy, Sgd(0.1), epochs: 2, batch: 5, validation: Data(8), progress: new Told(told.Add));
        Assert.Equal([(1, 1), (1, 2), (1, 3), (1, 3), (2, 1), (2, 2), (2, 3), (2, 3)], told.Select(progress => (progress.Epoch, progress.Step)));
        Assert.Equal([3, 7], told.Select((progress, i) => (progress, i)).Where(pair => pair.progress.Validation is not null).Select(pair => pair.i));
        Assert.All(told, progress => Assert.Equal(progress is { Epoch: 2, Step: 3 }, progress.TimeLeft == TimeSpan.Zero));
        Assert.Equal("epoch 1/2, step 3/4: loss 0.5000, accuracy 0.2500, 1000 images/s, 0:01:15 left",
            $"{new TrainProgress(1, 2, 3, 4, 0.5, 0.25, 1000, TimeSpan.FromSeconds(75), null)}");
        Assert.Matches(@"^epoch 2/2, step 3/3: loss 0\.\d{4}, accuracy 0\.\d{4}, \d+ images/s; validation: loss 0\.\d{4}, accuracy 0\.\d{4}$", $"{told[^1]}");
    }

    [Fact]
    public void Data_is_checked_before_anything_runs()
    {
        Assert.Throws<DataError>(() => Net.Fit(Data() with { Labels = Tensor.Fill([16], 2) }, SoftmaxCrossEntropy, Sgd(0.1)));
        Assert.Throws<DataError>(() => Net.Fit(Data().Take(0), SoftmaxCrossEntropy, Sgd(0.1)));
        Assert.Throws<DataError>(() => Net.Fit(Data(), SoftmaxCrossEntropy, Sgd(0.1), validation: Data() with { Labels = Tensor.Fill([16], 2) }));
        var nan = Data() with { Images = Tensor.From([16, 1, 4, 4], i => i == 77 ? double.NaN : 0) };
        Assert.Equal("sample 4 has NaN at pixel [0, 3, 1].", Assert.Throws<DataError>(() => Net.Fit(nan, SoftmaxCrossEntropy, Sgd(0.1))).Message);
    }

    [Fact]
    public void A_loss_without_labels()
    {
        var error = Assert.Throws<ArgumentException>(() => Net.Fit(Data(), (scores, _) => Mean(scores), Sgd(0.1)));
        Assert.Equal("the loss does not depend on the labels. (Parameter 'loss')", error.Message);
    }

    [Fact]
    public void A_network_that_does_not_fit_the_classes()
    {
        var error = Assert.Throws<ShapeError>(() => (Layer.Of(Flatten) >> Dense(3)).Fit(Data(), SoftmaxCrossEntropy, Sgd(0.1), batch: 8));
        Assert.Equal(
            """
            Fit on Dataset(16 images [1, 4, 4], 2 classes): the network gives [8, 3], 2 classes need [8, 2].
            Possible: Dense(2) as the last layer.
            """, error.Message);
        var trained = (Layer.Of(Flatten) >> Dense(2)).Fit(Data(), SoftmaxCrossEntropy, Sgd(0.1), batch: 8);
        Assert.Equal(
            """
            Evaluate on Dataset(16 images [1, 4, 4], 5 classes): the network gives [16, 2], 5 classes need [16, 5].
            Possible: Dense(5) as the last layer.
            """, Assert.Throws<ShapeError>(() => trained.Evaluate(Data() with { Classes = 5 })).Message);
    }

    [Fact]
    public void Images_of_another_shape()
    {
        var trained = Net.Fit(Data(), SoftmaxCrossEntropy, Sgd(0.1));
        Assert.Equal(
            """
            Predict on [3, 1, 5, 5]: the network is for images of [1, 4, 4].
            Possible: images of [3, 1, 4, 4].
            """, Assert.Throws<ShapeError>(() => trained.Predict(Tensor.Fill([3, 1, 5, 5], 0))).Message);
        Assert.Equal(
            """
            Predict on [1, 4, 4]: the network is for images of [1, 4, 4].
            Possible: Reshape to [1, 1, 4, 4].
            """, Assert.Throws<ShapeError>(() => trained.Predict(Tensor.Fill([1, 4, 4], 0))).Message);
        Assert.Equal([1, 2], trained.Predict(Tensor.Fill([1, 1, 4, 4], 0)).Shape);
        var small = new Dataset(Tensor.Fill([2, 1, 5, 5], 0), Tensor.Of([0, 1]), 2);
        Assert.Throws<ShapeError>(() => trained.Evaluate(small));
        Assert.Throws<ShapeError>(() => Net.Fit(Data(), SoftmaxCrossEntropy, Sgd(0.1), validation: small));
    }

    [Fact]
    public void A_schedule_that_gives_no_factor() => Assert.Equal("the schedule gives NaN at 0, it must be finite and at least 0. (Parameter 'schedule')",
        Assert.Throws<ArgumentException>(() => Net.Fit(Data(), SoftmaxCrossEntropy, Sgd(0.1), schedule: _ => double.NaN)).Message);

    [Fact]
    public void Results_and_errors_do_not_follow_the_language_of_the_machine()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (other.NumberFormat.NumberDecimalSeparator, other.NumberFormat.NegativeSign) = (",", "~");
            CultureInfo.CurrentCulture = other;
            Assert.Equal("epoch 2: loss 0.5123, accuracy 0.8750", $"{new EpochResult(2, 0.51234, 0.875, null)}");
            Assert.Contains("= -3, must", Assert.Throws<ShapeError>(() => Conv2D(1, 5).Build([1, 1, 1, 1])).Message, StringComparison.Ordinal);
            Assert.Equal("Shape [2, -3]: size -3 is negative.\nPossible: a size of at least 0.", Assert.Throws<ShapeError>(() => Shape.Of(2, -3)).Message);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_confusion_matrix_in_text()
    {
        var confusion = ConfusionMatrix.Of(3, [(0, 0), (0, 0), (0, 1), (1, 1), (1, 1), (1, 1), (1, 0)]);
        Assert.Equal(5.0 / 7, confusion.Accuracy);
        Assert.Equal(1, confusion[0, 1]);
        Assert.Equal((2.0 / 3, 0.75), (confusion.Recall(0), confusion.Precision(1)));
        Assert.Equal(
            """
               actual      0      1      2 recall
                    0      2      1      0  0.667
                    1      1      3      0  0.750
                    2      0      0      0      -
            precision  0.667  0.750      -  0.714
            """, $"{confusion}");
    }

    private sealed class Told(Action<TrainProgress> tell) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => tell(value);
    }
}
