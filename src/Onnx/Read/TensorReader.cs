using System.Runtime.InteropServices;
using AutoDiffCnn.Protocol;
using static AutoDiffCnn.Protocol.TensorProto.Types;

namespace AutoDiffCnn;

/// <summary>Tensors of a file: from its own bytes, or from a file beside it.</summary>
/// <param name="file">The file's name.</param>
/// <param name="folder">Where files beside it are; null if it is not in a folder.</param>
internal sealed class TensorReader(string file, string? folder)
{
    private static readonly Dictionary<DataType, (Sort Sort, ElementType Type)> Types = new()
    {
        [DataType.Float] = (Sort.Real, ElementType.Of<float>(single: true)),
        [DataType.Double] = (Sort.Real, ElementType.Of<double>(single: false)),
        [DataType.Float16] = (Sort.Real, ElementType.Of<Half>(single: true)),
        [DataType.Bfloat16] = (Sort.Real, ElementType.Of<ushort>(bits => BitConverter.Int32BitsToSingle(bits << 16))),
        [DataType.Bool] = (Sort.Truth, ElementType.Of<byte>(single: true)),
        [DataType.Uint8] = (Sort.Whole, ElementType.Of<byte>(single: true)),
        [DataType.Int8] = (Sort.Whole, ElementType.Of<sbyte>(single: true)),
        [DataType.Uint16] = (Sort.Whole, ElementType.Of<ushort>(single: true)),
        [DataType.Int16] = (Sort.Whole, ElementType.Of<short>(single: true)),
        [DataType.Uint32] = (Sort.Whole, ElementType.Of<uint>(single: false)),
        [DataType.Int32] = (Sort.Whole, ElementType.Of<int>(single: false)),
        [DataType.Uint64] = (Sort.Whole, ElementType.Of<ulong>(single: false)),
        [DataType.Int64] = (Sort.Whole, ElementType.Of<long>(single: false)),
    };

    /// <summary>What the elements of a type are; null for texts, complex and quantised numbers.</summary>
    public static Sort? SortOf(int type) => Types.TryGetValue((DataType)type, out var known) ? known.Sort : null;

    /// <summary>A type's name in ONNX.</summary>
    public static string Name(int type) => Enum.IsDefined((DataType)type) ? $"{(DataType)type}".ToUpperInvariant() : $"type {type}";

    /// <summary>The values that a graph holds.</summary>
    public IEnumerable<(string Name, Tensor Value, Sort Sort)> All(GraphProto graph) => graph.Initializer.Select(tensor =>
    {
        var (value, sort) = Read(tensor, $"initializer {tensor.Name}");
        return (tensor.Name, value, sort);
    });

    /// <summary>The value of a tensor, and what its elements are.</summary>
    /// <param name="proto">The tensor as it stands in the file.</param>
    /// <param name="place">Where, for an error.</param>
    public (Tensor Value, Sort Sort) Read(TensorProto proto, string place)
    {
        if (!Types.TryGetValue((DataType)proto.DataType, out var kind))
        {
            throw Wrong(place, $"its elements are {Name(proto.DataType)}; read are {string.Join(", ", Types.Keys.Select(type => Name((int)type)))}");
        }

        var shape = ShapeOf(proto, place);
        var value = proto.DataLocation == DataLocation.External ? ReadBeside(proto, kind.Type, shape, place)
            : proto.RawData.Length > 0 || Listed(proto) == 0 ? ReadRaw(proto, kind.Type, shape, place)
            : ReadListed(proto, shape, place);
        return kind.Sort != Sort.Truth || value.ToDoubles().All(bit => bit is 0 or 1) ? (value, kind.Sort)
            : throw Wrong(place, "a truth value is neither 0 nor 1");
    }

    private Shape ShapeOf(TensorProto proto, string place)
    {
        // The product is checked as if no size were 0, so that it cannot overflow on the way to a 0.
        var count = 1L;
        foreach (var size in proto.Dims)
        {
            count = size >= 0 && size <= Array.MaxLength ? count * Math.Max(1, size) : long.MaxValue;
            if (count > Array.MaxLength)
            {
                throw Wrong(place, $"its shape [{string.Join(", ", proto.Dims)}] has a negative size or more than {Array.MaxLength} elements");
            }
        }

        return Shape.From(proto.Dims.Select(size => (int)size));
    }

    private static int Listed(TensorProto proto) => proto.FloatData.Count + proto.Int32Data.Count + proto.Int64Data.Count
        + proto.DoubleData.Count + proto.Uint64Data.Count + proto.StringData.Count;

