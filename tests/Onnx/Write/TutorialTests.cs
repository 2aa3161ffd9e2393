using System.Globalization;
using System.Text.Json.Nodes;

namespace OnnxTests;

/// <summary>The program that a tutorial shows, as it stands there.</summary>
public sealed class TutorialTests
{
    [RuntimeFact]
    public void The_program_in_the_tutorial_trains_a_network() => Scratch.In(folder =>
    {
        string At(string name) => Path.Combine(folder, name);
        var model = Models.LeNet5.Build([32, 1, 28, 28], Mode.Train);
        var step = TrainingStep.Of(model, SoftmaxCrossEntropy(model.Output, Variable("labels", [32], Kind.Index)), Sgd(0.01, momentum: 0.9));
        Onnx.Write(At("step.onnx"), OnnxGraph.Of(step));
        Safetensors.Write(At("start.safetensors"), step.Start(model.Init(Key.Of(7)), Key.Of(7)).ToDictionary(pair => pair.Variable.Op.Name, pair => pair.Value));
        var digits = Datasets.Digits();
        var lessons = digits.Train.Take(60 * 32);
        Safetensors.Write(At("digits.safetensors"), new Dictionary<string, Tensor> { ["input"] = lessons.Images, ["labels"] = lessons.Labels });
        File.WriteAllText(At("train.js"), Program());

        var losses = Runtime.Node(folder, "train.js").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => double.Parse(line, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal((60, 2.312), (losses.Length, losses[0]));
        Assert.Equal(0.493, losses[^1], 0.0011);
        Assert.True(Models.LeNet5.Load(At("learnt.safetensors"), [1, 28, 28]).Evaluate(digits.Test).Accuracy > 0.875);
    });

    /// <summary>The lines between the fences.</summary>
    private static string Program()
    {
        var notebook = JsonNode.Parse(File.ReadAllText(Path.Combine(Checkout.Root, "notebooks", "16-out-of-dotnet.ipynb")))!;
        var text = notebook["cells"]!.AsArray().Select(cell => string.Concat(cell!["source"]!.AsArray().Select(line => (string)line!)))
            .Single(source => source.Contains("```js\n", StringComparison.Ordinal));
        return text.Split("```js\n")[1].Split("```")[0];
    }
}
