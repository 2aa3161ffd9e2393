using AutoDiffCnn.Protocol;
using Google.Protobuf;
using static AutoDiffCnn.Protocol.AttributeProto.Types;
using Dimension = AutoDiffCnn.Protocol.TensorShapeProto.Types.Dimension;

namespace OnnxTests;

/// <summary>Files made by hand.</summary>
internal static class Files
{
    /// <summary>A file with inputs of single precision; the outputs are those of the last node.</summary>
    public static ModelProto Model(long opset, (string Name, object[] Shape)[] inputs, TensorProto[] initializers, params NodeProto[] nodes)
    {
        var model = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "made" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        model.Graph.Input.AddRange(inputs.Select(input => Input(input.Name, 1, input.Shape)));
        model.Graph.Initializer.AddRange(initializers);
        model.Graph.Node.AddRange(nodes);
        model.Graph.Output.AddRange(nodes.TakeLast(1).SelectMany(node => node.Output).Select(name => new ValueInfoProto { Name = name }));
        return model;
    }

    /// <summary>An input whose sizes are numbers, names, or null for neither.</summary>
    public static ValueInfoProto Input(string name, int type, params object?[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = type, Shape = new() };
        tensor.Shape.Dim.AddRange(shape.Select(size => size switch
        {
            int number => new Dimension { DimValue = number },
            long number => new Dimension { DimValue = number },
            string letter => new Dimension { DimParam = letter },
            _ => new Dimension(),
        }));
        return new() { Name = name, Type = new() { TensorType = tensor } };
    }

    /// <summary>A node: <c>Node("Add", "x y", "z")</c>; - stands for an input that is left out.</summary>
    public static NodeProto Node(string type, string inputs, string outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = $"the_{outputs.Split(' ')[0]}" };
        node.Input.AddRange(inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => name == "-" ? "" : name));
        node.Output.AddRange(outputs.Split(' '));
        node.Attribute.AddRange(attributes);
        return node;
    }

    public static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case int or long:
                (attribute.Type, attribute.I) = (AttributeType.Int, Convert.ToInt64(value, null));
                break;
            case double number:
                (attribute.Type, attribute.F) = (AttributeType.Float, (float)number);
                break;
            case string text:
                (attribute.Type, attribute.S) = (AttributeType.String, ByteString.CopyFromUtf8(text));
                break;
            case long[] numbers:
                attribute.Type = AttributeType.Ints;
                attribute.Ints.AddRange(numbers);
                break;
            case double[] numbers:
                attribute.Type = AttributeType.Floats;
                attribute.Floats.AddRange(numbers.Select(number => (float)number));
                break;
            case TensorProto tensor:
                (attribute.Type, attribute.T) = (AttributeType.Tensor, tensor);
                break;
            case GraphProto graph:
                (attribute.Type, attribute.G) = (AttributeType.Graph, graph);
                break;
            default:
                throw new ArgumentException($"no attribute is a {value.GetType()}", nameof(value));
        }

        return attribute;
    }

    /// <summary>Whole numbers.</summary>
    public static TensorProto Whole(string name, params long[] numbers)
    {
        var tensor = new TensorProto { Name = name, DataType = 7 };
        tensor.Dims.Add(numbers.Length);
        tensor.Int64Data.AddRange(numbers);
        return tensor;
    }

    /// <summary>Numbers in single precision.</summary>
    public static TensorProto Real(string name, Tensor value)
    {
        var tensor = new TensorProto { Name = name, DataType = 1 };
        tensor.Dims.AddRange(value.Shape.Select(size => (long)size));
        tensor.FloatData.AddRange(value.ToSingles());
        return tensor;
    }

    public static OnnxGraph Read(ModelProto model, params ReadOnlySpan<(string Name, Shape Shape)> shapes) => Read(model.ToByteArray(), shapes);

    public static OnnxGraph Read(byte[] bytes, params ReadOnlySpan<(string Name, Shape Shape)> shapes)
    {
        using var stream = new MemoryStream(bytes);
        return Onnx.Read(stream, "made.onnx", shapes);
    }
}
