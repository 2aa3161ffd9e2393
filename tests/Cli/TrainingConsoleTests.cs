using System.Text;
using AutoDiffCnn.Cli;
using Spectre.Console;
using static AutoDiffCnn.Functions;
using static AutoDiffCnn.Layers;
using static AutoDiffCnn.Optimizers;

namespace CliTests;

public sealed class TrainingConsoleTests
{
    private static readonly Dataset data = new(Tensor.From([20, 1, 2, 2], i => i / 4 % 2), Tensor.From([20], i => i % 2), 2);

    private static readonly Trained trained = (Layer.Of(Flatten) >> Dense(2)).Fit(data, SoftmaxCrossEntropy, Sgd(0.1), epochs: 0);

    [Fact]
    public void Redirected_it_is_a_line_an_epoch_with_validation_or_without()
    {
        static TrainProgress At(int epoch, int step, bool isValidated = false) => new(epoch, 3, step, 2, 0.5, 0.75, 1234,
            TimeSpan.FromSeconds(75), isValidated ? new(0.25, ConfusionMatrix.Of(2, [(0, 0), (1, 1)])) : null);
        Assert.Equal(
            """
            epoch 1/3, step 2/2: loss 0.5000, accuracy 0.7500, 1234 images/s, 0:01:15 left; validation: loss 0.2500, accuracy 1.0000
            epoch 2/3, step 2/2: loss 0.5000, accuracy 0.7500, 1234 images/s, 0:01:15 left; validation: loss 0.2500, accuracy 1.0000

            """, Written(isTerminal: false, At(1, 1), At(1, 2), At(1, 2, true), At(2, 1), At(2, 2), At(2, 2, true)));
        Assert.Equal(
            """
            epoch 1/3, step 2/2: loss 0.5000, accuracy 0.7500, 1234 images/s, 0:01:15 left
            epoch 2/3, step 2/2: loss 0.5000, accuracy 0.7500, 1234 images/s, 0:01:15 left

            """, Written(isTerminal: false, At(1, 1), At(1, 2), At(2, 1), At(2, 2)));
        Assert.Equal("", Written(isTerminal: false, At(1, 1)));
    }

    [Fact]
    public void An_epoch_of_one_step_is_a_line_too()
    {
        static TrainProgress At(int epoch) => new(epoch, 2, 1, 1, 1, 0, 10, TimeSpan.Zero, null);
        Assert.Equal("epoch 1/2, step 1/1: loss 1.0000, accuracy 0.0000, 10 images/s\nepoch 2/2, step 1/1: loss 1.0000, accuracy 0.0000, 10 images/s\n",
            Written(isTerminal: false, At(1), At(2)));
    }

    [Fact]
    public void On_a_terminal_it_is_a_bar_with_the_figures()
    {
        var text = Written(isTerminal: true, new(1, 2, 1, 2, 0.5, 0.75, 1234, TimeSpan.FromSeconds(75), null),
            new TrainProgress(2, 2, 2, 2, 0.25, 0.875, 12345, TimeSpan.Zero, new(0.25, ConfusionMatrix.Of(2, [(0, 0), (1, 1)]))));
        Assert.Contains("epoch 2/2 loss 0.2500 accuracy 0.8750 (1.0000 validated) 12,345 images/s 0:00:00 left", text);
        Assert.Contains("\u001b[", text);
        Assert.Contains("━━━━━━━━━━━━━━━━━━━━", text);
    }

    [Fact]
    public void It_returns_what_was_trained()
    {
        using var writer = new StringWriter();
        var result = TrainingConsole.Run(ConsoleTo(writer, isTerminal: false), (progress, cancel) =>
            (Layer.Of(Flatten) >> Dense(2)).Fit(data, SoftmaxCrossEntropy, Sgd(0.1), epochs: 3, validation: data, progress: progress, cancel: cancel));
        Assert.Equal(3, result.History.Length);
        Assert.Equal(3, writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private static string Written(bool isTerminal, params TrainProgress[] told)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        TrainingConsole.Run(ConsoleTo(writer, isTerminal), (progress, _) =>
        {
            Array.ForEach(told, progress.Report);
            return trained;
        });
        return writer.ToString();
    }

    private static IAnsiConsole ConsoleTo(TextWriter writer, bool isTerminal) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = isTerminal ? AnsiSupport.Yes : AnsiSupport.No,
        Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
        Out = new To(writer, isTerminal),
    });

    private sealed class To(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => 140;

        public int Height => 40;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
