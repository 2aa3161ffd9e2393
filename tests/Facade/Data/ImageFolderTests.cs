namespace FacadeTests;

public sealed class ImageFolderTests
{
    [Fact]
    public void Classes_and_files_are_ordered_by_name() => Scratch.In(folder =>
    {
        Save(folder, "b/2.png", 0.4);
        Save(folder, "b/10.png", 0.2);
        Save(folder, "a/x.PNG", 0.6);
        File.WriteAllText(Path.Combine(folder, "a", "notes.txt"), "no picture");
        Assert.Equal(["a", "b"], ImageFolder.Classes(folder).AsEnumerable());
        var data = ImageFolder.Read(folder, channels: 1).Check();
        Assert.Equal(Tensor.Of([0, 1, 1]), data.Labels);
        Assert.Equal([153, 51, 102], Enumerable.Range(0, 3).Select(i => (int)Math.Round(data.Images[i, 0, 1, 1] * 255)));
    });

    [Fact]
    public void Channels_are_made_from_what_there_is() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "x.png");
        foreach (var channels in (int[])[1, 2, 3, 4])
        {
            Png.Write(path, Tensor.From([channels, 1, 1], i => (i + 1) * 51 / 255.0));
            var (grey, colours) = (ImageFolder.ReadImage(path, 1), ImageFolder.ReadImage(path, 3));
            Assert.Equal(channels < 3 ? 51 / 255f : (float)((0.299 * 51 + 0.587 * 102 + 0.114 * 153) / 255), grey.Scalar, 1e-6);
            Assert.Equal(channels < 3 ? [51, 51, 51] : [51, 102, 153], colours.ToDoubles().Select(v => (int)Math.Round(v * 255)));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => ImageFolder.ReadImage(path, 2));
    });

    [Fact]
    public void Says_what_is_missing_or_differs() => Scratch.In(folder =>
    {
        Assert.Equal($"{folder}/no: there is no such folder.", Error($"{folder}/no"));
        Assert.Equal($"{folder}: there is no folder in it. Possible: a folder for each class, with its pictures.", Error(folder));
        Directory.CreateDirectory(Path.Combine(folder, "a"));
        Assert.Equal($"{folder}/a: there is no picture (.png) in it.", Error(folder));
        Save(folder, "a/1.png", 1);
        Png.Write(Path.Combine(folder, "a/2.png"), Tensor.Fill([1, 3, 2], 0));
        Assert.Equal($"{folder}/a/2.png is [3, 3, 2], but {folder}/a/1.png is [3, 2, 2]. Possible: pictures of one size, or a Loader of Files that crops each.", Error(folder));
    });

    private static string Error(string folder) => Assert.Throws<DataError>(() => ImageFolder.Read(folder)).Message;

    private static void Save(string folder, string name, double value)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Png.Write(path, Tensor.Fill([1, 2, 2], value));
    }
}
