namespace NotebooksTests;

/// <summary>What cells do, in a process of their own as always.</summary>
public sealed class SessionTests(Running running) : IClassFixture<Running>
{
    [Fact]
    public void An_op_of_a_cell_is_attacked_and_written_as_C_sharp() => Assert.Contains("var n1 = new Half().Of(x0);", Plain(Cells.Shown(running.Host,
        "#r \"nuget: AutoDiffCnn.GradKit\"\nusing AutoDiffCnn;",
        "record Half : Map1<Half>, IFormula1 { static V IFormula1.Of<V>(V x) => x * x; public override Node? Vjp(Node x, Node y, Node dy) => dy * x; }",
        "GradKit.Attack(x => new Half().Of(x)).Finding!.CSharp")));

    [Fact]
    public void The_last_expression_of_a_cell_is_its_result() =>
        Assert.Equal("stdout: 3\n\nresult: text/plain [ 1, 2 ]", Plain(Cells.Shown(running.Host, "var x = 3;", "Console.WriteLine(x);\nnew[] { 1, 2 }")));

    [Fact]
    public void A_semicolon_or_void_shows_nothing() => Assert.Equal("stdout: a\n", Cells.Shown(running.Host, "var one = 1;\nConsole.WriteLine(\"a\")"));

    [Fact]
    public void Null_is_shown() => Assert.Equal("result: text/plain <null>", Cells.Shown(running.Host, "(string?)null"));

    [Fact]
    public void Everything_is_shown_in_its_order() => Assert.Equal(
        "stdout: 1\n\ndisplay: text/plain two\nstdout: 3\n\nstderr: 4\n\nstdout: 5\n\nresult: text/plain six",
        Cells.Shown(running.Host, "Console.WriteLine(1);\ndisplay(\"two\");\nConsole.WriteLine(3);\nConsole.Error.WriteLine(4);\nConsole.WriteLine(5);\n\"six\""));

    [Fact]
    public void A_display_is_updated_where_it_stands()
    {
        var run = Cells.Run(running.Host, "var shown = \"a\".Display(); \"b\".Display();", "for (var i = 0; i < 1000; i++) { shown.Update($\"c{i}\"); }");
        Assert.Equal(["display: text/plain c999", "display: text/plain b"], run.Notebook.Cells[0].Outputs.Select(Cells.Text));
        Assert.Empty(run.Notebook.Cells[1].Outputs);
    }

    [Fact]
    public void A_form_can_be_asked_for() => Assert.Equal(
        "display: text/html <b>1</b>\ndisplay: image/svg+xml <svg/>\nresult: text/html <i>2</i>, text/plain <i>2</i>",
        Cells.Shown(running.Host, "\"<b>1</b>\".DisplayAs(\"text/html\");\n\"<svg/>\".DisplayAs(\"image/svg+xml\");\nHTML(\"<i>2</i>\")"));

    [Fact]
    public void CSharp_awaits() => Assert.Equal("result: text/plain 7", Plain(Cells.Shown(running.Host, "await Task.Delay(1);\nawait Task.FromResult(7)")));

    [Fact]
    public void FSharp_runs() => Assert.Equal("stdout: hi\n\nresult: text/plain 6", Plain(Cells.Shown(running.Host,
        "#!fsharp\nlet double x = 2 * x", "#!fsharp\nlet xs = [1; 2];;\nprintfn \"hi\"\nList.sumBy double xs")));

    [Theory]
    [InlineData("[1; 2]", "[1; 2]")]
    [InlineData("Some 3", "Some 3")]
    [InlineData("Map.ofList [1, \"a\"]", "map [(1, \"a\")]")]
    [InlineData("set [2; 1]", "set [1; 2]")]
    public void FSharp_s_collections_are_shown_as_it_writes_them(string source, string text) =>
        Assert.Equal($"result: text/plain {text}", Cells.Shown(running.Host, $"#!fsharp\n{source}"));

    [Fact]
    public void Values_are_shared_both_ways() => Assert.Equal(
        "result: text/plain [ 1, 2, 3 ]",
        Plain(Cells.Shown(running.Host, "var xs = new List<int> { 1, 2 };", "#!fsharp\n#!share --from csharp xs\nlet ys = [for x in xs -> x + 1]",
            "#!share --from fsharp ys --as zs\nxs.AddRange(zs.Skip(1)); xs")));

    [Fact]
    public void A_cell_may_change_its_language() => Assert.Equal(
        "display: text/plain 1\ndisplay: text/markdown *m*\nresult: text/plain 2",
        Plain(Cells.Shown(running.Host, "1\n#!markdown\n*m*\n#!fsharp\n1 + 1")));

