using System.CommandLine;

namespace AutoDiffCnn.Cli;

/// <summary>The subcommand <c>train</c>: a model learns, and its weights are saved.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var model = Arguments.Model();
        var data = new Option<string?>("--data")
        {
            Description = "A folder with MNIST, CIFAR-10, or a folder of PNGs for each class; without it digits or shapes that the tool has.",
        };
        var epochs = Arguments.Number("--epochs", 5, "How often to go through the data.");
        var batch = Arguments.Number("--batch", 64, "The number of images for a step.");
        var rate = new Option<double>("--rate") { Description = "Adam's learning rate.", DefaultValueFactory = _ => 1e-3 };
        var seed = new Option<int>("--seed") { Description = "Another seed, another run; the same seed, the same weights." };
        var checkpoints = new Option<string?>("--checkpoints") { Description = "A folder from which the run goes on if it was stopped." };
        var save = new Option<string>("--save") { Description = "The file of the weights.", DefaultValueFactory = _ => "weights.safetensors" };
        var command = new Command("train", "Trains a model and saves its weights.") { model, data, epochs, batch, rate, seed, checkpoints, save };
        command.SetAction(parsed =>
        {
            var (layer, input) = parsed.GetRequiredValue(model);
            var path = parsed.GetRequiredValue(save);
            try
            {
                var (train, test) = Data(parsed.GetValue(data), input);
                var trained = TrainingConsole.Run((progress, cancel) => layer.Fit(
                    train, Functions.SoftmaxCrossEntropy, Optimizers.Adam(parsed.GetValue(rate)), parsed.GetValue(epochs),
                    parsed.GetValue(batch), test, parsed.GetValue(seed), progress: progress, cancel: cancel,
                    checkpoints: parsed.GetValue(checkpoints) is { } folder ? new(folder) : null));
                trained.Save(path);
                Console.WriteLine($"weights in {path}, sha256 {trained.Sha256()}");
                return 0;
            }
            catch (TrainingCanceledException cancelled)
            {
                cancelled.SoFar.Save(path);
                Console.Error.WriteLine($"{cancelled.Message} What was learnt so far is in {path}.");
                return 130;
            }
            catch (Exception error) when (error is ArgumentException or FormatException or IOException
                or UnauthorizedAccessException or InvalidOperationException)
            {
                Console.Error.WriteLine(error.Message);
                return 1;
            }
        });
        return command;
    }

    private static Split Data(string? folder, Shape input)
    {
        bool Has(string file) => File.Exists(Path.Combine(folder!, file)) || File.Exists(Path.Combine(folder!, $"{file}.gz"));
        return folder switch
        {
            null when input == [1, 28, 28] => Datasets.Digits(),
            null when input == [3, 32, 32] => new(ColouredShapes.Of(Key.Of(0), 4000), ColouredShapes.Of(Key.Of(1), 1000)),
            null => throw new DataError($"the tool has no images of {input}. Possible: --data and a folder with such."),
            _ when Has("test_batch.bin") => Datasets.Cifar10(folder),
            _ when Directory.Exists(folder) && Directory.GetDirectories(folder).Length > 0 => ImageFolder.Read(folder, input[0]).Split(0.2, Key.Of(0)),
            _ => Datasets.Mnist(folder),
        };
    }
}
