using System.Net;
using System.Text.RegularExpressions;
using FsCheck.Fluent;

namespace SiteTests;

/// <summary>Programs in colours.</summary>
public sealed partial class HighlightTests
{
    public static TheoryData<string, string, string> Programs => new()
    {
        { "csharp", "var x = Tensor.Of([1.5, 2]); // two", "<k>var</k> x = <t>Tensor</t>.<f>Of</f>([<n>1.5</n>, <n>2</n>]); <c>// two</c>" },
        { "csharp", "record Pair(int A) : Layer;\nif (x is \"a\") return null;", "<k>record</k> <t>Pair</t>(<k>int</k> A) : <t>Layer</t>;\n<k>if</k> (x <k>is</k> <s>\"a\"</s>) <k>return</k> <k>null</k>;" },
        { "csharp", "#r \"nuget: A\"\n$\"{x + 1} b\"", "<k>#r \"nuget: A\"</k>\n<s>$\"</s>{x + <n>1</n>}<s> b\"</s>" },
        { "fsharp", "let f x = List.map (fun y -> y + 1) x // one", "<k>let</k> f x = <t>List</t>.map (<k>fun</k> y <k>-></k> y + <n>1</n>) x <c>// one</c>" },
        { "fsharp", "(* a\nb *)\n\"c\"", "<c>(* a</c>\n<c>b *)</c>\n<s>\"c\"</s>" },
        { "text", "var x = 1", "var x = 1" },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void Parts_of_a_program_are_told_apart(string language, string code, string marked) =>
        Assert.Equal(marked, Short(Highlight.ToHtml(code, language)));

    [Theory]
    [InlineData("csharp")]
    [InlineData("fsharp")]
    public void Whatever_the_text_it_stays_the_same_text(string language)
    {
        string[] parts = ["\"", "\"\"\"", "$\"{", "}", "//", "/*", "*/", "(*", "*)", "#if", "#r ", "'", "\n", " ", "let", "class", "x", "1e", "<b>", "&", "\\", "é", "\0", "\t", "@\"", "///", "\r"];
        Law.ForAll(Gen.ArrayOf(Gen.Elements(parts)).Select(string.Concat), code =>
            Assert.Equal(code, WebUtility.HtmlDecode(Tag().Replace(Highlight.ToHtml(code, language), ""))), times: 500);
    }

    /// <summary>With elements that are named after the classes.</summary>
    private static string Short(string html) => WebUtility.HtmlDecode(Whole().Replace(html, "<$1>$2</$1>"));

    [GeneratedRegex("</?span[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("<span class=\"(.)\">(.*?)</span>", RegexOptions.Singleline)]
    private static partial Regex Whole();
}
