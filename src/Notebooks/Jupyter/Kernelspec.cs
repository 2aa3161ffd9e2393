using System.Diagnostics;
using System.Text.Json;

namespace AutoDiffCnn.Notebooks;

/// <summary>What Jupyter has to know to run cells by this host: a folder for each language, named as .NET Interactive named
/// its own, so that notebooks made for that select them.</summary>
internal static class Kernelspec
{
    private static readonly string[] Interpreters = ["python3", "/usr/bin/python3", "/usr/local/bin/python3"];

    /// <summary>Installs both kernels for this user.</summary>
    /// <returns>The folders.</returns>
    /// <exception cref="IOException">No Python has ipykernel, or the folders cannot be written.</exception>
    public static string[] Install()
    {
        var python = Interpreters.FirstOrDefault(HasKernel)
            ?? throw new IOException($"none of {string.Join(", ", Interpreters)} has ipykernel. "
                + "Possible: apt-get install python3-ipykernel, or pip install ipykernel.");
        return [Install(python, ".net-csharp", ".NET (C#)", "C#", Languages.CSharp), Install(python, ".net-fsharp", ".NET (F#)", "F#", Languages.FSharp)];
    }

    private static string Install(string python, string name, string title, string language, string cells)
    {
        var folder = Directory.CreateDirectory(Path.Combine(DataFolder(), "kernels", name)).FullName;
        var program = Path.Combine(folder, "autodiffcnn_kernel.py");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Jupyter", "autodiffcnn_kernel.py"), program, overwrite: true);
        var spec = new
        {
            argv = new[] { python, program, "-f", "{connection_file}" },
            display_name = title,
            language,
            interrupt_mode = "signal",
            env = new Dictionary<string, string>
            {
                ["AUTODIFFCNN_HOST"] = typeof(Kernelspec).Assembly.Location,
                ["AUTODIFFCNN_LANGUAGE"] = cells,
            },
        };
        File.WriteAllText(Path.Combine(folder, "kernel.json"), JsonSerializer.Serialize(spec));
        return folder;
    }

    /// <summary>Where Jupyter looks for what belongs to a user.</summary>
    private static string DataFolder()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR") is { Length: > 0 } given ? given
            : OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter")
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Jupyter")
            : Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } data ? Path.Combine(data, "jupyter")
            : Path.Combine(home, ".local", "share", "jupyter");
    }

    /// <summary>Whether an interpreter has ipykernel. The first of the path need not: a version manager's hides that of the
    /// system, whose packages it does not see.</summary>
    private static bool HasKernel(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import ipykernel"])
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
