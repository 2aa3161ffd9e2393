namespace FacadeTests;

public sealed class CifarTests
{
    [Fact]
    public void Reads_planes_of_red_green_and_blue() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "b.bin");
        File.WriteAllBytes(path, [.. Record([3], i => i / 1024 * 100), .. Record([9], i => i == 1 ? 255 : 0)]);
        var data = Cifar.Read10(path);
        Assert.Equal("Dataset(2 images [3, 32, 32], 10 classes)", data.Check().ToString());
        Assert.Equal(Tensor.Of([3, 9]), data.Labels);
        Assert.Equal([0, 100 / 255f, 200 / 255f, 1], (double[])[data.Images[0, 0, 31, 31], data.Images[0, 1, 0, 0], data.Images[0, 2, 5, 5], data.Images[1, 0, 0, 1]]);
    });

    [Fact]
    public void Reads_fine_and_coarse_labels_packed_or_not() => Scratch.In(folder =>
    {
        foreach (var part in (string[])["train", "test"])
        {
            File.WriteAllBytes(Path.Combine(folder, $"{part}.bin.gz"), IdxFile.Gzip(Record([19, 99], _ => 7)));
        }

        Assert.Equal((99.0, 19.0, 100, 20), (Datasets.Cifar100(folder).Train.Labels[0], Datasets.Cifar100(folder, coarse: true).Test.Labels[0],
            Datasets.Cifar100(folder).Test.Classes, Datasets.Cifar100(folder, coarse: true).Train.Classes));
    });

    [SharedFact("data/cifar10-small")]
    public void Reads_the_small_set()
    {
        var (train, test) = Datasets.Cifar10(Shared.Folder("data/cifar10-small")!);
        Assert.Equal((2000, 500), (train.Check().Count, test.Check().Count));
        Assert.All(train.Labels.ToDoubles().CountBy(label => label), pair => Assert.Equal(200, pair.Value));
        Assert.InRange(train.Images.ToDoubles().Average(), 0.45, 0.50); // the means of CIFAR's colours are 0.4913, 0.4821 and 0.4465
    }

    [Fact]
    public void Says_what_is_missing_or_wrong() => Scratch.In(folder =>
    {
        Assert.Equal($"{folder}/no: there is no such folder.", Assert.Throws<DataError>(() => Datasets.Cifar10($"{folder}/no")).Message);
        Assert.Equal($"{folder}: data_batch_1.bin (or .gz) is missing.", Assert.Throws<DataError>(() => Datasets.Cifar10(folder)).Message);
        var good = Record([3], _ => 0);
        Assert.Equal("file, byte 3072: expected 1 to 60000 records of 3073 bytes, got 3072 bytes.\nPossible: Read100 for CIFAR-100.", Error(good[..^1]));
        Assert.Equal("file, byte 3073: expected a label from 0 to 9 of image 1, got 10.", Error([.. good, .. Record([10], _ => 0)]));
    });

    [Fact]
    public void A_bomb_is_not_unpacked_beyond_the_whole_of_Cifar()
    {
        var bomb = IdxFile.Gzip(new byte[180 << 20]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("1 to 60000 records of 3073 bytes, got more", Error(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 900 << 20);
    }

    [Fact]
    public void Survives_random_damage() => Hostile.Attack(file => Read(file), Record([3], i => i), IdxFile.Gzip([.. Record([3], i => i), .. Record([4], i => i)]));

    private static Dataset Read(byte[] file) => Cifar.Read(new MemoryStream(file), "file", labels: 1, chosen: 0, classes: 10);

    private static string Error(byte[] file) => Assert.Throws<FormatError>(() => Read(file)).Message;

    private static byte[] Record(byte[] labels, Func<int, int> pixel) => [.. labels, .. Enumerable.Range(0, 3072).Select(i => (byte)pixel(i))];
}
