using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

/// <summary>A picture as the specification of PNG describes it, and a writer that shares nothing with the library's: its
/// checksum works bit by bit, its interlacing from the matrix of the specification's figure, and every row has a filter of
/// its own.</summary>
/// <param name="Samples">For each pixel its samples, or its number in the palette.</param>
/// <param name="Filters">The filter of each row, used in turn.</param>
internal sealed record PngFile(int Width, int Height, int Bits, int Colour, bool Interlaced, int[][] Samples, byte[] Palette, byte[] Transparent, int[] Filters, int Parts)
{
    private static readonly int[] Adam7 =
    [
        1, 6, 4, 6, 2, 6, 4, 6,
        7, 7, 7, 7, 7, 7, 7, 7,
        5, 6, 5, 6, 5, 6, 5, 6,
        7, 7, 7, 7, 7, 7, 7, 7,
        3, 6, 4, 6, 3, 6, 4, 6,
        7, 7, 7, 7, 7, 7, 7, 7,
        5, 6, 5, 6, 5, 6, 5, 6,
        7, 7, 7, 7, 7, 7, 7, 7,
    ];

    /// <summary>All combinations of colour type and depth that there are.</summary>
    public static readonly (int Colour, int Bits)[] Kinds =
        [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)];

    public static Gen<PngFile> Any => Gen.Elements(Kinds).SelectMany(kind => Of(kind.Colour, kind.Bits));

    public static Gen<PngFile> Of(int colour, int bits) =>
        from width in Gen.Choose(1, 19)
        from height in Gen.Choose(1, 19)
        from interlaced in Gen.Elements(true, false)
        from colours in Gen.Choose(1, 1 << Math.Min(bits, 8))
        from palette in Gen.Choose(0, 255).ListOf(3 * colours)
        let each = Count(colour)
        let top = colour == 3 ? colours - 1 : (1 << bits) - 1
        from samples in Gen.Choose(0, top).ListOf(width * height * each)
        from transparent in Gen.Choose(0, 255).ListOf(colours)
        from hasTransparent in Gen.Elements(true, false)
        from filters in Gen.Choose(0, 4).ListOf(5)
        from parts in Gen.Choose(1, 4)
        let pixels = samples.Chunk(each).ToArray()
        select new PngFile(width, height, bits, colour, interlaced, pixels, colour == 3 ? [.. palette.Select(v => (byte)v)] : [],
            !hasTransparent ? [] : colour switch
            {
                3 => [.. transparent.Select(v => (byte)v)],
                // The first pixel's colour is the transparent one.
                0 or 2 => [.. pixels[0].SelectMany(v => new[] { (byte)(v >> 8), (byte)v })],
                _ => [],
            }, [.. filters], parts);

    /// <summary>What reading must give, from the definitions.</summary>
    public Tensor Expected()
    {
        var planes = Samples.Select(pixel => Colour == 3
            ? [.. Enumerable.Range(0, 3).Select(i => Palette[3 * pixel[0] + i] / 255.0), .. Transparent.Length == 0 ? [] : new[] { (pixel[0] < Transparent.Length ? Transparent[pixel[0]] : 255) / 255.0 }]
            : (double[])[.. pixel.Select(v => v / (Math.Pow(2, Bits) - 1)), .. Transparent.Length == 0 ? [] : new[] { pixel.SequenceEqual(Samples[0]) ? 0.0 : 1 }]).ToArray();
        return Tensor.Of([planes[0].Length, Height, Width], [.. Enumerable.Range(0, planes[0].Length).SelectMany(c => planes.Select(pixel => (float)pixel[c]))]);
    }

    public byte[] Bytes()
    {
        var packed = Pack([.. Passes().SelectMany(Rows)]);
        var size = Math.Max(1, packed.Length / Parts);
        return
        [
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A,
            .. Chunk("IHDR", [.. Big(Width), .. Big(Height), (byte)Bits, (byte)Colour, 0, 0, (byte)(Interlaced ? 1 : 0)]),
            .. Chunk("tEXt", Encoding.ASCII.GetBytes("Comment\0any")),
            .. Palette.Length > 0 ? Chunk("PLTE", Palette) : [],
            .. Transparent.Length > 0 ? Chunk("tRNS", Transparent) : [],
            .. packed.Chunk(size).SelectMany(part => Chunk("IDAT", part)),
            .. Chunk("IEND", []),
        ];
    }

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        return [.. Big(data.Length), .. body, .. Big((int)Sum(body))];
    }

    public static byte[] Pack(byte[] raw)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            zlib.Write(raw);
        }

        return packed.ToArray();
    }

    /// <summary>The file with the checksums that its chunks should have, so that damage reaches what lies behind them.</summary>
    public static byte[] Repaired(byte[] file)
    {
        var repaired = file.ToArray();
        for (var at = 8L; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(repaired.AsSpan((int)at));
            if (at + 12 + length <= file.Length)
            {
                Big((int)Sum(repaired.AsSpan((int)at + 4, 4 + (int)length))).CopyTo(repaired, at + 8 + length);
            }

            at += 12 + length;
        }

        return repaired;
    }

    public static Tensor Read(byte[] file) => Png.Read(new MemoryStream(file), "file");

    public static string Error(byte[] file) => Assert.Throws<FormatError>(() => Read(file)).Message;

    private static int Count(int colour) => colour switch { 0 or 3 => 1, 4 => 2, 2 => 3, _ => 4 };

    /// <summary>The rows of pixels of each pass.</summary>
    private IEnumerable<int[][][]> Passes() => Interlaced
        ? Enumerable.Range(1, 7).Select(pass => Enumerable.Range(0, Height)
            .Select(y => Enumerable.Range(0, Width).Where(x => Adam7[y % 8 * 8 + x % 8] == pass).Select(x => Samples[y * Width + x]).ToArray())
            .Where(row => row.Length > 0).ToArray()).Where(rows => rows.Length > 0)
        : [Samples.Chunk(Width).ToArray()];

    private byte[] Rows(int[][][] rows)
    {
        var (bytes, back) = (new List<byte>(), Math.Max(1, Count(Colour) * Bits / 8));
        var above = Array.Empty<byte>();
        for (var y = 0; y < rows.Length; y++)
        {
            var bits = string.Concat(rows[y].SelectMany(pixel => pixel).Select(v => Convert.ToString(v, 2).PadLeft(Bits, '0')));
            var row = bits.Chunk(8).Select(part => Convert.ToByte(new string(part).PadRight(8, '0'), 2)).ToArray();
            var filter = Filters[y % Filters.Length];
            bytes.Add((byte)filter);
            for (var i = 0; i < row.Length; i++)
            {
                int a = i >= back ? row[i - back] : 0, b = y > 0 ? above[i] : 0, c = y > 0 && i >= back ? above[i - back] : 0;
                var p = a + b - c;
                var nearest = new[] { a, b, c }.MinBy(v => Math.Abs(p - v));
                bytes.Add((byte)(row[i] - filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => nearest }));
            }

            above = row;
        }

        return [.. bytes];
    }

    private static byte[] Big(int number) => [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var remainder = 0xFFFFFFFFu;
        foreach (var value in bytes)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                remainder = ((remainder ^ (uint)(value >> bit)) & 1) == 1 ? remainder >> 1 ^ 0xEDB88320 : remainder >> 1;
            }
        }

        return ~remainder;
    }
}
