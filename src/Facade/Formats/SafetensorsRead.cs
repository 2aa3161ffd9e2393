using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace AutoDiffCnn;

public static partial class Safetensors
{
    internal sealed record Entry(string Name, string TypeName, ElementType Type, Shape Shape, long Begin, long End);

    private static readonly Dictionary<string, ElementType> Dtypes = new()
    {
        ["BOOL"] = ElementType.Of<byte>(single: true),
        ["U8"] = ElementType.Of<byte>(single: true),
        ["I8"] = ElementType.Of<sbyte>(single: true),
        ["U16"] = ElementType.Of<ushort>(single: true),
        ["I16"] = ElementType.Of<short>(single: true),
        ["U32"] = ElementType.Of<uint>(single: false),
        ["I32"] = ElementType.Of<int>(single: false),
        ["U64"] = ElementType.Of<ulong>(single: false),
        ["I64"] = ElementType.Of<long>(single: false),
        ["F16"] = ElementType.Of<Half>(single: true),
        ["BF16"] = ElementType.Of<ushort>(bits => BitConverter.Int32BitsToSingle(bits << 16)),
        ["F32"] = ElementType.Of<float>(single: true),
        ["F64"] = ElementType.Of<double>(single: false),
        ["F8_E5M2"] = ElementType.Of<byte>(bits => (double)BitConverter.UInt16BitsToHalf((ushort)(bits << 8))),
        ["F8_E4M3"] = ElementType.Of<byte>(E4M3),
        ["F8_E8M0"] = ElementType.Of<byte>(bits => bits == 255 ? double.NaN : Math.ScaleB(1, bits - 127)),
    };

    /// <summary>A sign, 4 bits of exponent, 3 of mantissa, no infinity (P. Micikevicius et al., FP8 Formats for Deep
    /// Learning, 2022).</summary>
    private static double E4M3(byte bits)
    {
        var (exponent, mantissa) = (bits >> 3 & 15, bits & 7);
        var size = exponent == 0 ? Math.ScaleB(mantissa, -9) : Math.ScaleB(8 + mantissa, exponent - 10);
        return (exponent, mantissa) == (15, 7) ? double.NaN : bits < 128 ? size : -size;
    }

