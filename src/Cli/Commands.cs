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
        Derive(),
        Draw(),
        TrainCommand.Create(),
        CheckCommand.Create(),
        NotebookCommand.Create(),
        DocsCommand.Create(),
    };

    private static Command Summary()
    {
        var model = Arguments.Model();
        var command =
            new Command("summary", "Shows a model's layers with their shapes, parameters and multiply-adds.") { model };
        command.SetAction(parsed =>
            Show($"{parsed.GetRequiredValue(model).Layer.Summary(parsed.GetRequiredValue(model).Input)}"));
        return command;
    }

    private static Command Print()
    {
        var model = Arguments.Model();
        var batch = Arguments.Number("--batch", 1, "The number of images.");
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

    private static Command Derive()
    {
        var model = Arguments.Model();
        var notation = new Option<Notation>("--notation") { Description = "differential for dA, dZ; delta for the error δ of each layer." };
        var latex = new Option<bool>("--latex") { Description = "As LaTeX." };
        var command = new Command("derive", "Derives a model's gradients line by line, each checked numerically.") { model, notation, latex };
        command.SetAction(parsed =>
        {
            var (layer, input) = parsed.GetRequiredValue(model);
            var applied = layer.Build([1, .. input]);
            var derivation = Derivation.Of(Loss(applied), Variables(applied), parsed.GetValue(notation));
            Show(parsed.GetValue(latex) ? derivation.ToLatex() : $"{derivation}");
        });
        return command;
    }

    private static Command Draw()
    {
        var model = Arguments.Model();
        var file = new Option<string>("--output", "-o") { Description = "The file, an SVG.", Required = true };
        file.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !result.Tokens[0].Value.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
            {
                result.AddError($"--output {result.Tokens[0].Value}: the file must end in .svg.");
            }
        });
        var backward = new Option<bool>("--backward") { Description = "Also the loss and its gradients." };
        var depth = new Option<int?>("--depth") { Description = "How many parts of layers' names are told apart; 0 draws each node by itself." };
        depth.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out var parts) && parts >= 0))
            {
                result.AddError($"--depth {result.Tokens[0].Value}: it is a whole number of at least 0.");
            }
        });
        var command = new Command("draw", "Draws a model's graph.") { model, file, backward, depth };
        command.SetAction(parsed =>
        {
            var (layer, input) = parsed.GetRequiredValue(model);
            var applied = layer.Build([1, .. input]);
            var graph = parsed.GetValue(backward) ? Backward(applied).Simplify() : new Graph(applied.Output);
            var (picture, path) = (graph.Draw(parsed.GetValue(depth)), parsed.GetRequiredValue(file));
            try
            {
                picture.Save(path);
                Show($"{path}: {graph.Nodes.Length} nodes, {picture.Width} x {picture.Height}");
                return 0;
            }
            catch (IOException error)
            {
                Console.Error.WriteLine(error.Message);
                return 1;
            }
        });
        return command;
    }

    /// <summary>The loss of a classifier and its gradient with respect to each parameter.</summary>
    private static Graph Backward(Model model)
    {
        var loss = Loss(model);
        return new Graph([loss, .. Gradient.Of(loss, Variables(model))]);
    }

    private static Node Loss(Model model) =>
        Functions.SoftmaxCrossEntropy(model.Output, Functions.Variable("labels", [model.Output.Shape[0]], Kind.Index));

    private static Node[] Variables(Model model) => [.. model.Parameters.Select(parameter => parameter.Variable)];

    private static void Show(string text) => Console.WriteLine(text);
}
