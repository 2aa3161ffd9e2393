using System.IO.Compression;

namespace AutoDiffCnn;

/// <summary>NumPy's file of several named arrays: a zip archive of .npy files, packed or not.</summary>
/// <example><code>
/// Npz.Write("xy.npz", new Dictionary&lt;string, Tensor> { ["x"] = Tensor.Of([1, 2]), ["y"] = Tensor.Of(3) });
/// Npz.Read("xy.npz")["x"] // [1, 2]
/// </code></example>
public static class Npz
{
    private const string Extension = ".npy";

    // The first moment that zip can say: the same arrays always give the same bytes.
    private static readonly DateTimeOffset Moment = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The arrays of a file by name.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatError">The file is no such file, or an array cannot be read; see
    /// <see cref="Npy.Read(string)"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        using var file = InputFile.Open(path);
        return Read(file, path);
    }

    /// <summary>The arrays of a file that is already open.</summary>
    /// <param name="stream">The file; it must be able to seek.</param>
    /// <param name="name">What to call the file in an error.</param>
    /// <exception cref="FormatError">The file is no such file, or an array cannot be read.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(Stream stream, string name)
    {
        // All entries together, since several may claim the same packed bytes.
        var (arrays, room) = (new Dictionary<string, Tensor>(), Unpacked.Room(stream.Length));
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            foreach (var entry in zip.Entries)
            {
                room -= entry.Length;
                var array = entry.FullName.EndsWith(Extension, StringComparison.Ordinal) ? entry.FullName[..^Extension.Length] : null;
                if (array is null || !arrays.TryAdd(array, ReadArray(entry, name, room)))
                {
                    throw new FormatError(name, 0, "entries with different names that end in .npy", $"'{entry.FullName}'");
                }
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or ArgumentException or NotSupportedException)
        {
            // What ZipArchive raises for a damaged archive, an unknown packing, a name that is no text.
            throw new FormatError(name, 0, "a whole zip archive", $"a broken one ({broken.Message.TrimEnd('.')})");
        }

        return arrays;
    }

    /// <summary>Writes a file, atomically: on any failure an older file is as it was. Arrays are not packed, as by
    /// numpy.savez, and stand in the order of their names.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="arrays">The arrays by name, each stored in f4 or f8 as it is held.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> arrays) =>
        AtomicFile.Write(path, stream => Write(stream, arrays));

    /// <summary>Writes to a stream.</summary>
    /// <inheritdoc cref="Write(string, IReadOnlyDictionary{string, Tensor})"/>
    public static void Write(Stream stream, IReadOnlyDictionary<string, Tensor> arrays)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (name, array) in arrays.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var entry = zip.CreateEntry(name + Extension, CompressionLevel.NoCompression);
            entry.LastWriteTime = Moment;
            using var content = entry.Open();
            Npy.Write(content, array);
        }
    }

    private static Tensor ReadArray(ZipArchiveEntry entry, string name, long room)
    {
        var file = $"{name}/{entry.FullName}";
        if (room < 0 || entry.Length > Array.MaxLength)
        {
            throw new FormatError(file, 0, $"at most {Math.Min(Array.MaxLength, room + entry.Length)} bytes, all that the file can hold",
                $"{entry.Length}");
        }

        using var content = entry.Open();
        var bytes = InputFile.Take(content, (int)entry.Length);
        return Crc32.Of(bytes) is var sum && bytes.Length == entry.Length && sum == entry.Crc32
            ? Npy.Read(new MemoryStream(bytes), file)
            : throw new FormatError(file, 0, $"{entry.Length} bytes with the checksum {entry.Crc32:X8}", $"{bytes.Length} with {sum:X8}");
    }
}
