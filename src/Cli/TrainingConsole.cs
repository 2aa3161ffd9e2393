using System.Globalization;
using Spectre.Console;

namespace AutoDiffCnn.Cli;

/// <summary>Training that can be watched and stopped: a bar with the loss, the accuracy, the speed and the time left on a
/// terminal, a line an epoch where the output goes to a file. Ctrl+C asks it to stop after the step it is at; a second one
/// ends the program. The samples share this file.</summary>
/// <example><code>
/// using AutoDiffCnn.Cli;
///
/// var trained = TrainingConsole.Run((progress, cancel) =>
///     lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), progress: progress, cancel: cancel));
/// </code></example>
public static class TrainingConsole
{
    /// <summary>Trains and shows it on the console.</summary>
    /// <param name="train">What is told of progress, and when to stop.</param>
    public static Trained Run(Func<IProgress<TrainProgress>, CancellationToken, Trained> train) =>
        Run(AnsiConsole.Console, train);

    /// <summary>Trains and shows it on a console of one's own.</summary>
    /// <param name="console">The console.</param>
    /// <param name="train">What is told of progress, and when to stop.</param>
    public static Trained Run(IAnsiConsole console, Func<IProgress<TrainProgress>, CancellationToken, Trained> train)
    {
        using var cancel = new CancellationTokenSource();
        void Stop(object? sender, ConsoleCancelEventArgs press)
        {
            press.Cancel = !cancel.IsCancellationRequested;
            cancel.Cancel();
        }

        Console.CancelKeyPress += Stop;
        try
        {
            return console.Profile.Out.IsTerminal
                ? WithBar(console, progress => train(progress, cancel.Token))
                : InLines(console, progress => train(progress, cancel.Token));
        }
        finally
        {
            Console.CancelKeyPress -= Stop;
        }
    }

    private static Trained WithBar(IAnsiConsole console, Func<IProgress<TrainProgress>, Trained> train) => console.Progress()
        .Columns(new ProgressBarColumn { Width = 20 }, new TaskDescriptionColumn { Alignment = Justify.Left })
        .Start(context =>
        {
            var bar = context.AddTask("starting");
            return train(new Told(at =>
            {
                bar.Value = 100.0 * ((at.Epoch - 1.0) * at.Steps + at.Step) / ((double)at.Epochs * at.Steps);
                bar.Description = Text(at);
            }));
        });

    private static string Text(TrainProgress at) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {at.Epoch}/{at.Epochs} loss {at.Loss:0.0000} accuracy {at.Accuracy:0.0000}")
        + (at.Validation is { } validation ? string.Create(CultureInfo.InvariantCulture, $" ({validation.Accuracy:0.0000} validated)") : "")
        + string.Create(CultureInfo.InvariantCulture, $" {at.ImagesPerSecond:N0} images/s {at.TimeLeft:h\\:mm\\:ss} left");

    private static Trained InLines(IAnsiConsole console, Func<IProgress<TrainProgress>, Trained> train)
    {
        // An epoch without validation has ended when the next one begins.
        TrainProgress? last = null;
        void Write(TrainProgress? at)
        {
            if (at is not null)
            {
                console.Profile.Out.Writer.WriteLine(at);
                console.Profile.Out.Writer.Flush();
            }
        }

        var trained = train(new Told(at =>
        {
            Write(at.Epoch > last?.Epoch ? last : null);
            Write(at.Validation is null ? null : at);
            last = at.Step == at.Steps && at.Validation is null ? at : null;
        }));
        Write(last);
        return trained;
    }

    /// <summary>Told at once; <see cref="Progress{T}"/> would tell later, on other threads and out of order.</summary>
    private sealed class Told(Action<TrainProgress> tell) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => tell(value);
    }
}
