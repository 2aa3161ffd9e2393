using System.Buffers.Binary;
using System.IO.Compression;

namespace AutoDiffCnn;

/// <summary>The content of a file that may be compressed with gzip, which its first bytes tell, whatever its
/// name.</summary>
internal static class Unpacked
{
    // RFC 1951: a match of 258 bytes takes at least 2 bits, so deflate gains less than 1,032 times.
    private const long MostOfDeflate = 1032;

    /// <summary>The most bytes that a packed stream of a length can hold.</summary>
    public static long Room(long packed) => packed * MostOfDeflate;

    /// <summary>Reads a file's content.</summary>
    /// <param name="stream">The file from its current position to its end; it must be able to seek.</param>
    /// <param name="name">What to call the file in an error.</param>
    /// <param name="read">Gets the content and the most bytes that it can have; gives what it made of it and the number
    /// of bytes that it read, which must be all.</param>
    /// <exception cref="FormatError">The file is a broken gzip file.</exception>
    public static T Read<T>(Stream stream, string name, Func<Stream, long, (T Value, long Size)> read)
    {
        var size = stream.Length - stream.Position;
        if (!IsGzip(stream))
        {
            return read(stream, size).Value;
        }

        using var content = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            var (value, length) = read(content, Room(size));
            CheckEnd(stream, name, length);
            return value;
        }
        catch (InvalidDataException broken)
        {
            throw new FormatError(name, 0, "a whole gzip file", $"a broken one ({broken.Message.TrimEnd('.')})");
        }
    }

    private static bool IsGzip(Stream stream)
    {
        Span<byte> magic = stackalloc byte[2];
        var read = stream.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        stream.Seek(-read, SeekOrigin.Current);
        return read == 2 && magic is [0x1F, 0x8B];
    }

    /// <summary>A gzip file ends with the size of its content (RFC 1952).
    /// GZipStream does not miss it where it is cut off.</summary>
    private static void CheckEnd(Stream stream, string name, long size)
    {
        Span<byte> end = stackalloc byte[4];
        stream.Seek(-4, SeekOrigin.End);
        stream.ReadExactly(end);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) is var said && said != (uint)size)
        {
            throw new FormatError(name, size, $"the end of a gzip file of {size} bytes", $"one of {said}");
        }
    }
}
