using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace AutoDiffCnn;

/// <summary>Reads and writes PNG pictures as tensors [channels, height, width] with values from 0 to 1: 1 channel is grey,
/// 2 are grey and opacity, 3 are red, green, blue, and 4 these and opacity.</summary>
/// <remarks>The format of w3.org/TR/png-3: all colour types, depths, filters and both interlacings; a palette becomes
/// colours, a transparent colour an opacity. A sample s of b bits is s/(2ᵇ − 1), as it is stored; gamma and colour profiles
/// are not applied. Every checksum is verified. At most 2²⁶ pixels are read, and no memory is taken for more than the file
/// can hold.</remarks>
/// <example><code>
/// Png.Write("dot.png", Tensor.Of([[[0, 1], [1, 0]]]));
/// Png.Read("dot.png") // [[[0, 1], [1, 0]]]
/// </code></example>
public static partial class Png
{
    private sealed record Content(Header Header, byte[] Palette, byte[] Transparent, byte[] Packed, long Offset);

    /// <summary>The picture in a file, in single precision.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatError">The file is no PNG file, is damaged, or has more than 2²⁶ pixels.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor Read(string path)
    {
        using var file = InputFile.Open(path);
        return Read(file, path);
    }

    /// <summary>The picture in a file that is already open, in single precision.</summary>
    /// <param name="stream">The file from its current position to its end; it must be able to seek.</param>
    /// <param name="name">What to call the file in an error.</param>
    /// <exception cref="FormatError">The file is no PNG file, is damaged, or has more than 2²⁶ pixels.</exception>
    public static Tensor Read(Stream stream, string name)
    {
        var content = ReadChunks(InputFile.Take(stream, Array.MaxLength), name);
        return Pixels(content, Unfiltered(content, Unpack(content, name), name), name);
    }

    private static Content ReadChunks(byte[] file, string name)
    {
        if (!file.AsSpan().StartsWith(Signature))
        {
            throw new FormatError(name, 0, "the signature of a PNG file", $"{Convert.ToHexString(file.AsSpan(0, Math.Min(8, file.Length)))}");
        }

        var (content, at, before) = (new Content(default, [], [], [], 0), Signature.Length, "");
        using var packed = new MemoryStream();
        while (before != "IEND")
        {
            var (type, data) = ReadChunk(file, at, name);
            var (header, colour) = (content.Header, content.Header.Colour);
            void Demand(bool right, string expected, string got)
            {
                if (!right)
                {
                    throw new FormatError(name, at, expected, got);
                }
            }

            Demand(type == "IHDR" == (at == Signature.Length), "IHDR as the first chunk and only there", type);
            switch (type)
            {
                case "IHDR":
                    content = content with { Header = ReadHeader(data, name, at) };
                    break;
                case "PLTE":
                    Demand(packed.Length == 0 && content.Palette.Length == 0 && colour is Rgb or Rgba or Palette, "one palette before the pixels of colours", type);
                    Demand(data.Length % 3 == 0 && data.Length > 0 && data.Length / 3 <= (colour == Palette ? 1 << header.Bits : 256),
                        $"a palette of 1 to {(colour == Palette ? 1 << header.Bits : 256)} colours of 3 bytes", $"{data.Length} bytes");
                    content = content with { Palette = data };
                    break;
                case "tRNS":
                    var (least, most) = colour switch { Grey => (2, 2), Rgb => (6, 6), Palette => (1, content.Palette.Length / 3), _ => (0, -1) };
                    Demand(packed.Length == 0 && content.Transparent.Length == 0 && data.Length >= least && data.Length <= most,
                        most < 0 ? "no transparent colour beside opacity" : $"one tRNS of {least} to {most} bytes before the pixels", $"{data.Length} bytes");
                    content = content with { Transparent = data };
                    break;
                case "IDAT":
                    Demand(packed.Length == 0 || before == "IDAT", "all IDAT chunks one after the other", $"one after {before}");
                    Demand(colour != Palette || content.Palette.Length > 0, "a palette before the pixels", type);
                    content = content with { Offset = packed.Length == 0 ? at : content.Offset };
                    packed.Write(data);
                    break;
                case "IEND":
                    Demand(packed.Length > 0, "IDAT before the end", type);
                    Demand(data.Length == 0 && at + 12 == file.Length, "the end of the file behind an empty IEND", $"{file.Length - at - 12} bytes more");
                    break;
                default:
                    Demand(char.IsLower(type[0]), "chunks that this version of PNG knows", type);
                    break;
            }

            (at, before) = (at + 12 + data.Length, type);
        }

        return content with { Packed = packed.ToArray() };
    }

