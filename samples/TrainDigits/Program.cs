// Trains LeNet-5 on handwritten digits and saves the weights: a program to start from.
using System.CommandLine;
using AutoDiffCnn.Cli;

const string SavedAs = "lenet.safetensors";

var data = new Option<string?>("--data") { Description = "A folder with the four files of MNIST; without it, the 6,000 digits in the package." };
var epochs = Number("--epochs", "How often every digit is learnt from.", standard: 12, least: 1);
var batch = Number("--batch", "How many digits are learnt from at once.", standard: 64, least: 1);
var seed = Number("--seed", "Another seed, another run; the same seed, the same weights.", standard: 0, least: 0);
var threads = Number("--threads", "How many threads; 0 takes as many as there are cores.", standard: 0, least: 0, most: 1024);
var command = new RootCommand("Trains LeNet-5 on handwritten digits.") { data, epochs, batch, seed, threads };
command.SetAction(options =>
{
    try
    {
        return Train(options);
    }
    catch (Exception bad) when (bad is DataError or FormatError or IOException or UnauthorizedAccessException)
    {
        return Fail(bad.Message, 1);
    }
});

var parsed = command.Parse(args);
if (parsed.Errors is [var mistake, ..])
{
    Console.Error.WriteLine(mistake.Message);
    return 2;
}

return parsed.Invoke();

int Train(ParseResult options)
{
    try
    {
        var lenet = Conv2D(6, 5, Same) >> Relu >> MaxPool(2)
                 >> Conv2D(16, 5)      >> Relu >> MaxPool(2)
                 >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10);
        Console.WriteLine(lenet.Summary([1, 28, 28]));

        var digits = options.GetValue(data) is { } folder ? Datasets.Mnist(folder) : Datasets.Digits();
        var trained = TrainingConsole.Run((progress, cancel) => lenet.Fit(
            digits.Train, SoftmaxCrossEntropy, Adam(2e-3), options.GetValue(epochs), options.GetValue(batch), digits.Test,
            options.GetValue(seed), options.GetValue(threads), schedule: Schedules.Linear, progress: progress, cancel: cancel));

        var result = trained.Evaluate(digits.Test);
        trained.Save(SavedAs);
        Console.WriteLine(result.Confusion);
        Console.WriteLine($"test accuracy {result.Accuracy:0.0000}");
        Console.WriteLine($"weights sha256 {trained.Sha256()}");
        return 0;
    }
    catch (TrainingCanceledException canceled)
    {
        canceled.SoFar.Save(SavedAs);
        return Fail($"{canceled.Message} What was learnt so far is in {SavedAs}.", 130);
    }
    catch (DivergedError diverged)
    {
        diverged.LastGood.Save(SavedAs);
        return Fail($"{diverged.Message} The last good weights are in {SavedAs}.", 1);
    }
}

static Option<int> Number(string name, string description, int standard, int least, int most = int.MaxValue)
{
    var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard };
    option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var number) && number >= least && number <= most))
        {
            result.AddError($"{name} {token.Value}: expected a whole number {(most < int.MaxValue ? $"from {least} to {most}" : $"of at least {least}")}.");
        }
    });
    return option;
}

static int Fail(string message, int exitCode)
{
    Console.Error.WriteLine(message);
    return exitCode;
}
