using System.Diagnostics;

namespace NotebooksTests;

/// <summary>Cells that do what cells should not do. Each ends, is reported, and leaves nothing behind.</summary>
public sealed class HostTests(Running running) : IClassFixture<Running>
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);

    [Fact]
    public void A_cell_that_exits_the_process()
    {
        using var host = new HostProcess(AppContext.BaseDirectory);
        var error = Cells.Failure(host, "Environment.Exit(3);");
        Assert.Equal(("HostExited", "the process of the cells ended with exit code 3"), (error.Name, error.Text));
    }

    [Fact]
    public void A_stack_overflow()
    {
        using var host = new HostProcess(AppContext.BaseDirectory);
        var error = Cells.Failure(host, "int F(int x) => F(x + 1) + 1;\nF(0)");
        Assert.Equal("HostExited", error.Name);
        Assert.Contains(error.Trace, line => line.StartsWith("Stack overflow.", StringComparison.Ordinal));
    }

    [Fact]
    public void An_endless_loop_is_interrupted_and_what_was_before_stays()
    {
        var shown = new List<Message>();
        var host = running.Host;
        Assert.True(host.Run(new(Languages.CSharp, "var x = 5;", 1), shown.Add, Cells.Long));
        Assert.True(host.Run(new(Languages.CSharp, "Console.WriteLine(\"before\"); while (true) { }", 2), shown.Add, Short));
        Assert.True(host.Run(new(Languages.CSharp, "Console.WriteLine(x);", 3), shown.Add, Cells.Long));
        Assert.Equal("before\nTimeout: it took longer than 3 s\n5\n", string.Concat(shown.Select(Text)));
    }

    /// <summary>A line may come in several messages, since a clock sends what is written so far.</summary>
    private static string Text(Message message) => message switch
    {
        Message.Stream { Name: "stdout" } stream => stream.Text,
        Message.Error error => $"{error.Name}: {error.Text}\n",
        _ => $"{message}",
    };

    [Theory]
    [InlineData("await Task.Delay(-1);")]
    [InlineData("#!fsharp\nwhile true do ()")]
    [InlineData("System.Threading.Thread.Sleep(-1);")]
    [InlineData("while (true) { try { while (true) { } } catch { } }")]
    public void Whatever_does_not_end_is_interrupted(string source)
    {
        var shown = new List<Message>();
        running.Host.Run(new(Languages.CSharp, "#!fsharp\n1\n#!csharp\nvar warm = 1;", 1), _ => { }, Cells.Long);
        Assert.True(running.Host.Run(new(Languages.CSharp, source, 2), shown.Add, Short));
        Assert.Equal(new Message.Error("Timeout", "it took longer than 3 s", []), Assert.Single(shown));
    }

    [Theory]
    [InlineData(Languages.CSharp, "try { } finally { while (true) { } }")]
    public void What_cannot_be_interrupted_is_killed(string language, string source)
    {
        using var host = new HostProcess(AppContext.BaseDirectory);
        var shown = new List<Message>();
        host.Run(new(language, "1", 1), _ => { }, Cells.Long);
        Assert.False(host.Run(new(language, source, 2), shown.Add, Short));
        Assert.Equal("it took longer than 3 s, and could not be interrupted", ((Message.Error)shown[^1]).Text);
    }

    [Fact]
    public void Twenty_thousand_lines()
    {
        var stream = Assert.IsType<Output.Stream>(Assert.Single(Cells.Run(running.Host, "for (var i = 0; i < 20_000; i++) Console.WriteLine(i);").Notebook.Cells[0].Outputs));
        Assert.Equal(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i}\n")), stream.Text);
    }

    [Fact]
    public void Too_much_text_is_cut_and_said()
    {
        var outputs = Cells.Run(running.Host, "for (var i = 0; i < 300_000; i++) Console.WriteLine(\"0123456789\");").Notebook.Cells[0].Outputs;
        Assert.Equal(Screen.MostText, Assert.IsType<Output.Stream>(outputs[0]).Text.Length);
        Assert.Equal(new Output.Stream("stderr", "\n… 2,300,000 more characters; a cell may write 1,000,000.\n"), outputs[1]);
    }

    [Fact]
    public void A_huge_table_and_a_huge_text()
    {
        var run = Cells.Run(running.Host, "Enumerable.Range(0, 1_000_000).Select(i => new { i, square = (long)i * i }).ToArray()", "new string('x', 50_000_000)");
        Assert.Null(run.Failure);
        Assert.Contains("999,980", Cells.Text(run.Notebook.Cells[0].Outputs[0]).Replace("999980", "999,980"));
        Assert.Equal("result: text/plain (not shown: 50,000,000 characters of text/plain; at most 32,000,000 are)", Cells.Text(run.Notebook.Cells[1].Outputs[0]));
    }

    [Fact]
    public void Nobody_but_the_host_writes_to_its_pipe() => Assert.Equal(
        "stdout: after\n\nresult: text/plain end",
        Cells.Shown(running.Host, "using (var raw = Console.OpenStandardOutput()) { raw.Write(\"{\\\"type\\\": \\\"done\\\"}\\n\"u8); }\nSystem.Diagnostics.Process.Start(\"echo\", \"{}\").WaitForExit();\nConsole.WriteLine(\"after\"); Console.ReadLine(); \"end\""));

    [Fact]
    public void Nothing_is_left_of_a_process_whose_parent_is_gone()
    {
        int id;
        using (var host = new HostProcess(AppContext.BaseDirectory))
        {
            var shown = new List<Message>();
            host.Run(new(Languages.CSharp, "System.Diagnostics.Process.Start(\"sleep\", \"1000\").Id.ToString()", 1), shown.Add, Cells.Long);
            id = int.Parse(((Message.Result)shown[0]).Data["text/plain"]);
            Assert.Equal("sleep", Process.GetProcessById(id).ProcessName);
        }

        Assert.True(IsGone(id));
    }

    [Fact]
    public void A_process_that_died_is_reported_again()
    {
        using var host = new HostProcess(AppContext.BaseDirectory);
        var shown = new List<Message>();
        Assert.False(host.Run(new(Languages.CSharp, "Environment.FailFast(\"enough\");", 1), shown.Add, Cells.Long));
        Assert.False(host.Run(new(Languages.CSharp, "1", 2), shown.Add, Cells.Long));
        Assert.All(shown, message => Assert.IsType<Message.Error>(message));
        Assert.Equal(2, shown.Count);
    }

    [Theory]
    [InlineData(Languages.CSharp, "var words = new List<string>(); words.AddR", "AddRange")]
    [InlineData(Languages.CSharp, "Consol", "Console")]
    [InlineData(Languages.CSharp, "System.Text.StringBui", "StringBuilder")]
    [InlineData(Languages.CSharp, "new[] { 1 }.SelectM", "SelectMany")]
    [InlineData(Languages.FSharp, "System.Math.Ab", "Abs")]
    public void Names_are_completed(string language, string code, string expected)
    {
        running.Host.Run(new(language, "1", 1), _ => { }, Cells.Long);
        var found = running.Host.Complete(new(language, code, code.Length))!;
        Assert.Contains(expected, found.Matches);
        Assert.Equal(expected[..(found.End - found.Start)], code[found.Start..]);
    }

    private static bool IsGone(int id)
    {
        for (var i = 0; i < 50; i++)
        {
            // A killed child of a killed parent may wait for a while to be collected.
            if (!File.Exists($"/proc/{id}/stat") || File.ReadAllText($"/proc/{id}/stat").Contains(") Z"))
            {
                return true;
            }

            Thread.Sleep(100);
        }

        return false;
    }
}
