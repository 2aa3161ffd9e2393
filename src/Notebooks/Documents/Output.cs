using System.Collections.Immutable;

namespace AutoDiffCnn.Notebooks;

/// <summary>What a cell shows.</summary>
internal abstract record Output
{
    private Output()
    {
    }

    /// <summary>Text for the console.</summary>
    /// <param name="Name"><c>stdout</c> or <c>stderr</c>.</param>
    /// <param name="Text">The text.</param>
    public sealed record Stream(string Name, string Text) : Output;

    /// <summary>Something to look at.</summary>
    /// <param name="Data">The same thing by MIME type: text, base64 for pictures, JSON text for JSON.</param>
    /// <param name="Metadata">What the file says about it, as JSON text.</param>
    public sealed record Display(ImmutableSortedDictionary<string, string> Data, string Metadata = "{}") : Output;

    /// <summary>The value of the cell's last expression.</summary>
    /// <param name="Data">As in <see cref="Display"/>.</param>
    /// <param name="Count">The number of the run.</param>
    /// <param name="Metadata">What the file says about it, as JSON text.</param>
    public sealed record Result(ImmutableSortedDictionary<string, string> Data, int? Count, string Metadata = "{}") : Output;

    /// <summary>What went wrong.</summary>
    /// <param name="Name">The exception's type.</param>
    /// <param name="Message">Its message.</param>
    /// <param name="Trace">Lines that say where.</param>
    public sealed record Error(string Name, string Message, ImmutableArray<string> Trace) : Output;

    /// <summary>An output of a type that this reader does not know.</summary>
    /// <param name="Json">Its JSON text.</param>
    public sealed record Unknown(string Json) : Output;
}
