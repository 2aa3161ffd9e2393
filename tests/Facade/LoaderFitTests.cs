using AutoDiffCnn.Tests;
using FsCheck.Fluent;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

public sealed class LoaderFitTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("autodiffcnn-").FullName;

    private static Layer Net => Conv2D(2, 3) >> BatchNorm() >> Relu >> Dropout(0.1) >> Flatten >> Dense(3);

    private static Layer Plain => Layer.Of(Flatten) >> Dense(3);

    /// <summary>Batches of 8, 8, 8, 8 and 5, in another order and changed otherwise in each epoch.</summary>
    private static Loader<Dataset> Batches => Loader.Of(Runs.Data.Take(37)).Shuffle(Key.Of(1)).Batch(8).With(Key.Of(2), Augment.Flip());

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_loader_of_what_a_data_set_would_give_gives_the_same_bits()
    {
        var key = Key.Of(3).FoldIn("order");
        var same = new Loader<Dataset>(epoch => key.FoldIn((uint)epoch + 1).Permutation(43).Chunk(8).Take(5)
            .Select(numbers => Runs.Data.Pick(numbers)));
        var expected = Net.Fit(Runs.Data, SoftmaxCrossEntropy, Adam(0.01), epochs: 3, batch: 8, seed: 3, validation: Runs.Data);
        var got = Net.Fit(same, SoftmaxCrossEntropy, Adam(0.01), epochs: 3, seed: 3, validation: Runs.Data);
        Assert.Equal(expected.Sha256(), got.Sha256());
        Assert.Equal<EpochResult>(expected.History, got.History);
    }

    [Fact]
    public void Prefetching_and_threads_change_no_bit() => Law.ForAll(Gen.Choose(1, 4).Zip(Gen.Choose(1, 4)), some =>
    {
        var (waiting, threads) = some;
        Assert.Equal(Fit(Batches).Sha256(), Fit(Batches.Prefetch(waiting), threads: threads).Sha256());
    }, times: 5);

    [Fact]
    public void Broken_after_any_step_it_ends_with_the_same_bits_and_the_same_history()
    {
        var unbroken = Fit(Batches);
        Law.ForAll(Gen.Choose(1, 15).Zip(Gen.Choose(1, 4)), at =>
        {
            var (steps, every) = at;
            var here = Path.Combine(folder, "run");
            var told = 0;
            Assert.Throws<TimeoutException>(() => Fit(Batches, new(here, every),
                new Runs.Told(_ =>
            {
                if (++told == steps)
                {
                    throw new TimeoutException();
                }
            })));
            var resumed = Fit(Batches.Prefetch(), new(here, every));
            Assert.Equal(unbroken.Sha256(), resumed.Sha256());
            Assert.Equal<EpochResult>(unbroken.History, resumed.History);
            Directory.Delete(here, recursive: true);
        }, times: 10);
    }

    [Fact]
    public void The_last_batch_may_be_smaller_and_counts_as_many_images_as_it_has()
    {
        var batches = Loader.Of(Runs.Data.Take(19)).Batch(8);
        var (full, rest) = (new Loader<Dataset>(_ => batches.Epoch(0).Take(2)), new Loader<Dataset>(_ => batches.Epoch(0).Skip(2)));
        var all = Plain.Fit(batches, SoftmaxCrossEntropy, Sgd(0.1), seed: 5);
        var first = Plain.Fit(full, SoftmaxCrossEntropy, Sgd(0.1), seed: 5);
        var then = Plain.Fit(rest, SoftmaxCrossEntropy, Sgd(0.1), start: first.Weights);
        Assert.Equal(then.Sha256(), all.Sha256());
        Assert.Equal((16 * first.History[0].Loss + 3 * then.History[0].Loss) / 19, all.History[0].Loss, 1e-12);
        Assert.Equal((16 * first.History[0].Accuracy + 3 * then.History[0].Accuracy) / 19, all.History[0].Accuracy, 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Averages_are_of_what_batch_norm_carries_too(int accumulate)
    {
        const double decay = 0.7;
        Trained After(int steps, bool isAveraged) => Net.Fit(Batches, SoftmaxCrossEntropy,
            (isAveraged ? Sgd(0.1).Average(decay) : Sgd(0.1)).Accumulate(accumulate), steps: steps, seed: 2);
        var names = new[] { "norm1.running_mean", "norm1.running_var", "norm1.weight", "dense1.bias" };
        var due = Enumerable.Range(1, 5 / accumulate).Select(i => After(i * accumulate, isAveraged: false).Weights).ToArray();
        var averaged = After(5, isAveraged: true).Weights;
        foreach (var name in names)
        {
            var shares = due.Select((_, i) => Math.Pow(decay, due.Length - 1 - i)).ToArray();
            for (var at = 0; at < averaged[name].Count; at++)
            {
                var expected = due.Zip(shares, (weights, share) => share * weights[name].At(at)).Sum() / shares.Sum();
                Assert.Equal(expected, averaged[name].At(at), 1e-5);
            }
        }

        Assert.NotEqual(After(5, isAveraged: false).Weights["norm1.running_var"], averaged["norm1.running_var"]);
    }

    [Fact]
    public void Whole_shares_are_labels()
    {
        var labels = Plain.Fit(Batches, SoftmaxCrossEntropy, Adam(0.01), epochs: 2);
        var shares = Plain.Fit(Batches.Map(batch => Blend.Smooth(batch, 0)), SoftmaxCrossEntropy, Adam(0.01), epochs: 2);
        Assert.Equal(labels.History.Select(result => result.Accuracy), shares.History.Select(result => result.Accuracy));
        Assert.All(labels.Weights.Keys, name => Assert.All(labels.Weights[name].ToDoubles().Zip(shares.Weights[name].ToDoubles()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-5)));
    }

    [Fact]
    public void Smoothed_labels_are_the_loss_with_smoothing()
    {
        var smoothed = Plain.Fit(Batches.Map(batch => Blend.Smooth(batch, 0.2)), SoftmaxCrossEntropy, Sgd(0.1), epochs: 2);
        var loss = Plain.Fit(Batches, (scores, labels) => SoftmaxCrossEntropy(scores, labels, smoothing: 0.2), Sgd(0.1), epochs: 2);
        Assert.Equal(loss.History[1].Loss, smoothed.History[1].Loss, 1e-5);
    }

    [Fact]
    public void Mixtures_are_learnt()
    {
        var batches = Loader.Of(Runs.Data).Shuffle(Key.Of(1)).Batch(8);
        var mixed = batches.Map(Key.Of(2), (key, batch) => Blend.Mixup(key, batch)).Zip(batches.Map(Key.Of(3), (key, batch) => Blend.Cutmix(key, batch)));
        var trained = Plain.Fit(mixed.Map(pair => pair.First), SoftmaxCrossEntropy, Adam(0.01), epochs: 30);
        Assert.True(trained.Evaluate(Runs.Data).Accuracy > 0.9);
        Assert.True(Plain.Fit(mixed.Map(pair => pair.Second), SoftmaxCrossEntropy, Adam(0.01), epochs: 30).Evaluate(Runs.Data).Accuracy > 0.9);
    }

    [Theory]
    [InlineData(null, 5)]
    [InlineData(5, 5)]
    [InlineData(3, 3)]
    public void A_stream_is_counted_once_unless_it_is_said_how_long_an_epoch_is(int? steps, int expected)
    {
        var read = 0;
        var stream = new Loader<Dataset>(epoch => Batches.Epoch(epoch).Select(batch => (batch, read++).batch));
        var told = new List<TrainProgress>();
        var trained = Plain.Fit(stream, SoftmaxCrossEntropy, Sgd(0.1), epochs: 2, steps: steps, progress: new Runs.Told(told.Add));
        Assert.Equal(2 * expected, told.Count);
        Assert.All(told, progress => Assert.Equal(expected, progress.Steps));
        Assert.Equal((steps is null ? 3 : 2) * expected, read);
        Assert.Equal(Plain.Fit(Batches.Take(expected), SoftmaxCrossEntropy, Sgd(0.1), epochs: 2).Sha256(), trained.Sha256());
    }

    [Fact]
    public void Only_what_is_asked_for_is_held()
    {
        // 300 batches of 2 MiB: far more than what may be held.
        var images = Tensor.Fill([64, 1, 64, 64], 0.5);
        var labels = Tensor.From([64], i => i % 2);
        var stream = Loader.Stream(() => Enumerable.Range(0, 300).Select(i => new Dataset(images.Map(p => p + i % 2), labels, 2)));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = 0L;
        (AvgPool(8) >> Flatten >> Dense(2)).Fit(stream, SoftmaxCrossEntropy, Sgd(0.1), steps: 300, threads: 1,
            progress: new Runs.Told(at =>
                most = at.Step % 100 == 0 ? Math.Max(most, GC.GetTotalMemory(forceFullCollection: true)) : most));
        Assert.InRange(most - before, 0, 64 << 20);
    }

    [Fact]
    public void What_is_wrong_with_a_batch_names_it()
    {
        var (good, small) = (Runs.Data.Take(8), Runs.Data.Take(5));
        AssertError("the loader is empty: its first epoch has no batch.", []);
        AssertError("the loader is empty: its first epoch has no batch.", Loader.Stream(Array.Empty<Dataset>));
        AssertError("epoch 1, batch 2 of 3: images [1, 4, 5], but [1, 5, 5] in the first batch.",
            [good, good with { Images = Tensor.Fill([8, 1, 4, 5], 0) }, good]);
        AssertError("epoch 1, batch 2 of 2: 4 classes, but 3 in the first batch.", [good, good with { Classes = 4 }]);
        AssertError("epoch 1, batch 2 of 3: 5 images, but 8 in the first batch, and only an epoch's last may have fewer.", [good, small, good]);
        AssertError("epoch 1, batch 2 of 2: 8 images, but 5 in the first batch, and only an epoch's last may have fewer.", [small, good]);
        AssertError("epoch 1, batch 1 of 1: the data set is empty: images [0, 1, 5, 5].", [good.Take(0)]);
        AssertError("epoch 1, batch 2 of 2: sample 0 has NaN at pixel [0, 0, 0].", [good, good with { Images = good.Images.Map(p => double.NaN) }]);
        AssertError("epoch 1, batch 2 of 2: sample 3 has label 3; the 3 classes are 0 to 2.",
            [good, good with { Labels = Tensor.From([8], i => i) }]);
        AssertError("epoch 2, batch 3 of 3: the loader has ended; its first epoch has 3 batches.",
            new Loader<Dataset>(epoch => Enumerable.Repeat(good, 3 - epoch)));
        AssertError("epoch 1, batch 2 of 4: the loader has ended; its first epoch has 4 batches.", new Loader<Dataset>(_ => [good]) { Count = 4 });
        AssertError("epoch 1, batch 1: no folder.", new Loader<Dataset>(_ => throw new IOException("no folder.")));
    }

    [Fact]
    public void A_loader_that_throws_midway_names_the_batch_and_the_cause_and_the_run_can_go_on()
    {
        var isBroken = true;
        var flaky = Batches with
        {
            Epoch = epoch => Batches.Epoch(epoch).Select((batch, i) =>
                isBroken && (epoch, i) == (1, 2) ? throw new IOException("the disk is gone.") : batch),
        };
        foreach (var loader in new[] { flaky, flaky.Prefetch() })
        {
            isBroken = true;
            var error = Assert.Throws<DataError>(() => Fit(loader, new(folder, 1)));
            Assert.Equal("epoch 2, batch 3 of 5: the disk is gone.", error.Message);
            Assert.IsType<IOException>(error.InnerException);
            isBroken = false;
            Assert.Equal(Fit(Batches).Sha256(), Fit(loader, new(folder, 1)).Sha256());
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
    }

    [Fact]
    public void Shares_that_are_no_distribution()
    {
        var images = Runs.Data.Take(2).Images;
        void Refused(string message, Tensor targets) => Assert.Equal($"epoch 1, batch 1 of 1: {message}",
            Assert.Throws<DataError>(() => Plain.Fit(Loader.Of([new Blend(images, targets)]), SoftmaxCrossEntropy, Sgd(0.1))).Message);
        Refused("sample 1 has the shares [0.5, 0.6, 0]; they must be at least 0 and add up to 1.", Tensor.Of([[1, 0, 0], [0.5, 0.6, 0]]));
        Refused("sample 0 has the shares [2, -1, 0]; they must be at least 0 and add up to 1.", Tensor.Of([[2, -1, 0], [1, 0, 0]]));
        Refused("sample 0 has the shares [NaN, 0, 1]; they must be at least 0 and add up to 1.", Tensor.Of([[double.NaN, 0, 1], [1, 0, 0]]));
        Refused("targets need the shape [n, classes], they have [2].", Tensor.Of([1, 0]));
        Refused("2 images but 1 labels.", Tensor.Of([[1, 0, 0]]));
    }

    [Fact]
    public void Leaving_early_leaves_nothing_running()
    {
        var ended = false;
        IEnumerable<Dataset> Endless()
        {
            try
            {
                while (true)
                {
                    yield return Runs.Data.Take(8);
                }
            }
            finally
            {
                ended = true;
            }
        }

        using var source = new CancellationTokenSource();
        var error = Assert.Throws<TrainingCanceledException>(() => Plain.Fit(Loader.Stream(Endless), SoftmaxCrossEntropy, Sgd(0.1), steps: 100,
            progress: new Runs.Told(at =>
            {
                if (at.Step == 3)
                {
                    source.Cancel();
                }
            }), cancel: source.Token));
        Assert.Equal("training was cancelled in epoch 1, after 3 of 100 steps; SoFar has the weights as they are.", error.Message);
        Assert.True(ended);
    }

    private static void AssertError(string message, Dataset[] batches) => AssertError(message, Loader.Of(batches));

    private static void AssertError(string message, Loader<Dataset> batches) => Assert.Equal(message,
        Assert.Throws<DataError>(() => Plain.Fit(batches, SoftmaxCrossEntropy, Sgd(0.1), epochs: 2)).Message);

    private static Trained Fit(Loader<Dataset> batches, Checkpoints? checkpoints = null, IProgress<TrainProgress>? progress = null, int threads = 1) =>
        Net.Fit(batches, SoftmaxCrossEntropy, Adam(0.02).Accumulate(2).Average(0.8), epochs: 3, seed: 3, threads: threads,
            schedule: Schedules.Cosine, checkpoints: checkpoints, progress: progress);
}
