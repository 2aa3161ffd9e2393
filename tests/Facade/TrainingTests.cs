using System.Collections.Immutable;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

public sealed class TrainingTests
{
    private static Layer Small => Conv2D(4, 3, Same) >> BatchNorm() >> Relu >> MaxPool(2) >> Dropout(0.1) >> Flatten >> Dense(3);

    /// <summary>Images of one of three bright bars in noise.</summary>
    private static Dataset Bars(int count, long seed) => new(
        Single(Tensor.From([count, 1, 6, 6], i => (i / 6 % 6 / 2 == i / 36 % 3 ? 1 : 0) + 0.3 * Key.Of(seed).Normal((uint)i))),
        Tensor.From([count], i => i % 3), 3);

    // Single precision, as data has it.
    private static Tensor Single(Tensor tensor) => Tensor.Of(tensor.Shape, tensor.Singles);

    [Fact]
    public void A_small_network_learns()
    {
        var trained = Small.Fit(Bars(120, 1), SoftmaxCrossEntropy, Adam(0.01), epochs: 8, batch: 20, validation: Bars(50, 2), threads: 1);
        Assert.Equal(Enumerable.Range(1, 8), trained.History.Select(epoch => epoch.Epoch));
        Assert.True(trained.History[^1].Loss < 0.3 * trained.History[0].Loss, $"{trained.History[0]} {trained.History[^1]}");
        var evaluation = trained.Evaluate(Bars(50, 2));
        Assert.True(evaluation.Accuracy >= 0.96, $"{evaluation}");
        Assert.Equal(trained.History[^1].Validation, evaluation);
        Assert.Equal(50, evaluation.Confusion.Total);
        Assert.Contains("norm1.running_mean", trained.Weights.Keys);
    }

