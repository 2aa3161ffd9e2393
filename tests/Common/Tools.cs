using System.Diagnostics;

namespace AutoDiffCnn.Tests.Common;

/// <summary>Programs run as their users run them.</summary>
internal static class Tools
{
    /// <summary>A program that lies beside the tests.</summary>
    public static (int Exit, string Output, string Error) Run(string program, params ReadOnlySpan<string> arguments) =>
        Dotnet(null, ["exec", Path.Combine(AppContext.BaseDirectory, program), .. arguments]);

    /// <summary>The command <c>dotnet</c>, in a folder.</summary>
    public static (int Exit, string Output, string Error) Dotnet(string? folder, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder ?? "",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.ReplaceLineEndings("\n"), error.Result.ReplaceLineEndings("\n"));
    }
}
