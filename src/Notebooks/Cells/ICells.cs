using System.Collections.Immutable;

namespace AutoDiffCnn.Notebooks;

/// <summary>Runs the cells of one language, one after the other.</summary>
internal interface ICells
{
    /// <summary>Makes libraries known to the cells that follow.</summary>
    void Refer(ImmutableArray<string> paths);

    /// <summary>Runs a cell. It is called from a thread that may be stopped.</summary>
    /// <param name="code">Its text.</param>
    /// <param name="place">What stack traces call it.</param>
    /// <returns>The value of its last expression, if it has one.</returns>
    /// <exception cref="CellError">It does not compile.</exception>
    Value? Run(string code, string place);

    /// <summary>The value of a variable, or null if there is no such variable.</summary>
    Value? Get(string name);

    /// <summary>Declares a variable.</summary>
    void Set(string name, object? value);

    /// <summary>What could stand at a position.</summary>
    Message.Completions Complete(string code, int position);
}

/// <summary>A value, which may be null.</summary>
internal sealed record Value(object? Content);
