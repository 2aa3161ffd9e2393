using System.Globalization;
using AutoDiffCnn.Protocol;
using static AutoDiffCnn.Protocol.TensorProto.Types;

namespace AutoDiffCnn;

// What is read, under the names that it has in the file.
internal sealed partial class OnnxWriter
{
    /// <summary>The operator set that is written: ScatterElements adds up from 16 on. ONNX Runtime has it since 1.11
    /// (2022).</summary>
    public const int Opset = 16;

    /// <summary>The version of the format that goes with it.</summary>
    private const int FormatVersion = 8;

    // What values are called in the file, by what they are called while it is written.
    private readonly Dictionary<string, string> final = [];
    private readonly HashSet<string> names = [];
    private readonly Dictionary<string, int> stems = [];

    private ModelProto Finished(OnnxGraph told, Graph graph)
    {
        var outputs = told.Outputs.Select(output => Typed(output.Name, output.Node)).ToArray();
        var read = Prune(graph.Outputs.Select(Of));
        names.UnionWith([.. told.Inputs.Select(input => input.Op.Name), .. weights.Select(weight => weight.Name),
            .. outputs.Select(output => output.Name)]);
        var copies = NameOutputs(graph, outputs);
        NameOthers(read);
        calls.AddRange(copies.Select(copy =>
            new NodeProto { OpType = "Identity", Name = copy.Name, Input = { Final(copy.Value) }, Output = { copy.Name } }));
        return new ModelProto
        {
            IrVersion = FormatVersion,
            ProducerName = "AutoDiffCnn",
            ProducerVersion = typeof(OnnxWriter).Assembly.GetName().Version!.ToString(3),
            OpsetImport = { new OperatorSetIdProto { Version = Opset } },
            Graph = new GraphProto
            {
                Name = "graph",
                Node = { Constants(read), calls },
                Initializer = { weights },
                Input = { told.Inputs.Select(input => Typed(input.Op.Name, input)) },
                Output = { outputs },
                ValueInfo = { Between(graph).ExceptBy(outputs.Select(output => output.Name), value => value.Name) },
            },
        };
    }

    /// <summary>Leaves out the calls that nothing reads; gives all values that are read.</summary>
    private HashSet<string> Prune(IEnumerable<string> outputs)
    {
        var read = outputs.ToHashSet();
        for (var i = calls.Count - 1; i >= 0; i--)
        {
            var results = calls[i].Output;
            if (!results.Any(read.Contains))
            {
                calls.RemoveAt(i);
                continue;
            }

            while (!read.Contains(results[^1]))
            {
                results.RemoveAt(results.Count - 1);
            }

            read.UnionWith(calls[i].Input);
        }

        return read;
    }

    /// <summary>Results get the names that they were told; what has another name already is copied.</summary>
    private List<(string Value, string Name)> NameOutputs(Graph graph, ValueInfoProto[] outputs)
    {
        var results = calls.SelectMany(call => call.Output).ToHashSet();
        return [.. graph.Outputs.Select(Of).Zip(outputs.Select(output => output.Name))
            .Where(pair => !results.Contains(pair.First) || !final.TryAdd(pair.First, pair.Second))];
    }

    /// <summary>Constants are nodes: what is stored beside the nodes is for weights, which a reader may want to train.</summary>
    private IEnumerable<NodeProto> Constants(HashSet<string> read) =>
        constants.Where(constant => read.Contains(constant.Value)).Select(constant => new NodeProto
        {
            OpType = "Constant",
            Name = Final(constant.Value),
            Output = { Final(constant.Value) },
            Attribute = { new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = constant.Key } },
        });

    private void NameOthers(HashSet<string> read)
    {
        foreach (var (_, constant) in constants.Where(constant => read.Contains(constant.Value)))
        {
            final[constant] = Fresh("constant");
        }

        foreach (var call in calls)
        {
            call.Name = Fresh(call.Name);
            for (var i = 0; i < call.Output.Count; i++)
            {
                final.TryAdd(call.Output[i], i == 0 ? call.Name : Fresh(string.Create(CultureInfo.InvariantCulture, $"{call.Name}.{i}")));
                call.Output[i] = final[call.Output[i]];
            }
        }

        foreach (var inputs in calls.Select(call => call.Input))
        {
            for (var i = 0; i < inputs.Count; i++)
            {
                inputs[i] = Final(inputs[i]);
            }
        }
    }

    private string Final(string value) => final.GetValueOrDefault(value, value);

    /// <summary>A name that nothing else has.</summary>
    private string Fresh(string stem)
    {
        var name = stem;
        while (!names.Add(name))
        {
            var count = stems[stem] = stems.GetValueOrDefault(stem, 1) + 1;
            name = string.Create(CultureInfo.InvariantCulture, $"{stem}_{count}");
        }

        return name;
    }

    /// <summary>The shapes of what lies between inputs and outputs.</summary>
    private IEnumerable<ValueInfoProto> Between(Graph graph)
    {
        var results = calls.SelectMany(call => call.Output).ToHashSet();
        return graph.Nodes.Where(node => node.Op is not Variable).Select(node => Typed(Final(Of(node)), node))
            .Where(value => results.Contains(value.Name)).DistinctBy(value => value.Name);
    }

    private static ValueInfoProto Typed(string name, Node node) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)(node.Kind == Kind.Real ? DataType.Float : DataType.Int64),
                Shape = new TensorShapeProto { Dim = { node.Shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }) } },
            },
        },
    };
}
