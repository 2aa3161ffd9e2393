using System.Collections.Immutable;
using AutoDiffCnn.Protocol;

namespace AutoDiffCnn;

/// <summary>What stands for the inputs and the initializers of a file.</summary>
internal interface ILeaves
{
    Node Input(string name, Shape shape);

    Node Initializer(string name, Tensor value);
}

/// <summary>From the messages of a file to nodes.</summary>
internal sealed class Importer(string file, ModelProto model, TensorReader tensors, ILeaves leaves)
{
    // Constants up to this size are computed when the file is read.
    private const int MostFolded = 1 << 16;

    private readonly GraphProto graph = model.Graph;

    // What each name stands for; null for what could not be made, and so for what needs it.
    private readonly Dictionary<string, Value?> values = [];
    private readonly List<string> troubles = [];

    /// <summary>The outputs by name.</summary>
    public ImmutableArray<(string Name, Node Node)> Import(Dimensions dimensions)
    {
        var version = Version();
        CheckOperators(version);
        ReadInitializers();
        ReadInputs(dimensions);
        foreach (var node in graph.Node)
        {
            Read(node, version);
        }

        return troubles.Count > 0 ? throw new OnnxError(file, [.. troubles])
            : graph.Output.Select(output => output.Name).Distinct().Count() < graph.Output.Count
            ? throw new OnnxError(file, "two outputs have one name")
            : [.. graph.Output.Select(output => (output.Name, Find(output.Name, "an output")!.Node))];
    }

    private long Version()
    {
        var version = model.OpsetImport.LastOrDefault(set => IsStandard(set.Domain))?.Version
            ?? throw new OnnxError(file, "it does not say which version of the operators it means (opset_import)");
        return version is >= 1 and <= Operators.LastOpset ? version
            : throw new OnnxError(file, $"its operators are those of opset {version}; read are 1 to {Operators.LastOpset} "
                + "(possible: export it again with an older opset)");
    }

    private static bool IsStandard(string domain) => domain is "" or "ai.onnx";

    /// <summary>All that cannot be read is told at once.</summary>
    private void CheckOperators(long version)
    {
        var unknown = graph.Node.Select(node => (Node: node, Reason: Unknown(node, version))).Where(pair => pair.Reason is not null)
            .Select(pair => $"{Call.Title(pair.Node, version)}: {pair.Reason}").ToArray();
        if (unknown.Length > 0)
        {
            throw new OnnxError(file, unknown);
        }
    }

    private static string? Unknown(NodeProto node, long version) =>
        !IsStandard(node.Domain) ? $"its domain {node.Domain} is not known"
        : !Operators.All.TryGetValue(node.OpType, out var reading) ? Operators.WhyNot(node.OpType)
        : version < reading.Since ? $"this operator is read from opset {reading.Since} on (possible: export it again with a newer opset)"
        : null;

    private void ReadInitializers()
    {
        foreach (var tensor in graph.Initializer)
        {
            var (value, sort) = tensors.Read(tensor, $"initializer {tensor.Name}");
            Define(tensor.Name, sort == Sort.Real ? new(leaves.Initializer(tensor.Name, value), sort, value) : new(value, sort));
        }
    }

    private void ReadInputs(Dimensions dimensions)
    {
        // What has a value in the file is an input for those only who want to give it another.
        var free = graph.Input.Where(input => !values.ContainsKey(input.Name)).ToArray();
        dimensions.Check(free);
        foreach (var input in free)
        {
            var sort = input.Type?.TensorType is { } type
                ? TensorReader.SortOf(type.ElemType) ?? throw new OnnxError(file, $"input {input.Name} has elements that are {TensorReader.Name(type.ElemType)}")
                : throw new OnnxError(file, $"input {input.Name} is no tensor");
            Define(input.Name, new(leaves.Input(input.Name, dimensions.Of(input)), sort));
        }
    }

    private void Define(string name, Value? value)
    {
        if (name.Length == 0 || !values.TryAdd(name, value))
        {
            throw new OnnxError(file, name.Length == 0 ? "a value has no name" : $"the name {name} is given to two values");
        }
    }

    private void Read(NodeProto node, long version)
    {
        var place = Call.Title(node, version);
        Value?[] inputs = [.. node.Input.Select(name => name.Length == 0 ? null : Find(name, place))];
        var isLost = node.Input.Zip(inputs).Any(pair => pair.First.Length > 0 && pair.Second is null);
        var results = isLost ? [] : Results(new Call(file, node, version, [.. inputs]));
        for (var i = 0; i < node.Output.Count; i++)
        {
            if (node.Output[i].Length > 0)
            {
                Define(node.Output[i], i < results.Length ? results[i] : isLost || results.Length == 0 ? null
                    : throw new OnnxError(file, $"{place}: it has no output {i}, {node.Output[i]}, or one that is not read"));
            }
        }
    }

    private Value? Find(string name, string place) => values.TryGetValue(name, out var value)
        ? value
        : throw new OnnxError(file, $"{place}: there is no value {name}"
            + (graph.Node.Any(node => node.Output.Contains(name)) ? " before it: nodes must come after what they need, without circles" : ""));

    /// <summary>The results of a node, none if it cannot be read.</summary>
    private ImmutableArray<Value> Results(Call call)
    {
        try
        {
            var reading = Operators.All[call.Proto.OpType];
            var results = reading.Of(call);
            call.CheckAttributes();
            return [.. results.Select(result => Marked(call, reading.IsFolded && call.All.All(input => input.IsConstant) ? Folded(result) : result))];
        }
        catch (OnnxError trouble)
        {
            troubles.AddRange(trouble.Troubles);
            return [];
        }
        catch (MisfitError error)
        {
            throw error.In($"{file}: {call.Place}: {error.Place}", "");
        }
    }

    private static Value Folded(Value value) => value.IsConstant || value.Shape.Elements > MostFolded ? value : value.With(value.Node.Value);

    private static Value Marked(Call call, Value value)
    {
        Node.Mark(value.Node, call.All.Select(input => input.Node), new Origin(call.Proto.Name));
        return value;
    }
}
