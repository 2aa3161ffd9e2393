using System.Text;
using System.Xml.Linq;

namespace AutoDiffCnn.Site;

/// <content>What begins with a backslash.</content>
internal sealed partial class Latex
{
    private (XElement Shown, bool TakesLimits) Command()
    {
        var start = at;
        var name = Name();
        if (Symbols.Large.TryGetValue(name, out var large))
        {
            return (new("mo", Attributes("movablelimits", "true"), large), true);
        }

        if (Symbols.Limits.Contains(name))
        {
            return (Function(name is "argmax" or "argmin" ? $"arg\u2009{name[3..]}" : name, takesLimits: true), true);
        }

        if (Symbols.Accents.TryGetValue(name, out var accent))
        {
            var isWide = name.StartsWith("wide", StringComparison.Ordinal) || name.StartsWith("over", StringComparison.Ordinal);
            var sign = new XElement("mo", Attributes("stretchy", isWide ? "true" : "false"), accent);
            return (new("mover", new XAttribute("accent", "true"), Argument(), sign), name == "overbrace");
        }

        if (Symbols.Underneath.TryGetValue(name, out var under))
        {
            var sign = new XElement("mo", Attributes("stretchy", "true"), under);
            return (new("munder", new XAttribute("accentunder", "true"), Argument(), sign), name == "underbrace");
        }

        if (name == "operatorname")
        {
            var takesLimits = at < text.Length && text[at] == '*';
            at += takesLimits ? 1 : 0;
            return (Function(Words(), takesLimits), takesLimits);
        }

        return (Plain(name, start), false);
    }

    private XElement Plain(string name, int start) => name switch
    {
        _ when Symbols.Letters.TryGetValue(name, out var letter) => new("mi", letter),
        _ when Symbols.Upright.TryGetValue(name, out var letter) => Upright(letter),
        _ when Symbols.Operators.TryGetValue(name, out var sign) => Sign(sign),
        _ when Symbols.Integrals.TryGetValue(name, out var sign) => Sign(sign),
        _ when Symbols.Spaces.TryGetValue(name, out var width) => Space(width),
        _ when Symbols.Functions.Contains(name) => Function(name),
        "|" => new("mo", Attributes("stretchy", "false"), Tight(), "‖"),
        _ when (name.Length > 1 || name is "{" or "}") && Symbols.Fences.TryGetValue(name, out var fence) =>
            new("mo", Attributes("stretchy", "false"), fence),
        "frac" or "tfrac" or "cfrac" => new("mfrac", Argument(), Argument()),
        "dfrac" => new("mstyle", Attributes("displaystyle", "true"), new XElement("mfrac", Argument(), Argument())),
        "binom" => Fenced("(", new("mfrac", Attributes("linethickness", "0"), Argument(), Argument()), ")"),
        "sqrt" => Root(),
        "text" or "textrm" or "mbox" => Text(),
        "textbf" => Text("font-weight: bold"),
        "textit" or "emph" => Text("font-style: italic"),
        "texttt" => Text("font-family: monospace"),
        "mathrm" => IsWords() ? Upright(Words()) : Argument(),
        "mathbf" or "bf" => In(0x1D400, 0x1D41A, 0x1D7CE),
        "boldsymbol" or "bm" => In(0x1D468, 0x1D482, 0x1D7CE),
        "mathit" => In(0x1D434, 0x1D44E, 0),
        "mathbb" => In(0x1D538, 0x1D552, 0x1D7D8),
        "mathcal" or "mathscr" => In(0x1D49C, 0x1D4B6, 0),
        "mathsf" => In(0x1D5A0, 0x1D5BA, 0x1D7E2),
        "mathtt" => In(0x1D670, 0x1D68A, 0x1D7F6),
        "overset" or "stackrel" => Stacked("mover"),
        "underset" => Stacked("munder"),
        "xrightarrow" => new("mover", new XElement("mo", Attributes("stretchy", "true"), "→"),
            new XElement("mrow", Space("0.5em"), Argument(), Space("0.5em"))),
        "mathrel" or "mathbin" or "mathop" or "mathord" => Argument(),
        "phantom" => new("mphantom", Argument()),
        "bmod" or "mod" => new("mo", Attributes("lspace", "0.2222em", "rspace", "0.2222em"), "mod"),
        "pmod" => new("mrow", Space("0.4444em"), Sign("("), Function("mod"), Space("0.1667em"), Argument(), Sign(")")),
        "displaystyle" or "textstyle" => new("mstyle", Attributes("displaystyle", name == "displaystyle" ? "true" : "false"), Items()),
        "left" => Between(),
        "middle" => new("mo", Attributes("stretchy", "true", "form", "infix"), Fence()),
        "big" or "bigl" or "bigr" or "bigm" => Sized("1.2em"),
        "Big" or "Bigl" or "Bigr" or "Bigm" => Sized("1.8em"),
        "bigg" or "biggl" or "biggr" => Sized("2.4em"),
        "Bigg" or "Biggl" or "Biggr" => Sized("3em"),
        "begin" => Environment(),
        "substack" => Substack(),
        " " => Space("0.3333em"),
        _ => throw Unknown(start),
    };

