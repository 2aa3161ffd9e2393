namespace AutoDiffCnn;

/// <summary>An ONNX file whose bytes are in order, but that contradicts itself or says what this library has no words
/// for.</summary>
/// <param name="file">The file's name as it was given.</param>
/// <param name="troubles">What is wrong, each with the node or the name where it is.</param>
/// <example><code>
/// File.WriteAllBytes("net.onnx", [0x08, 0x08, 0x3A, 0x00]);
/// Onnx.Read("net.onnx") // OnnxError: net.onnx: it does not say which version of the operators it means (opset_import).
/// </code></example>
public sealed class OnnxError(string file, params IReadOnlyList<string> troubles)
    : FormatException($"{file}: {string.Join(".\n", troubles)}.")
{
    /// <summary>The file's name as it was given.</summary>
    public string File { get; } = file;

    /// <summary>What is wrong, each with the node or the name where it is.</summary>
    public IReadOnlyList<string> Troubles { get; } = troubles;
}
