/// <summary>How the time of a training step grows with the batch and with the pixels.</summary>
internal static class Growth
{
    private const double Seconds = 2;

    public static int Run()
    {
        Console.WriteLine("a training step of the residual network of 20 layers, SGD with momentum; the shortest of many");
        Console.WriteLine($"{"images",18}{"ms",10}{"ns/pixel",10}{"MB",10}");
        foreach (var (batch, side) in new[]
        {
            (8, 32), (16, 32), (32, 32), (64, 32), (128, 32), (256, 32), (8, 16), (8, 64), (8, 128), (8, 256),
        })
        {
            var (time, bytes) = Measure(batch, side);
            Console.WriteLine($"{$"{batch}x3x{side}x{side}",18}{time,10:F2}{time * 1e6 / batch / side / side,10:F0}{bytes / 1048576.0,10:F1}");
        }

        return 0;
    }

    private static (double Milliseconds, long Bytes) Measure(int batch, int side)
    {
        var model = Models.ResNetCifar(3, projection: true).Build([batch, 3, side, side], Mode.Train);
        var labels = Variable("labels", [batch], Kind.Index);
        var step = TrainingStep.Of(model, SoftmaxCrossEntropy(model.Output, labels), Optimizers.Sgd(0.01, momentum: 0.9));
        using var session = Cpu.Compile([step.Loss], step.State).Start();
        session.Indices(labels).Clear();
        var (key, next) = (Key.Of(0), 0u);
        foreach (ref var pixel in session.Reals(model.Input))
        {
            pixel = next++ * 2654435761u / 4294967296f;
        }

        void Restart()
        {
            foreach (var (variable, value) in step.Start(model.Init(key), key))
            {
                session.Set(variable, value);
            }
        }

        var timing = Timing.Of(session.Run, Seconds, Workload.Episode, Restart);
        return (timing.Sorted[0], session.Plan.PeakBytes(session.Threads));
    }
}
