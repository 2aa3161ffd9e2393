using System.Text.RegularExpressions;

namespace SamplesTests;

public sealed class ReadmeTests
{
    [Fact]
    public void Every_fence_is_a_tested_region()
    {
        var fences = Regex.Matches(Readme.File("README.md"), @"^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(match => match.Groups[1].Value.TrimEnd('\n')).ToArray();
        Assert.NotEmpty(fences);
        Assert.All(fences, fence => Assert.Contains(fence, Readme.Regions.Values));
        Assert.All(Readme.Regions, region => Assert.Contains(region.Value, fences));
    }
}

internal static class Readme
{
    /// <summary>The regions of ReadmeSnippets.cs by name, without their indentation.</summary>
    public static IReadOnlyDictionary<string, string> Regions { get; } =
        Regex.Matches(File("tests/Samples/ReadmeSnippets.cs"), @"^( *)#region (\w+)\n(.*?)^ *#endregion$", RegexOptions.Multiline | RegexOptions.Singleline)
            .ToDictionary(match => match.Groups[2].Value, match => Outdent(match.Groups[3].Value, match.Groups[1].Length));

    /// <summary>The comments of a region are what its code printed.</summary>
    public static void AssertPrinted(ReadmeSnippets.Paper paper, string region) =>
        Assert.Equal(string.Join("\n", Regex.Matches(Regions[region], "^// ?(.*)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value)), paper.Text);

    public static string File(string path) => System.IO.File.ReadAllText(Path.Combine(Repository.Root, path)).ReplaceLineEndings("\n");

    private static string Outdent(string text, int indent) =>
        string.Join("\n", text.TrimEnd('\n').Split('\n').Select(line => line[Math.Min(indent, line.Length)..]));
}

internal static class Repository
{
    /// <summary>The folder with AutoDiffCnn.sln.</summary>
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo folder) => File.Exists(Path.Combine(folder.FullName, "AutoDiffCnn.sln"))
        ? folder.FullName
        : Find(folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository."));
}
