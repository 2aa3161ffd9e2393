using System.Collections.Immutable;
using AutoDiffCnn.Protocol;
using Google.Protobuf;

namespace AutoDiffCnn;

/// <summary>A file whose messages are read and whose operators are known; of its nodes nothing is made yet.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Version">The version of its operators.</param>
/// <param name="Graph">The graph, without the values that it holds.</param>
/// <param name="Tensors">Reads values in graphs within nodes.</param>
/// <param name="Initializers">The values that it holds.</param>
/// <param name="Inputs">What must be given to it.</param>
internal sealed record OnnxFile(
    string Name, long Version, GraphProto Graph, TensorReader Tensors, ImmutableArray<(string Name, Tensor Value, Sort Sort)> Initializers,
    ImmutableArray<ValueInfoProto> Inputs)
{
    public static OnnxFile Of(string path)
    {
        using var file = InputFile.Open(path);
        return Of(file, path, Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>A file that is open.</summary>
    /// <param name="stream">Its bytes.</param>
    /// <param name="name">What it is called in errors.</param>
    /// <param name="folder">Where it may keep values in other files; null for nowhere.</param>
    public static OnnxFile Of(Stream stream, string name, string? folder)
    {
        var model = Parse(stream, name);
        var (graph, version) = (model.Graph, VersionOf(model, name));
        CheckOperators(graph, version, name);
        if (graph.SparseInitializer.Count > 0)
        {
            throw new OnnxError(name, [.. graph.SparseInitializer.Select(sparse => $"initializer {sparse.Values?.Name} is sparse, which is not read")]);
        }

        var tensors = new TensorReader(name, folder);
        var initializers = tensors.All(graph).ToImmutableArray();
        graph.Initializer.Clear();

        // What has a value in the file is an input for those only who want to give it another.
        var known = initializers.Select(initializer => initializer.Name).ToHashSet();
        return new(name, version, graph, tensors, initializers, [.. graph.Input.Where(input => !known.Contains(input.Name))]);
    }

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
            throw new FormatError(name, input.Position, "an ONNX file, which is a protocol buffer", broken.Message.TrimEnd('.'));
        }
    }

    private static long VersionOf(ModelProto model, string name)
    {
        var version = model.OpsetImport.LastOrDefault(set => Operators.IsStandard(set.Domain))?.Version
            ?? throw new OnnxError(name, "it does not say which version of the operators it means (opset_import)");
        return version is >= 1 and <= Operators.LastOpset ? version
            : throw new OnnxError(name, $"its operators are those of opset {version}; read are 1 to {Operators.LastOpset} "
                + "(possible: export it again with another opset)");
    }

    /// <summary>All nodes that cannot be read are told at once.</summary>
    private static void CheckOperators(GraphProto graph, long version, string name)
    {
        var unknown = graph.Node.Select(node => (Node: node, Reason: Operators.WhyNot(node, version))).Where(pair => pair.Reason is not null)
            .Select(pair => $"{Call.Title(pair.Node, version)}: {pair.Reason}").ToArray();
        if (unknown.Length > 0)
        {
            throw new OnnxError(name, unknown);
        }
    }
}