    /// <summary>The tensors of a file by name, all of them; <see cref="Open"/> reads some. F64, I32, U32, I64 and U64 are held in double, all others in single
    /// precision; whole numbers beyond 2⁵³ are rounded, everything else is exact.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatError">The file is no such file, or contradicts itself.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        using var file = InputFile.Open(path);
        return Read(file, path);
    }

    /// <summary>The tensors of a file that is already open.</summary>
    /// <param name="stream">The file from its current position to its end; it must be able to seek.</param>
    /// <param name="name">What to call the file in an error.</param>
    /// <exception cref="FormatError">The file is no such file, or contradicts itself.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(Stream stream, string name)
    {
        var (entries, _, data) = ReadHeader(stream, name);
        var tensors = new Dictionary<string, Tensor>(entries.Count);
        foreach (var entry in entries)
        {
            tensors[entry.Name] = ReadElements(stream, name, entry, data);
        }

        return tensors;
    }

    /// <summary>A file whose tensors are read by name, each when it is asked for.</summary>
    /// <inheritdoc cref="Read(string)"/>
    public static SafetensorsView Open(string path) => new(path);

    /// <summary>The texts that a file carries beside its tensors; empty if there are none.</summary>
    /// <inheritdoc cref="Read(string)"/>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using var file = InputFile.Open(path);
        return ReadHeader(file, path).Metadata;
    }

    /// <summary>The entries in the order of their elements, the metadata,
    /// and the file offset of the first element.</summary>
    internal static (List<Entry> Entries, Dictionary<string, string> Metadata, long Data) ReadHeader(Stream stream,
        string name)
    {
        var size = stream.Length - stream.Position;
        Span<byte> prefix = stackalloc byte[8];
        var read = stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false);
        if (read < 8)
        {
            throw new FormatError(name, read, "the length of the header (8 bytes)", "the end of the file");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        var most = Math.Min(MostHeader, size - 8);
        if (length > (ulong)most)
        {
            throw new FormatError(name, 0, $"a header of at most {most} bytes", $"{length}");
        }

        var header = new byte[length];
        read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read < header.Length)
        {
            throw new FormatError(name, 8 + read, $"a header of {length} bytes", "the end of the file");
        }

        var (entries, metadata) = ParseHeader(header, name);
        var data = 8 + header.Length;
        CheckOffsets(entries, size - data, name);
        return (entries, metadata, data);
    }

    private static (List<Entry> Entries, Dictionary<string, string> Metadata) ParseHeader(byte[] header, string name)
    {
        if (header is not [(byte)'{', ..] || !Utf8.IsValid(header))
        {
            throw new FormatError(name, 8, "a JSON object in UTF-8",
                header is [(byte)'{', ..] ? "bytes that are not UTF-8" : "something else");
        }

        var (entries, metadata) = (new List<Entry>(), new Dictionary<string, string>());
        try
        {
            using var json = JsonDocument.Parse(header, new() { AllowDuplicateProperties = false, MaxDepth = 8 });
            foreach (var member in json.RootElement.EnumerateObject())
            {
                if (member.NameEquals(Metadata))
                {
                    metadata = ParseMetadata(member.Value, name);
                }
                else
                {
                    entries.Add(ParseEntry(member.Name, member.Value, name));
                }
            }
        }
        catch (JsonException broken)
        {
            throw new FormatError(name, 8 + (broken.LineNumber is 0 ? broken.BytePositionInLine ?? 0 : 0),
                "valid JSON without duplicate names", broken.Message.TrimEnd('.'));
        }
        catch (InvalidOperationException broken)
        {
            // What JsonElement raises for a text that is half a surrogate pair.
            throw new FormatError(name, 8, "valid texts", broken.Message.TrimEnd('.'));
        }

        return (entries, metadata);
    }

    private static Dictionary<string, string> ParseMetadata(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.EnumerateObject()
            .All(member => member.Value.ValueKind == JsonValueKind.String)
            ? json.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString()!)
            : throw new FormatError(name, 8, $"texts in {Metadata}", Excerpt(json));

    private static Entry ParseEntry(string tensor, JsonElement json, string name)
    {
        JsonElement Member(string member, JsonValueKind kind) =>
            json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var value)
                && value.ValueKind == kind
                ? value
                : throw new FormatError(name, 8, $"dtype, shape and data_offsets of tensor '{tensor}'", Excerpt(json));

        var dtype = Member("dtype", JsonValueKind.String).GetString()!;
        var type = Dtypes.TryGetValue(dtype, out var known)
            ? known
            : throw new FormatError(name, 8,
                $"the dtype of tensor '{tensor}' to be one of {string.Join(", ", Dtypes.Keys)}", dtype);
        var shape = ParseShape(tensor, Member("shape", JsonValueKind.Array), name);
        var offsets = Member("data_offsets", JsonValueKind.Array);
        if (offsets.GetArrayLength() != 2 || !TryNatural(offsets[0], out var begin)
            || !TryNatural(offsets[1], out var end))
        {
            throw new FormatError(name, 8, $"two offsets of tensor '{tensor}'", Excerpt(offsets));
        }

        return end - begin == shape.Elements * type.Size
            ? new(tensor, dtype, type, shape, begin, end)
            : throw new FormatError(name, 8,
                $"{shape.Elements * type.Size} bytes for tensor '{tensor}', {dtype} {shape}",
                $"offsets {begin} to {end}");
    }

    private static Shape ParseShape(string tensor, JsonElement json, string name)
    {
        var sizes = new List<int>();
        var count = 1L;
        foreach (var element in json.EnumerateArray())
        {
            // The product is checked as if no size were 0, so that it cannot overflow on the way to a 0.
            var right = TryNatural(element, out var size) && size <= Array.MaxLength;
            count = right ? count * Math.Max(1, size) : long.MaxValue;
            if (count > Array.MaxLength)
            {
                throw new FormatError(name, 8, $"a shape of tensor '{tensor}' with at most {Array.MaxLength} elements",
                    Excerpt(json));
            }

            sizes.Add((int)size);
        }

        return Shape.From(sizes);
    }

    private static bool TryNatural(JsonElement json, out long number)
    {
        number = 0;
        return json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out number) && number >= 0;
    }

    /// <summary>Each tensor must begin where the one before ends, and the last must end where the file does.</summary>
    private static void CheckOffsets(List<Entry> entries, long room, string name)
    {
        entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        var end = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != end)
            {
                throw new FormatError(name, 8, $"tensor '{entry.Name}' to begin at offset {end}",
                    $"offset {entry.Begin}");
            }

            end = entry.End;
        }

        if (end != room)
        {
            throw new FormatError(name, 8, $"{end} bytes after the header, as its offsets say", $"{room}");
        }
    }

    /// <summary>The elements in the next bytes of the stream.</summary>
    internal static Tensor ReadElements(Stream stream, string name, Entry entry, long data) =>
        entry.Type.Read(stream, entry.Shape, bigEndian: false, read => new FormatError(name,
            data + entry.Begin + (long)read * entry.Type.Size, $"the elements of tensor '{entry.Name}'", "the end of the file"));

    private static string Excerpt(JsonElement json) =>
        json.GetRawText() is { Length: > 80 } text ? $"{text[..80]}…" : json.GetRawText();
}
