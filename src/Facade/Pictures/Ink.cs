using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>The elements that pictures are made of. Whatever text comes, the result is well-formed; a coordinate has at most two
/// decimals, whatever the machine's language.</summary>
internal static class Ink
{
    private const string Fonts = "DejaVu Sans, Verdana, Arial, sans-serif";
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>The usual height of letters.</summary>
    public const double Letter = 12;

    /// <summary>A line of text with the room around it.</summary>
    public const double Line = 18;

    /// <summary>A finished picture with a ground of its own.</summary>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <param name="description">What it shows.</param>
    /// <param name="marks">What is on it, from back to front.</param>
    /// <param name="rules">More style rules, for animations.</param>
    public static Picture Sheet(double width, double height, string description, IEnumerable<XElement> marks, string rules = "")
    {
        var (w, h) = ((int)Math.Ceiling(width), (int)Math.Ceiling(height));
        var root = Element("svg", Of("width", w), Of("height", h), Of("viewBox", $"0 0 {w} {h}"), Of("class", "adc"),
            Of("role", "img"), Of("aria-label", description), Of("font-family", Fonts), Of("font-size", Letter),
            Element("style", Tint.Style + rules), Rect(0, 0, w, h, Tint.Ground), marks);
        return Picture.Svg(root.ToString(SaveOptions.DisableFormatting), w, h, Clean(description));
    }

    public static XElement Rect(double x, double y, double width, double height, Tint fill, params object?[] more) =>
        Element("rect", Of("x", x), Of("y", y), Of("width", width), Of("height", height), fill.Fill, more);

    /// <summary>A rectangle in a colour that is the same in both themes: <c>#rrggbb</c>.</summary>
    public static XElement Cell(double x, double y, double width, double height, string colour, params object?[] more) =>
        Element("rect", Of("x", x), Of("y", y), Of("width", width), Of("height", height), Of("fill", colour), more);

    public static XElement Segment(double x1, double y1, double x2, double y2, Tint stroke, params object?[] more) =>
        Element("line", Of("x1", x1), Of("y1", y1), Of("x2", x2), Of("y2", y2), stroke.Stroke, more);

    public static XElement Dot(double x, double y, double radius, Tint fill, params object?[] more) =>
        Element("circle", Of("cx", x), Of("cy", y), Of("r", radius), fill.Fill, more);

    /// <summary>A path of straight lines through points.</summary>
    public static XElement Path(IEnumerable<(double X, double Y)> points, Tint stroke, params object?[] more) =>
        Curve("M" + string.Join("L", points.Select(point => $"{N(point.X)} {N(point.Y)}")), stroke, more);

    /// <summary>A path as SVG writes it; absolute commands only.</summary>
    public static XElement Curve(string path, Tint stroke, params object?[] more) =>
        Element("path", Of("d", path), Of("fill", "none"), stroke.Stroke, more);

    /// <summary>A closed shape, filled.</summary>
    public static XElement Polygon(IEnumerable<(double X, double Y)> points, Tint fill, params object?[] more) =>
        Element("path", Of("d", "M" + string.Join("L", points.Select(point => $"{N(point.X)} {N(point.Y)}")) + "Z"), fill.Fill, more);

    /// <summary>A line of text; y is the line that letters stand on.</summary>
    /// <param name="x">Where it starts, has its middle or ends.</param>
    /// <param name="y">The base line.</param>
    /// <param name="text">Any text.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="tint">The colour; that of words by default.</param>
    /// <param name="more">More attributes.</param>
    public static XElement Text(double x, double y, string text, string anchor = "start", Tint? tint = null, params object?[] more) =>
        Element("text", Of("x", x), Of("y", y), anchor == "start" ? null : Of("text-anchor", anchor), (tint ?? Tint.Words).Fill, more, Clean(text));

    /// <summary>What is shown while the pointer is on the element around it.</summary>
    public static XElement Hover(string text) => Element("title", Clean(text));

    public static XElement Group(params object?[] content) => Element("g", content);

    /// <summary>Pixels as they are, each a rectangle; inside the picture as a PNG.</summary>
    public static XElement Image(double x, double y, double width, double height, Tensor pixels) =>
        Element("image", Of("x", x), Of("y", y), Of("width", width), Of("height", height), Of("preserveAspectRatio", "none"),
            Of("image-rendering", "optimizeSpeed"), Of("style", "image-rendering:pixelated"), Of("href", Picture.Png(pixels, "").DataAddress));

    public static XElement Element(string name, params object?[] content) => new(Svg + name, content);

    public static XAttribute Of(string name, double value) => new(name, N(value));

    public static XAttribute Of(string name, string value) => new(name, Clean(value));

    /// <summary>A coordinate.</summary>
    public static string N(double value) => (Math.Round(value, 2) + 0.0).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The text without what XML cannot hold.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                clean.Append(text[i]).Append(text[++i]);
            }
            else
            {
                clean.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
            }
        }

        return clean.ToString();
    }

    /// <summary>About how wide a text is, in the widest of the usual fonts.</summary>
    public static double Width(string text, double size = Letter) => size * text.Sum(c => c switch
    {
        'i' or 'j' or 'l' or '.' or ',' or ':' or ';' or '\'' or '|' or '!' or ' ' or 'I' => 0.36,
        'f' or 't' or 'r' or '(' or ')' or '[' or ']' or '/' or '-' => 0.44,
        'm' or 'w' or 'M' or 'W' or '%' or '@' => 0.98,
        >= 'A' and <= 'Z' => 0.74,
        < '\u1100' => 0.64,
        _ => 1,
    });

    /// <summary>The text, cut and with … where it is wider than there is room.</summary>
    public static string Fit(string text, double room, double size = Letter)
    {
        if (Width(text, size) <= room)
        {
            return text;
        }

        var length = text.Length;
        while (length > 0 && Width(text[..length], size) + size > room)
        {
            length--;
        }

        return text[..length] + "…";
    }
}
