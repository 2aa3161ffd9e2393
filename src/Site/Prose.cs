using System.Net;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.Mathematics;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace AutoDiffCnn.Site;

/// <summary>Markdown as HTML, with mathematics, programs in colours, and links between pages.</summary>
internal static partial class Prose
{
    private const int MostDescription = 160;

    private static readonly MarkdownPipeline Pipeline =
        new MarkdownPipelineBuilder().UsePipeTables().UseMathematics().UsePreciseSourceLocation().Build();

    /// <param name="page">Where it stands.</param>
    /// <param name="markdown">The text.</param>
    /// <param name="place">What a line of the text is called, counted from 1.</param>
    public static string ToHtml(PageWriter page, string markdown, Func<int, string> place)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        page.Describe(Shortened(document.OfType<ParagraphBlock>().Select(Words).FirstOrDefault("")));
        using var text = new StringWriter();
        var html = new HtmlRenderer(text);
        Pipeline.Setup(html);
        html.ObjectRenderers.InsertRange(0,
        [
            new Written<MathBlock>((_, block) => Formula($"{block.Lines}", isDisplay: true, block)),
            new Written<MathInline>((_, inline) => Formula($"{inline.Content}", inline.DelimiterCount > 1, inline)),
            new Written<CodeBlock>((_, block) => Code($"{block.Lines}", (block as FencedCodeBlock)?.Info ?? "")),
            new Written<HeadingBlock>((renderer, block) => page.Heading(block.Level, Words(block), Inside(renderer, block))),
            new Written<LinkInline>((renderer, link) => link.IsImage ? Picture(link) : Around(renderer, link)),
            new Written<AutolinkInline>((_, link) => $"<a href=\"{Address(link)}\">{Encoded(link.Url)}</a>"),
            new Written<HtmlBlock>((_, block) => Tags($"{block.Lines}\n", block)),
            new Written<HtmlInline>((_, inline) => Tags(inline.Tag, inline)),
            new Written<Table>((renderer, table) =>
                $"<div class=\"table\">{Captured(renderer, () => new HtmlTableRenderer().Write(renderer, table))}</div>\n"),
        ]);
        html.Render(document);
        return $"{text}";

        string Place(MarkdownObject part) => place(part.Line + 1);

        string Formula(string latex, bool isDisplay, MarkdownObject part)
        {
            try
            {
                var formula = Latex.ToMathMl(latex.Trim(), isDisplay);
                return isDisplay ? $"<span class=\"formula\">{formula}</span>\n" : formula;
            }
            catch (MathError error)
            {
                page.Fault(Place(part), error.Message, error.Possible);
                return "";
            }
        }

        string Picture(LinkInline link)
        {
            if (Words(link).Length == 0)
            {
                page.Fault(Place(link), $"expected words for those who cannot see '{link.Url}', got none.", $"![what it shows]({link.Url})");
            }

            var address = Encoded(page.Link(link.Url ?? "", Place(link), isPicture: true));
            var picture = $"<img src=\"{address}\" alt=\"{Encoded(Words(link))}\">";
            return link.Parent is LinkInline ? picture : $"<a class=\"picture\" href=\"{address}\">{picture}</a>";
        }

        string Around(HtmlRenderer renderer, LinkInline link)
        {
            var address = Encoded(page.Link(link.Url ?? "", Place(link)));
            return $"<a href=\"{address}\">{Captured(renderer, () => renderer.WriteChildren(link))}</a>";
        }

        string Address(AutolinkInline link) => Encoded(link.IsEmail ? $"mailto:{link.Url}" : page.Link(link.Url, Place(link)));

        string Tags(string tags, MarkdownObject part)
        {
            var rest = Harmless().Replace(tags, "");
            if (rest.Contains('<', StringComparison.Ordinal))
            {
                var bad = rest[rest.IndexOf('<', StringComparison.Ordinal)..].Split('\n')[0];
                page.Fault(Place(part), $"expected Markdown, got '{bad}'.",
                    "Markdown, or details, summary, sub, sup, kbd and br without attributes; what a cell shows may be any HTML");
            }

            return tags;
        }
    }

    /// <summary>A program as a block of its own.</summary>
    public static string Code(string code, string language) => $"<pre><code>{Highlight.ToHtml(code, language)}</code></pre>\n";

    public static string Encoded(string text) => WebUtility.HtmlEncode(text);

    /// <summary>What a text says without any form.</summary>
    private static string Words(LeafBlock block) => block.Inline is { } inside ? Words(inside) : "";

    private static string Words(ContainerInline part) => string.Concat(part.Descendants().Select(inline => inline switch
    {
        LiteralInline literal => $"{literal.Content}",
        CodeInline code => code.Content,
        MathInline math => Latex.ToText($"{math.Content}"),
        LineBreakInline => " ",
        HtmlEntityInline entity => $"{entity.Transcoded}",
        _ => "",
    }));

    private static string Shortened(string text) => text.Length <= MostDescription
        ? text
        : $"{text[..(text.LastIndexOf(' ', MostDescription) is > 0 and var end ? end : MostDescription)].TrimEnd(',', ':', ';')} …";

    private static string Inside(HtmlRenderer renderer, LeafBlock block) => Captured(renderer, () => renderer.WriteLeafInline(block));

    /// <summary>What a renderer would write.</summary>
    private static string Captured(HtmlRenderer renderer, Action write)
    {
        var before = renderer.Writer;
        using var text = new StringWriter();
        renderer.Writer = text;
        write();
        renderer.Writer = before;
        return $"{text}";
    }

    /// <summary>Tags that do nothing but say what a text is, and comments.</summary>
    [GeneratedRegex("</?(details|summary|sub|sup|kbd|br) ?/?>|<details open>|<!--[^<>]*-->")]
    private static partial Regex Harmless();

    /// <summary>Writes one kind of thing.</summary>
    private sealed class Written<T>(Func<HtmlRenderer, T, string> html) : HtmlObjectRenderer<T>
        where T : MarkdownObject
    {
        protected override void Write(HtmlRenderer renderer, T obj) => renderer.Write(html(renderer, obj));
    }
}
