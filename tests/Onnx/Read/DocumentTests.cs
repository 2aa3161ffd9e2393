using System.Text.RegularExpressions;

namespace OnnxTests;

/// <summary>docs/onnx.md names the operators that are read, each with the opset from which on if that is not the
/// first.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void All_operators_are_in_the_documentation()
    {
        var text = File.ReadAllText(Path.Combine(Checkout.Root, "docs/onnx.md"));
        var table = text[text.IndexOf("| operators", StringComparison.Ordinal)..];
        var named = Regex.Matches(table[..table.IndexOf("\n\n", StringComparison.Ordinal)], @"(\w+)(?: \((\d+)\))?(?=[,\s]*[,|\n])")
            .Select(match => $"{match.Groups[1]} {(match.Groups[2].Success ? match.Groups[2].Value : "1")}");
        Assert.Equal(Operators.All.Values.Select(reading => $"{reading.Name} {reading.Since}").Order(StringComparer.Ordinal),
            named.Where(name => char.IsUpper(name[0])).Order(StringComparer.Ordinal));
    }
}
