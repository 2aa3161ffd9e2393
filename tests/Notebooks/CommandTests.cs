using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace NotebooksTests;

/// <summary>The command, run as its users do, and the notebooks of this repository.</summary>
public sealed class CommandTests
{
    // C# is for `dotnet run`; what has cells of F# is no program.
    private static readonly ILookup<bool, string> IsProgram =
        Tutorials.Files.ToLookup(file => !Tutorials.Read(file).Cells.Any(cell => cell.Language == Languages.FSharp));

    public static TheoryData<string> All => [.. Tutorials.Files];

    public static TheoryData<string> Programs => [.. IsProgram[true]];

    [Theory]
    [MemberData(nameof(All))]
    public void A_tutorial_runs_and_shows_what_its_file_holds(string file) => Scratch.In(folder =>
    {
        var copy = Path.Combine(folder, file);
        File.Copy(Tutorials.Place(file), copy);
        var (exit, output, _) = Run("notebook", "run", copy, "--write", "--timeout", "60");
        Assert.True(exit == 0, output);
        Assert.EndsWith(" passed, 0 failed\n", output);
        Assert.Equal(File.ReadAllBytes(Tutorials.Place(file)), File.ReadAllBytes(copy));
    });

    /// <summary>All but one, whose cells of C# and F# share values.</summary>
    [Fact]
    public void Tutorials_are_programs_or_a_script()
    {
        Assert.Equal(["10-optimisers.ipynb", "16-out-of-dotnet.ipynb"], IsProgram[false]);
        Assert.Contains(Tutorials.Read("16-out-of-dotnet.ipynb").Cells, cell => cell.Source.Contains("#!share --from csharp", StringComparison.Ordinal));
        Assert.Equal(IsProgram[true].Select(file => Path.ChangeExtension(file, ".cs")).Append("10-optimisers.fsx").Order(StringComparer.Ordinal),
            Directory.GetFiles(Tutorials.Place("apps"), "*-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_script_of_a_tutorial_is_as_it_would_be_made_and_prints_the_same()
    {
        var script = Tutorials.Place("apps", "10-optimisers.fsx");
        Assert.Equal((0, File.ReadAllText(script), ""),
            Run("notebook", "app", Tutorials.Place("10-optimisers.ipynb"), "--project", "../../src/Facade/Facade.csproj"));
        var (exit, output, error) = Tools.Dotnet(null, "fsi", "--nowarn:3391", script);
        Assert.True(exit == 0, error);
        Assert.Equal(Shown(Tutorials.Read("10-optimisers.ipynb")), output);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_program_of_a_tutorial_is_as_it_would_be_made_and_prints_the_same(string file)
    {
        var app = File.ReadAllText(Tutorials.Place("apps", Path.ChangeExtension(file, ".cs")));
        Assert.Equal((0, app, ""), Run("notebook", "app", Tutorials.Place(file), "--project", "../../src/Facade/Facade.csproj"));
        Assert.Equal(Shown(Tutorials.Read(file)), Printed(app));
    }

    [Fact]
    public void A_failing_cell_is_told_by_its_number_and_nothing_is_written() => Scratch.In(folder =>
    {
        var file = Path.Combine(folder, "a.ipynb");
        File.WriteAllBytes(file, Notebook.Of(
            Cell.Of(Languages.Markdown, "words"),
            Cell.Of(Languages.CSharp, "1"),
            Cell.Of(Languages.CSharp, "int F(int x) => 1 / x;\nF(0)"),
            Cell.Of(Languages.CSharp, "3")).ToBytes(file));
        var before = File.ReadAllBytes(file);
        var (exit, output, error) = Run("notebook", "run", file, "--write");
        Assert.Equal((1, ""), (exit, error));
        Assert.Equal(
            """
            1
            a.ipynb: cell 2 failed: System.DivideByZeroException: Attempted to divide by zero.
                System.DivideByZeroException: Attempted to divide by zero.
                   at Submission#1.F(Int32 x) in cell 2:line 1
                   at Submission#1.<<Initialize>>d__0.MoveNext() in cell 2:line 2
            1 passed, 1 failed

            """, output);
        Assert.Equal(before, File.ReadAllBytes(file));
    });

    [Fact]
    public void A_second_run_changes_no_byte() => Scratch.In(folder =>
    {
        var file = Path.Combine(folder, "a.ipynb");
        File.WriteAllBytes(file, Notebook.Of(
            Cell.Of(Languages.CSharp, "#!time\nvar shown = 1.Display();\nshown.Update(new { a = 1 });\nConsole.WriteLine(2);"),
            Cell.Of(Languages.FSharp, "[1; 2]")).ToBytes(file));
        Assert.Equal(0, Run("notebook", "run", file, "--write").Exit);
        var first = File.ReadAllText(file);
        Assert.Equal(0, Run("notebook", "run", file, "--write").Exit);
        Assert.Equal(first, File.ReadAllText(file));
        Assert.DoesNotContain("Wall time", first);
        Assert.Contains("\"#!fsharp\\n\"", first);
    });

    [Fact]
    public void What_is_no_notebook_is_told() => Scratch.In(folder =>
    {
        var file = Path.Combine(folder, "a.ipynb");
        File.WriteAllText(file, "[]");
        Assert.Equal((1, "a.ipynb, $: expected object, got [].\n0 passed, 1 failed\n", ""), Run("notebook", "run", file));
    });

    [Theory]
    [InlineData("There is no file 'none.ipynb'.", "run", "none.ipynb")]
    [InlineData("--timeout 0: it is a whole number of at least 1.", "run", "AutoDiffCnn.dll", "--timeout", "0")]
    public void A_mistake_is_one_line(string message, params string[] arguments) =>
        Assert.Equal((2, "", $"{message}\n"), Run(["notebook", .. arguments]));

    [Theory]
    [InlineData("a, cell 1: expected C#, got fsharp.", Languages.FSharp, "1")]
    [InlineData("a, cell 1: expected C#, got #!share --from fsharp x.", Languages.CSharp, "#!share --from fsharp x")]
    [InlineData("a, cell 1: expected names that are new, got a second 'x'.\nPossible: another name; a program cannot declare it twice.", Languages.CSharp, "var x = 1;\nvar x = 2;")]
    public void What_cannot_be_a_program_is_told(string message, string language, string source) =>
        Assert.Equal(message, Assert.Throws<NotebookError>(() => FileApp.Of("a", Notebook.Of(Cell.Of(language, source)), null)).Message);

    [Fact]
    public void A_program_declares_types_last_and_awaits() => Assert.Equal("[ 1, 2 ]\n3\n", Printed(FileApp.Of("a", Notebook.Of(
        Cell.Of(Languages.CSharp, "record Pair(int A, int B);\nvar pair = new Pair(1, 2);\ndisplay(new[] { pair.A, pair.B });"),
        Cell.Of(Languages.CSharp, "using System.Globalization;\nawait Task.FromResult(3)")), null)));

    [Fact]
    public void A_program_in_the_repository_refers_to_projects()
    {
        var app = FileApp.Of("a", Notebook.Of(Cell.Of(Languages.CSharp,
            "#r \"nuget: AutoDiffCnn\"\n#r \"nuget: AutoDiffCnn.GradKit\"\n#r \"nuget: Other, 1.2\"")), "../src/Facade/Facade.csproj");
        Assert.Equal(["#:package Other@1.2", "#:project ../src/Facade/../GradKit/GradKit.csproj", "#:project ../src/Facade/Facade.csproj"],
            app.Split('\n').Where(line => line.StartsWith("#:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("let x = 1\nx + 1", "let x = 1\nbox (x + 1) |> show")]
    [InlineData("List.map\n    id\n    [ 1 ]", "box (\n    List.map\n        id\n        [ 1 ]\n)\n|> show")]
    [InlineData("let x = [\n    1\n]", "let x = [\n    1\n]")]
    [InlineData("open System\n// words", "open System\n// words")]
    public void A_script_shows_the_last_expression_of_a_cell(string cell, string expected) =>
        Assert.EndsWith($"\n\n{expected}\n", FSharpScript.Of("a", Notebook.Of(Cell.Of(Languages.FSharp, cell)), null));

    [Theory]
    [InlineData("a, cell 1: expected F#, got csharp.", Languages.CSharp, "1")]
    [InlineData("a, cell 1: expected F#, got #!share --from csharp x.", Languages.FSharp, "#!share --from csharp x")]
    public void What_cannot_be_a_script_is_told(string message, string language, string source) =>
        Assert.Equal(message, Assert.Throws<NotebookError>(() => FSharpScript.Of("a", Notebook.Of(Cell.Of(language, source)), null)).Message);

    /// <summary>What the cells of a notebook show, as text.</summary>
    private static string Shown(Notebook notebook) => string.Concat(notebook.Cells.SelectMany(cell => cell.Outputs).Select(output => output switch
    {
        Output.Stream stream => stream.Text,
        Output.Result result => $"{result.Data["text/plain"]}\n",
        Output.Display display => $"{display.Data["text/plain"]}\n",
        _ => "",
    }));

    /// <summary>What a program prints; the compiler is told the library, which the program says by a line of its own.</summary>
    private static string Printed(string app)
    {
        var code = string.Join('\n', app.Split('\n').Where(line => !line.StartsWith("#:", StringComparison.Ordinal)));
        string[] names = ["AutoDiffCnn", "AutoDiffCnn.Graph", "AutoDiffCnn.Ops", "AutoDiffCnn.Cpu", "AutoDiffCnn.GradKit", "FsCheck"];
        var beside = names.Select(name => Assembly.Load(name).Location);
        var compilation = CSharpCompilation.Create($"app{app.Length}", [CSharpSyntaxTree.ParseText(code)],
            Libraries.Platform.Concat(beside).Select(path => MetadataReference.CreateFromFile(path)), new(OutputKind.ConsoleApplication));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        stream.Position = 0;
        var (before, written) = (Console.Out, new StringWriter());
        try
        {
            Console.SetOut(written);
            AssemblyLoadContext.Default.LoadFromStream(stream).EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(before);
        }

        return written.ToString();
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments) => Tools.Run("AutoDiffCnn.Cli.dll", arguments);
}
