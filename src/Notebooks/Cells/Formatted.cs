using System.Collections.Immutable;
using Microsoft.DotNet.Interactive.Formatting;

namespace AutoDiffCnn.Notebooks;

/// <summary>Values as notebooks show them, by .NET Interactive's formatter.</summary>
internal static class Formatted
{
    /// <summary>How long one form of a value may be.</summary>
    public const int MostText = 32_000_000;

    /// <summary>A value in the given MIME types, or in those that its type prefers and as plain text.</summary>
    public static ImmutableSortedDictionary<string, string> Of(object? value, params string[] mimeTypes)
    {
        var mimes = mimeTypes.Length > 0 ? [.. mimeTypes]
            : value is null ? ImmutableArray.Create(PlainTextFormatter.MimeType)
            : [.. Formatter.GetPreferredMimeTypesFor(value.GetType()).Append(PlainTextFormatter.MimeType).Distinct()];
        var all = Notebook.NoFields.AddRange(mimes.Select(mime => KeyValuePair.Create(mime, value.ToDisplayString(mime))));
        var fitting = all.RemoveRange(all.Where(form => form.Value.Length > MostText).Select(form => form.Key));
        return fitting.Count > 0 ? fitting : fitting.Add(PlainTextFormatter.MimeType, TooLong(all));
    }

    private static string TooLong(ImmutableSortedDictionary<string, string> forms) =>
        $"(not shown: {string.Join(", ", forms.Select(form => $"{form.Value.Length:N0} characters of {form.Key}"))}; at most {MostText:N0} are)";
}
