using System.Collections.Immutable;
using AutoDiffCnn.Protocol;
using Google.Protobuf;

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
    public static OnnxGraph Read(string path, params ReadOnlySpan<(string Name, Shape Shape)> shapes)
    {
        using var file = InputFile.Open(path);
        return Read(Parse(file, path), path, FolderOf(path), shapes);
    }

    /// <summary>What an ONNX file says that is already open; it must have no elements in other files.</summary>
    /// <param name="stream">The file from its current position to its end.</param>
    /// <param name="name">What to call the file in an error.</param>
    /// <param name="shapes">Shapes for inputs, and sizes for dimensions with a name.</param>
    /// <inheritdoc cref="Read(string, ReadOnlySpan{ValueTuple{string, Shape}})"/>
    public static OnnxGraph Read(Stream stream, string name, params ReadOnlySpan<(string Name, Shape Shape)> shapes) =>
        Read(Parse(stream, name), name, null, shapes);

    private static OnnxGraph Read(ModelProto model, string name, string? folder, ReadOnlySpan<(string Name, Shape Shape)> shapes)
    {
        var leaves = new Variables();
        var outputs = new Importer(name, model, new TensorReader(name, folder), leaves).Import(new Dimensions(name, shapes));
        return leaves.Graph(outputs);
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? Path.DirectorySeparatorChar.ToString();

    /// <summary>The messages of a file, not yet understood.</summary>
    private static ModelProto Parse(Stream stream, string name)
    {
        var bytes = InputFile.Take(stream, Array.MaxLength);
        using var input = new CodedInputStream(bytes);
        try
        {
            var model = ModelProto.Parser.ParseFrom(input);
            return model.Graph is null
                ? throw new FormatError(name, bytes.Length, "a graph", bytes.Length == 0 ? "an empty file" : "the end of a file without one")
                : model;
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new FormatError(name, input.Position, "an ONNX file, a protocol buffer", broken.Message.TrimEnd('.'));
        }
    }

    /// <summary>Inputs and initializers as variables.</summary>
    private sealed class Variables : ILeaves
    {
        private readonly HashSet<string> names = [];
        private readonly List<Node> inputs = [];
        private readonly List<(Node Variable, Tensor Value)> initializers = [];

        public Node Input(string name, Shape shape)
        {
            inputs.Add(Variable(Free(name), shape));
            return inputs[^1];
        }

        public Node Initializer(string name, Tensor value)
        {
            initializers.Add((Variable(Free(name), value.Shape), value));
            return initializers[^1].Variable;
        }

        /// <summary>The graph, without initializers that nobody reads.</summary>
        public OnnxGraph Graph(ImmutableArray<(string Name, Node Node)> outputs)
        {
            var used = new Graph([.. outputs.Select(output => output.Node)]).Variables.ToHashSet();
            return new([.. inputs], [.. initializers.Where(pair => used.Contains(pair.Variable))], outputs);
        }

        /// <summary>The name of a variable: without what a variable's must not have, and of nobody else's.</summary>
        private string Free(string name)
        {
            var plain = string.Concat(name.Select(c => char.IsWhiteSpace(c) || c == '%' ? '_' : c));
            while (!names.Add(plain))
            {
                plain += "_";
            }

            return plain;
        }
    }
}
