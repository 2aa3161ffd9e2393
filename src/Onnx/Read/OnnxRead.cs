namespace AutoDiffCnn;

public static partial class Onnx
{
    /// <summary>What an ONNX file says. Its floating-point initializers become variables, so that they can be trained,
    /// and whole numbers become constants; what follows from those and from shapes is computed when the file is read.
    /// Everything is real: whole numbers hold no more than 2⁵³, and positions are made indices where they are
    /// used.</summary>
    /// <param name="path">The file. Elements that it keeps in other files must be in its folder.</param>
    /// <param name="shapes">Shapes for inputs, by their names, and sizes for dimensions that have a name instead of a
    /// size: <c>("image", [1, 3, 224, 224])</c>, <c>("batch", [8])</c>. A shape that is given wins over the
    /// file's.</param>
    /// <remarks>Read are the operators of ai.onnx in the opsets 1 to 20; docs/onnx.md lists them.</remarks>
    /// <exception cref="FormatError">The file is no ONNX file, or is damaged.</exception>
    /// <exception cref="OnnxError">It contradicts itself, or says what this library has no words for; all nodes that it
    /// has no words for are named.</exception>
    /// <exception cref="ShapeError">Shapes in the file do not fit; the message names the node.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxGraph Read(string path, params ReadOnlySpan<(string Name, Shape Shape)> shapes) => Read(OnnxFile.Of(path), shapes);

    /// <summary>What an ONNX file says that is already open; it must have no elements in other files.</summary>
    /// <param name="stream">The file from its current position to its end.</param>
    /// <param name="name">What to call the file in an error.</param>
    /// <param name="shapes">Shapes for inputs, and sizes for dimensions with a name.</param>
    /// <inheritdoc cref="Read(string, ReadOnlySpan{ValueTuple{string, Shape}})"/>
    public static OnnxGraph Read(Stream stream, string name, params ReadOnlySpan<(string Name, Shape Shape)> shapes) =>
        Read(OnnxFile.Of(stream, name, null), shapes);

    /// <summary>The network of a file as a layer, with which it can be trained on: its floating-point initializers are
    /// parameters whose first values are the file's. Means and variances of batch normalisations are carried on as they
    /// are.</summary>
    /// <param name="path">The file; it must have one input and one output. What comes in decides the input's shape,
    /// whatever the file says.</param>
    /// <remarks>What a file leaves out for use, as dropout, is not done in training either.</remarks>
    /// <inheritdoc cref="Read(string, ReadOnlySpan{ValueTuple{string, Shape}})" path="/exception"/>
    public static Layer ReadLayer(string path) => OnnxFile.Of(path) is { Inputs: [_], Graph.Output: [_] } file
        ? new OnnxLayer(file)
        : throw new OnnxError(path, "a layer has one input and one output (possible: Onnx.Read, which gives all of them)");

    private static OnnxGraph Read(OnnxFile file, ReadOnlySpan<(string Name, Shape Shape)> shapes)
    {
        var leaves = new GraphLeaves();
        return leaves.Graph(new Importer(file, leaves).Import(new Dimensions(file.Name, shapes)));
    }
}
