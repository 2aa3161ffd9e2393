using System.Globalization;
using AutoDiffCnn.Protocol;

namespace AutoDiffCnn;

/// <summary>Writes nodes as ONNX operators, each after its inputs. What a pattern takes together is written anyway and left
/// out in the end, because nothing reads it.</summary>
internal sealed partial class OnnxWriter
{
    private readonly List<NodeProto> calls = [];
    private readonly List<TensorProto> weights = [];
    private readonly Dictionary<Node, string> values = [];
    private readonly Dictionary<Node, int> readers;
    private readonly List<Node> unwritten = [];
    private Node? current;
    private int made;

    private OnnxWriter(Graph graph) =>
        readers = graph.Nodes.SelectMany(node => node.Inputs).Concat(graph.Outputs).CountBy(node => node).ToDictionary();

    /// <summary>The file of a graph.</summary>
    /// <exception cref="OnnxExportError">An op has no counterpart.</exception>
    public static ModelProto Write(OnnxGraph told)
    {
        CheckNames(told);
        var graph = Prepared(new Graph([.. told.Outputs.Select(output => output.Node)]));
        var writer = new OnnxWriter(graph);
        writer.WriteLeaves(told);
        foreach (var node in graph.Nodes)
        {
            if (!writer.values.ContainsKey(node))
            {
                writer.values[node] = writer.WriteNode(node);
            }
        }

        return writer.unwritten.Count == 0
            ? writer.Finished(told, graph)
            : throw new OnnxExportError(string.Join("\n", writer.Complaints()));
    }

    private static void CheckNames(OnnxGraph told)
    {
        var all = told.Inputs.Concat(told.Initializers.Select(initial => initial.Variable)).Select(variable => variable.Op.Name)
            .Concat(told.Outputs.Select(output => output.Name));
        if (all.CountBy(name => name).FirstOrDefault(name => name.Value > 1 || name.Key.Length == 0) is { Value: > 0 } odd)
        {
            throw new GraphError(odd.Key.Length == 0 ? "an output has no name." : $"two values of the file are called {odd.Key}.");
        }
    }

    /// <summary>The graph with nodes for what other ops mean, simplified, with softmax as one op.</summary>
    private static Graph Prepared(Graph graph)
    {
        Verify.Check(graph);
        var named = Rewrite.Apply(Rules.Inlined(graph), Softmaxes);
        return Rewrite.Apply(named, Rewrite.Algebra, Rules.Shapes, Rewrite.Fold);
    }

    /// <summary>The name of a node's value.</summary>
    private string Of(Node node) => values[node];

    private void WriteLeaves(OnnxGraph told)
    {
        foreach (var input in told.Inputs)
        {
            values[input] = input.Op.Name;
        }

        foreach (var (variable, value) in told.Initializers)
        {
            values[variable] = variable.Op.Name;
            Reserve(variable.Op.Name, Reference.CheckBinding(variable, value).Shape, variable.Kind);
        }

        weights.AddRange(told.Initializers.Select(initial => Stored(initial.Variable.Op.Name, initial.Value, initial.Variable.Kind)));
    }

    private string WriteNode(Node node)
    {
        current = node;
        return node.Op switch
        {
            Variable variable => throw new BindingError($"variable {variable.Name} {node.Shape} is neither an input nor has it a value."),
            Constant { Value: var value } => Constant(value, node.Kind),
            _ => Linear(node) ?? Pooling(node) ?? Shaping(node) ?? Indexing(node) ?? Reducing(node) ?? Elementwise(node) ?? Unwritten(node),
        };
    }

    private string Unwritten(Node node)
    {
        unwritten.Add(node);
        return Fresh();
    }

    /// <summary>What is said of the ops that have no counterpart. Keys are only worth a word where nothing is drawn from
    /// them.</summary>
    private IEnumerable<string> Complaints()
    {
        var told = unwritten.Any(node => OnnxGraph.Word(node.Op) is not null) ? unwritten.Where(node => node.Op is not FoldIn) : unwritten;
        return told.Select(node => (node.Origin is { Path.Length: > 0 } origin ? $"{origin.Path}: " : "") + node.Op + Reason(node.Op)).Distinct();
    }

    private static string Reason(Op op) => op is FoldIn || OnnxGraph.Word(op) is not null
        ? $" draws random numbers from a key, for which opset {Opset} has no operators. "
            + "Possible: make what is drawn an input (WithDrawsAsInputs), or build the model for use (without Mode.Train)."
        : $" has no counterpart in opset {Opset} and no formula to be written. "
            + "Possible: make it of ops that have one, or derive it from Map1, Map2 or Map3.";

    /// <summary>An operator with one result; gives the result's name.</summary>
    private string Emit(string type, string[] inputs, params AttributeProto[] attributes) => Emit(type, 1, inputs, attributes)[0];

    private string[] Emit(string type, int outputs, string[] inputs, params AttributeProto[] attributes)
    {
        string[] results = [.. Enumerable.Range(0, outputs).Select(_ => Fresh())];
        calls.Add(new NodeProto
        {
            OpType = type,
            Name = Stem(type),
            DocString = $"{current!.Op} : {current.Shape}",
            Input = { inputs },
            Output = { results },
            Attribute = { attributes },
        });
        return results;
    }

    /// <summary>A name for a while, that no variable can have.</summary>
    private string Fresh() => string.Create(CultureInfo.InvariantCulture, $"%{made++}");

    /// <summary>A node is called by its layer, whether it belongs to the backward pass, and what it does.</summary>
    private string Stem(string type) => current!.Origin is { } origin
        ? string.Join('/', ((string[])[origin.Path, origin.Forward is null ? "" : "grad", type]).Where(part => part.Length > 0))
        : type;
}
