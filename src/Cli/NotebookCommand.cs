using System.CommandLine;
using AutoDiffCnn.Notebooks;

namespace AutoDiffCnn.Cli;

/// <summary>The subcommand <c>notebook</c>: notebooks without a browser.</summary>
internal static class NotebookCommand
{
    public static Command Create() => new("notebook", "Runs notebooks, here or in Jupyter.") { RunCommand(), AppCommand(), InstallCommand() };

    private static Command RunCommand()
    {
        var files = new Argument<FileInfo[]>("file") { Description = "Notebooks, .ipynb or .dib.", Arity = ArgumentArity.OneOrMore };
        files.Validators.Add(result =>
        {
            foreach (var missing in result.Tokens.Where(token => !File.Exists(token.Value)))
            {
                result.AddError($"There is no file '{missing.Value}'.");
            }
        });
        var write = new Option<bool>("--write") { Description = "Store what the cells show in the files of notebooks that pass." };
        var timeout = new Option<int>("--timeout") { Description = "How many seconds each cell may take.", DefaultValueFactory = _ => 600 };
        timeout.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out var seconds) && seconds > 0))
            {
                result.AddError($"--timeout {result.Tokens[0].Value}: it is a whole number of at least 1.");
            }
        });
        var command = new Command("run", "Runs notebooks, each up to its first cell that fails.") { files, write, timeout };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(files), parsed.GetValue(write), TimeSpan.FromSeconds(parsed.GetValue(timeout))));
        return command;
    }

    private static Command AppCommand()
    {
        var file = new Argument<FileInfo>("file") { Description = "A notebook of C#, or of F#." };
        file.AcceptExistingOnly();
        var project = new Option<string?>("--project") { Description = "The library's project, as seen from the program; its package if none is given." };
        var command = new Command("app", "Prints a notebook as a program for dotnet run, one of F# as a script for dotnet fsi.") { file, project };
        command.SetAction(parsed =>
        {
            var notebook = parsed.GetRequiredValue(file);
            try
            {
                var read = Notebook.Read(notebook.Name, File.ReadAllBytes(notebook.FullName));
                Console.Write(read.Cells.FirstOrDefault(cell => cell.IsCode) is { Language: Languages.FSharp }
                    ? FSharpScript.Of(notebook.Name, read, parsed.GetValue(project))
                    : FileApp.Of(notebook.Name, read, parsed.GetValue(project)));
                return 0;
            }
            catch (Exception trouble) when (trouble is NotebookError or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(trouble.Message);
                return 1;
            }
        });
        return command;
    }

    private static Command InstallCommand()
    {
        var command = new Command("install-kernel", "Lets Jupyter run cells of C# and F#.");
        command.SetAction(_ =>
        {
            try
            {
                Console.WriteLine(string.Join('\n', Kernelspec.Install()));
                return 0;
            }
            catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(trouble.Message);
                return 1;
            }
        });
        return command;
    }

    private static int Run(FileInfo[] files, bool write, TimeSpan timeout)
    {
        var (passed, failed) = (0, 0);
        foreach (var file in files)
        {
            var (ran, isGood) = Run(file, write, timeout);
            passed += ran;
            failed += isGood ? 0 : 1;
        }

        Console.WriteLine($"{passed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    /// <returns>How many cells passed, and whether none failed.</returns>
    private static (int Passed, bool IsGood) Run(FileInfo file, bool write, TimeSpan timeout)
    {
        try
        {
            using var host = new HostProcess(file.DirectoryName!);
            var run = Runner.Run(Notebook.Read(file.Name, File.ReadAllBytes(file.FullName)), host, timeout, Show);
            if (run.Failure is { } failure)
            {
                Console.WriteLine($"{file.Name}: cell {run.Passed + 1} failed: {failure.Name}: {failure.Text}");
                Console.WriteLine(string.Join('\n', failure.Trace.Select(line => $"    {line}")));
                return (run.Passed, false);
            }

            Console.WriteLine($"{file.Name}: {run.Passed} cells");
            if (write)
            {
                AtomicFile.Write(file.FullName, stream => stream.Write(run.Notebook.ToBytes(file.Name)));
            }

            return (run.Passed, true);
        }
        catch (Exception trouble) when (trouble is NotebookError or IOException or UnauthorizedAccessException)
        {
            Console.WriteLine(trouble.Message);
            return (0, false);
        }
    }

    /// <summary>Shows what is text.</summary>
    private static void Show(Message message)
    {
        var (text, to) = message switch
        {
            Message.Stream stream => (stream.Text, stream.Name == "stderr" ? Console.Error : Console.Out),
            Message.Display display => (Plain(display.Data), Console.Out),
            Message.Result result => (Plain(result.Data), Console.Out),
            Message.Time time => ($"{time.Text}\n", Console.Out),
            _ => ("", Console.Out),
        };
        to.Write(text);
    }

    private static string Plain(IReadOnlyDictionary<string, string> data) =>
        data.TryGetValue("text/plain", out var text) ? $"{text}\n" : $"({string.Join(", ", data.Keys)})\n";
}