    private Tensor ReadRaw(TensorProto proto, ElementType type, Shape shape, string place)
    {
        if (Listed(proto) > 0 || proto.RawData.Length != shape.Elements * type.Size)
        {
            throw Wrong(place, $"{Name(proto.DataType)} {shape} needs {shape.Elements * type.Size} bytes, it has {proto.RawData.Length}"
                + (Listed(proto) > 0 ? " and numbers besides" : ""));
        }

        MemoryMarshal.TryGetArray(proto.RawData.Memory, out var memory);
        using var bytes = new MemoryStream(memory.Array!, memory.Offset, memory.Count, writable: false);
        return type.Read(bytes, shape, bigEndian: false, _ => throw new InvalidOperationException("the bytes were counted before"));
    }

    /// <summary>Numbers in the lists that the format has for some types; small ones are in that of 32 bits, halves by
    /// their bits.</summary>
    private Tensor ReadListed(TensorProto proto, Shape shape, string place)
    {
        var type = (DataType)proto.DataType;
        var numbers = type switch
        {
            DataType.Float => Tensor(proto.FloatData.Count, i => proto.FloatData[i]),
            DataType.Double => Tensor(proto.DoubleData.Count, i => proto.DoubleData[i]),
            DataType.Int64 => Tensor(proto.Int64Data.Count, i => proto.Int64Data[i]),
            DataType.Uint32 or DataType.Uint64 => Tensor(proto.Uint64Data.Count, i => proto.Uint64Data[i]),
            _ => Tensor(proto.Int32Data.Count, i => Small(type, proto.Int32Data[i])),
        };
        return numbers.Count == shape.Elements && numbers.Count == Listed(proto)
            ? numbers.Reshape(shape)
            : throw Wrong(place, $"{Name(proto.DataType)} {shape} needs {shape.Elements} numbers, it has {Listed(proto)}"
                + (numbers.Count < Listed(proto) ? ", some of another type" : ""));

        static Tensor Tensor(int count, Func<int, double> number) => AutoDiffCnn.Tensor.From([count], number);

        double Small(DataType small, int bits) => small switch
        {
            DataType.Float16 when bits is >= 0 and <= ushort.MaxValue => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
            DataType.Bfloat16 when bits is >= 0 and <= ushort.MaxValue => BitConverter.Int32BitsToSingle(bits << 16),
            DataType.Int32 => bits,
            DataType.Int16 when bits is >= short.MinValue and <= short.MaxValue => bits,
            DataType.Int8 when bits is >= sbyte.MinValue and <= sbyte.MaxValue => bits,
            DataType.Uint16 when bits is >= 0 and <= ushort.MaxValue => bits,
            DataType.Uint8 or DataType.Bool when bits is >= 0 and <= byte.MaxValue => bits,
            _ => throw Wrong(place, $"{bits} is no {Name((int)small)}"),
        };
    }

    /// <summary>Elements in another file, which must lie in the same folder or below it.</summary>
    private Tensor ReadBeside(TensorProto proto, ElementType type, Shape shape, string place)
    {
        var entries = proto.ExternalData.ToLookup(entry => entry.Key, entry => entry.Value);
        var location = entries["location"].LastOrDefault("");
        var path = folder is not null && IsInside(location) ? Path.Combine(folder, location)
            : throw Wrong(place, $"its elements are in '{location}', "
                + (folder is null ? "but a stream has no folder" : "which must be a path without .. inside the file's folder"));
        try
        {
            using var beside = InputFile.Open(path);
            var (offset, needed) = (Number("offset", 0), shape.Elements * type.Size);
            var length = Number("length", Math.Max(0, beside.Length - offset));
            if (offset > beside.Length || length > beside.Length - offset || length != needed)
            {
                throw new FormatError(path, Math.Min(offset, beside.Length), $"{needed} bytes of {place}, {Name(proto.DataType)} {shape}",
                    $"{length} at {offset} of {beside.Length} in all");
            }

            beside.Position = offset;
            return type.Read(beside, shape, bigEndian: false,
                read => new FormatError(path, offset + (long)read * type.Size, $"the elements of {place}", "the end of the file"));
        }
        catch (IOException trouble)
        {
            throw Wrong(place, $"its elements are in '{location}', which cannot be read: {trouble.Message.TrimEnd('.')}");
        }

        long Number(string key, long otherwise) => entries[key].LastOrDefault() is not { } text ? otherwise
            : long.TryParse(text, System.Globalization.NumberStyles.None, null, out var number) ? number
            : throw Wrong(place, $"{key} '{text}' of its elements is no number");
    }

    private static bool IsInside(string location) => location.Length > 0 && !Path.IsPathRooted(location)
        && location.Split('/', '\\').All(part => part is not (".." or "")) && !location.Contains('\0') && !location.Contains(':');

    private OnnxError Wrong(string place, string reason) => new(file, $"{place}: {reason}");
}
