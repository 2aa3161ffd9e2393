using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace FacadeTests;

/// <summary>What is asked of every picture.</summary>
internal static partial class Drawn
{
    /// <summary>The picture read as XML, after it was checked: no script, nothing from outside, every coordinate a number, and
    /// everything inside.</summary>
    public static XDocument Check(Picture picture)
    {
        var text = picture.Text;
        var document = XDocument.Parse(text, LoadOptions.PreserveWhitespace);
        Assert.Equal((double)picture.Width, Number(document.Root!, "width"));
        Assert.DoesNotContain(document.Descendants(), element => element.Name.LocalName is "script" or "foreignObject" or "a");
        Assert.All(document.Descendants().Attributes(), attribute => Assert.False(attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal), $"{attribute}"));
        Assert.All(document.Descendants().Attributes("href"), href => Assert.StartsWith("data:image/png;base64,", href.Value));
        Assert.DoesNotContain("url(", text);
        foreach (var element in document.Descendants())
        {
            var (left, top, right, bottom) = Bounds(element);
            Assert.True(left >= -0.5 && top >= -0.5 && right <= picture.Width + 0.5 && bottom <= picture.Height + 0.5,
                $"outside {picture.Width} x {picture.Height}: {left} {top} {right} {bottom}, {element}");
        }

        return document;
    }

    /// <summary>Where the pictures of the documents are.</summary>
    public static string Folder { get; } = Path.Combine(Here(), "../../../docs/pictures");

    /// <summary>The folder of this file.</summary>
    public static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    /// <summary>All texts of a picture.</summary>
    public static IEnumerable<string> Texts(XDocument document) => document.Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value);

    /// <summary>Elements of a name.</summary>
    public static IEnumerable<XElement> All(XDocument document, string name) => document.Descendants().Where(element => element.Name.LocalName == name);

    public static double Number(XElement element, string name) =>
        element.Attribute(name) is { } attribute ? double.Parse(attribute.Value, CultureInfo.InvariantCulture) : 0;

    /// <summary>Compares with the picture in docs/pictures; AUTODIFFCNN_GOLDEN=write writes it instead, to be looked at. Of pixels
    /// inside it the values are compared, since another release of .NET may pack them otherwise.</summary>
    public static void Matches(string name, Picture picture)
    {
        Check(picture);
        var path = Path.Combine(Folder, name);
        if (Environment.GetEnvironmentVariable("AUTODIFFCNN_GOLDEN") == "write")
        {
            picture.Save(path);
        }

        Assert.True(File.Exists(path), $"docs/pictures/{name} is missing; AUTODIFFCNN_GOLDEN=write writes it");
        Assert.Equal(Unpacked(File.ReadAllText(path)), Unpacked(picture.Text));
    }

    private static string Unpacked(string svg) => Pixels().Replace(svg, match =>
    {
        var image = Png.Read(new MemoryStream(Convert.FromBase64String(match.Groups[1].Value)), "inside");
        return $"{image.Shape} {Convert.ToHexString(SHA256.HashData(image.ToSingles().SelectMany(BitConverter.GetBytes).ToArray()))}";
    });

    [GeneratedRegex("data:image/png;base64,([^\"]*)")]
    private static partial Regex Pixels();

    [GeneratedRegex(@"-?[0-9.]+")]
    private static partial Regex Numbers();

    private static (double Left, double Top, double Right, double Bottom) Bounds(XElement element)
    {
        var (x, y) = (Number(element, "x"), Number(element, "y"));
        switch (element.Name.LocalName)
        {
            case "rect" or "image":
                Assert.True(Number(element, "width") >= 0 && Number(element, "height") >= 0, $"{element}");
                return (x, y, x + Number(element, "width"), y + Number(element, "height"));
            case "line":
                return (Math.Min(Number(element, "x1"), Number(element, "x2")), Math.Min(Number(element, "y1"), Number(element, "y2")),
                    Math.Max(Number(element, "x1"), Number(element, "x2")), Math.Max(Number(element, "y1"), Number(element, "y2")));
            case "circle":
                var (cx, cy, r) = (Number(element, "cx"), Number(element, "cy"), Number(element, "r"));
                return (cx - r, cy - r, cx + r, cy + r);
            case "path":
                var d = element.Attribute("d")!.Value;
                Assert.Matches("^[MLCZ0-9. -]*$", d);
                var numbers = Numbers().Matches(d).Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture)).ToArray();
                var (xs, ys) = (numbers.Where((_, i) => i % 2 == 0), numbers.Where((_, i) => i % 2 == 1));
                return (xs.Min(), ys.Min(), xs.Max(), ys.Max());
            case "text":
                var size = element.AncestorsAndSelf().Select(at => Number(at, "font-size")).First(found => found > 0);
                var wide = Ink.Width(element.Value, size);
                var left = element.Attribute("text-anchor")?.Value switch { "middle" => x - wide / 2, "end" => x - wide, _ => x };
                return element.Attribute("transform") is null ? (left, y - 0.75 * size, left + wide, y + 0.25 * size)
                    : (x - 0.75 * size, y - wide / 2, x + 0.25 * size, y + wide / 2);
            default:
                return (0, 0, 0, 0);
        }
    }
}
