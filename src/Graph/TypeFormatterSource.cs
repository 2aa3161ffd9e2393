using System.Net;

namespace AutoDiffCnn;

/// <summary>Says how notebooks show the values of a type. .NET Interactive's formatter finds it by its name and those of
/// its members, so that nothing depends on that formatter.</summary>
/// <param name="source">The type that makes the formatters, as <see cref="Type.GetType(string)"/> takes it: what draws
/// pictures is in an assembly that this one does not know. Where there is none, values are shown as text.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class TypeFormatterSourceAttribute(string? source = null) : Attribute
{
    /// <summary>The type that makes the formatters.</summary>
    public Type FormatterSourceType => (source is null ? null : Type.GetType(source)) ?? typeof(TextFormatters);

    /// <summary>What is shown if nobody asks for anything else.</summary>
    public string[] PreferredMimeTypes { get; set; } = ["text/html", "text/plain"];
}

/// <summary>Shows values as they print.</summary>
internal sealed class TextFormatters
{
    /// <summary>Found by its name.</summary>
    public IEnumerable<object> CreateTypeFormatters() =>
        [new ValueFormatter<object>("text/html", value => ValueFormatter.Preformatted($"{value}")), ValueFormatter.Plain];
}

/// <summary>Shows values of a type in one way; found by its members.</summary>
internal sealed class ValueFormatter<T>(string mimeType, Func<T, string> text)
{
    /// <summary>What it makes.</summary>
    public string MimeType => mimeType;

    /// <summary>Writes a value, if it is of the type.</summary>
    public bool Format(object value, TextWriter writer)
    {
        if (value is not T known)
        {
            return false;
        }

        writer.Write(text(known));
        return true;
    }
}

/// <summary>What formatters are made of.</summary>
internal static class ValueFormatter
{
    /// <summary>Values as they print.</summary>
    public static ValueFormatter<object> Plain { get; } = new("text/plain", value => $"{value}");

    /// <summary>Text in HTML, its lines as they are.</summary>
    public static string Preformatted(string text) => $"<pre>{WebUtility.HtmlEncode(text)}</pre>";
}
