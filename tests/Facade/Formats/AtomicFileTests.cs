using System.Text;
using Xunit.Abstractions;

namespace FacadeTests;

public sealed class AtomicFileTests(ITestOutputHelper output)
{
    private const int DiskSize = 64 << 10;

    [Fact]
    public void Writes_a_new_file_and_replaces_an_old_one() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "file");
        foreach (var content in (string[])["long content", "short"])
        {
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(content)));
            Assert.Equal(content, File.ReadAllText(path));
            Assert.Equal([path], Directory.GetFileSystemEntries(folder));
        }
    });

    [Fact]
    public void An_exception_while_writing_leaves_the_old_file_and_nothing_else() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "file");
        File.WriteAllText(path, "old");
        var thrown = Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new InvalidOperationException("no more");
        }));
        Assert.Equal("no more", thrown.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder));
    });

    [Fact]
    public void An_impossible_place_is_named() => Scratch.In(folder =>
    {
        var missing = Path.Combine(folder, "no", "file");
        Assert.StartsWith($"cannot write {missing}: Could not find", Error(missing));

        var directory = Directory.CreateDirectory(Path.Combine(folder, "directory")).FullName;
        Assert.StartsWith($"cannot write {directory}: ", Error(directory));
        Assert.Equal([directory], Directory.GetFileSystemEntries(folder));
    });

    [Fact]
    public void A_link_stays_and_the_file_keeps_its_rights() => Scratch.In(folder =>
    {
        if (OperatingSystem.IsWindows())
        {
            output.WriteLine("Links and access rights are different here: not tested.");
            return;
        }

        var (path, link) = (Path.Combine(folder, "file"), Path.Combine(folder, "link"));
        File.WriteAllText(path, "old");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(link, "file");
        AtomicFile.Write(link, stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal("file", new FileInfo(link).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    });

    [MountFact]
    public void A_full_disk_leaves_the_old_file_and_nothing_else() => OnSmallDisk(folder =>
    {
        var path = Path.Combine(folder, "weights.safetensors");
        Safetensors.Write(path, new Dictionary<string, Tensor> { ["w"] = Tensor.Of([1, 2]) });
        var old = File.ReadAllBytes(path);
        var large = new Dictionary<string, Tensor> { ["w"] = Tensor.Fill([DiskSize], 1) };

        var error = Assert.Throws<IOException>(() => Safetensors.Write(path, large));
        Assert.StartsWith($"cannot write {path}: No space left on device", error.Message);
        Assert.Equal(old, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder));
    });

    private static string Error(string path) =>
        Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => stream.WriteByte(1))).Message;

    /// <summary>On a real file system of 64 KB.</summary>
    private static void OnSmallDisk(Action<string> test) => Scratch.In(folder =>
    {
        Assert.True(SmallDisk.Mount(folder, DiskSize));
        try
        {
            test(folder);
        }
        finally
        {
            Assert.True(SmallDisk.Unmount(folder));
        }
    });
}
