namespace AutoDiffCnn;

/// <summary>Opens files for reading, with one kind of error.</summary>
internal static class InputFile
{
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
}
