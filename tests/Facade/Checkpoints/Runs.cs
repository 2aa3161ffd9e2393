using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

/// <summary>A run whose every part has something to carry on: moments, sums and averages, batch norm, dropout, a
/// schedule, a plateau.</summary>
internal static class Runs
{
    public const int Epochs = 6;
    public const int LongEpochs = 40;
    public const int Steps = 5;

    private static readonly Layer net = Conv2D(3, 3, Same) >> BatchNorm() >> Relu >> Dropout(0.2) >> Flatten >> Dense(3);

    public static Dataset Data => new(
        Tensor.From([43, 1, 5, 5], i => (i / 5 % 5 / 2 == i / 25 % 3 ? 1 : 0) + 0.3 * Key.Of(1).Normal((uint)i)), Tensor.From([43], i => i % 3), 3);

    public static Trained Run(Checkpoints? checkpoints, int epochs = Epochs, Optimizer? optimizer = null,
        IProgress<TrainProgress>? progress = null, CancellationToken cancel = default) => net.Fit(
        Data, SoftmaxCrossEntropy, optimizer ?? Adam(0.02).ClipNorm(1).Accumulate(2).Average(0.8).ScaleRate("conv*", 0.5), epochs, batch: 8,
        validation: Data.Take(20), seed: 3, threads: 1, schedule: Schedules.WarmUp(0.2, Schedules.Cosine),
        callbacks: [Callbacks.Plateau(0.5, 1), Callbacks.EarlyStopping(50)], checkpoints: checkpoints, progress: progress, cancel: cancel);

    /// <summary>A run in a process of its own, which tells each step and goes on when a character comes, or none can come
    /// any more: started to be killed.</summary>
    public static void Tell(string folder)
    {
        var trained = Run(new(folder, EverySteps: 1, Keep: 3), LongEpochs, progress: new Told(progress =>
        {
            Console.WriteLine($"{progress.Epoch} {progress.Step}");
            Console.Read();
        }));
        Console.WriteLine($"done {trained.Sha256()}");
    }

    internal sealed class Told(Action<TrainProgress> tell) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => tell(value);
    }
}
