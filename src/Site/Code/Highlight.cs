using System.Net;
using System.Text;

namespace AutoDiffCnn.Site;

/// <summary>A part of a program that is written in a colour of its own.</summary>
/// <param name="Start">Its first sign.</param>
/// <param name="Length">How many signs.</param>
/// <param name="Class">What it is: <c>k</c> a keyword, <c>s</c> text, <c>n</c> a number, <c>c</c> a comment, <c>t</c> a type,
/// <c>f</c> a function.</param>
internal readonly record struct Mark(int Start, int Length, string Class);

/// <summary>Programs in colours, as their own compilers read them.</summary>
internal static class Highlight
{
    /// <summary>A program as HTML; a language that is not known as plain text.</summary>
    public static string ToHtml(string code, string language) => ToHtml(code, language switch
    {
        "csharp" or "cs" or "c#" => CSharpCode.Marks(code),
        "fsharp" or "fs" or "f#" => FSharpCode.Marks(code),
        _ => [],
    });

    /// <summary>Marks of one kind that touch become one element.</summary>
    private static string ToHtml(string code, IEnumerable<Mark> marks)
    {
        var (html, at, open) = (new StringBuilder(), 0, "");
        foreach (var (start, length, name) in marks.Append(new(code.Length, 0, "")))
        {
            if (start > at || name != open)
            {
                html.Append(open.Length > 0 ? "</span>" : "").Append(WebUtility.HtmlEncode(code[at..start]))
                    .Append(name.Length > 0 ? $"<span class=\"{name}\">" : "");
            }

            html.Append(WebUtility.HtmlEncode(code.Substring(start, length)));
            (at, open) = (start + length, name);
        }

        return html.ToString();
    }
}
