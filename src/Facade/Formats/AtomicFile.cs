namespace AutoDiffCnn;

/// <summary>Writes a file completely or not at all.</summary>
/// <example><code>
/// AtomicFile.Write("notes.txt", stream => stream.Write("done"u8));
/// File.ReadAllText("notes.txt") // done
/// </code></example>
public static class AtomicFile
{
    private static int written;

    /// <summary>Writes beside the file, flushes to the disk, and renames over it in one step. Whatever goes wrong (a
    /// full disk, an exception, a lost process), the old file is as it was; except after a lost process, nothing is
    /// left beside it. A link is followed, and the file keeps its access rights.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">It cannot be written; the message names the path.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        try
        {
            var isLink = new FileInfo(path).LinkTarget is not null;
            var target =
                isLink ? File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName : Path.GetFullPath(path);
            var beside = $"{target}.{Environment.ProcessId}-{Interlocked.Increment(ref written)}.tmp";
            WriteBeside(beside, target, write);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot write {path}: {trouble.Message}", trouble);
        }
    }

    private static void WriteBeside(string beside, string target, Action<Stream> write)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows() && File.Exists(target))
        {
            options.UnixCreateMode = File.GetUnixFileMode(target);
        }

        // Opened outside the try: a file of this name that somebody else made is not ours to delete.
        var file = new FileStream(beside, options);
        try
        {
            using (file)
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, target, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
