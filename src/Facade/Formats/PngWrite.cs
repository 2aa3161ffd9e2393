using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace AutoDiffCnn;

public static partial class Png
{
    /// <summary>Writes a file, atomically: on any failure an older file is as it was. Values below 0 are 0, above 1 are 1,
    /// and others are rounded to the nearest that the depth has.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="image">The picture [channels, height, width] with 1 to 4 channels, or [height, width].</param>
    /// <param name="bits">The depth of a sample: 8 or 16; with a palette or one channel 1, 2 and 4, too.</param>
    /// <param name="palette">Whether to store each different colour once and then its number; needs 3 or 4 channels and at
    /// most 2ᵇ colours.</param>
    /// <param name="interlaced">Whether a coarse picture comes first (Adam7).</param>
    /// <exception cref="ArgumentException">The shape, the depth or the number of colours is none of these, or a value is
    /// NaN.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Tensor image, int bits = 8, bool palette = false, bool interlaced = false) =>
        AtomicFile.Write(path, stream => Write(stream, image, bits, palette, interlaced));

    /// <summary>Writes to a stream.</summary>
    /// <inheritdoc cref="Write(string, Tensor, int, bool, bool)"/>
    public static void Write(Stream stream, Tensor image, int bits = 8, bool palette = false, bool interlaced = false)
    {
        image = image.Shape.Rank == 2 ? image.Reshape([1, .. image.Shape]) : image;
        if (image.Shape is not [>= 1 and <= 4 and var channels, > 0 and var height, > 0 and var width] || (long)height * width > MostPixels)
        {
            throw new ArgumentException($"a picture has the shape [1 to 4, height, width] and at most {MostPixels} pixels, not {image.Shape}.", nameof(image));
        }

        var right = palette ? bits is 1 or 2 or 4 or 8 && channels > 2 : bits is 8 or 16 || (bits is 1 or 2 or 4 && channels == 1);
        if (!right)
        {
            throw new ArgumentException($"{channels} channels {(palette ? "in a palette " : "")}cannot have {bits} bits: "
                + "with a palette 1, 2, 4 or 8 and 3 or 4 channels, else 8 or 16, for grey 1, 2 or 4, too.", nameof(bits));
        }

        var colour = palette ? Palette : channels switch { 1 => Grey, 2 => GreyAlpha, 3 => Rgb, _ => Rgba };
        var header = new Header(width, height, bits, colour, interlaced);
        var samples = Samples(image, palette ? 255 : header.Top);
        stream.Write(Signature);
        Span<byte> start = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(start, width);
        BinaryPrimitives.WriteInt32BigEndian(start[4..], height);
        (start[8], start[9], start[12]) = ((byte)bits, (byte)colour, interlaced ? (byte)1 : (byte)0);
        WriteChunk(stream, "IHDR", start);
        WriteChunk(stream, "IDAT", Packed(header, palette ? Numbered(stream, samples, channels, 1 << bits) : samples));
        WriteChunk(stream, "IEND", []);
    }

    /// <summary>The samples of each pixel side by side.</summary>
    private static int[] Samples(Tensor image, int top)
    {
        var (channels, size) = (image.Shape[0], image.Count / image.Shape[0]);
        var samples = new int[image.Count];
        for (var i = 0; i < image.Count; i++)
        {
            var value = image.At(i);
            samples[i % size * channels + i / size] = !double.IsNaN(value)
                ? (int)(Math.Clamp(value, 0, 1) * top + 0.5)
                : throw new ArgumentException($"pixel {i % size} of channel {i / size} is NaN.", nameof(image));
        }

        return samples;
    }

    /// <summary>Writes the palette, in the order in which colours appear, and gives each pixel's number.</summary>
    private static int[] Numbered(Stream stream, int[] samples, int channels, int most)
    {
        var numbers = new Dictionary<(int, int, int, int), int>();
        int[] pixels = [.. samples.Chunk(channels).Select(pixel =>
        {
            var colour = (pixel[0], pixel[1], pixel[2], channels == 4 ? pixel[3] : 255);
            return numbers.TryGetValue(colour, out var known) ? known
                : numbers.Count < most ? numbers[colour] = numbers.Count
                : throw new ArgumentException($"the picture has more than the {most} colours of a palette of this depth.", nameof(samples));
        })];
        WriteChunk(stream, "PLTE", [.. numbers.Keys.SelectMany(colour => new[] { (byte)colour.Item1, (byte)colour.Item2, (byte)colour.Item3 })]);
        if (channels == 4)
        {
            WriteChunk(stream, "tRNS", [.. numbers.Keys.Select(colour => (byte)colour.Item4)]);
        }

        return pixels;
    }

    /// <summary>The rows of all passes, with the filter that mostly packs best: Paeth's for whole bytes, none for parts of
    /// bytes and numbers of colours.</summary>
    private static byte[] Packed(Header header, int[] samples)
    {
        var filter = header.Bits < 8 || header.Colour == Palette ? (byte)0 : (byte)4;
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var pass in Pass.Of(header))
            {
                var above = new byte[header.RowBytes(pass.Width(header))];
                for (var y = 0; y < pass.Height(header); y++)
                {
                    var row = Row(header, pass, y, samples);
                    zlib.WriteByte(filter);
                    zlib.Write(filter == 0 ? row : Filtered(row, above, header.Back));
                    above = row;
                }
            }
        }

        return packed.ToArray();
    }

    private static byte[] Row(Header header, Pass pass, int y, int[] samples)
    {
        var row = new byte[header.RowBytes(pass.Width(header))];
        var (first, count) = ((pass.Y + y * pass.StepY) * header.Width + pass.X, header.Samples);
        for (var x = 0; x < pass.Width(header); x++)
        {
            for (var i = 0; i < count; i++)
            {
                SetSample(row, x * count + i, header.Bits, samples[(first + x * pass.StepX) * count + i]);
            }
        }

        return row;
    }

    private static byte[] Filtered(byte[] row, byte[] above, int back)
    {
        var filtered = new byte[row.Length];
        for (var i = 0; i < row.Length; i++)
        {
            filtered[i] = (byte)(row[i] - (i < back ? Paeth(0, above[i], 0) : Paeth(row[i - back], above[i], above[i - back])));
        }

        return filtered;
    }

    private static void WriteChunk(Stream stream, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        stream.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(body));
        stream.Write(number);
    }
}
