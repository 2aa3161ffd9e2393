using System.Collections.Immutable;

namespace AutoDiffCnn.Notebooks;

/// <summary>A cell that cannot be run: it does not compile, or asks for something that is not there.</summary>
internal sealed class CellError(string name, string message, params ImmutableArray<string> trace) : Exception(message)
{
    /// <summary>What kind of trouble it is, in place of an exception's type.</summary>
    public string Name { get; } = name;

    /// <summary>Lines that say where.</summary>
    public ImmutableArray<string> Trace { get; } = trace;
}