    /// <summary>The Keras program of the second source: x/255 − 0.5, fit, save, load, predict, and the first eight
    /// labels.</summary>
    [Fact]
    public void E13_the_Keras_program_saves_its_weights_loads_them_and_predicts()
    {
        static Dataset Centred(Dataset data) => data with
        {
            Images = Single(data.Images.Map(pixel => pixel * Datasets.MnistDeviation + Datasets.MnistMean - 0.5)),
        };

        var digits = Datasets.Digits();
        var (train, test) = (Centred(digits.Train), Centred(digits.Test));
        var trained = Models.KerasMnist.Fit(train, SoftmaxCrossEntropy, Adam(), epochs: 5, validation: test);
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var file = Path.Combine(folder.FullName, "cnn.mnist");
            trained.Save(file);
            var loaded = Models.KerasMnist.Load(file, [1, 28, 28]);
            Assert.Equal(trained.Predict(test.Images), loaded.Predict(test.Images));
            var right = loaded.Classify(test.Images.Slice(0, 8)).Zip(test.Labels.ToDoubles(), (guess, label) => guess == label).Count(same => same);
            Assert.InRange(right, 6, 8);
            Assert.InRange(loaded.Evaluate(test).Accuracy, 0.8, 1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Xor_is_learnt_by_a_hidden_layer_and_not_without()
    {
        var xor = new Dataset(Tensor.Of([[[[0, 0]]], [[[0, 1]]], [[[1, 0]]], [[[1, 1]]]]), Tensor.Of([0, 1, 1, 0]), 2);
        var flat = Layer.Of(Flatten);
        var deep = (flat >> Dense(8) >> Tanh >> Dense(2)).Fit(xor, SoftmaxCrossEntropy, Sgd(0.5, momentum: 0.9), epochs: 200, seed: 1);
        Assert.Equal(1, deep.Evaluate(xor).Accuracy);
        Assert.Equal<int>([0, 1, 1, 0], deep.Classify(xor.Images));
        var shallow = (flat >> Dense(2)).Fit(xor, SoftmaxCrossEntropy, Sgd(0.5, momentum: 0.9), epochs: 200);
        Assert.Equal(Math.Log(2), shallow.Evaluate(xor).Loss, 1e-3);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_with_any_number_of_threads()
    {
        static Trained Fit(long seed, int threads) => Small.Fit(Bars(60, 1), SoftmaxCrossEntropy, Adam(0.01), epochs: 2, batch: 16, seed: seed, threads: threads);
        var one = Fit(5, 1);
        Assert.Equal(one.Sha256(), Fit(5, 1).Sha256());
        Assert.Equal(one.Sha256(), Fit(5, 2).Sha256());
        Assert.Equal(one.Sha256(), Fit(5, 3).Sha256());
        Assert.NotEqual(one.Sha256(), Fit(6, 1).Sha256());
    }

    [Fact]
    public void Both_executors_train_alike() => TrainAlike(Small, Bars(24, 1), Sgd(0.1, 0.9), batch: 8);

    [Fact]
    public void Both_executors_train_LeNet5_alike() => TrainAlike(Models.LeNet5, Datasets.Digits().Train.Take(12), Sgd(0.01, 0.9), batch: 6);

    private static void TrainAlike(Layer net, Dataset data, Optimizer optimizer, int batch)
    {
        var model = net.Build([batch, .. data.Images.Shape[1..]], Mode.Train);
        var labels = Variable("labels", [batch], Kind.Index);
        var step = TrainingStep.Of(model, SoftmaxCrossEntropy(model.Output, labels), optimizer);
        using var session = Cpu.Compile([step.Loss], step.State).Start(1);
        var values = step.Start(model.Init(Key.Of(3)), Key.Of(4)).ToDictionary(pair => pair.Variable, pair => pair.Value);
        foreach (var (variable, value) in values)
        {
            session.Set(variable, value);
        }

        for (var first = 0; first + batch <= data.Count; first += batch)
        {
            var part = data.Slice(first, batch);
            (values[model.Input], values[labels]) = (part.Images, part.Labels);
            session.Set(model.Input, part.Images);
            session.Set(labels, part.Labels);
            session.Run();
            var results = Reference.Run([step.Loss, .. step.State.Select(pair => pair.Next)], values);
            Assert.Equal(results[0].Scalar, session.Get(step.Loss).Scalar, 1e-4);
            for (var i = 0; i < step.State.Length; i++)
            {
                values[step.State[i].Variable] = results[i + 1];
            }
        }

        foreach (var (variable, _) in step.State)
        {
            Assert.All(values[variable].ToDoubles().Zip(session.Get(variable).ToDoubles()), pair => Assert.Equal(pair.First, pair.Second, 2e-4));
        }
    }

    /// <summary>The published example of E3, E4: a kernel [1, −1] learnt from what it does to an image with
    /// edges.</summary>
    [Fact]
    public void E3_a_kernel_is_learnt_with_the_losses_of_its_closed_form()
    {
        var model = new EdgeKernel().Build([1, 1, 6, 8], Mode.Train);
        var image = Tensor.From([1, 1, 6, 8], i => i % 8 is >= 2 and < 6 ? 0 : 1);
        var target = Tensor.From([1, 1, 6, 7], i => i % 7 == 1 ? 1 : i % 7 == 5 ? -1 : 0);
        var step = TrainingStep.Of(model, Sum(Square(model.Output - target)), Sgd(3e-2));
        using var session = Cpu.Compile([step.Loss], step.State).Start(1);
        foreach (var (variable, value) in step.Start(model.Init(Key.Of(0)), Key.Of(0)).Append((model.Input, image)))
        {
            session.Set(variable, value);
        }

        var losses = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            session.Run();
            losses.Add(session.Reals(step.Loss)[0]);
        }

        Assert.Equal([4.915, 0.825, 0.138, 0.023, 0.004], losses.Where((_, i) => i % 2 == 1).Select(loss => Math.Round(loss, 3)));

        // E4: Hessian [[36, 24], [24, 36]], eigenvalues 12 and 60, contraction 0.64 and −0.8; from (0, 0) the error
        // (1, −1) lies along 12.
        Assert.All(losses.Select((loss, i) => (loss, i)), pair => Assert.Equal(12 * Math.Pow(0.64, 2 * pair.i), pair.loss, 1e-4));
        Assert.Equal([0.9885, -0.9885], session.Get(model.Parameters[0].Variable).ToDoubles().Select(w => Math.Round(w, 4)));
    }

    [Fact]
    public void The_gradient_of_all_data_is_the_mean_of_its_batches()
    {
        var net = Layer.Of(Flatten) >> Dense(5) >> Tanh >> Dense(3);
        var (data, weights) = (Bars(12, 1), net.Build([1, 1, 6, 6]).Init(Key.Of(1)));
        var whole = Gradients(12, 0);
        var parts = Enumerable.Range(0, 3).Select(i => Gradients(4, 4 * i)).ToArray();
        for (var i = 0; i < whole.Length; i++)
        {
            var mean = parts.Select(part => part[i].ToDoubles()).Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]).Select(sum => sum / 3);
            Assert.All(whole[i].ToDoubles().Zip(mean), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        }

        ImmutableArray<Tensor> Gradients(int size, int first)
        {
            var model = net.Build([size, 1, 6, 6], Mode.Train);
            var loss = SoftmaxCrossEntropy(model.Output, Indices(data.Labels.Slice(first, size)));
            var values = model.Bind(weights).Append((model.Input, data.Images.Slice(first, size))).ToDictionary(pair => pair.Item1, pair => pair.Item2);
            return Reference.Run(Gradient.Of(loss, [.. model.Parameters.Select(p => p.Variable)]), values);
        }
    }

    [Fact]
    public void Evaluation_counts_every_image_whatever_the_batch()
    {
        var data = Bars(307, 4);
        var trained = Small.Fit(data, SoftmaxCrossEntropy, Adam(0.01), batch: 64);
        var model = Small.Build([307, 1, 6, 6]);
        var scores = model.Run(trained.Weights, data.Images);
        var labels = Variable("labels", [307], Kind.Index);
        var loss = Reference.Run(SoftmaxCrossEntropy(Constant(scores), labels), (labels, data.Labels)).Scalar;
        var evaluation = trained.Evaluate(data);
        Assert.Equal(loss, evaluation.Loss, 1e-5);
        Assert.Equal(307, evaluation.Confusion.Total);
        var predicted = trained.Predict(data.Images);
        Assert.Equal([307, 3], predicted.Shape);
        Assert.All(scores.ToDoubles().Zip(predicted.ToDoubles()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.Equal([0, 3], trained.Predict(Tensor.Fill([0, 1, 6, 6], 0)).Shape);
    }

    [Fact]
    public void Weights_are_saved_and_loaded_to_the_bit()
    {
        var folder = Directory.CreateTempSubdirectory("autodiffcnn-");
        try
        {
            var path = Path.Combine(folder.FullName, "small.safetensors");
            var trained = Small.Fit(Bars(60, 1), SoftmaxCrossEntropy, Adam(0.01));
            trained.Save(path);
            var again = Small.Load(path, [1, 6, 6]);
            Assert.Equal(trained.Sha256(), again.Sha256());
            Assert.Equal(trained.Evaluate(Bars(30, 2)), again.Evaluate(Bars(30, 2)));
            Assert.Equal("the weights have norm1.bias [4], the model has no such name.",
                Assert.Throws<WeightsError>(() => (Conv2D(4, 3, Same) >> Relu >> MaxPool(2) >> Flatten >> Dense(3)).Load(path, [1, 6, 6])).Message);
            Assert.Equal("conv1.weight has [4, 1, 3, 3] in the weights, the model needs [5, 1, 3, 3].",
                Assert.Throws<WeightsError>(() => (Conv2D(5, 3) >> Flatten).Load(path, [1, 6, 6])).Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Training_goes_on_from_given_weights()
    {
        var first = Small.Fit(Bars(60, 1), SoftmaxCrossEntropy, Sgd(0.05), epochs: 3);
        var none = Small.Fit(Bars(60, 1), SoftmaxCrossEntropy, Sgd(0.05), epochs: 0, start: first.Weights);
        Assert.Equal(first.Sha256(), none.Sha256());
        Assert.True(Small.Fit(Bars(60, 1), SoftmaxCrossEntropy, Sgd(0.05), start: first.Weights).History[0].Loss < first.History[0].Loss);
    }

    [Fact]
    public void Each_step_drops_other_elements()
    {
        var model = Dropout(0.5).Build([1, 100], Mode.Train);
        var step = TrainingStep.Of(model, Sum(model.Output), Sgd(0.1));
        using var session = Cpu.Compile([step.Loss, model.Output], step.State).Start(1);
        foreach (var (variable, value) in step.Start(model.Init(Key.Of(1)), Key.Of(9)).Where(pair => pair.Variable != step.Rate).Append((model.Input, Tensor.Fill([1, 100], 1))))
        {
            session.Set(variable, value);
        }

        session.Run();
        Assert.Equal(Key.Of(9).FoldIn(1).Uniform([1, 100]).Map(u => u < 0.5 ? 0 : 2), session.Get(model.Output));
        session.Run();
        Assert.Equal(Key.Of(9).FoldIn(0).FoldIn(1).Uniform([1, 100]).Map(u => u < 0.5 ? 0 : 2), session.Get(model.Output));
    }

    [Fact]
    public void A_step_allocates_next_to_nothing()
    {
        var allocated = new List<long>();
        (Conv2D(4, 3, Same) >> BatchNorm() >> Relu >> MaxPool(2) >> Flatten >> Dense(3)).Fit(Bars(160, 1), SoftmaxCrossEntropy, Adam(), batch: 8, threads: 1,
            progress: new Told(_ => allocated.Add(GC.GetAllocatedBytesForCurrentThread())));
        Assert.InRange((allocated[^1] - allocated[4]) / (allocated.Count - 5), 0, 400);
    }

    private sealed class Told(Action<TrainProgress> tell) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => tell(value);
    }

    private sealed record EdgeKernel : Layer
    {
        public override Node Apply(Scope scope, Node x) => Conv2D(x, scope.Parameter("weight", [1, 1, 1, 2], Init.Zeros));
    }
}
