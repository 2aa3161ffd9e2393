namespace AutoDiffCnn;

/// <summary>Data that cannot be trained on: empty, not finite, a label outside the classes, a file missing.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="cause">What a loader of batches threw, if that is it.</param>
/// <example><code>Datasets.Mnist("mnist") // DataError: mnist: there is no such folder.</code></example>
public sealed class DataError(string message, Exception? cause = null) : ArgumentException(message, cause);

/// <summary>A file that is not what it should be: truncated, too long, of the wrong kind,
/// or contradicting itself.</summary>
/// <param name="file">The file's name as it was given.</param>
/// <param name="offset">The byte where the trouble starts, in the unpacked file.</param>
/// <param name="expected">What should be there.</param>
/// <param name="got">What is there.</param>
/// <param name="possible">What would work, if that is not what was expected.</param>
/// <example><code>
/// File.WriteAllBytes("labels", [1, 2, 3, 4]);
/// Idx.Read("labels", rank: 1) // FormatError: labels, byte 0: expected the magic number 0x00000801, got 0x01020304.
/// </code></example>
public sealed class FormatError(string file, long offset, string expected, string got, string? possible = null)
    : FormatException($"{file}, byte {offset}: expected {expected}, got {got}." + (possible is null ? "" : $"\nPossible: {possible}."))
{
    /// <summary>The file's name as it was given.</summary>
    public string File { get; } = file;

    /// <summary>The byte where the trouble starts, in the unpacked file.</summary>
    public long Offset { get; } = offset;

    /// <summary>What should be there.</summary>
    public string Expected { get; } = expected;

    /// <summary>What is there.</summary>
    public string Got { get; } = got;
}
