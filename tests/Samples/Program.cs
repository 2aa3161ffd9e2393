using System.Diagnostics;

namespace SamplesTests;

/// <summary>A program run as its users run it.</summary>
internal static class Program
{
    /// <summary>The configuration of this build: Release or Debug.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>A built sample.</summary>
    public static string Sample(string name) => Path.Combine(Repository.Root, "samples", name, "bin", Configuration, "net10.0", $"{name}.dll");

    /// <summary>Runs dotnet in a folder and waits for it.</summary>
    public static Finished Dotnet(string folder, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output.ReplaceLineEndings("\n"), error.Result.ReplaceLineEndings("\n"), watch.Elapsed.TotalSeconds);
    }
}

/// <summary>How a program ended.</summary>
internal sealed record Finished(int Exit, string Output, string Error, double Seconds)
{
    public string[] Lines => Output.TrimEnd('\n').Split('\n');
}
