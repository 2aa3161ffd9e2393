using System.Diagnostics;

namespace NotebooksTests;

/// <summary>A test in a real Jupyter, skipped with that reason where there is none.</summary>
internal sealed class JupyterFactAttribute : FactAttribute
{
    public JupyterFactAttribute()
    {
        Skip = Jupyter.Missing;
    }
}

/// <summary>The same with data.</summary>
internal sealed class JupyterTheoryAttribute : TheoryAttribute
{
    public JupyterTheoryAttribute()
    {
        Skip = Jupyter.Missing;
    }
}

/// <summary>Notebooks in a real Jupyter, by the kernel that the command installs: what is shown there is what is shown
/// here.</summary>
public sealed class JupyterTests
{
    /// <summary>The numbers of the tutorials that run there as well; one of them is wholly in F#.</summary>
    public static TheoryData<string> There => [.. ((string[])["02", "08", "10"])
        .SelectMany(number => Tutorials.Files.Where(file => file.StartsWith($"{number}-", StringComparison.Ordinal)))];

    [JupyterTheory]
    [MemberData(nameof(There))]
    public void A_tutorial_shows_there_what_its_file_holds(string file)
    {
        var bytes = File.ReadAllBytes(Tutorials.Place(file));
        var (exit, text) = Convert(bytes, []);
        Assert.True(exit == 0, text);
        Assert.Equal(Notebook.Read(file, bytes).Cells.Select(Shown), Notebook.Read(file, System.Text.Encoding.UTF8.GetBytes(text)).Cells.Select(Shown));
    }

    [JupyterFact]
    public void CSharp_shows_there_what_it_shows_here() => Same(Languages.CSharp,
        "var x = 2;\nConsole.WriteLine(\"one\");\ndisplay(x);\nConsole.Error.WriteLine(\"two\");\n\"<b>three</b>\".DisplayAs(\"text/html\");\nx + 1",
        "#!fsharp\n#!share --from csharp x\nprintfn \"%d\" (x + 40)",
        "var shown = \"a\".Display();\nfor (var i = 0; i < 50; i++) { shown.Update($\"b{i}\"); await Task.Delay(5); }",
        "for (var i = 0; i < 20_000; i++) Console.WriteLine(i);",
        "#r \"nuget: AutoDiffCnn\"",
        "AutoDiffCnn.Tensor.Of([[1, 2], [3, 4]])");

    [JupyterFact]
    public void FSharp_shows_there_what_it_shows_here() => Same(Languages.FSharp,
        "#r \"nuget: AutoDiffCnn\"\nopen AutoDiffCnn\nlet t = Tensor.Of([| 1.0; 2.0 |])",
        "printfn \"hi\"\nt.Map(fun x -> x * x)");

    [JupyterFact]
    public void An_exception_and_what_ends_the_process_are_reported_there()
    {
        var (exit, said) = Convert(Languages.CSharp, [], "int F(int x) => 1 / x;\nF(0)");
        Assert.NotEqual(0, exit);
        Assert.Contains("System.DivideByZeroException: Attempted to divide by zero.", said);
        Assert.Contains("cell 1:line 1", said);

        (exit, said) = Convert(Languages.CSharp, [], "Environment.Exit(3);");
        Assert.NotEqual(0, exit);
        Assert.Contains("the process of the cells ended with exit code 3", said);
    }

    [JupyterFact]
    public void After_a_restart_all_is_new_and_nothing_of_before_is_left()
    {
        const string Script = """
            import os, time
            from jupyter_client.manager import start_new_kernel

            manager, client = start_new_kernel(kernel_name=".net-csharp")

            def run(code):
                # Jupyter drops cells that are sent soon after one that failed, unless it is asked to go on.
                said = []
                client.execute_interactive(code, timeout=120, stop_on_error=False, output_hook=lambda message: said.append(
                    message["content"].get("text") or message["content"].get("ename") or ""))
                return "".join(said).strip()

            def is_gone(process, seconds=20):
                until = time.monotonic() + seconds
                while os.path.exists(f"/proc/{process}") and time.monotonic() < until:
                    time.sleep(0.1)
                return not os.path.exists(f"/proc/{process}")

            first = run("var x = 7; Console.WriteLine(Environment.ProcessId);")
            print(run("Console.WriteLine(x);"))
            manager.restart_kernel()
            client.wait_for_ready(timeout=120)
            print(run("Console.WriteLine(x);"))
            print(run("var x = 8; Console.WriteLine(x);"))
            second = run("Console.WriteLine(Environment.ProcessId);")
            manager.shutdown_kernel()
            print(first != second, is_gone(first), is_gone(second))
            """;
        Installed((_, variable) => Assert.Equal((0, "7\nCompilationError\n8\nTrue True True\n"), Jupyter.Run(variable, "/usr/bin/python3", "-c", Script)));
    }