    /// <summary>A chunk: the length of its data, its type in four letters, the data, the checksum of type and
    /// data.</summary>
    private static (string Type, byte[] Data) ReadChunk(byte[] file, int at, string name)
    {
        var length = file.Length - at >= 12 ? BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at)) : uint.MaxValue;
        if (length > file.Length - at - 12L)
        {
            throw new FormatError(name, at, length == uint.MaxValue ? "a chunk" : $"{length} bytes of a chunk and its checksum",
                $"the end of the file after {file.Length - at} bytes", "downloading or copying the file again");
        }

        var body = file.AsSpan(at + 4, 4 + (int)length);
        var (stored, sum) = (BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + (int)length)), Crc32.Of(body));
        var type = Encoding.Latin1.GetString(body[..4]);
        return !type.All(char.IsAsciiLetter)
            ? throw new FormatError(name, at + 4, "four letters, the type of a chunk", Convert.ToHexString(body[..4]))
            : stored != sum
            ? throw new FormatError(name, at + 8 + length, $"the checksum {sum:X8} of {type}", $"{stored:X8}", "downloading or copying the file again")
            : (type, body[4..].ToArray());
    }

    private static Header ReadHeader(ReadOnlySpan<byte> data, string name, int at)
    {
        if (data is not [_, _, _, _, _, _, _, _, var bits, var colour, 0, 0, var interlaced] || interlaced > 1)
        {
            throw new FormatError(name, at + 8, "a header of 13 bytes with packing 0, filters 0 and interlacing 0 or 1", Convert.ToHexString(data[..Math.Min(13, data.Length)]));
        }

        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]));
        if (width == 0 || height == 0 || (ulong)width * height > MostPixels)
        {
            throw new FormatError(name, at + 8, $"1 to {MostPixels} pixels", $"{width} × {height}", "a smaller picture");
        }

        var depths = colour switch { Grey => "1 2 4 8 16", Palette => "1 2 4 8", Rgb or GreyAlpha or Rgba => "8 16", _ => "" };
        return depths.Split(' ').Contains($"{bits}")
            ? new((int)width, (int)height, bits, colour, interlaced == 1)
            : throw new FormatError(name, at + 16, depths.Length == 0 ? "a colour type of 0, 2, 3, 4 or 6" : $"{depths} bits for colour type {colour}",
                depths.Length == 0 ? $"{colour}" : $"{bits}");
    }

    private static byte[] Unpack(Content content, string name)
    {
        var (header, count) = (content.Header, content.Header.RawBytes());
        if (count > Math.Min(Array.MaxLength, Unpacked.Room(content.Packed.Length)))
        {
            throw new FormatError(name, content.Offset, $"packed pixels for {header.Width} × {header.Height}", $"only {content.Packed.Length} bytes");
        }

        try
        {
            using var zlib = new ZLibStream(new MemoryStream(content.Packed), CompressionMode.Decompress);
            var raw = InputFile.Take(zlib, (int)count);
            return raw.Length == count && zlib.ReadByte() < 0
                ? raw
                : throw new FormatError(name, content.Offset, $"{count} bytes of pixels", raw.Length == count ? "more" : $"{raw.Length}");
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException)
        {
            // An IOException is what ZLibStream raises where a dictionary is asked for; it reads from memory here.
            throw new FormatError(name, content.Offset, "packed pixels", $"broken ones ({broken.Message.TrimEnd('.')})");
        }
    }

    /// <summary>Adds to each byte what its filter predicts from its neighbours, in place.</summary>
    private static byte[] Unfiltered(Content content, byte[] raw, string name)
    {
        var (header, at) = (content.Header, 0);
        foreach (var pass in Pass.Of(header))
        {
            var (bytes, back) = (header.RowBytes(pass.Width(header)), header.Back);
            ReadOnlySpan<byte> above = new byte[bytes];
            for (var y = 0; y < pass.Height(header); y++)
            {
                var filter = raw[at];
                var row = raw.AsSpan(at + 1, bytes);
                if (filter > 4)
                {
                    throw new FormatError(name, content.Offset, $"a filter from 0 to 4 in row {y} of {pass.Height(header)}", $"{filter}");
                }

                for (var i = 0; i < bytes; i++)
                {
                    var left = i >= back ? row[i - back] : (byte)0;
                    row[i] += filter switch
                    {
                        0 => 0,
                        1 => left,
                        2 => above[i],
                        3 => (byte)((left + above[i]) / 2),
                        _ => Paeth(left, above[i], i >= back ? above[i - back] : (byte)0),
                    };
                }

                above = row;
                at += 1 + bytes;
            }
        }

        return raw;
    }

    private static Tensor Pixels(Content content, byte[] raw, string name)
    {
        var (header, at, size) = (content.Header, 0, content.Header.Width * content.Header.Height);
        var stored = header.Colour == Palette ? 3 : header.Samples;
        var channels = stored + (content.Transparent.Length > 0 ? 1 : 0);
        var pixels = new float[channels * (long)size];
        Span<int> samples = stackalloc int[4];
        foreach (var pass in Pass.Of(header))
        {
            var (width, bytes) = (pass.Width(header), header.RowBytes(pass.Width(header)));
            for (var y = 0; y < pass.Height(header); y++, at += 1 + bytes)
            {
                var row = raw.AsSpan(at + 1, bytes);
                for (var x = 0; x < width; x++)
                {
                    for (var i = 0; i < header.Samples; i++)
                    {
                        samples[i] = Sample(row, x * header.Samples + i, header.Bits);
                    }

                    var pixel = (pass.Y + y * pass.StepY) * header.Width + pass.X + x * pass.StepX;
                    for (var channel = 0; channel < channels; channel++)
                    {
                        pixels[channel * (long)size + pixel] = (float)Value(content, samples, channel, stored, name);
                    }
                }
            }
        }

        return Tensor.Wrap([channels, header.Height, header.Width], pixels);
    }

    private static double Value(Content content, ReadOnlySpan<int> samples, int channel, int stored, string name)
    {
        var (header, transparent) = (content.Header, content.Transparent);
        if (header.Colour == Palette)
        {
            var index = samples[0];
            return 3 * index >= content.Palette.Length
                ? throw new FormatError(name, content.Offset, $"pixels of the palette's {content.Palette.Length / 3} colours", $"colour {index}")
                : (channel < 3 ? content.Palette[3 * index + channel] : index < transparent.Length ? transparent[index] : 255) / 255.0;
        }

        if (channel < stored)
        {
            return (double)samples[channel] / header.Top;
        }

        for (var i = 0; i < stored; i++)
        {
            if (samples[i] != BinaryPrimitives.ReadUInt16BigEndian(transparent.AsSpan(2 * i)))
            {
                return 1;
            }
        }

        return 0;
    }
}
