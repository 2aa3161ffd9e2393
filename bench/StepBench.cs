using System.Diagnostics;
using System.Globalization;

/// <summary>A training step of LeNet-5 with a batch of 64 and plain SGD.</summary>
internal static class StepBench
{
    private const int Batch = 64;

    public static int Run(int threads)
    {
        var start = Stopwatch.GetTimestamp();
        var model = Models.LeNet5.Build([Batch, 1, 28, 28], Mode.Train);
        var labels = Variable("labels", [Batch], Kind.Index);
        var step = TrainingStep.Of(model, SoftmaxCrossEntropy(model.Output, labels), Optimizers.Sgd(0.05));
        var plan = Cpu.Compile([step.Loss], step.State);
        using var session = plan.Start(threads);
        foreach (var (variable, value) in step.Start(model.Init(Key.Of(1)), Key.Of(2)))
        {
            session.Set(variable, value);
        }

        session.Set(model.Input, Key.Of(3).Normal(model.Input.Shape));
        session.Set(labels, Tensor.From([Batch], i => i % 10));
        session.Run();
        var first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        var times = new List<double>();
        for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < 5;)
        {
            var before = Stopwatch.GetTimestamp();
            session.Run();
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"lenet5 train, batch {Batch}, {session.Threads} threads: median {times[times.Count / 2]:F3} ms, min {times[0]:F3}, p10 {times[times.Count / 10]:F3}, p90 {times[times.Count * 9 / 10]:F3}, {times.Count} steps; first step after {first:F0} ms; {plan.PeakBytes(session.Threads)} bytes"));
        return 0;
    }
}
