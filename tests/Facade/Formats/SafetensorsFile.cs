using System.Buffers.Binary;
using System.Text;

namespace FacadeTests;

/// <summary>Makes safetensors files, good and bad, in memory.</summary>
internal static class SafetensorsFile
{
    public static byte[] Of(string header, params byte[] data) => Of(Encoding.UTF8.GetBytes(header), data);

    public static byte[] Of(byte[] header, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }

    /// <summary>A file with one tensor t.</summary>
    public static byte[] One(string dtype, string shape, params byte[] data) =>
        Of($$$"""{"t":{"dtype":"{{{dtype}}}","shape":{{{shape}}},"data_offsets":[0,{{{data.Length}}}]}}""", data);

    public static IReadOnlyDictionary<string, Tensor> Read(byte[] file) => Safetensors.Read(new MemoryStream(file), "file");

    public static byte[] Write(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null, bool keepDoubles = false)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors, metadata, keepDoubles);
        return stream.ToArray();
    }

    /// <summary>The error that the bytes give.</summary>
    public static string Error(byte[] file) => Assert.Throws<FormatError>(() => Read(file)).Message;
}
