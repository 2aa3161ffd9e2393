using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace SamplesTests;

public sealed class TrainDigitsTests(ITestOutputHelper output)
{
    [Fact]
    public void Learns_the_digits_inside() => Scratch.In(folder =>
    {
        var run = Run(folder);
        output.WriteLine(run.Output);
        output.WriteLine($"{run.Seconds:0.0} s");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.StartsWith($"{Models.LeNet5.Summary([1, 28, 28])}\nepoch 1/12, ", run.Output);
        Assert.InRange(Accuracy(run), 0.965, 1);
        Assert.Matches("^weights sha256 [0-9a-f]{64}$", run.Lines[^1]);
        Assert.Equal(["conv1.bias", "conv1.weight", "conv2.bias", "conv2.weight", "dense1.bias", "dense1.weight", "dense2.bias", "dense2.weight", "dense3.bias", "dense3.weight"],
            Safetensors.Read(Path.Combine(folder, "lenet.safetensors")).Keys.Order());
    });

    [SharedFact("data/mnist")]
    public void Learns_the_whole_of_Mnist() => Scratch.In(folder =>
    {
        var run = Run(folder, "--data", Shared.Folder("data/mnist")!, "--epochs", "3");
        output.WriteLine($"{run.Output}{run.Seconds:0.0} s");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.InRange(Accuracy(run), 0.985, 1);
    });

    [Fact]
    public void Threads_and_vector_width_do_not_change_the_weights() => Scratch.In(folder =>
    {
        var one = Run(folder, "--epochs", "1", "--threads", "1").Lines[^1];
        Assert.StartsWith("weights sha256 ", one);
        Assert.Equal(one, Run(folder, "--epochs", "1", "--threads", "2").Lines[^1]);
        Assert.NotEqual(one, Run(folder, "--epochs", "1", "--seed", "1").Lines[^1]);
        var narrow = Program.Dotnet(folder, ["exec", Program.Sample("TrainDigits"), "--epochs", "1"], environment: ("DOTNET_EnableAVX512", "0"));
        Assert.Equal(one, narrow.Lines[^1]);
    });

    [Theory]
    [InlineData("--epochs 0: expected a whole number of at least 1.", "--epochs", "0")]
    [InlineData("--batch many: expected a whole number of at least 1.", "--batch", "many")]
    [InlineData("--threads -1: expected a whole number from 0 to 1024.", "--threads", "-1")]
    [InlineData("Required argument missing for option: '--seed'.", "--seed")]
    [InlineData("Unrecognized command or argument '--fast'.", "--fast")]
    public void A_mistake_is_one_line_and_exit_code_2(string message, params string[] arguments) => Scratch.In(folder =>
    {
        var run = Run(folder, arguments);
        Assert.Equal((2, "", $"{message}\n"), (run.Exit, run.Output, run.Error));
    });

    [Fact]
    public void A_missing_folder_is_one_line_and_exit_code_1() => Scratch.In(folder =>
    {
        var run = Run(folder, "--data", "nowhere");
        Assert.Equal((1, "nowhere: there is no such folder.\n"), (run.Exit, run.Error));
    });

    [Fact]
    public void A_broken_file_is_one_line_and_exit_code_1() => Scratch.In(folder =>
    {
        foreach (var file in (string[])["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"])
        {
            File.WriteAllText(Path.Combine(folder, $"{file}-ubyte"), "not found");
        }

        var run = Run(folder, "--data", ".");
        Assert.Equal((1, "./train-images-idx3-ubyte, byte 0: expected the magic number 0x00000803, got 0x6E6F7420.\n"), (run.Exit, run.Error));
    });

    [Fact]
    public void Weights_that_cannot_be_saved_are_one_line_and_exit_code_1() => Scratch.In(folder =>
    {
        Directory.CreateDirectory(Path.Combine(folder, "lenet.safetensors"));
        var run = Run(folder, "--epochs", "1");
        Assert.Equal(1, run.Exit);
        Assert.Matches("^cannot write lenet.safetensors: [^\n]+\n$", run.Error);
    });

    [Fact]
    public void Ctrl_C_stops_cleanly_and_keeps_what_was_learnt() => Scratch.In(folder =>
    {
        if (OperatingSystem.IsWindows())
        {
            output.WriteLine("A program's Ctrl+C cannot be sent here: not tested.");
            return;
        }

        var run = Program.Dotnet(folder, ["exec", Program.Sample("TrainDigits"), "--epochs", "1000"], interruptAfter: "epoch 1/1000");
        Assert.Equal(130, run.Exit);
        Assert.Matches("^[^\n]+ What was learnt so far is in lenet.safetensors.\n$", run.Error);
        Assert.InRange(Models.LeNet5.Load(Path.Combine(folder, "lenet.safetensors"), [1, 28, 28]).Evaluate(Datasets.Digits().Test).Accuracy, 0.8, 1);
    });

    private static Finished Run(string folder, params string[] arguments) => Program.Dotnet(folder, ["exec", Program.Sample("TrainDigits"), .. arguments]);

    private static double Accuracy(Finished run) =>
        double.Parse(Regex.Match(run.Lines[^2], @"^test accuracy (\d\.\d{4})$").Groups[1].Value, CultureInfo.InvariantCulture);
}
