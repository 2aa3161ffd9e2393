using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Microsoft.DotNet.Interactive.Formatting;

namespace NotebooksTests;

/// <summary>How the library's values look in a notebook, by the formatter that notebooks use.</summary>
public sealed class FormatterTests(Running running) : IClassFixture<Running>
{
    public static TheoryData<object, string, string> Values => new()
    {
        { Tensor.Of([[1, 2.5], [3, -4]]), Table("1", "2.5", "3", "-4"), "[[1, 2.5], [3, -4]]" },
        { Tensor.Of(3), "<pre>3</pre>", "3" },
        { Tensor.Fill([2, 600], 1), "<pre>[[1, 1, 1, ..., 1, 1, 1], [1, 1, 1, ..., 1, 1, 1]]</pre>", "[[1, 1, 1, ..., 1, 1, 1], [1, 1, 1, ..., 1, 1, 1]]" },
        { Sum(Tensor.Of([1, 2])), "<pre>3</pre>", "3" },
        { Square(Tensor.Of([1, 2])), Table("1", "4"), "[1, 4]" },
        { Rose, Rose.Draw().ToHtml(), $"{Rose}" },
        { Triple, Drawn(Triple), $"{Triple}" },
        { new Graph(Triple), Drawn(Triple), Triple.Print() },
        { Long, $"<pre>{System.Net.WebUtility.HtmlEncode(Long.Print())}</pre>", $"{Long}" },
        { Shape.Of(1, 28, 28), "<pre>[1, 28, 28]</pre>", "[1, 28, 28]" },
        { LeNet, LeNet.ToHtml(), $"{LeNet}" },
        { Many, $"{Many.Slice(0, 100).Draw().ToHtml()}<pre>the first 100 of 101 images</pre>", $"{Many}" },
        { Judged, "<pre>loss 0.5000, accuracy 0.7500</pre>", "loss 0.5000, accuracy 0.7500" },
        { Judged.Confusion, $"<pre>{Judged.Confusion}</pre>", $"{Judged.Confusion}".Trim() },
        { new Dataset(Many, Tensor.Fill([101], 0), 2), "<pre>Dataset(101 images [1, 8, 8], 2 classes)</pre>", "Dataset(101 images [1, 8, 8], 2 classes)" },
        { new Weights([new("w", Rose)]), "<pre>w [1, 8, 8]</pre>", "w [1, 8, 8]" },
    };

    public static TheoryData<object, string, string, string> Pictures => new()
    {
        { Rose.ToPng(), "image/png", Convert.ToBase64String(Rose.ToPng().Bytes), "pixels of [1, 8, 8] (PNG, 8 x 8)" },
        { Triple.Draw(), "image/svg+xml", Svg(Triple.Draw()), "graph of 4 nodes (SVG, 330 x 170)" },
        { Line, "image/svg+xml", Svg(Line.ToPicture()), $"{Line.ToPicture()}" },
        { Known, "text/latex", $"$$\n{Known.ToLatex()}\n$$", $"{Known}" },
    };

    private static Tensor Rose { get; } = Tensor.From([1, 8, 8], i => i / 64.0);

    private static Tensor Many { get; } = Tensor.From([101, 1, 8, 8], i => i / 6464.0);

    private static Evaluation Judged { get; } = new(0.5, ConfusionMatrix.Of(2, [(0, 0), (0, 1), (1, 1), (1, 1)]));

    private static Node Triple { get; } = Variable("x", [2]) * 3;

    private static Node Long { get; } = Enumerable.Range(0, 201).Aggregate(Variable("x", []), (sum, _) => Sin(sum));

    private static Summary LeNet { get; } = Models.LeNet5.Summary([1, 28, 28]);

    private static Chart Line { get; } = Chart.Line([1, 2]).WithTitle("two numbers");

    private static Derivation Known { get; } = Derivation.Of(Sum(Triple), new Graph(Triple).Variables[0]);

