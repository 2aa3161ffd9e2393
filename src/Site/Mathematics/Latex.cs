using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace AutoDiffCnn.Site;

/// <summary>LaTeX's mathematics as MathML, which every current browser draws by itself: without script, without fonts to carry
/// along, in the colours of the page, and readable aloud.</summary>
internal sealed partial class Latex
{
    private const int MostDepth = 60;

    private readonly string text;
    private int at;
    private int depth;

    private Latex(string text)
    {
        this.text = text;
    }

    /// <summary>A formula, without the dollars around it.</summary>
    /// <exception cref="MathError">It is none, or has what cannot be drawn.</exception>
    public static string ToMathMl(string latex, bool isDisplay)
    {
        var reader = new Latex(latex);
        try
        {
            XmlConvert.VerifyXmlChars(latex);
        }
        catch (XmlException)
        {
            throw reader.Error("signs that can be written", "one that cannot");
        }

        var row = reader.Row();
        return reader.at < latex.Length
            ? throw reader.Error("something before that it belongs to", reader.Next(), @"one less, or \begin{aligned} and \end{aligned} around rows")
            : new XElement("math", isDisplay ? new XAttribute("display", "block") : null, row).ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>The signs of a formula in a row, for where there can be no other form; LaTeX that cannot be drawn as it is.</summary>
    public static string ToText(string latex)
    {
        try
        {
            return XElement.Parse(ToMathMl(latex, isDisplay: false)).Value;
        }
        catch (MathError)
        {
            return latex;
        }
    }

    /// <summary>What stands side by side, up to the end, a closing bracket, or what divides a table.</summary>
    private XElement Row(char stop = '}') => Wrapped(Items(stop));

    private List<XElement> Items(char stop = '}')
    {
        if (++depth > MostDepth)
        {
            throw Error($"at most {MostDepth} levels", "more", "fewer braces");
        }

        var items = new List<XElement>();
        while (!AtStop(stop))
        {
            items.Add(Scripted());
        }

        depth--;
        return Spaced(items);
    }

    private bool AtStop(char stop)
    {
        SkipSpace();
        return at == text.Length || text[at] is '}' or '&' || text[at] == stop
            || IsCommand("\\") || IsCommand("right") || IsCommand("end");
    }

    /// <summary>The names of functions keep a distance from what they are applied to, unless that is in brackets, and from what
    /// they are multiplied by.</summary>
    private static List<XElement> Spaced(List<XElement> items)
    {
        foreach (var (i, item) in items.Index())
        {
            var core = item.Name == "mo" ? item : item.Elements().FirstOrDefault();
            if (Class(core) == "function")
            {
                var isMultiplied = i > 0 && (items[i - 1].Name.LocalName is not ("mo" or "mspace") || items[i - 1].Value is ")" or "]");
                var isAlone = i + 1 == items.Count || items[i + 1].Value is "(" or "[" || Class(items[i + 1]) == "fenced";
                core!.SetAttributeValue("lspace", isMultiplied ? "0.1667em" : "0");
                core.SetAttributeValue("rspace", isAlone ? "0" : "0.1667em");
            }
        }

        return items;

        static string? Class(XElement? element) => (string?)element?.Attribute("class");
    }

    /// <summary>An atom with what stands below and above it.</summary>
    private XElement Scripted()
    {
        var (shown, takesLimits) = Atom();
        XElement? below = null, above = null;
        for (SkipSpace(); at < text.Length; SkipSpace())
        {
            if (text[at] == '_')
            {
                below = below is null ? Behind() : throw Error("one subscript", "a second", "braces around what belongs together");
            }
            else if (text[at] == '^')
            {
                above = above is null || above.Value.All(sign => sign == '′')
                    ? (above is null ? Behind() : Wrapped([above, Behind()]))
                    : throw Error("one superscript", "a second", "braces around what belongs together");
            }
            else if (text[at] == '\'')
            {
                at++;
                above = above is null ? Sign("′") : Wrapped([above, Sign("′")]);
            }
            else if (IsCommand("limits") || IsCommand("nolimits"))
            {
                takesLimits = Name() == "limits";
            }
            else
            {
                break;
            }
        }

        return (below, above) switch
        {
            (null, null) => shown,
            (not null, null) => new(takesLimits ? "munder" : "msub", shown, below),
            (null, not null) => new(takesLimits ? "mover" : "msup", shown, above),
            _ => new(takesLimits ? "munderover" : "msubsup", shown, below, above),
        };
    }

    private XElement Behind()
    {
        at++;
        return Argument();
    }

    /// <summary>One thing, and whether what is below and above it are its limits.</summary>
    private (XElement Shown, bool TakesLimits) Atom()
    {
        if (text[at] == '\\')
        {
            return Command();
        }

        if (char.IsAsciiDigit(text[at]))
        {
            var start = at;
            at = Digits(at);
            at = at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]) ? Digits(at + 1) : at;
            return (new("mn", text[start..at]), false);
        }

