namespace AutoDiffCnn;

/// <summary>A graph cannot be written as an ONNX file: ops have no counterpart in its operators, or the file would be larger
/// than one may be. The message names all such ops, why, and what would work instead.</summary>
/// <example><code>
/// var x = Variable("x", [3]);
/// var y = x * new RandomUniform([3]).Of(Indices(Key.Of(1).ToTensor()));
/// Onnx.Write("y.onnx", OnnxGraph.Of(("y", y)))
/// // OnnxExportError: RandomUniform(Shape: [3]) draws random numbers from a key, …
/// </code></example>
public sealed class OnnxExportError(string message) : NotSupportedException(message);