    [Theory]
    [MemberData(nameof(Values))]
    public void Values_are_shown(object value, string html, string text)
    {
        Assert.Equal(["text/html", "text/plain"], Formatter.GetPreferredMimeTypesFor(value.GetType()));
        Assert.Equal(html, value.ToDisplayString("text/html").Trim());
        Assert.Equal(text, value.ToDisplayString("text/plain").Trim());
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Pictures_and_mathematics_are_shown_as_what_they_are(object value, string type, string shown, string text)
    {
        Assert.Equal([type], Formatter.GetPreferredMimeTypesFor(value.GetType()));
        Assert.Equal(shown, value.ToDisplayString(type));
        Assert.Equal(text, value.ToDisplayString("text/plain").Trim());
    }

    [Fact]
    public void A_cell_shows_them_so() => Assert.Equal(
        $"result: text/html {Table("1", "2", "3", "4")}, text/plain [[1, 2], [3, 4]]",
        Cells.Shown(running.Host, "#r \"nuget: AutoDiffCnn\"", "AutoDiffCnn.Tensor.Of([[1, 2], [3, 4]])"));

    [Fact]
    public void The_package_is_restored_from_the_folder_that_pack_fills() => Scratch.In(folder =>
    {
        foreach (var project in new[] { "Graph", "Ops", "Cpu", "Facade", "Onnx" })
        {
            Pack(Path.Combine(Checkout.Root, "src", project), Path.Combine(folder, "packages"));
        }

        using (var package = ZipFile.OpenRead(Path.Combine(folder, "packages", "AutoDiffCnn.0.1.0.nupkg")))
        {
            Assert.NotNull(package.GetEntry("interactive-extensions/dotnet/extension.dib"));
        }

        // What a package needs from elsewhere was unpacked when this was built.
        var unpacked = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        using var host = new HostProcess(AppContext.BaseDirectory);
        var location = Cells.Shown(host,
            $"Environment.SetEnvironmentVariable(\"NUGET_PACKAGES\", @\"{folder}/cache\");",
            $"#i \"nuget: {folder}/packages\"\n#i \"nuget: {unpacked}\"\n#r \"nuget: AutoDiffCnn\"\n#r \"nuget: AutoDiffCnn.Onnx\"",
            "using AutoDiffCnn;\nConsole.Write(Functions.Sum(Tensor.Of([1, 2])));\nConsole.Write(typeof(Tensor).Assembly.Location);\n"
            + "var file = new MemoryStream();\nOnnx.Write(file, OnnxGraph.Of((\"y\", Functions.Exp(Functions.Variable(\"x\", [2])))));\n"
            + "file.Position = 0;\nConsole.Write(Onnx.Read(file, \"y\").Outputs[0].Node.Op);");
        Assert.Equal($"stdout: 3{folder}/cache/autodiffcnn.graph/0.1.0/lib/net10.0/AutoDiffCnn.Graph.dllExp", location);
    });

    [Fact]
    public void A_package_that_is_nowhere_is_said()
    {
        var error = Cells.Failure(running.Host, "#i \"nuget: nowhere\"\n#r \"nuget: AutoDiffCnn.Nothing, 1.2.3\"");
        Assert.Equal(("NuGet", "AutoDiffCnn.Nothing 1.2.3 cannot be restored"), (error.Name, error.Text));
        Assert.Contains(error.Trace, line => line.Contains("AutoDiffCnn.Nothing", StringComparison.Ordinal));
        Assert.StartsWith("Possible: a network, another version,", error.Trace[^1]);
    }

    private static string Svg(Picture picture) => Encoding.UTF8.GetString(picture.Bytes);

    private static string Drawn(Node node) => $"{Svg(node.Draw())}<details><summary>as text</summary><pre>{node.Print()}</pre></details>";

    private static string Table(string a, string b) => $"<table><tr>{Cell(a)}{Cell(b)}</tr></table>";

    private static string Table(string a, string b, string c, string d) =>
        $"<table><tr>{Cell(a)}{Cell(b)}</tr><tr>{Cell(c)}{Cell(d)}</tr></table>";

    private static string Cell(string text) => $"<td style=\"text-align: right\">{text}</td>";

    private static void Pack(string project, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["pack", project, "-c", "Release", "--no-build", "-o", folder, "-v", "q", "--nologo"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
    }
}
