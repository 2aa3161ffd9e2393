namespace FacadeTests;

public sealed class DatasetsTests
{
    private static readonly int[] TrainCounts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
    private static readonly int[] TestCounts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];

    [Fact]
    public void Digits_have_the_published_statistics()
    {
        var (train, test) = Datasets.Digits();
        Assert.Equal("Dataset(5000 images [1, 28, 28], 10 classes)", train.ToString());
        Assert.Equal("Dataset(1000 images [1, 28, 28], 10 classes)", test.ToString());
        Assert.True(train.Images.IsSingle);
        AssertStatistics(train, 0.132066, 0.309540, Enumerable.Repeat(500, 10));
        AssertStatistics(test, 0.133570, 0.311348, Enumerable.Repeat(100, 10));
    }

    [Fact]
    public void Digits_are_normalised_as_documented()
    {
        // The darkest and the lightest pixel, (0 − 0.1307)/0.3081 and (1 − 0.1307)/0.3081.
        var pixels = Datasets.Digits().Test.Images.Singles.ToArray();
        Assert.Equal((float)(-0.1307 / 0.3081), pixels.Min());
        Assert.Equal((float)(0.8693 / 0.3081), pixels.Max());
    }

    [SharedFact("data/mnist")]
    public void The_whole_of_Mnist_has_the_published_statistics()
    {
        var (train, test) = Datasets.Mnist(Shared.Folder("data/mnist")!);
        Assert.Equal((60000, 10000), (train.Count, test.Count));
        AssertStatistics(train, 0.130660, 0.308108, TrainCounts);
        AssertStatistics(test, 0.132515, 0.310480, TestCounts);
    }

    [Fact]
    public void Names_the_missing_files() => Scratch.In(folder =>
    {
        Assert.Equal($"{folder}/no: there is no such folder.", Error($"{folder}/no"));
        WriteMnist(folder, labels: [3, 4]);
        File.Delete(Path.Combine(folder, "t10k-labels-idx1-ubyte.gz"));
        Assert.Equal($"{folder}: t10k-labels-idx1-ubyte (or .gz) is missing.", Error(folder));
        File.Delete(Path.Combine(folder, "train-images-idx3-ubyte"));
        Assert.Equal($"{folder}: train-images-idx3-ubyte, t10k-labels-idx1-ubyte (or .gz) are missing.", Error(folder));
    });

    [Fact]
    public void Reads_plain_and_packed_files() => Scratch.In(folder =>
    {
        WriteMnist(folder, labels: [3, 4]);
        var (train, test) = Datasets.Mnist(folder);
        Assert.Equal(train, test);
        Assert.Equal(Tensor.Of([3, 4]), train.Labels);
        Assert.Equal("[2, 1, 1, 2]", train.Images.Shape.ToString());
    });

    [Fact]
    public void Refuses_files_that_contradict_each_other() => Scratch.In(folder =>
    {
        var files = $"{folder}/train-images-idx3-ubyte and {folder}/train-labels-idx1-ubyte.gz";
        WriteMnist(folder, labels: [3]);
        Assert.Equal($"{files}: 2 images but 1 labels.", Error(folder));
        WriteMnist(folder, labels: [3, 10]);
        Assert.Equal($"{files}: sample 1 has label 10; the 10 classes are 0 to 9.", Error(folder));
    });

    [Fact]
    public void Refuses_a_file_of_another_kind() => Scratch.In(folder =>
    {
        WriteMnist(folder, labels: [3, 4]);
        File.WriteAllText(Path.Combine(folder, "train-images-idx3-ubyte"), "<html>not found</html>");
        Assert.Equal($"{folder}/train-images-idx3-ubyte, byte 0: expected the magic number 0x00000803, got 0x3C68746D.",
            Assert.Throws<FormatError>(() => Datasets.Mnist(folder)).Message);
    });

    private static string Error(string folder) => Assert.Throws<DataError>(() => Datasets.Mnist(folder)).Message;

    private static void WriteMnist(string folder, byte[] labels)
    {
        foreach (var split in (string[])["train", "t10k"])
        {
            File.WriteAllBytes(Path.Combine(folder, $"{split}-images-idx3-ubyte"), IdxFile.Of([2, 1, 2], [0, 255, 0, 9]));
            File.WriteAllBytes(Path.Combine(folder, $"{split}-labels-idx1-ubyte.gz"), IdxFile.Gzip(IdxFile.Of([labels.Length], labels)));
        }
    }

    private static void AssertStatistics(Dataset data, double mean, double deviation, IEnumerable<int> counts)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var pixel in data.Images.Singles)
        {
            var value = pixel * Datasets.MnistDeviation + Datasets.MnistMean;
            (sum, squares) = (sum + value, squares + value * value);
        }

        var n = (double)data.Images.Count;
        Assert.Equal(mean, sum / n, 1e-6);
        Assert.Equal(deviation, Math.Sqrt(squares / n - sum / n * (sum / n)), 1e-6);
        Assert.Equal(counts, data.Labels.ToDoubles().CountBy(label => label).OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }
}
