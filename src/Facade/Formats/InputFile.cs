namespace AutoDiffCnn;

/// <summary>Opens and reads files, with one kind of error and no more memory than what really comes.</summary>
internal static class InputFile
{
    private const int FirstBlock = 1 << 20;

    /// <summary>The file, open. A folder or a file without permission is an <see cref="IOException"/> as any other
    /// trouble is.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (UnauthorizedAccessException trouble)
        {
            throw new IOException($"cannot read {path}: {trouble.Message}", trouble);
        }
    }

    /// <summary>The next bytes of a stream, <paramref name="most"/> or as many as there are, in memory that grows as
    /// they come: a header may promise what never follows.</summary>
    public static byte[] Take(Stream content, int most)
    {
        var bytes = new byte[Math.Min(most, FirstBlock)];
        var read = 0;
        while (true)
        {
            read += content.ReadAtLeast(bytes.AsSpan(read), bytes.Length - read, throwOnEndOfStream: false);
            if (read < bytes.Length)
            {
                return bytes[..read];
            }

            if (read == most)
            {
                return bytes;
            }

            Array.Resize(ref bytes, (int)Math.Min(most, 2L * bytes.Length));
        }
    }
}
