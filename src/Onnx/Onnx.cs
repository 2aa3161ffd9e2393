namespace AutoDiffCnn;

/// <summary>Networks as ONNX files.</summary>
/// <remarks>Open Neural Network Exchange, https://onnx.ai; the format's own definition is onnx.proto.</remarks>
public static partial class Onnx
{
}
