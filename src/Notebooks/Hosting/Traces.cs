using System.Collections.Immutable;

namespace AutoDiffCnn.Notebooks;

/// <summary>Stack traces as far as they are the cell's.</summary>
internal static class Traces
{
    /// <summary>What an exception of a cell says, with its inner ones, without the frames of what ran the cell.</summary>
    public static Message.Error Of(Exception exception)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        for (var at = exception; at is not null; at = at.InnerException)
        {
            lines.AddRange($"{(at == exception ? "" : "---> ")}{at.GetType()}: {at.Message}".Split('\n'));
            lines.AddRange((at.StackTrace ?? "").ReplaceLineEndings("\n").Split('\n').TakeWhile(line => !IsRunner(line))
                .Where(line => line != "").Select(Short));
        }

        return new(exception.GetType().ToString(), exception.Message, lines.ToImmutable());
    }

    /// <summary>F# takes the name of a cell for that of a file.</summary>
    private static string Short(string line) => line.Replace($" in {Environment.CurrentDirectory}{Path.DirectorySeparatorChar}cell ", " in cell ");

    private static bool IsRunner(string line) =>
        line.Contains("Microsoft.CodeAnalysis.Scripting.", StringComparison.Ordinal)
        || line.Contains("AutoDiffCnn.Notebooks.", StringComparison.Ordinal)
        || line.Contains("at System.Reflection.MethodBaseInvoker.", StringComparison.Ordinal)
        || line.StartsWith("--- End of stack trace", StringComparison.Ordinal);
}
