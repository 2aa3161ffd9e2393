using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace SamplesTests;

/// <summary>The figures that the samples are there for. Where the whole of MNIST is not beside the repository, the digits
/// in the package have to do, with lower ones.</summary>
public sealed class ProofTests(ITestOutputHelper output)
{
    private const string Mnist = "data/mnist";

    [SharedFact(Mnist)]
    public void E17_a_dense_network_recognises_98_of_100_digits() => InRange(Run("DenseMnist", "--data", Folder), 0.98);

    [Fact]
    public void A_dense_network_recognises_the_digits_inside() => InRange(Run("DenseMnist"), 0.94);

    [SharedFact(Mnist)]
    public void E17_a_convolutional_network_recognises_992_of_1000_digits_in_two_minutes_of_processor_time()
    {
        var run = Run("CnnMnist", "--data", Folder);
        InRange(run, 0.992);
        Assert.InRange(Numbers(run, @"^\d+ s, (\d+) s of processor time$").Single(), 0, 120); // 60 s on two cores
        Assert.InRange(run.Lines.Count(line => line.StartsWith("epoch ", StringComparison.Ordinal)), 1, 10);
    }

    [Fact]
    public void A_convolutional_network_recognises_the_digits_inside_with_the_same_bits_in_each_run()
    {
        var run = Run("CnnMnist");
        InRange(run, 0.97);
        Assert.Equal(run.Lines[^1], Run("CnnMnist").Lines[^1]);
        Assert.StartsWith("weights sha256 ", run.Lines[^1], StringComparison.Ordinal);
    }

    [SharedFact(Mnist)]
    public void E12_E13_the_Keras_program_recognises_95_of_100_digits() => Keras(0.95, "--data", Folder);

    [Fact]
    public void E12_E13_the_Keras_program_runs_on_the_digits_inside() => Keras(0.88);

    [Fact]
    public void ResNet20_and_the_blocks_of_MobileNet_recognise_97_of_100_coloured_shapes()
    {
        var accuracies = Numbers(Run("ColouredNetworks"), @": test accuracy (.*)$");
        Assert.Equal(2, accuracies.Length);
        Assert.All(accuracies, accuracy => Assert.InRange(accuracy, 0.97, 1));
    }

    [Fact]
    public void E14_frozen_features_of_other_digits_beat_training_from_scratch()
    {
        var run = Run("TransferDigits");
        Assert.StartsWith("4 weights taken, 4 new (dense1.bias, dense1.weight, dense2.bias, dense2.weight), 0 of another shape, 0 left\n", run.Output);
        var (scratch, frozen, slow) = Numbers(run, @": test accuracy (.*)$") switch { [var a, var b, var c] => (a, b, c), _ => default };
        Assert.InRange(frozen, scratch + 0.02, 1);
        Assert.InRange(slow, scratch + 0.02, 1);
        Assert.InRange(frozen, 0.92, 1);
    }

    [Fact]
    public void E15_E18_dropout_weight_decay_and_augmentation_help_against_overfitting()
    {
        var rows = Regex.Matches(Run("Overfitting").Output, @"^([^\d\n]+?) +(\d\S+) +(\d\S+) +(\d\S+)$", RegexOptions.Multiline)
            .ToDictionary(row => row.Groups[1].Value, row => (Train: Number(row.Groups[2]), Test: Number(row.Groups[3]), Loss: Number(row.Groups[4])));
        Assert.Equal(["plain", "weight decay", "dropout", "augmentation"], rows.Keys);
        var plain = rows["plain"];
        Assert.True(plain.Train == 1 && plain.Test < 0.92, $"{plain}");
        Assert.All(rows.Where(row => row.Key != "plain"), row =>
        {
            Assert.InRange(row.Value.Loss, 0, 0.93 * plain.Loss);
            Assert.InRange(row.Value.Test, plain.Test - 0.005, 1);
        });
        Assert.InRange(rows["augmentation"].Test, plain.Test + 0.03, 1);
    }

    /// <summary>Without norms and shortcuts the gradient vanishes, with either it does not; with norms alone it grows
    /// towards the first layer, and the network lags behind, as K. He et al. saw; with both it is even and the
    /// network learns.</summary>
    [Fact]
    public void E5_a_plain_network_of_56_layers_lags_behind_a_residual_one()
    {
        var run = Run("VanishingGradients");
        var layers = Regex.Matches(run.Output, @"^layer +(\d+) +(.*)$", RegexOptions.Multiline)
            .ToDictionary(row => Number(row.Groups[1]), row => Columns(row.Groups[2].Value));
        Assert.Equal([1, 10, 19, 28, 37, 46, 55, 56], layers.Keys);
        double Fall(int column) => layers[55][column] / layers[1][column]; // before training, from the last block to the first layer
        Assert.All(layers.Values, norms => Assert.InRange(norms[0], 0, 1e-8));
        Assert.All(layers.Values, norms => Assert.InRange(norms[2], 1, 1e3));
        Assert.InRange(Fall(4), 0, 0.01);
        Assert.InRange(Fall(6), 0.1, 10);

        var accuracies = Columns(run.Lines[^1]["accuracy".Length..]);
        Assert.Equal(4, accuracies.Length);
        Assert.All(accuracies[..3], accuracy => Assert.InRange(accuracy, 0, 0.35));
        Assert.InRange(accuracies[3], 0.7, 1);
    }

    private static string Folder => Shared.Folder(Mnist)!;

    /// <summary>Runs a sample in a folder of its own, and shows what it writes.</summary>
    private Finished Run(string sample, params string[] arguments)
    {
        Finished? run = null;
        Scratch.In(folder => run = Program.Dotnet(folder, ["exec", Program.Sample(sample), .. arguments]));
        output.WriteLine($"{run!.Output}{run.Seconds:0.0} s");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        return run;
    }

    private void Keras(double least, params string[] arguments)
    {
        var run = Run("KerasMnist", arguments);
        Assert.Matches("(?m)^total +2,930 +26,208$", run.Output);
        Assert.InRange(Numbers(run, @"validation: .*accuracy (\d\.\d+)$")[^1], least, 1);
        var digits = Regex.Matches(string.Join('\n', run.Lines[^2..]), @"\d").Select(digit => digit.Value).ToArray();
        Assert.Equal(16, digits.Length);
        Assert.StartsWith("Predicted labels: [", run.Lines[^2], StringComparison.Ordinal);
        Assert.StartsWith("Real labels: [", run.Lines[^1], StringComparison.Ordinal);
        Assert.InRange(digits[..8].Zip(digits[8..], (guess, label) => guess == label).Count(same => same), 6, 8);
    }

    private static void InRange(Finished run, double least) => Assert.InRange(Numbers(run, "^test accuracy (.*)$").Single(), least, 1);

    private static double[] Numbers(Finished run, string pattern) =>
        [.. Regex.Matches(run.Output, pattern, RegexOptions.Multiline).Select(match => Number(match.Groups[1]))];

    private static double[] Columns(string row) => [.. row.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number)];

    private static double Number(Group group) => Number(group.Value);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
