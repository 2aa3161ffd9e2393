using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace AutoDiffCnn;

/// <summary>Named tensors in a file that every framework reads and that cannot contain code.</summary>
/// <remarks>The format of github.com/huggingface/safetensors: the length of the header (8 bytes, little-endian), the
/// header (JSON: name to dtype, shape and offsets, then spaces up to a multiple of 8), the elements without gaps. The
/// same tensors always give the same bytes, in the official writer's order: F64 before F32,
/// then by name (code points).</remarks>
/// <example><code>
/// Safetensors.Write("w.safetensors", new Dictionary&lt;string, Tensor> { ["w"] = Tensor.Of([1, 2]) });
/// Safetensors.Read("w.safetensors")["w"] // [1, 2]
/// </code></example>
public static partial class Safetensors
{
    private const int MostHeader = 100_000_000;
    private const string Metadata = "__metadata__";

    /// <summary>Writes a file, atomically: on any failure an older file is as it was.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="metadata">Any texts by name.</param>
    /// <param name="keepDoubles">Whether tensors stored in double are written as F64; otherwise all are rounded to F32,
    /// as weights are exchanged.</param>
    /// <exception cref="ArgumentException">A name is no text (a lone surrogate) or is __metadata__,
    /// or the header exceeds 100 MB.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null, bool keepDoubles = false) =>
        AtomicFile.Write(path, stream => Write(stream, tensors, metadata, keepDoubles));

    /// <summary>Writes to a stream.</summary>
    /// <inheritdoc cref="Write(string, IReadOnlyDictionary{string, Tensor}, IReadOnlyDictionary{string, string}, bool)"/>
    public static void Write(Stream stream, IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null, bool keepDoubles = false)
    {
        bool IsDouble(Tensor tensor) => keepDoubles && !tensor.IsSingle;
        if (tensors.ContainsKey(Metadata))
        {
            throw new ArgumentException($"'{Metadata}' cannot name a tensor: the format uses it itself.",
                nameof(tensors));
        }

        CheckTexts(tensors.Keys, nameof(tensors));
        CheckTexts([.. metadata?.Keys ?? [], .. metadata?.Values ?? []], nameof(metadata));
        (string Name, Tensor Tensor, bool Double)[] entries =
        [
            .. tensors.Select(pair => (pair.Key, pair.Value, IsDouble(pair.Value)))
                .OrderByDescending(entry => entry.Item3)
                .ThenBy(entry => entry.Key, ByCodePoint),
        ];
        var header = Header(entries, metadata ?? new Dictionary<string, string>());
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, tensor, isDouble) in entries)
        {
            _ = Dtypes[isDouble ? "F64" : "F32"].Write(stream, tensor);
        }
    }

    private static Comparer<string> ByCodePoint { get; } = Comparer<string>.Create((a, b) =>
        Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));

    private static void CheckTexts(IEnumerable<string> texts, string argument)
    {
        foreach (var text in texts)
        {
            if (Utf8.FromUtf16(text, new byte[3 * text.Length], out _, out _,
                replaceInvalidSequences: false) != OperationStatus.Done)
            {
                throw new ArgumentException($"'{text}' is no valid text: it contains half a surrogate pair.", argument);
            }
        }
    }

    private static byte[] Header((string Name, Tensor Tensor, bool Double)[] entries,
        IReadOnlyDictionary<string, string> metadata)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            var offset = 0L;
            foreach (var (name, tensor, isDouble) in entries)
            {
                var end = offset + (long)tensor.Count * (isDouble ? sizeof(double) : sizeof(float));
                json.WriteStartObject(name);
                json.WriteString("dtype", isDouble ? "F64" : "F32");
                WriteNumbers(json, "shape", tensor.Shape.Select(size => (long)size));
                WriteNumbers(json, "data_offsets", [offset, end]);
                json.WriteEndObject();
                offset = end;
            }

            json.WriteEndObject();
        }

        while (bytes.Length % 8 != 0)
        {
            bytes.WriteByte((byte)' ');
        }

        return bytes.Length <= MostHeader
            ? bytes.ToArray()
            : throw new ArgumentException(
                $"the names of the tensors take {bytes.Length} bytes, the format allows {MostHeader}.",
                nameof(entries));
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
        {
            return;
        }

        json.WriteStartObject(Metadata);
        foreach (var (name, text) in metadata.OrderBy(pair => pair.Key, ByCodePoint))
        {
            json.WriteString(name, text);
        }

        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
