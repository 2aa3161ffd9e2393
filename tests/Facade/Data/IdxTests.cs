using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public sealed class IdxTests
{
    private static readonly byte[] Good = IdxFile.Of([2, 3], [1, 2, 3, 4, 5, 255]);

    [Fact]
    public void Reads_bytes_in_order()
    {
        var read = IdxFile.Read(Good);
        Assert.Equal(Tensor.Of([[1, 2, 3], [4, 5, 255]]), read);
        Assert.True(read.IsSingle);
    }

    [Fact]
    public void Recognises_gzip_by_its_content() => Assert.Equal(IdxFile.Read(Good), IdxFile.Read(IdxFile.Gzip(Good)));

    [Fact]
    public void Reads_from_the_current_position_and_leaves_the_stream_open()
    {
        using var stream = new MemoryStream([9, 9, .. Good]);
        stream.Position = 2;
        Assert.Equal(IdxFile.Read(Good), Idx.Read(stream, "file"));
        Assert.True(stream.CanRead);
    }

    [Fact]
    public void Reads_back_what_was_written() => Prop.ForAll(
        Gen.Choose(0, 5).ListOf().SelectMany(sizes => Gen.Choose(0, 255).ListOf(sizes.Take(4).Aggregate(2, (a, b) => a * b))
            .Select(values => (Sizes: (int[])[2, .. sizes.Take(4)], Values: values.Select(v => (byte)v).ToArray()))).ToArbitrary(),
        file => IdxFile.Read(IdxFile.Gzip(IdxFile.Of(file.Sizes, file.Values)))
            .Equals(Tensor.Of(Shape.Of(file.Sizes), [.. file.Values.Select(v => (double)v)]))).QuickCheckThrowOnFailure();

    [Fact]
    public void Refuses_every_beginning_of_a_file()
    {
        Hostile.Truncate(file => IdxFile.Read(file), Good);
        Hostile.Truncate(file => IdxFile.Read(file), IdxFile.Gzip(Good));
    }

    [Fact]
    public void Survives_random_damage()
    {
        byte[][] plain = [Good, IdxFile.Of([1, 1, 1], [7]), IdxFile.Of([40], new byte[40])];
        Hostile.Attack(file => IdxFile.Read(file), [.. plain, .. plain.Select(IdxFile.Gzip)]);
    }

    [Fact]
    public void Says_where_a_file_ends()
    {
        Assert.Equal("file, byte 0: expected the magic number, got the end of the file.", IdxFile.Error([]));
        Assert.Equal("file, byte 3: expected the magic number, got the end of the file.", IdxFile.Error(Good[..3]));
        Assert.Equal("file, byte 10: expected the size of axis 1, got the end of the file.", IdxFile.Error(Good[..10]));
    }

    [Fact]
    public void Says_how_many_elements_are_missing()
    {
        Assert.Equal("file, byte 8: expected sizes of at most 5 elements, all that the file can hold, got size 3 on axis 1.",
            IdxFile.Error(Good[..17]));
        Assert.Equal("file, byte 17: expected 6 elements [2, 3], got the end of the file after 5.", IdxFile.Error(IdxFile.Gzip(Good[..17])));
    }

    [Fact]
    public void Refuses_trailing_bytes()
    {
        const string error = "file, byte 18: expected the end of the file after 6 elements [2, 3], got more bytes.";
        Assert.Equal(error, IdxFile.Error([.. Good, 0]));
        Assert.Equal(error, IdxFile.Error(IdxFile.Gzip([.. Good, 0])));
    }

    [Fact]
    public void Refuses_another_kind_of_file()
    {
        Assert.Equal("file, byte 0: expected the magic number 0x000008nn (unsigned bytes, nn axes), got 0x89504E47.",
            IdxFile.Error([0x89, (byte)'P', (byte)'N', (byte)'G']));
        Assert.Equal("file, byte 0: expected the magic number 0x000008nn (unsigned bytes, nn axes), got 0x00000D02.",
            IdxFile.Error([0, 0, 0x0D, .. Good[3..]]));
        Assert.Equal("file, byte 0: expected the magic number 0x000008nn (unsigned bytes, nn axes), got 0x00000800.",
            IdxFile.Error([0, 0, 8, 0]));
    }

    [Fact]
    public void Refuses_another_rank() =>
        Assert.Equal("file, byte 0: expected the magic number 0x00000803, got 0x00000802.", IdxFile.Error(Good, rank: 3));

    [Fact]
    public void Allocates_nothing_for_sizes_that_the_file_cannot_hold()
    {
        var huge = IdxFile.Of([int.MaxValue, int.MaxValue, -1], []);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("file, byte 4: expected sizes of at most 0 elements, all that the file can hold, got size 2147483647 on axis 0.", IdxFile.Error(huge));
        Assert.Contains("all that the file can hold, got size 2147483647 on axis 0", IdxFile.Error(IdxFile.Gzip(huge)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void Stops_unpacking_after_the_promised_elements()
    {
        // 256 MB of zeros in 255 KB, of which the header promises 10.
        var bomb = IdxFile.Gzip([.. IdxFile.Of([10], []), .. new byte[256 << 20]]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("file, byte 18: expected the end of the file after 10 elements [10], got more bytes.", IdxFile.Error(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Takes_memory_only_as_elements_come()
    {
        // The header promises 200 MB, which so large a file could unpack to, but only 1 KB follows.
        var liar = IdxFile.Gzip([.. IdxFile.Of([200 << 20], []), .. new byte[1024]]);
        var padded = (byte[])[.. liar, .. new byte[300_000]];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<FormatError>(() => IdxFile.Read(padded));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void Refuses_a_broken_gzip_file()
    {
        var packed = IdxFile.Gzip(Good);
        packed[^5] ^= 0xFF;
        Assert.StartsWith("file, byte 0: expected a whole gzip file, got a broken one (", IdxFile.Error(packed));
    }
}
