using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public sealed class PngTests
{
    public static IEnumerable<object[]> Kinds => PngFile.Kinds.Select(kind => new object[] { kind.Colour, kind.Bits });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Reads_what_the_specification_says(int colour, int bits) =>
        Law.ForAll(PngFile.Of(colour, bits), file => Assert.Equal(file.Expected(), PngFile.Read(file.Bytes())), times: 40);

    [Fact]
    public void Reads_back_what_was_written() => Law.ForAll(
        from kind in Gen.Elements((1, 1), (1, 2), (1, 4), (1, 8), (1, 16), (2, 8), (2, 16), (3, 8), (3, 16), (4, 8), (4, 16))
        from width in Gen.Choose(1, 20)
        from height in Gen.Choose(1, 20)
        from interlaced in Gen.Elements(true, false)
        let top = (1 << kind.Item2) - 1
        from samples in Gen.Choose(0, top).ListOf(kind.Item1 * width * height)
        select (Bits: kind.Item2, interlaced, Image: Tensor.Of([kind.Item1, height, width], [.. samples.Select(v => (float)((double)v / top))])),
        picture => Assert.Equal(picture.Image, PngFile.Read(Written(picture.Image, picture.Bits, interlaced: picture.interlaced))));

    [Fact]
    public void Reads_back_a_palette() => Law.ForAll(
        from bits in Gen.Elements(1, 2, 4, 8)
        from channels in Gen.Choose(3, 4)
        from colours in Gen.Choose(0, 255).ListOf(channels << bits)
        from width in Gen.Choose(1, 20)
        from interlaced in Gen.Elements(true, false)
        from pixels in Gen.Choose(0, (1 << bits) - 1).ListOf(width * 5)
        select (bits, interlaced, Image: Tensor.Of([channels, 5, width],
            [.. Enumerable.Range(0, channels).SelectMany(c => pixels.Select(p => (float)(colours[p * channels + c] / 255.0)))])),
        picture => Assert.Equal(picture.Image, PngFile.Read(Written(picture.Image, picture.bits, palette: true, picture.interlaced))));

    [Fact]
    public void Writes_values_to_the_nearest_sample_and_refuses_what_is_none()
    {
        Assert.Equal(Tensor.Of([[[0, 1, (float)(128 / 255.0)]]]), PngFile.Read(Written(Tensor.Of([[-3, 7, 0.5]]))));
        Assert.StartsWith("pixel 1 of channel 0 is NaN.", Refusal(Tensor.Of([[0, double.NaN]])));
        Assert.StartsWith("a picture has the shape [1 to 4, height, width] and at most 67108864 pixels, not [5, 2, 2].", Refusal(Tensor.Fill([5, 2, 2], 0)));
        Assert.StartsWith("3 channels cannot have 4 bits: with a palette", Refusal(Tensor.Fill([3, 2, 2], 0), 4));
        Assert.StartsWith("the picture has more than the 2 colours of a palette of this depth.", Refusal(Tensor.From([3, 1, 3], i => i / 9.0), 1, true));
    }

    [Fact]
    public void A_refused_picture_leaves_no_file() => Scratch.In(folder =>
    {
        Assert.Throws<ArgumentException>(() => Png.Write(Path.Combine(folder, "x.png"), Tensor.Of([[double.NaN]])));
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    });

    [SharedFact("data/images")]
    public void Photographs_survive_being_written_again()
    {
        foreach (var path in Directory.GetFiles(Shared.Folder("data/images")!, "*.png"))
        {
            var image = Png.Read(path);
            Assert.Equal(256, Math.Max(image.Shape[1], image.Shape[2]));
            Assert.Equal(image, PngFile.Read(Written(image)));
        }
    }

    [Fact]
    public void Refuses_every_beginning_of_a_file() => Hostile.Truncate(file => PngFile.Read(file), Small());

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var file = Small();
        for (var at = 0; at < file.Length; at++)
        {
            byte[] damaged = [.. file[..at], (byte)(file[at] ^ 1 << at % 8), .. file[(at + 1)..]];
            Assert.Throws<FormatError>(() => PngFile.Read(damaged));
        }
    }

    [Fact]
    public void Survives_random_damage() => Hostile.Attack(file => PngFile.Read(file), Samples());

    [Fact]
    public void Survives_random_damage_under_right_checksums() => Hostile.Attack(file => PngFile.Read(PngFile.Repaired(file)), Samples());

    [Fact]
    public void Says_what_is_wrong()
    {
        var file = Small();
        Assert.Equal("file, byte 0: expected the signature of a PNG file, got 474946.", PngFile.Error([.. "GIF"u8]));
        byte[] damaged = [.. file[..19], (byte)(file[19] ^ 1), .. file[20..]];
        Assert.Matches(@"^file, byte 29: expected the checksum [0-9A-F]{8} of IHDR, got [0-9A-F]{8}\.\nPossible: downloading or copying the file again\.$", PngFile.Error(damaged));
        Assert.Equal("file, byte 16: expected 1 to 67108864 pixels, got 65536 × 65536.\nPossible: a smaller picture.", PngFile.Error(Header(65536, 65536, 8, 2)));
        Assert.Equal("file, byte 16: expected 1 to 67108864 pixels, got 0 × 1.\nPossible: a smaller picture.", PngFile.Error(Header(0, 1, 8, 2)));
        Assert.Equal("file, byte 24: expected 8 16 bits for colour type 2, got 4.", PngFile.Error(Header(1, 1, 4, 2)));
        Assert.Equal("file, byte 24: expected a colour type of 0, 2, 3, 4 or 6, got 5.", PngFile.Error(Header(1, 1, 8, 5)));
        Assert.Equal("file, byte 33: expected a palette before the pixels, got IDAT.", PngFile.Error(Header(1, 1, 8, 3)));
        Assert.Equal("file, byte 33: expected packed pixels for 8000 × 8000, got only 10 bytes.", PngFile.Error(Header(8000, 8000, 8, 2)));
    }

    [Fact]
    public void Refuses_pixels_packed_with_a_dictionary() =>
        Assert.StartsWith("file, byte 33: expected packed pixels, got broken ones (", PngFile.Error(Header(1, 1, 8, 0, [0x78, 0x7D, 1, 2, 3, 4, 5, 6])));

    [Fact]
    public void A_bomb_is_unpacked_no_further_than_its_pixels()
    {
        var bomb = Header(1, 1, 8, 0, PngFile.Pack(new byte[200 << 20]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("file, byte 33: expected 2 bytes of pixels, got more.", PngFile.Error(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    private static byte[] Header(int width, int height, int bits, int colour, byte[]? packed = null) =>
    [
        .. Small()[..8],
        .. PngFile.Chunk("IHDR", [(byte)(width >> 24), (byte)(width >> 16), (byte)(width >> 8), (byte)width,
            (byte)(height >> 24), (byte)(height >> 16), (byte)(height >> 8), (byte)height, (byte)bits, (byte)colour, 0, 0, 0]),
        .. PngFile.Chunk("IDAT", packed ?? PngFile.Pack([0, 0])), .. PngFile.Chunk("IEND", []),
    ];

    private static byte[] Small() => Written(Tensor.Of([[[0, 1, 0.5], [1, 0.25, 0]]]));

    private static byte[][] Samples() =>
        [.. PngFile.Kinds.Select(kind => PngFile.Of(kind.Colour, kind.Bits).Sample(1, 1).First().Bytes())];

    private static byte[] Written(Tensor image, int bits = 8, bool palette = false, bool interlaced = false)
    {
        using var stream = new MemoryStream();
        Png.Write(stream, image, bits, palette, interlaced);
        return stream.ToArray();
    }

    private static string Refusal(Tensor image, int bits = 8, bool palette = false) =>
        Assert.Throws<ArgumentException>(() => Written(image, bits, palette)).Message;
}
