using System.Diagnostics;
using System.Text;
using AutoDiffCnn.Tests;
using FsCheck.Fluent;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

public sealed class CheckpointTests : IDisposable
{
    private const int All = Runs.Epochs * Runs.Steps;

    private static readonly Lazy<Trained> unbroken = new(() => Runs.Run(null));

    private readonly string folder = Directory.CreateTempSubdirectory("autodiffcnn-").FullName;

    private IEnumerable<string> Files => Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Broken_after_any_step_it_ends_with_the_same_bits_and_the_same_history() =>
        Law.ForAll(Gen.Choose(1, All).Zip(Gen.Choose(1, All)).Zip(Gen.Choose(1, 7)), at =>
        {
            var ((first, second), every) = at;
            var here = Path.Combine(folder, "run");
            foreach (var steps in new[] { first, second })
            {
                var broken = Record.Exception(() => Runs.Run(new(here, every), progress: BreakAfter(steps)));
                Assert.True(broken is null or TimeoutException, $"{broken}");
            }

            AssertUnbroken(Runs.Run(new(here, every)));
            Directory.Delete(here, recursive: true);
        }, times: 12);

    [Fact]
    public async Task Killed_20_times_at_any_moment_it_ends_with_the_same_bits()
    {
        var key = Key.Of(20);
        for (var kill = 0u; kill < 20; kill++)
        {
            using var process = Start();
            var lines = 1 + (int)(key.Bits(2 * kill) % 2);
            await process.StandardInput.WriteAsync(new string('.', lines + 1)); // and no step more, however late the kill is
            await process.StandardInput.FlushAsync();
            while (lines-- > 0 && await process.StandardOutput.ReadLineAsync() is { } line)
            {
                Assert.DoesNotContain("done", line, StringComparison.Ordinal);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(key.Uniform(2 * kill + 1) * 4));
            process.Kill();
            await process.WaitForExitAsync();
        }

        using var last = Start();
        last.StandardInput.Close();
        var printed = (await last.StandardOutput.ReadToEndAsync()).Trim().Split('\n');
        Assert.Equal($"done {Runs.Run(null, Runs.LongEpochs).Sha256()}", printed[^1]);
        Assert.NotEqual("1 1", printed[0]);
        Assert.DoesNotContain(Files, file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void A_finished_run_is_not_run_again()
    {
        Runs.Run(new(folder));
        var again = Runs.Run(new(folder), progress: new Runs.Told(_ => throw new TimeoutException()));
        AssertUnbroken(again);
    }

    [Fact]
    public void A_run_that_a_callback_stopped_stays_stopped()
    {
        Trained Run(IProgress<TrainProgress>? progress = null) => (Layer.Of(Flatten) >> Dense(3)).Fit(Runs.Data, SoftmaxCrossEntropy, Sgd(0.1), epochs: 5,
            callbacks: [trained => new(Stop: trained.History.Length == 2)], checkpoints: new(folder), progress: progress);
        var first = Run();
        Assert.Equal(2, first.History.Length);
        Assert.Equal(first.Sha256(), Run(new Runs.Told(_ => throw new TimeoutException())).Sha256());
    }

    [Fact]
    public void Old_ones_are_deleted()
    {
        Runs.Run(new(folder, EverySteps: 2, Keep: 3));
        Assert.Equal(["step-00000026.safetensors", "step-00000028.safetensors", "step-00000030.safetensors"], Files);
    }

    [Fact]
    public void Other_files_in_the_folder_are_left_alone()
    {
        string[] others = ["step-.safetensors", "step-00000001.safetensors.txt", "step-best.safetensors", "notes.txt"];
        foreach (var name in others)
        {
            File.WriteAllText(Path.Combine(folder, name), "");
        }

        File.WriteAllText(Path.Combine(folder, "step-00000001.safetensors.123-1.tmp"), "half");
        Runs.Run(new(folder, Keep: 1));
        Assert.Equal([.. others.Append("step-00000030.safetensors").Order(StringComparer.Ordinal)], Files);
    }

    [Fact]
    public void A_cancelled_run_goes_on_where_it_was()
    {
        using var source = new CancellationTokenSource();
        Assert.Throws<TrainingCanceledException>(() => Runs.Run(new(folder), cancel: source.Token, progress: new Runs.Told(at =>
        {
            if (at is { Epoch: 2, Step: 3 })
            {
                source.Cancel();
            }
        })));
        Assert.Equal("step-00000008.safetensors", Files.Last());
        AssertUnbroken(Runs.Run(new(folder)));
    }

    [Fact]
    public void A_run_that_is_cancelled_while_it_validates_goes_on_there()
    {
        using var source = new CancellationTokenSource();
        var told = 0;
        var error = Assert.Throws<TrainingCanceledException>(() => Runs.Run(new(folder), cancel: source.Token, progress: new Runs.Told(at =>
        {
            if (at is { Epoch: 2, Step: Runs.Steps })
            {
                told++;
                source.Cancel();
            }
        })));
        Assert.Equal(1, told);
        Assert.Equal("training was cancelled in epoch 2, after 5 of 5 steps; SoFar has the weights as they are.", error.Message);
        Assert.Equal("step-00000010.safetensors", Files.Last());
        AssertUnbroken(Runs.Run(new(folder)));
    }

    [Fact]
    public void A_run_goes_on_with_its_frozen_weights()
    {
        static Trained Run(Checkpoints? checkpoints, int breakAfter = All) =>
            Runs.Run(checkpoints, optimizer: Adam(0.02).Freeze("conv*"), progress: BreakAfter(breakAfter + 1));
        Assert.Throws<TimeoutException>(() => Run(new(folder, 1), 7));
        Assert.Equal(Run(null).Sha256(), Run(new(folder, 1)).Sha256());
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused()
    {
        Runs.Run(new(folder));
        var error = Assert.Throws<CheckpointError>(() => Runs.Run(new(folder), optimizer: Sgd(0.1)));
        Assert.StartsWith($"{Path.Combine(folder, "step-00000030.safetensors")} is of another run.\nThat was Conv2D(3, 3, Same) >> ", error.Message, StringComparison.Ordinal);
        Assert.Contains("with Adam(0.02).ClipNorm(1).Accumulate(2).Average(0.8).ScaleRate(\"conv*\", 0.5), epochs 6, batch 8, seed 3.\nThis is ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("with Sgd(0.1), epochs 6, batch 8, seed 3.\nPossible: another folder for this run, or its weights as a start.", error.Message, StringComparison.Ordinal);
        Assert.Throws<CheckpointError>(() => Runs.Run(new(folder), epochs: 7));
    }

    [Fact]
    public void Weights_alone_are_no_checkpoint()
    {
        unbroken.Value.Save(Path.Combine(folder, "step-00000030.safetensors"));
        Assert.Contains("is no checkpoint: it has weights only", Assert.Throws<CheckpointError>(() => Runs.Run(new(folder))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_a_checkpoint_says_there_is_an_answer()
    {
        Assert.Throws<TimeoutException>(() => Runs.Run(new(folder, 1), progress: BreakAfter(9)));
        var path = Path.Combine(folder, Files.Last());
        var (tensors, texts) = (Safetensors.Read(path), Safetensors.ReadMetadata(path));
        var (name, text) = Assert.Single(texts);
        void Refused(string changed)
        {
            Assert.NotEqual(text, changed);
            Safetensors.Write(path, tensors, new Dictionary<string, string> { [name] = changed }, keepDoubles: true);
            Assert.Throws<CheckpointError>(() => Runs.Run(new(folder)));
        }

        Refused("");
        Refused("null");
        Refused("[]");
        Refused(text[..^5]);
        foreach (var (part, bad) in new[] { ("\"Epoch\":2", "\"Epoch\":9"), ("\"Epoch\":2", "\"Epoch\":-2"), ("\"Step\":3", "\"Step\":5"), ("\"Step\":3", "\"Step\":-1"), ("\"Step\":3", "\"Step\":2"), ("\"Images\":24", "\"Images\":23"),
            ("\"Step\":3", "\"Step\":\"x\""), ("\"Rate\":1", "\"Rate\":-1"), ("\"Rate\":1", "\"Rate\":\"NaN\""), ("\"Classes\":3", "\"Classes\":4"), ("\"Counts\":[", "\"Counts\":[1,") })
        {
            Refused(text.Replace(part, bad));
        }

        var key = Key.Of(9);
        for (var i = 0u; i < 200; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            bytes[key.Bits(2 * i) % bytes.Length] = (byte)(32 + key.Bits(2 * i + 1) % 95);
            Safetensors.Write(path, tensors, new Dictionary<string, string> { [name] = Encoding.UTF8.GetString(bytes) }, keepDoubles: true);
            if (Record.Exception(() => Saved.Read(path, Name(text), Runs.Epochs, Runs.Steps, size: 8)) is { } error)
            {
                Assert.IsType<CheckpointError>(error);
            }
        }

        Safetensors.Write(path, tensors.Where(pair => pair.Key != "key").ToDictionary(), texts, keepDoubles: true);
        Assert.Contains("has no key [2]", Assert.Throws<CheckpointError>(() => Runs.Run(new(folder))).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "half");
        Assert.Throws<FormatError>(() => Runs.Run(new(folder)));
    }

    [Fact]
    public void Numbers_out_of_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Checkpoints(folder, EverySteps: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Checkpoints(folder, Keep: 0));
    }

    private static string Name(string text) => System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("Run").GetString()!;

    private static Runs.Told BreakAfter(int steps)
    {
        var told = 0;
        return new(progress =>
        {
            told += progress.Validation is null ? 1 : 0;
            if (told == steps && progress.Validation is null)
            {
                throw new TimeoutException();
            }
        });
    }

    private static void AssertUnbroken(Trained trained)
    {
        Assert.Equal(unbroken.Value.Sha256(), trained.Sha256());
        Assert.Equal<EpochResult>(unbroken.Value.History, trained.History);
    }

    private Process Start() => Process.Start(new ProcessStartInfo("dotnet", [typeof(Runs).Assembly.Location, folder])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        UseShellExecute = false,
    })!;
}