    private MathError Unknown(int start)
    {
        at = start;
        return Error("a command that can be drawn", Next(), @"\operatorname{…} for a function, \text{…} for words, or another way to write it");
    }

    private static XElement Function(string name, bool takesLimits = false) => new("mo",
        Attributes("class", "function", "form", "prefix"), takesLimits ? new XAttribute("movablelimits", "true") : null, name);

    private static XElement Fenced(string open, XElement inside, string close)
    {
        static XElement? Fence(string sign, string form) =>
            sign.Length == 0 ? null : new("mo", Attributes("fence", "true", "form", form, "stretchy", "true"), sign);

        return new("mrow", Attributes("class", "fenced"), Fence(open, "prefix"), inside, Fence(close, "postfix"));
    }

    private XElement Between()
    {
        var open = Fence();
        var inside = Row();
        if (!IsCommand("right"))
        {
            throw Error(@"\right", Next(), @"\right. for nothing to be seen");
        }

        Name();
        return Fenced(open, inside, Fence());
    }

    /// <summary>The sign of a bracket; empty for the point, which draws none.</summary>
    private string Fence()
    {
        SkipSpace();
        var start = at;
        var name = at == text.Length ? "" : text[at] == '\\' ? Name() : $"{text[at++]}";
        if (name is "." || Symbols.Fences.ContainsKey(name))
        {
            return text[start] == '\\' && name == "|" ? "‖" : name == "." ? "" : Symbols.Fences[name];
        }

        at = start;
        throw Error("a bracket", Next());
    }

    private XElement Sized(string size) => new("mo", Attributes("stretchy", "true", "minsize", size, "maxsize", size), Fence());

    private XElement Root()
    {
        SkipSpace();
        if (at == text.Length || text[at] != '[')
        {
            return new("msqrt", Argument());
        }

        at++;
        var degree = Row(']');
        Expect(']');
        return new("mroot", Argument(), degree);
    }

    private XElement Stacked(string name)
    {
        var beside = Argument();
        return new(name, Argument(), beside);
    }

    /// <summary>An argument with its letters in another alphabet.</summary>
    private XElement In(int upper, int lower, int digit)
    {
        var argument = Argument();
        foreach (var leaf in argument.DescendantsAndSelf().Where(element => element.Name.LocalName is "mi" or "mn"))
        {
            leaf.Value = Symbols.In(leaf.Value, upper, lower, digit);
        }

        return argument;
    }

    private bool IsWords()
    {
        SkipSpace();
        var end = text.IndexOf('}', at);
        return at < text.Length && text[at] == '{' && end > at + 1
            && text[(at + 1)..end].All(sign => char.IsLetterOrDigit(sign) || sign is ' ' or '-');
    }

    /// <summary>Words in braces, with mathematics between dollars.</summary>
    private XElement Text(string style = "")
    {
        Expect('{');
        var parts = new List<XElement>();
        for (parts.AddRange(Plain(style)); at < text.Length && text[at] == '$'; parts.AddRange(Plain(style)))
        {
            at++;
            parts.Add(Row('$'));
            Expect('$');
        }

        Expect('}');
        return Wrapped(parts);
    }

    private IEnumerable<XElement> Plain(string style) => Letters() is { Length: > 0 } letters
        ? [new("mtext", style.Length > 0 ? new XAttribute("style", style) : null, letters)]
        : [];

    /// <summary>A name in braces.</summary>
    private string Words()
    {
        Expect('{');
        var words = Letters();
        Expect('}');
        return words;
    }

    /// <summary>Letters as they stand there, up to a brace or a dollar.</summary>
    private string Letters()
    {
        var letters = new StringBuilder();
        for (; at < text.Length && text[at] is not ('{' or '}' or '$'); at++)
        {
            at += text[at] == '\\' && at + 1 < text.Length && @"_&%#${}\".Contains(text[at + 1]) ? 1 : 0;
            letters.Append(text[at] is ' ' or '~' ? '\u00A0' : text[at]);
        }

        return letters.ToString();
    }
}
