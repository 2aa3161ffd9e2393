namespace AutoDiffCnn;

/// <summary>ONNX files: networks, gradients and training steps are written as any runtime for ONNX runs them, and networks of
/// others are read as nodes.</summary>
/// <remarks>Open Neural Network Exchange, https://onnx.ai; the format's own definition is onnx.proto. What is written is operator
/// set 16 of ai.onnx, IR version 8, in single precision; an index is int64.</remarks>
/// <example><code>
/// var model = lenet.Build([1, 1, 28, 28]);
/// Onnx.Write("lenet.onnx", OnnxGraph.Of(model, model.Init(Key.Of(42))));
/// Onnx.Read("lenet.onnx").Outputs[0].Node.Shape // [1, 10]
/// </code></example>
public static partial class Onnx
{
    /// <summary>Writes a file, atomically: on any failure an older file is as it was. The same graph always gives the same
    /// bytes.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="graph">What it says.</param>
    /// <exception cref="OnnxExportError">An op has no counterpart, or the file would exceed 2 GB.</exception>
    /// <exception cref="BindingError">A variable is neither an input nor has it a value, or one that does not fit.</exception>
    /// <exception cref="GraphError">Two variables have one name.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, OnnxGraph graph) =>
        Write(path, OnnxWriter.Write(graph));

    /// <summary>Writes a file for any size of the batch, which is called <c>batch</c> in it: <c>Onnx.Write("net.onnx",
    /// batch => OnnxGraph.Of(trained, batch))</c>. The function is asked for two sizes; what it gives must be made of the same
    /// operators, as networks in use are.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="ofBatch">What it says, for a size of the batch.</param>
    /// <exception cref="OnnxExportError">The operators depend on the size of the batch, as a mean over it does; or as
    /// for a graph.</exception>
    /// <inheritdoc cref="Write(string, OnnxGraph)" path="/exception[@cref!='T:AutoDiffCnn.OnnxExportError']"/>
    public static void Write(string path, Func<int, OnnxGraph> ofBatch) =>
        Write(path, AnyBatch.Of(ofBatch));

    /// <summary>Writes to a stream.</summary>
    /// <inheritdoc cref="Write(string, OnnxGraph)"/>
    public static void Write(Stream stream, OnnxGraph graph) => Write(stream, OnnxWriter.Write(graph));

    private static void Write(string path, Protocol.ModelProto model) =>
        AtomicFile.Write(path, stream => Write(stream, model));

    private static void Write(Stream stream, Protocol.ModelProto model)
    {
        using var output = new Google.Protobuf.CodedOutputStream(stream, leaveOpen: true);
        model.WriteTo(output);
    }
}
