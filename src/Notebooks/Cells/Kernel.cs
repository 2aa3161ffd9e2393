using System.Diagnostics.CodeAnalysis;
using AutoDiffCnn.Notebooks;
using Microsoft.AspNetCore.Html;

namespace Microsoft.DotNet.Interactive;

/// <summary>What cells call by name, as in .NET Interactive, so that notebooks for it run unchanged.</summary>
public static class Kernel
{
    /// <summary>Shows a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="mimeTypes">The forms to show it in; those that its type prefers if none are given.</param>
    /// <returns>What is shown, to be changed later.</returns>
    [SuppressMessage("Naming", "IDE1006", Justification = "As in .NET Interactive.")]
    public static DisplayedValue display(object? value, params string[] mimeTypes) => value.Display(mimeTypes);

    /// <summary>HTML to be shown as such.</summary>
    public static IHtmlContent HTML(string content) => new HtmlString(content);
}

/// <summary>Showing values.</summary>
public static class DisplayExtensions
{
    /// <summary>Shows a value, as <see cref="Kernel.display"/> does.</summary>
    public static DisplayedValue Display(this object? value, params string[] mimeTypes) =>
        new(Screen.Current!.Display(Formatted.Of(value, mimeTypes)), mimeTypes);

    /// <summary>Shows text that already is of a MIME type.</summary>
    public static DisplayedValue DisplayAs(this string value, string mimeType) =>
        new(Screen.Current!.Display(Notebook.NoFields.Add(mimeType, value)), [mimeType]);
}

/// <summary>Something that is shown.</summary>
public sealed class DisplayedValue
{
    private readonly string id;
    private readonly string[] mimeTypes;

    internal DisplayedValue(string id, string[] mimeTypes)
    {
        (this.id, this.mimeTypes) = (id, mimeTypes);
    }

    /// <summary>Shows a value in its place.</summary>
    public void Update(object? updatedValue) => Screen.Current!.Update(id, Formatted.Of(updatedValue, mimeTypes));
}