    [Fact]
    public void A_library_is_referred_to_by_path_with_what_it_needs() => Assert.Equal(
        "result: text/plain [2, 4]",
        Plain(Cells.Shown(running.Host, "#r \"AutoDiffCnn.dll\"\nusing AutoDiffCnn;\nvar t = Tensor.Of([1, 2]);", "#!fsharp\n#!share --from csharp t\nlet u = t.Map(fun x -> 2.0 * x)", "#!share --from fsharp u\nu.ToString()")));

    [Fact]
    public void The_library_itself_needs_no_network() => Assert.Equal(
        "result: text/plain [2, 4]",
        Plain(Cells.Shown(running.Host, "#!fsharp\n#r \"nuget: AutoDiffCnn\"\nopen AutoDiffCnn\nTensor.Of([| 1.0; 2.0 |]).Map(fun x -> 2.0 * x).ToString()")));

    [Fact]
    public void A_file_is_imported() => Scratch.In(folder =>
    {
        File.WriteAllText(Path.Combine(folder, "a.csx"), "var a = 1;");
        File.WriteAllText(Path.Combine(folder, "b.dib"), $"#!csharp\n#!import {folder}/a.csx\nvar b = a + 1;\n#!fsharp\nlet c = 5\n");
        Assert.Equal("result: text/plain 2", Plain(Cells.Shown(running.Host, $"#!import {folder}/b.dib\nb")));
    });

    [Fact]
    public void A_file_that_imports_itself_ends() => Scratch.In(folder =>
    {
        File.WriteAllText(Path.Combine(folder, "a.csx"), $"#!import {folder}/a.csx");
        Assert.Contains("imports another", Cells.Failure(running.Host, $"#!import {folder}/a.csx").Text);
    });

    [Fact]
    public void Time_is_told_and_not_kept()
    {
        var told = new List<Message>();
        var run = Runner.Run(Notebook.Of(Cell.Of(Languages.CSharp, "#!time\n1")), running.Host, Cells.Long, told.Add);
        Assert.Single(told.OfType<Message.Time>());
        Assert.IsType<Output.Result>(Assert.Single(run.Notebook.Cells[0].Outputs));
    }

    [Theory]
    [InlineData("CompilationError", "The name 'y' does not exist in the current context", "cell 1:2:9: CS0103: The name 'y' does not exist in the current context", "\nvar x = y;")]
    [InlineData("CompilationError", "The value or constructor 'y' is not defined.", "cell 1:2:9: FS0039: The value or constructor 'y' is not defined.", "#!fsharp\n\nlet x = y")]
    [InlineData("#!nothing", "there is no directive #!nothing; there are #!csharp, #!fsharp, #!markdown, #!import, #!share, #!time, #r, #i", "", "#!nothing")]
    [InlineData("#!share", "there is no variable x in the cells of fsharp", "", "#!share --from fsharp x")]
    [InlineData("#r", "there is no file none.dll", "", "#r \"none.dll\"")]
    [InlineData("#r", "AutoDiffCnn.Notebooks.deps.json is no .NET assembly", "", "#r \"AutoDiffCnn.Notebooks.deps.json\"")]
    [InlineData("language", "cells of pwsh cannot be run; those of csharp and fsharp can", "", "#!pwsh\nls")]
    public void What_is_wrong_with_a_cell_is_said(string name, string text, string trace, string source)
    {
        var error = Cells.Failure(running.Host, source);
        Assert.Equal((name, text, trace), (error.Name, error.Text, string.Join('\n', error.Trace)));
    }

    [Theory]
    [InlineData("int F(int x)\n{\n    return 1 / x;\n}\n\nF(0)", "System.DivideByZeroException", ":line 3", ":line 6")]
    [InlineData("#!fsharp\nlet f x =\n  1 / x\n\nf 0", "System.DivideByZeroException", ":line 2", ":line 4")]
    public void An_exception_has_a_trace_that_knows_the_lines_of_the_cell(string source, string name, string inner, string outer)
    {
        var error = Cells.Failure(running.Host, "1 + 1", source);
        Assert.Equal(name, error.Name);
        Assert.Equal($"{name}: Attempted to divide by zero.", error.Trace[0]);
        Assert.Contains($"cell 2{inner}", error.Trace[1]);
        Assert.Contains($"cell 2{outer}", error.Trace[2]);
        Assert.Equal(3, error.Trace.Length);
    }

    /// <summary>Without what the formatter puts around plain values.</summary>
    private static string Plain(string text) => System.Text.RegularExpressions.Regex.Replace(text, "text/html .*?(</style>|</div>), ", "", System.Text.RegularExpressions.RegexOptions.Singleline);
}
