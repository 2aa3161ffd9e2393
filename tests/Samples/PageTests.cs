using System.Text.RegularExpressions;

namespace SamplesTests;

/// <summary>Each sample but the first has a page, and what the page shows of its code is its code.</summary>
public sealed class PageTests
{
    public static TheoryData<string> Samples { get; } = [.. Directory.GetDirectories(Path.Combine(Repository.Root, "samples"))
        .Select(folder => Path.GetFileName(folder)).Where(name => name != "TrainDigits").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_page_shows_the_code_of_its_sample(string name)
    {
        var (page, program) = (Readme.File($"docs/samples/{name}.md"), Readme.File($"samples/{name}/Program.cs"));
        var fences = Regex.Matches(page, @"^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(match => match.Groups[1].Value).ToArray();
        Assert.NotEmpty(fences);
        Assert.All(fences, fence => Assert.Contains(fence, program));
        Assert.Contains($"dotnet run -c Release --project samples/{name}", page);
        Assert.Contains($"(docs/samples/{name}.md)", Readme.File("README.md"));
    }
}
