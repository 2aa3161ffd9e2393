namespace NotebooksTests;

/// <summary>Each row of what the source documents ask for is computed in a tutorial: its cell has the row as a tag.</summary>
public sealed class CoverageTests
{
    /// <summary>What each tutorial is to cover. The slips of the sources are stated where they belong.</summary>
    private static readonly (string Tutorial, string Rows)[] Asked =
    [
        ("01", "A1-A11 A20 slip-1-2"), ("02", "B1-B22 E1 slip-3-5 slip-8"), ("03", "B7-B14 B19-B20"), ("04", "B23-B31 A12-A15"),
        ("05", "C1-C7 E2-E4 A16 A21"), ("06", "D1-D8"), ("07", "D9-D14 D26-D28"), ("08", "D15-D25"), ("09", "D17"), ("10", "D29 D32 E3"),
        ("11", "A9 E12-E13 E17-E18"), ("12", "A17-A19 E6-E7 E16"), ("13", "E5 E8-E11"), ("14", "E14-E15"), ("15", "D30-D31"), ("16", ""),
        ("17", "E19"), ("18", ""),
    ];

    /// <summary>All rows, whoever covers them.</summary>
    private const string All = "A1-A21 B1-B31 C1-C7 D1-D32 E1-E20 slip-1-13";

    private static readonly ILookup<string, string> Tags = Tutorials.Files.ToLookup(file => file[..2],
        file => string.Join(' ', Tagged(file)));

    [Fact]
    public void There_are_all_tutorials() => Assert.Equal(Asked.Select(asked => asked.Tutorial), Tutorials.Files.Select(file => file[..2]));

    [Fact]
    public void Each_tutorial_covers_its_rows() => Assert.Empty(Asked.SelectMany(asked =>
        Rows(asked.Rows).Except(Of(asked.Tutorial)).Select(row => $"{asked.Tutorial} lacks {row}")));

    [Fact]
    public void All_rows_are_covered_and_no_others() =>
        Assert.Equal(Rows(All).Order(), Asked.SelectMany(asked => Of(asked.Tutorial)).Distinct().Order());

    private static IEnumerable<string> Of(string tutorial) => Tags[tutorial].SelectMany(tags => tags.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Tagged(string file)
    {
        using var notebook = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Tutorials.Place(file)));
        return [.. notebook.RootElement.GetProperty("cells").EnumerateArray()
            .Where(cell => cell.GetProperty("metadata").TryGetProperty("tags", out _))
            .SelectMany(cell => cell.GetProperty("metadata").GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()!))];
    }

    /// <summary>From <c>A1-A3 E5 slip-1-2</c> to each row.</summary>
    private static IEnumerable<string> Rows(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(part =>
    {
        var name = new string([.. part.TakeWhile(c => !char.IsAsciiDigit(c))]);
        var ends = part[name.Length..].Split('-').Select(end => int.Parse(end.TrimStart(name[0]), System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1).Select(i => $"{name}{i}");
    });
}
