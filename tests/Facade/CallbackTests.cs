using System.Text.Json;
using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

public sealed class CallbackTests
{
    private static readonly Layer net = Layer.Of(Flatten) >> Dense(2);

    private static Dataset Data => new(Tensor.From([8, 1, 2, 2], i => Key.Of(1).Uniform((uint)i)), Tensor.From([8], i => i % 2), 2);

    [Fact]
    public void Early_stopping_waits_for_so_many_epochs()
    {
        var stop = Callbacks.EarlyStopping(2);
        Assert.Equal([false, false, false, false, true, true],
            Advised(stop, 5, 4, 3, 3, 3.5, 4).Select(advice => advice.Stop));
        Assert.Equal([false, false, true], Advised(Callbacks.EarlyStopping(2, result => -result.Loss), 5, 4, 3).Select(advice => advice.Stop));
        Assert.Equal([false, true], Advised(Callbacks.EarlyStopping(1), 1, double.NaN).Select(advice => advice.Stop));
    }

    [Fact]
    public void A_plateau_lowers_the_rate_each_time() => Assert.Equal([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125],
        Advised(Callbacks.Plateau(0.5, patience: 2), 5, 4, 4, 6, 5, 5, 3, 9, 9).Select(advice => advice.Rate));

    [Fact]
    public void Callbacks_depend_on_nothing_but_the_history() => Law.ForAll(Gen.Choose(0, 9).Select(n => (double)n).ArrayOf(8), losses =>
    {
        var (plateau, stop) = (Callbacks.Plateau(0.5, 2), Callbacks.EarlyStopping(3));
        var whole = (Advised(plateau, losses), Advised(stop, losses));
        Assert.Equal(whole, (Advised(plateau, losses), Advised(stop, losses)), (a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2.SequenceEqual(b.Item2));
        for (var i = 0; i < losses.Length; i++)
        {
            var best = Array.IndexOf(losses[..(i + 1)], losses[..(i + 1)].Min());
            Assert.Equal(i - best >= 3, whole.Item2[i].Stop);
        }
    });

    [Fact]
    public void Training_stops_and_slows_down_as_it_is_told()
    {
        var trained = net.Fit(Data, SoftmaxCrossEntropy, Sgd(0.1), epochs: 9, callbacks: [trained => new(Stop: trained.History.Length == 3)]);
        Assert.Equal(3, trained.History.Length);
        var still = net.Fit(Data, SoftmaxCrossEntropy, Sgd(0.1), epochs: 9, callbacks: [_ => new(Rate: 0)]);
        Assert.Equal(net.Fit(Data, SoftmaxCrossEntropy, Sgd(0.1)).Sha256(), still.Sha256());
        var halves = net.Fit(Data, SoftmaxCrossEntropy, Sgd(0.1), epochs: 2, callbacks: [_ => new(Rate: 0.5), _ => new(Rate: 0.5)]);
        Assert.Equal(net.Fit(Data, SoftmaxCrossEntropy, Sgd(0.1), epochs: 2, schedule: Schedules.Steps(0.25, 0.5)).Sha256(), halves.Sha256());
    }

    [Fact]
    public void A_factor_that_is_no_number() => Assert.Equal("a callback gives the rate's factor NaN, it must be finite and at least 0. (Parameter 'callbacks')",
        Assert.Throws<ArgumentException>(() => net.Fit(Data, SoftmaxCrossEntropy, Sgd(0.1), callbacks: [_ => new(Rate: double.NaN)])).Message);

    [Fact]
    public void The_best_is_saved_and_every_epoch_is_logged()
    {
        var folder = Directory.CreateTempSubdirectory("autodiffcnn-").FullName;
        try
        {
            string At(string name) => Path.Combine(folder, name);
            var hashes = new List<string>();
            var trained = net.Fit(Data, SoftmaxCrossEntropy, Sgd(0.1), epochs: 4, validation: Data, callbacks:
            [
                Callbacks.SaveBest(At("best"), result => Math.Abs(result.Epoch - 3)), Callbacks.LogCsv(At("csv")),
                Callbacks.LogJsonLines(At("jsonl")), Callbacks.Do(trained => hashes.Add(trained.Sha256())),
            ]);
            Assert.Equal(hashes[2], net.Load(At("best"), [1, 2, 2]).Sha256());
            Assert.Equal(trained.Sha256(), hashes[3]);
            var csv = File.ReadAllLines(At("csv"));
            Assert.Equal("epoch,loss,accuracy,validation_loss,validation_accuracy", csv[0]);
            Assert.Equal(trained.History.Select(r => $"{r.Epoch},{r.Loss:R},{r.Accuracy:R},{r.Validation!.Loss:R},{r.Validation.Accuracy:R}"), csv[1..]);
            var lines = File.ReadAllLines(At("jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
            Assert.Equal(trained.History.Select(r => r.Validation!.Loss), lines.Select(line => line.GetProperty("validation_loss").GetDouble()));
            Assert.Equal([1, 2, 3, 4], lines.Select(line => line.GetProperty("epoch").GetInt32()));

            Callbacks.LogJsonLines(At("nan"))(After(double.NaN));
            Assert.Equal("""{"epoch": 1, "loss": null, "accuracy": 0.5, "validation_loss": null, "validation_accuracy": null}""" + "\n", File.ReadAllText(At("nan")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Numbers_out_of_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Callbacks.EarlyStopping(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Callbacks.Plateau(patience: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Callbacks.Plateau(factor: -1));
    }

    /// <summary>What is advised after each of these epochs.</summary>
    private static Advice[] Advised(Callback callback, params double[] losses) =>
        [.. losses.Select((_, i) => callback(After(losses[..(i + 1)])))];

    private static Trained After(params double[] losses) => new(net, [1, 2, 2], SoftmaxCrossEntropy, new Weights([]),
        [.. losses.Select((loss, i) => new EpochResult(i + 1, loss, 0.5, null))], 1);
}
