using System.Buffers.Binary;
using System.IO.Compression;

namespace FacadeTests;

/// <summary>Makes IDX files, good and bad, in memory.</summary>
internal static class IdxFile
{
    public static byte[] Of(int[] sizes, byte[] elements)
    {
        var file = new byte[4 + 4 * sizes.Length + elements.Length];
        BinaryPrimitives.WriteUInt32BigEndian(file, 0x800u | (uint)sizes.Length);
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + 4 * axis), sizes[axis]);
        }

        elements.CopyTo(file, 4 + 4 * sizes.Length);
        return file;
    }

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    public static Tensor Read(byte[] file, int? rank = null) => Idx.Read(new MemoryStream(file), "file", rank);

    /// <summary>The error that the bytes give.</summary>
    public static string Error(byte[] file, int? rank = null) => Assert.Throws<FormatError>(() => Read(file, rank)).Message;
}
