namespace AutoDiffCnn;

/// <summary>Reads the binary files of CIFAR-10 and CIFAR-100, packed with gzip or not: records of one or two labels, then
/// 1,024 bytes each of red, green and blue, row by row.</summary>
/// <remarks>A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. Pixels are p/255, from 0 to 1.</remarks>
/// <example><code>
/// File.WriteAllBytes("batch.bin", [7, .. new byte[3072]]);
/// Cifar.Read10("batch.bin") // Dataset(1 images [3, 32, 32], 10 classes)
/// Cifar.Read10("batch.bin").Labels // [7]
/// </code></example>
public static class Cifar
{
    private const int Size = 32;
    private const int Pixels = 3 * Size * Size;

    // As many as the whole of CIFAR has; a bomb of zeros would be read as images without end.
    private const int MostImages = 60_000;

    /// <summary>The images of a file of CIFAR-10.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatError">The file is no such file, or holds more than 60,000 images.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Dataset Read10(string path) => Read(path, labels: 1, chosen: 0, classes: 10);

    /// <summary>The images of a file of CIFAR-100.</summary>
    /// <param name="path">The file.</param>
    /// <param name="coarse">Whether to take the 20 coarse labels instead of the 100 fine ones.</param>
    /// <exception cref="FormatError">The file is no such file, or holds more than 60,000 images.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Dataset Read100(string path, bool coarse = false) =>
        Read(path, labels: 2, coarse ? 0 : 1, coarse ? 20 : 100);

    private static Dataset Read(string path, int labels, int chosen, int classes)
    {
        using var file = InputFile.Open(path);
        return Read(file, path, labels, chosen, classes);
    }

    internal static Dataset Read(Stream stream, string name, int labels, int chosen, int classes)
    {
        var record = labels + Pixels;
        var bytes = Unpacked.Read(stream, name, (content, _) =>
        {
            var all = InputFile.Take(content, MostImages * record + 1);
            return all.Length > 0 && all.Length % record == 0
                ? (all, all.Length)
                : throw new FormatError(name, all.Length, $"1 to {MostImages} records of {record} bytes",
                    all.Length > MostImages * record ? "more" : $"{all.Length} bytes", labels == 1 ? "Read100 for CIFAR-100" : "Read10 for CIFAR-10");
        });
        var count = bytes.Length / record;
        var (pixels, found) = (new float[count * Pixels], new float[count]);
        for (var i = 0; i < count; i++)
        {
            found[i] = bytes[i * record + chosen];
            if (found[i] >= classes)
            {
                throw new FormatError(name, (long)i * record + chosen, $"a label from 0 to {classes - 1} of image {i}", $"{found[i]}");
            }

            for (var p = 0; p < Pixels; p++)
            {
                pixels[i * Pixels + p] = bytes[i * record + labels + p] / 255f;
            }
        }

        return new(Tensor.Wrap([count, 3, Size, Size], pixels), Tensor.Wrap([count], found), classes);
    }
}
