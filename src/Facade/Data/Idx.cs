using System.Buffers.Binary;

namespace AutoDiffCnn;

/// <summary>Reads IDX files, the format of MNIST: a magic number, a size for each axis, then a byte for each element.
/// All numbers are big-endian. A file compressed with gzip is recognised by its first bytes,
/// whatever its name.</summary>
/// <remarks>The format is described at yann.lecun.com/exdb/mnist. Only unsigned bytes (type 0x08) are read. A file is
/// not trusted: nothing is allocated for sizes that the file cannot hold, and unpacking stops one byte after the last
/// that the header promises.</remarks>
/// <example><code>
/// File.WriteAllBytes("labels", [0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 9]);
/// Idx.Read("labels", rank: 1) // [7, 2, 9]
/// </code></example>
public static class Idx
{
    /// <summary>The elements of a file, 0 to 255, in single precision.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rank">The number of axes it must have; any from 1 on if null.</param>
    /// <exception cref="FormatError">The file is no such IDX file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor Read(string path, int? rank = null)
    {
        using var file = InputFile.Open(path);
        return Read(file, path, rank);
    }

    /// <summary>The elements of a file that is already open, 0 to 255, in single precision.</summary>
    /// <param name="stream">The file from its current position to its end; it must be able to seek.</param>
    /// <param name="name">What to call the file in an error.</param>
    /// <param name="rank">The number of axes it must have; any from 1 on if null.</param>
    /// <exception cref="FormatError">The file is no such IDX file.</exception>
    public static Tensor Read(Stream stream, string name, int? rank = null)
    {
        var (shape, bytes) = Load(stream, name, rank);
        return Tensor.Wrap(shape, Array.ConvertAll(bytes, pixel => (float)pixel));
    }

    /// <summary>The bytes as they are.</summary>
    internal static (Shape Shape, byte[] Bytes) Load(Stream stream, string name, int? rank) =>
        Unpacked.Read(stream, name, (content, room) =>
        {
            var shape = ReadHeader(content, name, rank, room);
            var bytes = ReadElements(content, name, shape);
            return ((shape, bytes), 4 + 4 * shape.Rank + bytes.Length);
        });

    private static Shape ReadHeader(Stream content, string name, int? rank, long room)
    {
        var magic = ReadNumber(content, name, 0, "the magic number");
        var axes = (int)(magic & 0xFF);
        var right = rank is { } wanted ? magic == (0x800 | (uint)wanted) : magic >> 8 == 8 && axes > 0;
        if (!right)
        {
            var expected = rank is { } of ? $"0x{0x800 | of:X8}" : "0x000008nn (unsigned bytes, nn axes)";
            throw new FormatError(name, 0, $"the magic number {expected}", $"0x{magic:X8}");
        }

        uint[] sizes = [.. Enumerable.Range(0, axes)
            .Select(axis => ReadNumber(content, name, 4 + 4 * axis, $"the size of axis {axis}"))];
        CheckSizes(sizes, name, Math.Clamp(room - 4 - 4 * axes, 0, Array.MaxLength));
        return Shape.From(sizes.Select(size => (int)size));
    }

    private static void CheckSizes(uint[] sizes, string name, long most)
    {
        var count = 1L;
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            // As if no size were 0, so that the product cannot overflow on the way to a 0.
            count *= Math.Max(1, sizes[axis]);
            if (count > Math.Max(1, most))
            {
                throw new FormatError(name, 4 + 4 * axis,
                    $"sizes of at most {most} elements, all that the file can hold",
                    $"size {sizes[axis]} on axis {axis}");
            }
        }
    }

    private static uint ReadNumber(Stream content, string name, long offset, string what)
    {
        Span<byte> bytes = stackalloc byte[4];
        var read = content.ReadAtLeast(bytes, 4, throwOnEndOfStream: false);
        return read == 4
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : throw new FormatError(name, offset + read, what, "the end of the file");
    }

    private static byte[] ReadElements(Stream content, string name, Shape shape)
    {
        var (count, header) = ((int)shape.Elements, 4L + 4 * shape.Rank);
        var bytes = InputFile.Take(content, count);
        if (bytes.Length < count)
        {
            throw new FormatError(name, header + bytes.Length, $"{count} elements {shape}",
                $"the end of the file after {bytes.Length}");
        }

        return content.ReadByte() < 0
            ? bytes
            : throw new FormatError(name, header + count, $"the end of the file after {count} elements {shape}",
                "more bytes");
    }
}
