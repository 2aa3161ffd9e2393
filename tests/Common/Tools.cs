using System.Diagnostics;

namespace AutoDiffCnn.Tests.Common;

/// <summary>Programs run as their users run them.</summary>
internal static class Tools
{
    /// <summary>A program that lies beside the tests.</summary>
    public static (int Exit, string Output, string Error) Run(string program, params ReadOnlySpan<string> arguments) =>
        Dotnet(null, ["exec", Path.Combine(AppContext.BaseDirectory, program), .. arguments]);

    /// <summary>The command <c>dotnet</c>, in a folder.</summary>
    public static (int Exit, string Output, string Error) Dotnet(string? folder, params IEnumerable<string> arguments) =>
        Start("dotnet", arguments, folder: folder);

    /// <summary>Any program, given something to read, in a folder.</summary>
    public static (int Exit, string Output, string Error) Start(
        string program, IEnumerable<string> arguments, string input = "", string? folder = null)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return (process.ExitCode, output.Result.ReplaceLineEndings("\n"), error.Result.ReplaceLineEndings("\n"));
    }

    /// <summary>What a program writes that ends well.</summary>
    public static string Output(string program, IEnumerable<string> arguments, string input = "", string? folder = null)
    {
        var (exit, output, error) = Start(program, arguments, input, folder);
        Assert.True(exit == 0, error);
        return output;
    }

    /// <summary>Whether a program is there.</summary>
    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
