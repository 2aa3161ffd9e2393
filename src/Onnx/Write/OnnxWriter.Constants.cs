using AutoDiffCnn.Protocol;
using Google.Protobuf;
using static AutoDiffCnn.Protocol.AttributeProto.Types;
using static AutoDiffCnn.Protocol.TensorProto.Types;

namespace AutoDiffCnn;

// Numbers in the file: constants, which are stored once however often they are read, and attributes.
internal sealed partial class OnnxWriter
{
    private static readonly ElementType singles = ElementType.Of<float>(single: true);
    private static readonly ElementType longs = ElementType.Of<long>(single: false);

    /// <summary>The largest file that the format allows, and a little room for what is not numbers.</summary>
    private const long MostBytes = int.MaxValue - (1 << 20);

    private readonly OrderedDictionary<TensorProto, string> constants = [];
    private long bytes;

    /// <summary>A constant; gives its name.</summary>
    private string Constant(Tensor value, Kind kind)
    {
        Reserve("a constant", value.Shape, kind);
        var tensor = Stored("", value, kind);
        if (!constants.TryGetValue(tensor, out var name))
        {
            name = constants[tensor] = Fresh();
        }

        return name;
    }

    /// <summary>One real number.</summary>
    private string Number(double value) => Constant(Tensor.Of(value), Kind.Real);

    /// <summary>Whole numbers, which the index of a node cannot be if they are negative.</summary>
    private string Whole(params IEnumerable<long> numbers) =>
        Constant(Tensor.Of([.. numbers.Select(number => (double)number)]), Kind.Index);

    /// <summary>One whole number.</summary>
    private string Whole(long number) => Constant(Tensor.Of(number), Kind.Index);

    private string Sizes(Shape shape) => Whole(Longs(shape));

    /// <summary>Counts the bytes of a value before they are made.</summary>
    /// <exception cref="OnnxExportError">They are too many.</exception>
    private void Reserve(string title, Shape shape, Kind kind)
    {
        bytes += shape.Elements * (kind == Kind.Real ? singles : longs).Size;
        if (bytes > MostBytes)
        {
            throw new OnnxExportError($"the file would exceed 2 GB, the most that ONNX allows, at {title} {shape}. "
                + "Possible: make weights inputs and keep them as safetensors.");
        }
    }

    private static TensorProto Stored(string name, Tensor value, Kind kind)
    {
        var (type, elements) = kind == Kind.Real ? (DataType.Float, singles) : (DataType.Int64, longs);
        using var content = new MemoryStream(elements.Size * value.Count);
        _ = elements.Write(content, value);
        return new TensorProto
        {
            Name = name,
            DataType = (int)type,
            Dims = { Longs(value.Shape) },
            RawData = UnsafeByteOperations.UnsafeWrap(content.GetBuffer().AsMemory(0, (int)content.Length)),
        };
    }

    private static long[] Longs(Shape shape) => [.. shape.Select(size => (long)size)];

    private static AttributeProto Attribute(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    private static AttributeProto Attribute(string name, double value) =>
        new() { Name = name, Type = AttributeType.Float, F = (float)value };

    private static AttributeProto Attribute(string name, params long[] values) =>
        new() { Name = name, Type = AttributeType.Ints, Ints = { values } };

    private static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) };
}
