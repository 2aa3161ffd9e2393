using System.Text;
using System.Text.RegularExpressions;
using FsCheck.Fluent;

namespace SiteTests;

/// <summary>Pages of small repositories.</summary>
public sealed class BuilderTests
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "[a](none.md)", "README.md, line 3: expected a file or a folder of this repository, got 'none.md'.\nPossible: the path of a file as seen from the root." },
        { "[a](guide.md)", "README.md, line 3: expected a file or a folder of this repository, got 'guide.md'.\nPossible: docs/guide.md." },
        { "text\n\n[a](docs/guide.md#none)", "README.md, line 5: expected a heading of docs/guide.md, got '#none'.\nPossible: #guide, #first-steps." },
        { "[a](LICENSE#none)", "README.md, line 3: expected a heading of LICENSE, got '#none'.\nPossible: #license." },
        { "[a](../other)", "README.md, line 3: expected a file or a folder of this repository, got '../other'.\nPossible: the path of a file as seen from the root." },
        { "[a](/etc/passwd)", "README.md, line 3: expected a file or a folder of this repository, got '/etc/passwd'.\nPossible: the path of a file as seen from the root." },
        { "[a](javascript:alert(1))", "README.md, line 3: expected a link to a page, a file or the web, got 'javascript:alert(1)'.\nPossible: an address that begins with https." },
        { "<javascript:alert(1)>", "README.md, line 3: expected a link to a page, a file or the web, got 'javascript:alert(1)'.\nPossible: an address that begins with https." },
        { "![words](none.svg)", "README.md, line 3: expected a picture of this repository, got 'none.svg'.\nPossible: the path of a file as seen from the root." },
        { "![words](https://a.b/c.png)", "README.md, line 3: expected a picture of this repository, got 'https://a.b/c.png'.\nPossible: a copy of it beside the page, since pages load nothing from a network." },
        { "![](docs/a.svg)", "README.md, line 3: expected words for those who cannot see 'docs/a.svg', got none.\nPossible: ![what it shows](docs/a.svg)." },
        { "a\nb $\\foo$", "README.md, line 4: the formula '\\foo', sign 1: expected a command that can be drawn, got '\\foo'.\nPossible: \\operatorname{…} for a function, \\text{…} for words, or another way to write it." },
        { "a <script>", "README.md, line 3: expected Markdown, got '<script>'.\nPossible: Markdown, or details, summary, sub, sup, kbd and br without attributes; what a cell shows may be any HTML." },
        { "# Second", "README.md, as a whole: expected one heading of the first level, got 2.\nPossible: '##' for all but the first." },
        { "[a](docs/double.md)", "docs/double.md, as a whole: expected a title and a name of its own, got 'Title', which README.md has.\nPossible: another title or name." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_told_with_file_line_and_repair(string text, string message) => In(
        [("README.md", $"# Title\n\n{text}\n"), ("LICENSE", "MIT"), ("docs/guide.md", "# Guide\n\n## First steps\n"), ("docs/a.svg", "<svg/>"), .. text.Contains("double") ? [("docs/double.md", "# Title\n")] : Array.Empty<(string, string)>()],
        root => Assert.Equal(message, Told(root)));

    [Fact]
    public void All_that_is_wrong_is_told_at_once() => In(
        [("README.md", "# A\n\n[a](none)\n\n[b](none)\n"), ("docs/b.md", "no title")],
        root => Assert.Equal(3, Told(root).Split("expected").Length - 1));

    [Fact]
    public void Links_lead_to_pages_and_files() => In(
        [
            ("README.md", "# Title\n\n[g](docs/guide.md#first-steps) [f](samples) [t](samples/a.fsx) [n](notebooks/01-a.ipynb) [w](https://a.b) ![p](docs/a.svg) [b](data.bin)\n"),
            ("docs/guide.md", "# Guide\n\n## First steps\n\n[home](../README.md) [up](..) [here](#guide)\n"), ("docs/a.svg", "<svg/>"), ("data.bin", "\0"),
            ("samples/a.fsx", "let x = 1"), ("samples/b c.txt", "two"), ("notebooks/01-a.ipynb", Notebook("# One")),
        ],
        root =>
        {
            var files = Builder.Files(root);
            string Page(string path) => Encoding.UTF8.GetString(files[path]);
            foreach (var link in (string[])["docs/guide.html#first-steps", "samples/index.html", "samples/a.fsx.html", "notebooks/01-a.html", "https://a.b", "data.bin"])
            {
                Assert.Contains($"<a href=\"{link}\">", Page("index.html"));
            }

            Assert.Contains("<img src=\"docs/a.svg\" alt=\"p\">", Page("index.html"));
            Assert.Contains("<a href=\"../index.html\">home</a> <a href=\"../index.html\">up</a> <a href=\"#guide\">here</a>", Page("docs/guide.html"));
            Assert.Contains("<a href=\"b%20c.txt.html\">b c.txt</a>", Page("samples/index.html"));
            Assert.Contains("<span class=\"k\">let</span> x", Page("samples/a.fsx.html"));
            Assert.True(files.ContainsKey("data.bin") && files.ContainsKey("samples/b c.txt.html"));
        });

    [Fact]
    public void A_notebook_shows_what_its_cells_show() => In(
        [
            ("README.md", "# Title\n"),
            ("notebooks/01-a.ipynb", Notebook("# One\n\nwords and $x^2$", new Output.Stream("stdout", "1 < 2\n"), Shown("text/html", "<b onclick=\"x()\">as it is</b>"),
                Shown("text/latex", "$$\\frac{1}{2}$$"), Shown("image/png", "aGk=\n"), Shown("image/svg+xml", "<svg></svg>"))),
            ("notebooks/02-b.ipynb", Notebook("# Two")), ("notebooks/apps/01-a.cs", "// as a program"),
        ],
        root =>
        {
            var page = Encoding.UTF8.GetString(Builder.Files(root)["notebooks/01-a.html"]);
            Assert.Contains("<meta name=\"description\" content=\"words and x2\">", page);
            Assert.Contains("<div class=\"cell\" data-language=\"C#\">\n<pre><code><span class=\"k\">var</span> x = <span class=\"n\">1</span>;</code></pre>", page);
            Assert.Contains("<pre class=\"stdout\">1 &lt; 2\n</pre>", page);
            Assert.Contains("<b onclick=\"x()\">as it is</b>", page);
            Assert.Contains("<mfrac><mn>1</mn><mn>2</mn></mfrac>", page);
            Assert.Contains("<img src=\"data:image/png;base64,aGk=\" alt=\"what cell 2 shows\">", page);
            Assert.Contains("<div class=\"output\"><svg></svg></div>", page);
            Assert.Contains("the notebook <a href=\"01-a.ipynb\">01-a.ipynb</a>, also as a <a href=\"apps/01-a.cs.html\">program</a>", page);
            Assert.Contains("Next<br><a href=\"02-b.html\">02 Two</a>", page);
        });

    [Fact]
    public void A_notebook_must_have_been_run_and_must_have_passed()
    {
        var cell = Cell.Of(Languages.CSharp, "x");
        In([("README.md", "# Title\n"), ("notebooks/a.ipynb", Text(Cell.Of(Languages.Markdown, "# A"), cell, cell with { Count = 1, Outputs = [new Output.Error("E", "why", [])] }))],
            root => Assert.Equal(
                """
                notebooks/a.ipynb, cell 2: expected cells that have been run, got 1 that have not.
                Possible: 'notebook run --write' on the notebook.
                notebooks/a.ipynb, cell 3: expected a cell that passes, got E: why.
                Possible: 'notebook run', which tells where.
                """, Told(root)));
        In([("README.md", "# Title\n"), ("notebooks/a.ipynb", "[]")], root => Assert.StartsWith("notebooks/a.ipynb, as a whole: notebooks/a.ipynb, $: expected object, got [].", Told(root)));
    }

    [Fact]
    public void Headings_have_names_of_their_own() => In(
        [("README.md", "# Title\n\n## What is `C#`?\n\n## What is C\n\n## what is c\n\n## !\n\n## Search\n")],
        root =>
        {
            var files = Builder.Files(root);
            foreach (var id in (string[])["title", "what-is-c", "what-is-c-1", "what-is-c-2", "section", "search-1"])
            {
                Assert.Contains($" id=\"{id}\">", Encoding.UTF8.GetString(files["index.html"]));
            }

            Assert.Contains("[\"index.html#search-1\",\"Search\",\"Title\"]", Encoding.UTF8.GetString(files["autodiffcnn-headings.js"]));
        });

    [Fact]
    public void The_same_files_give_the_same_bytes_and_replace_the_pages_before() => In([("README.md", "# Title\n"), ("docs/old.md", "# Old\n")], root => Scratch.In(folder =>
    {
        Assert.Equal(2, Builder.Write(root, folder));
        var first = File.ReadAllBytes(Path.Combine(folder, "index.html"));
        Assert.Equal(2, Builder.Write(root, folder));
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(folder, "index.html")));
        File.Delete(Path.Combine(root, "docs/old.md"));
        Assert.Equal(1, Builder.Write(root, folder));
        Assert.False(File.Exists(Path.Combine(folder, "docs/old.html")));

        Assert.Equal($"{root} has files that are no pages of before.\nPossible: a folder that is empty or not there.", Assert.Throws<IOException>(() => Builder.Write(root, root)).Message);
    }));

    [Fact]
    public void Without_a_first_page_there_is_none() => In([("docs/a.md", "# A\n")], root =>
        Assert.Equal("README.md, as a whole: expected the first page, got no such file.\nPossible: the folder of a repository that has one.", Told(root)));

    [Fact]
    public void The_command_builds_the_pages_of_this_repository_or_says_why_not() => Scratch.In(folder =>
    {
        var (exit, output, error) = Run(Checkout.Root, "docs", "build", "--out", Path.Combine(folder, "site"));
        Assert.Equal((0, ""), (exit, error));
        Assert.Matches($"^[0-9]+ pages in {Regex.Escape(folder)}/site\n$", output);
        Assert.True(File.Exists(Path.Combine(folder, "site/notebooks/02-convolution-by-hand.html")));

        File.WriteAllText(Path.Combine(folder, "README.md"), "# Title\n\n[a](none)\n");
        Assert.Equal((1, "", "README.md, line 3: expected a file or a folder of this repository, got 'none'.\nPossible: the path of a file as seen from the root.\n"), Run(folder, "docs", "build"));
    });

    [Fact]
    public void Whatever_Markdown_says_no_script_comes_of_it()
    {
        string[] parts = ["<script>", "</script>", "<img src=x onerror=y>", "<!-->", "-->", "<details>", "<b", ">", "\"", "'", "[a](", "javascript:x", ")", "![", "]", "`", "\n", "\n\n", "    ", "# ", "|", "$", "<", "data:text/html,x", "&lt;", "\\", "*", "<javascript:x>", "[a]: javascript:x\n", "onload=x"];
        Scratch.In(folder => Law.ForAll(Gen.ArrayOf(Gen.Elements(parts)).Select(string.Concat), text =>
        {
            File.WriteAllText(Path.Combine(folder, "README.md"), $"# Title\n\n{text}\n");
            var page = new PageWriter(new Repository(folder), "README.md");
            var body = Prose.ToHtml(page, text, line => $"line {line}");
            var elements = Regex.Matches(body, "<(?!/?(p|a|em|strong|code|pre|span|h1|details|summary|br|hr|ul|ol|li|blockquote|div|table|thead|tbody|tr|th|td|math|m[a-z]+|!--[^<>]*--)[ />])[^>]*>|href=\"(javascript|data):");
            Assert.True(elements.Count == 0 || page.ToPage(body).Faults.Any(fault => fault.Place != "as a whole"), body);
        }, times: 1000));
    }

    private static Output Shown(string type, string text) => new Output.Display(AutoDiffCnn.Notebooks.Notebook.NoFields.Add(type, text));

    private static string Notebook(string prose, params Output[] outputs) =>
        Text(Cell.Of(Languages.Markdown, prose), Cell.Of(Languages.CSharp, "var x = 1;") with { Count = 1, Outputs = [.. outputs] });

    private static string Text(params Cell[] cells) => Encoding.UTF8.GetString(AutoDiffCnn.Notebooks.Notebook.Of(cells).ToBytes("a.ipynb"));

    private static string Told(string root) => Assert.Throws<SiteError>(() => Builder.Files(root)).Message;

    private static (int Exit, string Output, string Error) Run(string folder, params string[] arguments) =>
        Tools.Dotnet(folder, ["exec", Path.Combine(AppContext.BaseDirectory, "AutoDiffCnn.Cli.dll"), .. arguments]);

    /// <summary>A repository of these files.</summary>
    private static void In((string Path, string Text)[] files, Action<string> test) => Scratch.In(folder =>
    {
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        test(folder);
    });
}
