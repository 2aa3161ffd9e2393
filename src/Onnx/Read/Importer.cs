using System.Collections.Immutable;
using AutoDiffCnn.Protocol;

namespace AutoDiffCnn;

/// <summary>What stands for the inputs and the real initializers of a file.</summary>
internal interface ILeaves
{
    Node Input(string name, Shape shape);

    Node Initializer(string name, Tensor value);
}

/// <summary>From the messages of a file to nodes.</summary>
internal sealed class Importer(OnnxFile file, ILeaves leaves)
{
    // Constants up to this size are computed when the file is read.
    private const int MostFolded = 1 << 16;

    // What each name stands for; null for what could not be made, and so for what needs it.
    private readonly Dictionary<string, Value?> values = [];
    private readonly List<string> troubles = [];

    /// <summary>The outputs by name.</summary>
    public ImmutableArray<(string Name, Node Node)> Import(Dimensions dimensions)
    {
        foreach (var (name, value, sort) in file.Initializers)
        {
            Define(name, sort == Sort.Real ? new(value, () => leaves.Initializer(name, value)) : new(value, sort));
        }

        dimensions.Check(file.Inputs);
        foreach (var input in file.Inputs)
        {
            var sort = SortOf(input);
            Define(input.Name, new(leaves.Input(input.Name, dimensions.Of(input)), sort));
        }

        var outputs = Read(file.Graph);
        var names = file.Graph.Output.Select(output => output.Name).ToArray();
        return troubles.Count > 0 ? throw new OnnxError(file.Name, [.. troubles])
            : names.Distinct().Count() < names.Length ? throw new OnnxError(file.Name, "two outputs have one name")
            : [.. names.Zip(outputs, (name, value) => (name, value!.Node))];
    }

    /// <summary>What the outputs of a graph stand for.</summary>
    private ImmutableArray<Value?> Read(GraphProto graph)
    {
        foreach (var node in graph.Node)
        {
            Read(node);
        }

        return [.. graph.Output.Select(output => Find(output.Name, "the outputs"))];
    }

    /// <summary>A graph within a node, which sees all that is before the node.</summary>
    private ImmutableArray<Value?> Inside(GraphProto graph)
    {
        foreach (var (name, value, sort) in file.Tensors.All(graph))
        {
            Define(name, new(value, sort));
        }

        return Read(graph);
    }

    private Sort SortOf(ValueInfoProto input) => input.Type?.TensorType is not { } type
        ? throw new OnnxError(file.Name, $"input {input.Name} is no tensor")
        : TensorReader.SortOf(type.ElemType)
            ?? throw new OnnxError(file.Name, $"input {input.Name} has elements that are {TensorReader.Name(type.ElemType)}");

    private void Define(string name, Value? value)
    {
        if (name.Length == 0 || !values.TryAdd(name, value))
        {
            throw new OnnxError(file.Name, name.Length == 0 ? "a value has no name" : $"the name {name} is given to two values");
        }
    }

    private void Read(NodeProto node)
    {
        var place = Call.Title(node, file.Version);
        Value?[] inputs = [.. node.Input.Select(name => name.Length == 0 ? null : Find(name, place))];
        var isLost = node.Input.Zip(inputs).Any(pair => pair.First.Length > 0 && pair.Second is null);
        var results = isLost ? [] : Results(new Call(file.Name, node, file.Version, [.. inputs], Inside));
        for (var i = 0; i < node.Output.Count; i++)
        {
            if (node.Output[i].Length > 0)
            {
                Define(node.Output[i], i < results.Length ? results[i] : results.Length == 0 ? null
                    : throw new OnnxError(file.Name, $"{place}: it has no output {i}, {node.Output[i]}, or one that is not read"));
            }
        }
    }

    private Value? Find(string name, string place) => values.TryGetValue(name, out var value)
        ? value
        : throw new OnnxError(file.Name, $"{place}: there is no value {name}"
            + (file.Graph.Node.Any(node => node.Output.Contains(name)) ? " before it: nodes come after what they need, and there are no circles" : ""));

    /// <summary>The results of a node, none if it cannot be read.</summary>
    private ImmutableArray<Value> Results(Call call)
    {
        try
        {
            var reading = Operators.WhyNot(call.Proto, call.Version) is { } reason ? throw call.Fail(reason) : Operators.All[call.Proto.OpType];
            var results = reading.Of(call);
            call.CheckAttributes();
            var isFolded = reading.IsFolded && call.All.All(input => input.IsConstant);
            return [.. results.Select(result => isFolded ? Folded(result) : Marked(call, result))];
        }
        catch (OnnxError trouble)
        {
            troubles.AddRange(trouble.Troubles);
            return [];
        }
        catch (MisfitError error)
        {
            throw error.In($"{file.Name}: {call.Place}: {error.Place}", "");
        }
    }

    private static Value Folded(Value value) => value.IsConstant || value.Shape.Elements > MostFolded ? value : value.With(value.Node.Value);

    /// <summary>The nodes that were made say which node of the file they are from.</summary>
    private static Value Marked(Call call, Value value)
    {
        Node.Mark(value.Node, call.All.Where(input => input.IsUsed).Select(input => input.Node), new Origin(call.Proto.Name));
        return value;
    }
}
