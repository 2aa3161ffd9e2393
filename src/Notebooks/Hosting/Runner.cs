namespace AutoDiffCnn.Notebooks;

/// <summary>What came of running a notebook.</summary>
/// <param name="Notebook">It, with what its cells showed.</param>
/// <param name="Passed">How many cells of code ran to their end.</param>
/// <param name="Failure">Why the next one did not, or null if there is no next one.</param>
internal sealed record Run(Notebook Notebook, int Passed, Message.Error? Failure);

/// <summary>Runs notebooks from top to bottom, with nobody watching.</summary>
internal static class Runner
{
    /// <summary>Runs a notebook up to its first failure.</summary>
    /// <param name="notebook">The notebook.</param>
    /// <param name="host">The process that runs its cells.</param>
    /// <param name="timeout">How long each cell may take.</param>
    /// <param name="show">Is told what is shown while it is.</param>
    public static Run Run(Notebook notebook, HostProcess host, TimeSpan timeout, Action<Message> show)
    {
        var outputs = notebook.Cells.Select(_ => new List<Output>()).ToArray();
        var displays = new Dictionary<string, (int Cell, int Output)>();
        var count = 0;
        Message.Error? failure = null;
        for (var i = 0; i < notebook.Cells.Length && failure is null; i++)
        {
            if (notebook.Cells[i] is not { IsCode: true } cell)
            {
                continue;
            }

            count++;
            host.Run(new(cell.Language, cell.Source, count), message =>
            {
                failure = message as Message.Error ?? failure;
                Take(message, outputs, i, count, displays);
                show(message);
            }, timeout);
        }

        var ran = notebook.Cells.Select((cell, i) => cell.IsCode
            ? cell with { Outputs = [.. outputs[i]], Count = notebook.Cells[..(i + 1)].Count(one => one.IsCode) }
            : cell);
        return new(notebook with { Cells = [.. ran] }, failure is null ? count : count - 1, failure);
    }

    /// <summary>Puts what is shown where a notebook keeps it. How long something took is not kept.</summary>
    private static void Take(
        Message message, List<Output>[] outputs, int cell, int count, Dictionary<string, (int Cell, int Output)> displays)
    {
        var here = outputs[cell];
        switch (message)
        {
            case Message.Stream stream when here is [.., Output.Stream last] && last.Name == stream.Name:
                here[^1] = last with { Text = last.Text + stream.Text };
                break;
            case Message.Stream stream:
                here.Add(new Output.Stream(stream.Name, stream.Text));
                break;
            case Message.Display display:
                displays[display.Id] = (cell, here.Count);
                here.Add(new Output.Display(display.Data));
                break;
            case Message.Update update when displays.TryGetValue(update.Id, out var at):
                outputs[at.Cell][at.Output] = new Output.Display(update.Data);
                break;
            case Message.Result result:
                here.Add(new Output.Result(result.Data, count));
                break;
            case Message.Error error:
                here.Add(new Output.Error(error.Name, error.Text, error.Trace));
                break;
        }
    }
}
