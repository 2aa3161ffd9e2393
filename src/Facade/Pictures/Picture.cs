using System.Globalization;
using System.Text;

namespace AutoDiffCnn;

/// <summary>A finished picture: SVG or PNG, the same bytes each time. It needs no script and nothing from outside, and reads on
/// light and dark grounds.</summary>
/// <example><code>
/// var picture = Chart.Line([3, 1, 2]).WithTitle("three numbers").ToPicture();
/// picture.MimeType // image/svg+xml
/// picture.Save("numbers.svg");
/// SamplePictures.Chelsea().ToPng().Width // 256
/// </code></example>
public abstract class Picture : IEquatable<Picture>
{
    private readonly byte[] bytes;

    private Picture(string mimeType, byte[] bytes, int width, int height, string description)
    {
        this.bytes = bytes;
        (MimeType, Width, Height, Description) = (mimeType, width, height, description);
    }

    /// <summary><c>image/svg+xml</c> or <c>image/png</c>.</summary>
    public string MimeType { get; }

    /// <summary>The file: UTF-8 text for SVG.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>The width in pixels.</summary>
    public int Width { get; }

    /// <summary>The height in pixels.</summary>
    public int Height { get; }

    /// <summary>What it shows, for those who cannot see it.</summary>
    public string Description { get; }

    /// <summary>The text of an SVG.</summary>
    internal string Text => Encoding.UTF8.GetString(bytes);

    /// <summary>An address that holds the whole file.</summary>
    internal string DataAddress => $"data:{MimeType};base64,{Convert.ToBase64String(bytes)}";

    private string Kind => this is OfMarks ? "SVG" : "PNG";

    internal static Picture Svg(string text, int width, int height, string description) =>
        new OfMarks(Encoding.UTF8.GetBytes(text), width, height, description);

    internal static Picture Png(Tensor image, string description)
    {
        using var stream = new MemoryStream();
        AutoDiffCnn.Png.Write(stream, image);
        return new OfPixels(stream.ToArray(), image.Shape[^1], image.Shape[^2], description);
    }

    /// <summary>Writes the file, atomically.</summary>
    /// <param name="path">The file, named .svg or .png as the picture is; its folder must exist.</param>
    /// <exception cref="ArgumentException">The name ends otherwise.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        var ending = $".{Kind.ToLowerInvariant()}";
        if (!path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"{path}: the picture is {MimeType}, its file must end in {ending}.", nameof(path));
        }

        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>An <c>img</c> element that holds the picture, for pages that take no SVG among their own elements.</summary>
    public string ToHtml() => new System.Xml.Linq.XElement("img", Ink.Of("src", DataAddress), Ink.Of("width", Width),
        Ink.Of("height", Height), Ink.Of("alt", Description)).ToString();

    /// <summary>What it shows, and its kind and size: <c>loss (SVG, 560 x 340)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Description} ({Kind}, {Width} x {Height})");

    /// <summary>Whether both are the same bytes.</summary>
    public bool Equals(Picture? other) => other is not null && MimeType == other.MimeType && Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Picture);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(bytes.Length, Description);

    // Two classes, since notebooks ask a type, not a value, how it is shown.
    [TypeFormatterSource(PictureFormatters.Name, PreferredMimeTypes = ["image/svg+xml"])]
    private sealed class OfMarks(byte[] bytes, int width, int height, string description)
        : Picture("image/svg+xml", bytes, width, height, description);

    [TypeFormatterSource(PictureFormatters.Name, PreferredMimeTypes = ["image/png"])]
    private sealed class OfPixels(byte[] bytes, int width, int height, string description)
        : Picture("image/png", bytes, width, height, description);
}