    [JupyterFact]
    public void An_endless_loop_is_interrupted_there()
    {
        var (exit, said) = Convert(Languages.CSharp,
            ["--ExecutePreprocessor.timeout=15", "--ExecutePreprocessor.interrupt_on_timeout=True", "--allow-errors"],
            "var x = 7;", "while (true) { }", "Console.WriteLine(x + 1);");
        Assert.True(exit == 0, said);
        Assert.Contains("the cell was interrupted", said);
        Assert.Contains("\"8\\n\"", said);
    }

    /// <summary>Runs cells in both, and compares.</summary>
    private static void Same(string language, params string[] sources)
    {
        var (exit, text) = Convert(language, [], sources);
        Assert.True(exit == 0, text);
        var there = Notebook.Read("there.ipynb", System.Text.Encoding.UTF8.GetBytes(text));
        using var host = new HostProcess(AppContext.BaseDirectory);
        var here = Runner.Run(Of(language, sources), host, Cells.Long, _ => { });
        Assert.Null(here.Failure);
        Assert.Equal(here.Notebook.Cells.Select(Shown), there.Cells.Select(Shown));
    }

    /// <summary>What a cell showed. Jupyter gets text in pieces, and keeps how long a cell took, which a file never does.</summary>
    private static string Shown(Cell cell)
    {
        var shown = new List<string>();
        foreach (var output in cell.Outputs.Where(output => output is not Output.Stream { Text: ['W', 'a', 'l', 'l', ' ', 't', 'i', 'm', 'e', ':', ..] }))
        {
            if (output is Output.Stream stream && shown is [.., var last] && last.StartsWith($"{stream.Name}: ", StringComparison.Ordinal))
            {
                shown[^1] += stream.Text;
            }
            else
            {
                shown.Add(Cells.Text(output));
            }
        }

        return $"[{cell.Count}] {string.Join('\n', shown)}";
    }

    private static Notebook Of(string language, string[] sources) =>
        Notebook.Of([.. sources.Select(source => Cell.Of(language, source))]) with { Language = language };

    /// <summary>The notebook as Jupyter writes it, or what it says of the failure.</summary>
    private static (int Exit, string Said) Convert(string language, string[] options, params string[] sources) =>
        Convert(Of(language, sources).ToBytes("a.ipynb"), options);

    private static (int Exit, string Said) Convert(byte[] notebook, string[] options)
    {
        var result = (Exit: -1, Said: "");
        Installed((folder, variable) =>
        {
            var file = Path.Combine(folder, "a.ipynb");
            File.WriteAllBytes(file, notebook);
            result = Jupyter.Run(variable, ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--stdout", file, .. options]);
        });
        return result;
    }

    /// <summary>With the kernels installed in a folder of the test, which Jupyter is told by a variable.</summary>
    private static void Installed(Action<string, (string, string)> test) => Scratch.In(folder =>
    {
        var data = Path.Combine(folder, "data");
        var tool = Path.Combine(AppContext.BaseDirectory, "AutoDiffCnn.Cli.dll");
        var installed = Jupyter.Run(("JUPYTER_DATA_DIR", data), "dotnet", "exec", tool, "notebook", "install-kernel");
        Assert.Equal(0, installed.Exit);
        Assert.True(File.Exists(Path.Combine(data, "kernels", ".net-csharp", "kernel.json")));
        test(folder, ("JUPYTER_DATA_DIR", data));
    });
}

/// <summary>Programs of Jupyter.</summary>
internal static class Jupyter
{
    /// <summary>Why there are no such tests; null where there are.</summary>
    public static string? Missing { get; } = Run("jupyter", "nbconvert", "--version").Exit == 0 ? null : "there is no jupyter nbconvert";

    public static (int Exit, string Said) Run(params string[] command) => Run(("AUTODIFFCNN_TEST", "1"), command);

    /// <summary>The exit code; and what it writes, or if it fails also its errors.</summary>
    public static (int Exit, string Said) Run((string Name, string Value) variable, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment[variable.Name] = variable.Value;
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, process.ExitCode == 0 ? output : output + error.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "");
        }
    }
}