        // A degree stands above nothing: $^\circ$ alone.
        return (text[at] is '_' or '^' ? new("mrow") : text[at] == '{' ? Group() : Single(), false);
    }

    private int Digits(int from)
    {
        while (from < text.Length && char.IsAsciiDigit(text[from]))
        {
            from++;
        }

        return from;
    }

    /// <summary>What a command or a script is about: a group in braces, a command, or one sign.</summary>
    private XElement Argument()
    {
        if (AtStop('}'))
        {
            throw Error("something in braces", Next());
        }

        return text[at] == '\\' ? Command().Shown : text[at] == '{' ? Group() : Single();
    }

    private XElement Group()
    {
        at++;
        var items = Items();
        Expect('}');
        return items is [{ Name.LocalName: "mo" } alone]
            ? new("mo", alone.Attributes().Where(attribute => attribute.Name.LocalName is not ("lspace" or "rspace")), Tight(), alone.Value)
            : Wrapped(items);
    }

    private XElement Single()
    {
        var rune = Rune.GetRuneAt(text, at);
        if (rune.Value is '_' or '^' or '#' or '%' or '$')
        {
            throw Error("something to draw", $"{rune}", rune.Value is '_' or '^' ? "{} before it" : $"\\{rune}");
        }

        at += rune.Utf16SequenceLength;
        return rune.ToString() switch
        {
            "(" or "[" or ")" or "]" => new("mo", Attributes("stretchy", "false"), rune.ToString()),
            "|" => new("mo", Attributes("stretchy", "false"), Tight(), "|"),
            "/" or "." or "\"" or "@" => new("mo", Tight(), rune.ToString()),
            "-" => Sign("−"),
            "*" => Sign("∗"),
            "'" => Sign("′"),
            "~" => Space("0.3333em"),
            var sign when Rune.IsLetter(rune) => new("mi", sign),
            var sign when Rune.IsDigit(rune) || Rune.IsNumber(rune) => new("mn", sign),
            var sign => Sign(sign),
        };
    }

    private static XElement Sign(string sign) => new("mo", sign);

    private static XElement Upright(string letters) =>
        new("mi", letters.EnumerateRunes().Count() == 1 ? new XAttribute("mathvariant", "normal") : null, letters);

    private static XElement Space(string width) => new("mspace", new XAttribute("width", width));

    private static XElement Wrapped(IReadOnlyList<XElement> items) => items is [var one] ? one : new("mrow", items);

    private static IEnumerable<XAttribute> Attributes(params string[] pairs) =>
        pairs.Chunk(2).Select(pair => new XAttribute(pair[0], pair[1]));

    /// <summary>Without the space that a sign has between two others.</summary>
    private static IEnumerable<XAttribute> Tight() => Attributes("lspace", "0", "rspace", "0");

    private void SkipSpace()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }

    private bool IsCommand(string name) => at < text.Length && text[at] == '\\' && new Latex(text) { at = at }.Name() == name;

    /// <summary>The name of the command here, which is read.</summary>
    private string Name()
    {
        var start = ++at;
        while (at < text.Length && char.IsAsciiLetter(text[at]))
        {
            at++;
        }

        at = at == start && at < text.Length ? at + 1 : at;
        return text[start..at];
    }

    private void Expect(char sign)
    {
        SkipSpace();
        if (at == text.Length || text[at] != sign)
        {
            throw Error($"'{sign}'", Next());
        }

        at++;
    }

    private string Next() => at == text.Length ? "the end"
        : text[at] == '\\' ? $"'\\{new Latex(text) { at = at }.Name()}'"
        : $"'{Rune.GetRuneAt(text, at)}'";

    private MathError Error(string expected, string got, string? possible = null) => new(text, at, expected, got, possible ?? $"{expected} there");
}
