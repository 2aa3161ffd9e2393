using System.Security.Cryptography;

namespace AutoDiffCnn;

public static partial class Datasets
{
    /// <summary>A file of MNIST: its size and checksum without gzip.</summary>
    internal sealed record MnistFile(string Name, long Size, string Md5);

    // The published checksums.
    private static readonly MnistFile[] MnistParts =
    [
        new("train-images-idx3-ubyte", 47_040_016, "6bbc9ace898e44ae57da46a324031adb"),
        new("train-labels-idx1-ubyte", 60_008, "a25bea736e30d166cdddb491f175f624"),
        new("t10k-images-idx3-ubyte", 7_840_016, "2646ac647ad5339dbf082846283269ea"),
        new("t10k-labels-idx1-ubyte", 10_008, "27ae3e4e09519cfbb04c329615203637"),
    ];

    private static readonly Uri MnistSource = new("https://ossci-datasets.s3.amazonaws.com/mnist/");

    /// <summary>The whole of MNIST, fetched if it is not there yet: 11 MB, once. Each file is checked against its published
    /// MD5 sum, appears whole or not at all, and a broken download goes on where it stopped.</summary>
    /// <param name="folder">Where the files are kept; AutoDiffCnn/mnist in the user's folder for local data if null.</param>
    /// <param name="source">The folder on the web with the four files (.gz); a public copy if null.</param>
    /// <param name="progress">Told about each block that comes.</param>
    /// <param name="cancel">Stops the download; what came stays for the next time.</param>
    /// <example><code>var (train, test) = await Datasets.MnistAsync(progress: new Progress&lt;DownloadProgress>(Console.WriteLine));</code></example>
    /// <exception cref="DownloadError">A file cannot be fetched; the message says what to do without a network.</exception>
    /// <exception cref="IOException">The folder cannot be made, or a file not be read.</exception>
    public static Task<Split> MnistAsync(string? folder = null, Uri? source = null, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancel = default) =>
        MnistAsync(folder ?? CacheFolder(), source ?? MnistSource, MnistParts, progress, Download.Patience.Usual, cancel);

    internal static async Task<Split> MnistAsync(string folder, Uri source, IReadOnlyList<MnistFile> files, IProgress<DownloadProgress>? progress,
        Download.Patience patience, CancellationToken cancel)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in files)
            {
                // What the user has put there is as good.
                if (Fault(Path.Combine(folder, file.Name), file) is not null)
                {
                    await Download.To(new Uri(source, $"{file.Name}.gz"), Path.Combine(folder, $"{file.Name}.gz"), path => Fault(path, file), progress, patience, cancel);
                    // Mnist would take a wrong one before its packed copy.
                    File.Delete(Path.Combine(folder, file.Name));
                }
            }
        }
        catch (DownloadError error)
        {
            throw new DownloadError($"{error.Message}\nPossible: trying again, which goes on where it stopped; another source; the files "
                + $"{string.Join(", ", files.Select(file => $"{file.Name}.gz"))} put into {folder}; or Datasets.Digits(), which needs no network.", error);
        }
        catch (UnauthorizedAccessException trouble)
        {
            throw new IOException($"cannot write to {folder}: {trouble.Message}", trouble);
        }

        return Mnist(folder);
    }

    private static string CacheFolder()
    {
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(local.Length > 0 ? local : Path.GetTempPath(), "AutoDiffCnn", "mnist");
    }

    /// <summary>What is wrong with a file, packed or not; null if it is the right one.</summary>
    private static string? Fault(string path, MnistFile file)
    {
        if (!File.Exists(path))
        {
            return $"{path} is missing";
        }

        try
        {
            using var stream = InputFile.Open(path);
            var sum = Unpacked.Read(stream, path, (content, _) => Md5(content, file.Size));
            return sum == file.Md5 ? null : $"the MD5 sum of {file.Name} is {sum}, it must be {file.Md5}";
        }
        catch (FormatError broken)
        {
            return broken.Message;
        }
    }

    private static (string Sum, long Size) Md5(Stream content, long most)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var (block, size) = (new byte[1 << 16], 0L);
        for (int read; size <= most && (read = content.Read(block)) > 0; size += read)
        {
            md5.AppendData(block, 0, read);
        }

        return size <= most ? (Convert.ToHexStringLower(md5.GetHashAndReset()), size) : ("that of a longer file", size);
    }
}
