using System.Runtime.CompilerServices;
using System.Text.Json;
using AutoDiffCnn.Tests.Common;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Explain;

/// <summary>LaTeX as a typesetter sees it.</summary>
public sealed class LatexTests
{
    [Fact]
    public void A_gradient_is_one_formula()
    {
        var (x, w) = (Variable("x", [1, 1, 4, 4]), Variable("w", [1, 1, 3, 3]));
        Assert.Equal(@"x \star \left(2 \cdot \operatorname{relu}\left(x \star w\right) \odot \left[\operatorname{relu}\left(x \star w\right) > 0\right]\right)",
            Gradient.Of(Sum(Square(Relu(Conv2D(x, w)))), w).ToLatex());
    }

    [Fact]
    public void A_name_with_signs_of_its_own_is_escaped() =>
        Assert.Equal(@"\text{a\_b\&c} + \text{conv1.weight}", (Variable("a_b&c", []) + Variable("conv1.weight", [])).ToLatex());

    [Fact]
    public void What_simplifies_to_a_leaf_is_written_as_the_leaf() =>
        Assert.Equal(("x", "2"), ((Variable("x", [2]) * 1).ToLatex(), (Sum(Constant(Tensor.Of([1, 1])))).ToLatex()));

    [BrowserFact]
    public void Derivations_are_rendered_in_a_browser_without_an_error()
    {
        string[] formulas =
        [
            .. from network in (string[])[nameof(Networks.Dense), nameof(Networks.Convolution), nameof(Networks.Strided)]
               from notation in Enum.GetValues<Notation>()
               select DerivationTests.Of(network, notation).ToLatex(),
            .. RandomGraph.All.Sample(40).SelectMany(graph => graph.Graph.Outputs.Select(output => output.ToLatex())),
        ];
        var page = Tools.Output("node", [Path.Combine(Katex.Folder, "page.js")], JsonSerializer.Serialize(formulas));
        var path = Path.Combine(Directory.CreateTempSubdirectory("autodiffcnn-").FullName, "derivations.html");
        File.WriteAllText(path, page);
        try
        {
            var shown = Tools.Output("chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom", $"file://{path}"]);
            Assert.Contains($"<title>rendered {formulas.Length}</title>", shown);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}

/// <summary>A test that needs KaTeX, node and Chromium, which test.sh installs where it can; skipped with what is
/// missing.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        string[] missing =
        [
            .. ((string[])["node", "chromium"]).Where(program => !Tools.Has(program)),
            .. Directory.Exists(Path.Combine(Katex.Folder, "node_modules", "katex")) ? Array.Empty<string>() : ["KaTeX"],
        ];
        Skip = missing.Length == 0 ? null : $"{string.Join(" and ", missing)} could not be installed; see test.sh";
    }
}

/// <summary>What uses KaTeX.</summary>
internal static class Katex
{
    public static string Folder { get; } = Path.Combine(Here(), "katex");

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
