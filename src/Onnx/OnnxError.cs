namespace AutoDiffCnn;

/// <summary>An ONNX file whose bytes are in order, but that contradicts itself or says what this library has no words
/// for.</summary>
/// <param name="file">The file's name as it was given.</param>
/// <param name="troubles">What is wrong, each with the node or the name where it is.</param>
/// <example><code>
/// new OnnxError("net.onnx", "node top (TopK, opset 13): there is no such function here")
/// // OnnxError: net.onnx: node top (TopK, opset 13): there is no such function here.
/// </code></example>
public sealed class OnnxError(string file, params IReadOnlyList<string> troubles)
    : FormatException($"{file}: {string.Join(".\n", troubles)}.")
{
    /// <summary>The file's name as it was given.</summary>
    public string File { get; } = file;

    /// <summary>What is wrong, each with the node or the name where it is.</summary>
    public IReadOnlyList<string> Troubles { get; } = troubles;
}
