using System.Globalization;
using AutoDiffCnn.Protocol;
using Google.Protobuf;

namespace OnnxTests;

/// <summary>ONNX's own test suite, where it is installed (Debian's libonnx-testdata): models with inputs and the outputs
/// that they must give.</summary>
internal static class TestData
{
    private const string Root = "/usr/share/libonnx-testdata/data";

    public static bool IsHere => Directory.Exists(Root);

    /// <summary>All cases: <c>node/test_abs</c>.</summary>
    public static IEnumerable<string> Cases => Directory.EnumerateFiles(Root, "model.onnx", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal);

    /// <summary>The files of all cases but those of more than a few kilobytes, with what decides shapes.</summary>
    public static IEnumerable<byte[]> Models => Cases.Select(name => Path.Combine(Root, name)).Where(IsTensors)
        .Select(folder => Closed(Model(folder), Tensors(Path.Combine(folder, "test_data_set_0"), "input"), out _).ToByteArray())
        .Where(file => file.Length < 1 << 14);

    /// <summary>Runs a case on an executor and compares; throws where it does not agree.</summary>
    public static void Check(string name, Func<OnnxGraph, IReadOnlyDictionary<Node, Tensor>, IReadOnlyList<Tensor>> run)
    {
        var folder = Path.Combine(Root, name);
        var model = Model(folder);
        foreach (var set in Directory.EnumerateDirectories(folder, "test_data_set_*").Order(StringComparer.Ordinal))
        {
            var (inputs, expected) = (Tensors(set, "input"), Tensors(set, "output"));
            var graph = Read(model, inputs, out var bound);
            var results = run(graph, bound);
            Assert.Equal(expected.Count, results.Count);
            for (var i = 0; i < results.Count; i++)
            {
                Close(graph.Outputs[i].Name, Value(expected[i]), results[i], IsRough(name));
            }
        }
    }

    /// <summary>A case's graph and the values of its inputs.</summary>
    private static OnnxGraph Read(ModelProto model, List<TensorProto> inputs, out IReadOnlyDictionary<Node, Tensor> bound)
    {
        model = Closed(model, inputs, out var loose);
        var graph = Files.Read(model, [.. loose.Select(pair => (pair.Name, Value(pair.Value).Shape))]);
        bound = graph.Initializers.Concat(loose.Select((pair, i) => (graph.Inputs[i], Value(pair.Value))))
            .ToDictionary(pair => pair.Item1, pair => pair.Item2);
        return graph;
    }

    /// <summary>A file in which whole numbers and truth values among the inputs, and what decides shapes, are
    /// initializers: here they must be known.</summary>
    private static ModelProto Closed(ModelProto model, List<TensorProto> inputs, out List<(string Name, TensorProto Value)> loose)
    {
        var closed = model.Clone();
        var named = model.Graph.Input.Select(input => input.Name).Except(model.Graph.Initializer.Select(tensor => tensor.Name)).Zip(inputs)
            .ToLookup(pair => IsReal(pair.Second) && !IsKnown(model, pair.First));
        foreach (var (name, value) in named[false])
        {
            var constant = value.Clone();
            constant.Name = name;
            closed.Graph.Initializer.Add(constant);
        }

        loose = [.. named[true]];
        return closed;
    }

    /// <summary>Whether a real input must be known all the same: a range's ends, a resize's scales, a dropout's
    /// rate.</summary>
    private static bool IsKnown(ModelProto model, string name) => model.Graph.Node.Any(node => node.Input.IndexOf(name) is var at && at >= 0
        && (node.OpType is "Range" || at > 0 && node.OpType is "Resize" or "Upsample" or "Dropout" or "OneHot"));

    private static ModelProto Model(string folder) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));

    /// <summary>Whether a case has tensors only: others are stored in another message.</summary>
    private static bool IsTensors(string folder) => Model(folder).Graph.Input.All(input => input.Type?.TensorType is not null);

    private static bool IsReal(TensorProto tensor) => TensorReader.SortOf(tensor.DataType) == Sort.Real;

    private static List<TensorProto> Tensors(string set, string kind) => [.. Directory.EnumerateFiles(set, $"{kind}_*.pb")
        .OrderBy(file => int.Parse(Path.GetFileNameWithoutExtension(file)[(kind.Length + 1)..], CultureInfo.InvariantCulture))
        .Select(file => TensorProto.Parser.ParseFrom(File.ReadAllBytes(file)))];

    private static Tensor Value(TensorProto tensor) => new TensorReader("test data", null).Read(tensor, tensor.Name).Value;

    // ONNX's own bounds are a relative 10⁻³ and an absolute 10⁻⁷. Those are needed where the suite's numbers are rounded to
    // half precision or have few digits, or where it takes 3.1415 for π.
    private static void Close(string name, Tensor expected, Tensor actual, bool isRough)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        for (var i = 0; i < expected.Count; i++)
        {
            var (want, got) = (expected.At(i), actual.At(i));
            Assert.True(want.Equals(got) || Math.Abs(want - got) <= (isRough ? 1e-3 : 1e-5) * Math.Abs(want) + 1e-7,
                $"{name}, element {i}: {want} expected, {got} came");
        }
    }

    private static bool IsRough(string name) => name.Contains("FLOAT16") || name.Contains("window") || name.EndsWith("gridsample_bicubic", StringComparison.Ordinal);
}
