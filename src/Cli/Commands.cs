using System.CommandLine;

namespace AutoDiffCnn.Cli;

/// <summary>What the tool can do.</summary>
/// <example><code>
/// using AutoDiffCnn.Cli;
///
/// Commands.Root().Parse(["summary", "lenet5"]).Invoke() // 0
/// </code></example>
public static class Commands
{
    /// <summary>The command with its subcommands.</summary>
    public static RootCommand Root() => new("Functional automatic differentiation for convolutional networks.")
    {
        Summary(),
        Print(),
        CheckCommand.Create(),
    };

    private static Command Summary()
    {
        var model = ModelArgument();
        var command =
            new Command("summary", "Shows a model's layers with their shapes, parameters and multiply-adds.") { model };
        command.SetAction(parsed =>
            Show($"{parsed.GetRequiredValue(model).Layer.Summary(parsed.GetRequiredValue(model).Input)}"));
        return command;
    }

    private static Command Print()
    {
        var model = ModelArgument();
        var batch = new Option<int>("--batch") { Description = "The number of images.", DefaultValueFactory = _ => 1 };
        batch.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out var count) && count > 0))
            {
                result.AddError($"--batch {result.Tokens[0].Value}: a batch is a whole number of at least 1.");
            }
        });
        var backward = new Option<bool>("--backward") { Description = "Also the loss and its gradients." };
        var command = new Command("print", "Prints a model's graph, a node a line.") { model, batch, backward };
        command.SetAction(parsed =>
        {
            var (layer, input) = parsed.GetRequiredValue(model);
            var applied = layer.Build([parsed.GetValue(batch), .. input]);
            Show((parsed.GetValue(backward) ? Backward(applied) : new Graph(applied.Output)).Print());
        });
        return command;
    }

    /// <summary>The loss of a classifier and its gradient with respect to each parameter.</summary>
    private static Graph Backward(Model model)
    {
        var labels = Functions.Variable("labels", [model.Output.Shape[0]], Kind.Index);
        var loss = Functions.SoftmaxCrossEntropy(model.Output, labels);
        return new Graph([loss, .. Gradient.Of(loss, [.. model.Parameters.Select(parameter => parameter.Variable)])]);
    }

    private static Argument<KnownModel> ModelArgument() => new("model")
    {
        Description = $"One of: {KnownModel.Names}.",
        CustomParser = result =>
        {
            if (KnownModel.All.TryGetValue(result.Tokens[0].Value, out var model))
            {
                return model;
            }

            result.AddError($"There is no model '{result.Tokens[0].Value}'; there are {KnownModel.Names}.");
            return null;
        },
    };

    private static void Show(string text) => Console.WriteLine(text);
}
