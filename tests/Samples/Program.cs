using System.Diagnostics;
using System.Text;

namespace SamplesTests;

/// <summary>A program run as its users run it.</summary>
internal static class Program
{
    /// <summary>The configuration of this build: Release or Debug.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>A built sample.</summary>
    public static string Sample(string name) => Path.Combine(Repository.Root, "samples", name, "bin", Configuration, "net10.0", $"{name}.dll");

    /// <summary>Runs dotnet in a folder and waits for it.</summary>
    /// <param name="folder">The folder to run it in.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">A variable to set in its environment.</param>
    /// <param name="interruptAfter">The beginning of a line after which it gets a Ctrl+C.</param>
    public static Finished Dotnet(string folder, IEnumerable<string> arguments, (string Name, string Value)? environment = null, string? interruptAfter = null)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (environment is var (name, value))
        {
            start.Environment[name] = value;
        }

        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;

        // Where the tests themselves ignore Ctrl+C, as in the background of a shell, so does what they start.
        using var late = new Timer(_ => process.Kill(entireProcessTree: true));
        var error = process.StandardError.ReadToEndAsync();
        var output = new StringBuilder();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            output.Append(line).Append('\n');
            if (interruptAfter is not null && line.StartsWith(interruptAfter, StringComparison.Ordinal))
            {
                using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
                kill.WaitForExit();
                late.Change(TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
            }
        }

        process.WaitForExit();
        return new(process.ExitCode, output.ToString(), error.Result.ReplaceLineEndings("\n"), watch.Elapsed.TotalSeconds);
    }
}

/// <summary>How a program ended.</summary>
internal sealed record Finished(int Exit, string Output, string Error, double Seconds)
{
    public string[] Lines => Output.TrimEnd('\n').Split('\n');
}
