namespace NotebooksTests;

/// <summary>Runs a few cells as a notebook.</summary>
internal static class Cells
{
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    public static Run Run(HostProcess host, params string[] sources) =>
        Runner.Run(Notebook.Of([.. sources.Select(Cell)]), host, Long, _ => { });

    /// <summary>What the last cell showed, a line each, after a run that must succeed.</summary>
    public static string Shown(HostProcess host, params string[] sources)
    {
        var run = Run(host, sources);
        Assert.True(run.Failure is null, $"{run.Failure?.Name}: {run.Failure?.Text}\n{string.Join('\n', run.Failure?.Trace ?? [])}");
        return string.Join('\n', run.Notebook.Cells[^1].Outputs.Select(Text));
    }

    /// <summary>What went wrong, in a run that must fail in its last cell.</summary>
    public static Message.Error Failure(HostProcess host, params string[] sources)
    {
        var run = Run(host, sources);
        Assert.NotNull(run.Failure);
        Assert.Equal(sources.Length - 1, run.Passed);
        return run.Failure;
    }

    public static string Text(Output output) => output switch
    {
        Output.Stream stream => $"{stream.Name}: {stream.Text}",
        Output.Display display => $"display: {string.Join(", ", display.Data.Select(form => $"{form.Key} {form.Value}"))}",
        Output.Result result => $"result: {string.Join(", ", result.Data.Select(form => $"{form.Key} {form.Value}"))}",
        _ => $"{output}",
    };

    private static Cell Cell(string source) => source.Split('\n', 2) is ["#!fsharp", var rest]
        ? AutoDiffCnn.Notebooks.Cell.Of(Languages.FSharp, rest)
        : AutoDiffCnn.Notebooks.Cell.Of(Languages.CSharp, source);
}

/// <summary>A process that the tests of a class share.</summary>
public sealed class Running : IDisposable
{
    internal HostProcess Host { get; } = new(AppContext.BaseDirectory);

    public void Dispose() => Host.Dispose();
}
