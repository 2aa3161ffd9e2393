namespace AutoDiffCnn;

/// <summary>Data to learn from.</summary>
/// <remarks>Pixels are normalised as it is usual for MNIST: (p/255 − 0.1307) / 0.3081, so that they have about mean 0 and
/// standard deviation 1. An image of your own must be put through the same formula before it is classified.</remarks>
/// <example><code>
/// // Inside the package; Datasets.Mnist(folder) reads the four files of MNIST.
/// Datasets.Digits().Train // Dataset(5000 images [1, 28, 28], 10 classes)
/// File.WriteAllText("iris.csv", "petal,sepal,species\n1.4,5.1,0\n4.7,7.0,1\n");
/// Datasets.Csv("iris.csv", label: "species") // Dataset(2 images [2], 2 classes)
/// </code></example>
public static partial class Datasets
{
    /// <summary>The mean of MNIST's training pixels, p/255, as everybody rounds it.</summary>
    public const double MnistMean = 0.1307;

    /// <summary>The standard deviation of MNIST's training pixels, p/255, as everybody rounds it.</summary>
    public const double MnistDeviation = 0.3081;

    private const int DigitClasses = 10;

    private static readonly string[] MnistFiles =
    [
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
    ];

    /// <summary>6,000 digits of MNIST that are part of the assembly: 500 of each class to learn from, 100 of each to
    /// test, images [n, 1, 28, 28]. Their licence is CC BY-SA 3.0.</summary>
    public static Split Digits() => ReadSplit(MnistFiles.Select(file => $"{file}.gz").ToArray(),
        file => typeof(Datasets).Assembly.GetManifestResourceStream($"Digits/{file}")!);

    /// <summary>MNIST, or anything in its format, from a folder with its four files: train-images-idx3-ubyte,
    /// train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each as it is or with .gz.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DataError">A file is missing, or the data cannot be trained on.</exception>
    /// <exception cref="FormatError">A file is no such IDX file.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static Split Mnist(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DataError($"{folder}: there is no such folder.");
        }

        string?[] found = [.. MnistFiles.Select(file => Find(Path.Combine(folder, file)))];
        string[] missing = [.. MnistFiles.Where((_, i) => found[i] is null)];
        return missing.Length == 0
            ? ReadSplit([.. found.OfType<string>()], InputFile.Open)
            : throw new DataError($"{folder}: {string.Join(", ", missing)} (or .gz) {(missing.Length == 1 ? "is" : "are")} missing.");
    }

    /// <summary>CIFAR-10 from a folder with its binary files, each as it is or with .gz: those of data_batch_1.bin to
    /// data_batch_5.bin that are there, at least one, and test_batch.bin. Pixels are from 0 to 1.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DataError">A file is missing.</exception>
    /// <exception cref="FormatError">A file is no such file.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static Split Cifar10(string folder)
    {
        string[] parts = [.. Enumerable.Range(1, 5).Select(i => Find(Path.Combine(folder, $"data_batch_{i}.bin"))).OfType<string>()];
        return new(Dataset.Concat([.. (parts.Length > 0 ? parts : [Need(folder, "data_batch_1.bin")]).Select(Cifar.Read10)]),
            Cifar.Read10(Need(folder, "test_batch.bin")));
    }

    /// <summary>CIFAR-100 from a folder with its binary files train.bin and test.bin, each as it is or with .gz. Pixels are
    /// from 0 to 1.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="coarse">Whether to take the 20 coarse labels instead of the 100 fine ones.</param>
    /// <exception cref="DataError">A file is missing.</exception>
    /// <exception cref="FormatError">A file is no such file.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static Split Cifar100(string folder, bool coarse = false) =>
        new(Cifar.Read100(Need(folder, "train.bin"), coarse), Cifar.Read100(Need(folder, "test.bin"), coarse));

    private static string Need(string folder, string file) => Find(Path.Combine(folder, file))
        ?? throw new DataError(Directory.Exists(folder) ? $"{folder}: {file} (or .gz) is missing." : $"{folder}: there is no such folder.");

    private static string? Find(string path) => new[] { path, $"{path}.gz" }.FirstOrDefault(File.Exists);

    private static Split ReadSplit(string[] files, Func<string, Stream> open) =>
        new(ReadPart(files[0], files[1], open), ReadPart(files[2], files[3], open));

    private static Dataset ReadPart(string images, string labels, Func<string, Stream> open)
    {
        using var imageFile = open(images);
        using var labelFile = open(labels);
        var pixels = Normalise(Idx.Load(imageFile, images, rank: 3));
        var data = new Dataset(pixels, Idx.Read(labelFile, labels, rank: 1), DigitClasses);
        try
        {
            return data.Check();
        }
        catch (DataError error)
        {
            throw new DataError($"{images} and {labels}: {error.Message}");
        }
    }

    private static Tensor Normalise((Shape Shape, byte[] Bytes) images)
    {
        float[] values = [.. Enumerable.Range(0, 256).Select(p => (float)((p / 255.0 - MnistMean) / MnistDeviation))];
        var (n, h, w) = (images.Shape[0], images.Shape[1], images.Shape[2]);
        return Tensor.Wrap([n, 1, h, w], Array.ConvertAll(images.Bytes, pixel => values[pixel]));
    }
}
