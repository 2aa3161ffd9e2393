using System.Text.RegularExpressions;

namespace CliTests;

/// <summary>The tool, run as its users do.</summary>
public sealed class CommandTests
{
    [Fact]
    public void Summary_is_the_model_s_table() =>
        Assert.Equal((0, $"{Models.LeNet5.Summary([1, 28, 28])}\n", ""), Run("summary", "lenet5"));

    [Fact]
    public void Print_is_the_model_s_graph() =>
        Assert.Equal((0, $"{Models.KerasMnist.Build([1, 1, 28, 28]).Output.Print()}\n", ""), Run("print", "keras-mnist"));

    [Fact]
    public void Print_of_a_batch() => Assert.StartsWith("input : [64, 1, 28, 28]\n", Run("print", "lenet5", "--batch", "64").Output);

    [Fact]
    public void Print_backward_returns_the_loss_and_a_gradient_for_each_parameter()
    {
        var (exit, output, error) = Run("print", "keras-mnist", "--backward");
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("labels : [1] index\n", output);
        Assert.Contains("# Vjp of Conv2D", output);

        var results = output.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("return ", results);
        Assert.Equal(1 + 4, results.Split(", ").Length);
    }

    [Fact]
    public void Derive_prints_each_line_of_the_chain_rule_and_that_it_is_checked()
    {
        var (exit, output, error) = Run("derive", "keras-mnist", "--notation", "delta");
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("  ∇W₁ = X ⋆ δ₁ ", output);
        Assert.EndsWith("Each derivative agrees with differences.\n", output);
    }

    [Fact]
    public void Draw_writes_the_picture_of_the_graph()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.svg");
        try
        {
            var graph = new Graph(Models.LeNet5.Build([1, 1, 28, 28]).Output);
            var picture = graph.Draw();
            Assert.Equal((0, $"{path}: {graph.Nodes.Length} nodes, {picture.Width} x {picture.Height}\n", ""), Run("draw", "lenet5", "-o", path));
            Assert.Equal(picture.Bytes, File.ReadAllBytes(path));
            Assert.Equal(0, Run("draw", "lenet5", "--backward", "--depth", "0", "-o", path).Exit);
            Assert.Contains("Conv2DKernel", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Draw_says_what_cannot_be_written()
    {
        var (exit, output, error) = Run("draw", "lenet5", "-o", "/nowhere/at/all.svg");
        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith("cannot write /nowhere/at/all.svg: ", error);
    }

    [Fact]
    public void Check_of_an_op_is_its_report() => Assert.Equal(
        (0, $"{GradKit.Attack(Subject.Of(OpTable.RowOf(new Tanh())), new Budget(Cases: 5, Seed: 3))}\n", ""),
        Run("check", "tanh", "--cases", "5", "--seed", "3"));

    [Fact]
    public void Check_all_is_a_line_for_each_op_graphs_and_laws()
    {
        var (exit, output, error) = Run("check", "all", "--cases", "1");
        Assert.Equal((0, ""), (exit, error));
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(OpTable.Rows.Length + 1 + Laws.All.Length, lines.Length);
        Assert.All(lines, line => Assert.EndsWith(": holds in 1 cases, seed 1", line));
    }

    [Fact]
    public void Train_writes_a_line_an_epoch_where_its_output_is_redirected_and_saves_the_weights() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "w.safetensors");
        var (exit, output, error) = Run("train", "keras-mnist", "--epochs", "2", "--batch", "100", "--rate", "0.003", "--save", path);
        Assert.Equal((0, ""), (exit, error));
        const string Epoch = @"loss \d\.\d{4}, accuracy 0\.\d{4}, \d+ images/s";
        const string Validation = @"; validation: loss 0\.\d{4}, accuracy 0\.[89]\d{3}";
        Assert.Matches($@"\Aepoch 1/2, step 50/50: {Epoch}, 0:\d\d:\d\d left{Validation}\nepoch 2/2, step 50/50: {Epoch}{Validation}\n"
            + $@"weights in {Regex.Escape(path)}, sha256 [0-9a-f]{{64}}\n\z", output);
        var trained = Models.KerasMnist.Load(path, [1, 28, 28]);
        Assert.EndsWith($"{trained.Sha256()}\n", output);
        Assert.InRange(trained.Evaluate(Datasets.Digits().Test).Accuracy, 0.85, 1);
    });

    [Fact]
    public void Train_says_what_it_cannot_do_in_words()
    {
        Assert.Equal((1, "", "nowhere: there is no such folder.\n"), Run("train", "lenet5", "--data", "nowhere"));
        Assert.Equal((1, "", "the tool has no images of [3, 224, 224]. Possible: --data and a folder with such.\n"), Run("train", "vgg11"));
    }

    [Theory]
    [InlineData("There is no model 'alexnet1'; there are lenet5, keras-mnist, alexnet, vgg11, vgg16, googlenet, resnet18, resnet34, resnet50, resnet20, resnet56, mobilenet-v1, mobilenet-v2, squeezenet.", "summary", "alexnet1")]
    [InlineData("--batch 0: it is a whole number of at least 1.", "print", "lenet5", "--batch", "0")]
    [InlineData("--batch x: it is a whole number of at least 1.", "print", "lenet5", "--batch", "x")]
    [InlineData("--output lenet5.png: the file must end in .svg.", "draw", "lenet5", "-o", "lenet5.png")]
    [InlineData("--depth -1: it is a whole number of at least 0.", "draw", "lenet5", "-o", "lenet5.svg", "--depth", "-1")]
    [InlineData("--cases 0: it is a whole number of at least 1.", "check", "all", "--cases", "0")]
    [InlineData("Required argument 'model' missing for command: 'summary'.", "summary")]
    [InlineData("Required command was not provided.")]
    public void A_mistake_is_one_line_and_exit_code_2(string message, params string[] arguments) =>
        Assert.Equal((2, "", $"{message}\n"), Run(arguments));

    private static (int Exit, string Output, string Error) Run(params string[] arguments) => Tools.Run("AutoDiffCnn.Cli.dll", arguments);
}
