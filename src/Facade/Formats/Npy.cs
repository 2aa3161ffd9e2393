using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AutoDiffCnn;

/// <summary>NumPy's file of one array.</summary>
/// <remarks>The format of numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1 to 3: a magic number,
/// a header (a Python dictionary of type, order and shape), the elements. Real numbers and booleans are read, in either
/// byte order and in C's or Fortran's order of axes. Python objects, which would be code, are refused.</remarks>
/// <example><code>
/// Npy.Write("x.npy", Tensor.Of([[1, 2], [3, 4]]));
/// Npy.Read("x.npy") // [[1, 2], [3, 4]]
/// Npy.Write("x.npy", Tensor.Of([1.5]), "i8") // ArgumentException: element 0 is 1.5, which 'i8' cannot hold. (Parameter 'tensor')
/// </code></example>
public static partial class Npy
{
    private const int MostHeader = 1 << 16;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    private static readonly Dictionary<string, ElementType> Types = new()
    {
        ["b1"] = ElementType.Of<byte>(single: true),
        ["u1"] = ElementType.Of<byte>(single: true),
        ["i1"] = ElementType.Of<sbyte>(single: true),
        ["u2"] = ElementType.Of<ushort>(single: true),
        ["i2"] = ElementType.Of<short>(single: true),
        ["u4"] = ElementType.Of<uint>(single: false),
        ["i4"] = ElementType.Of<int>(single: false),
        ["u8"] = ElementType.Of<ulong>(single: false),
        ["i8"] = ElementType.Of<long>(single: false),
        ["f2"] = ElementType.Of<Half>(single: true),
        ["f4"] = ElementType.Of<float>(single: true),
        ["f8"] = ElementType.Of<double>(single: false),
    };

    /// <summary>The array of a file. f8, i4, u4, i8 and u8 are held in double, all others in single precision; whole
    /// numbers beyond 2⁵³ are rounded, everything else is exact.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatError">The file is no such file, or its type is none of those.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor Read(string path)
    {
        using var file = InputFile.Open(path);
        return Read(file, path);
    }

    /// <summary>The array of a file that is already open.</summary>
    /// <param name="stream">The file from its current position to its end; it must be able to seek.</param>
    /// <param name="name">What to call the file in an error.</param>
    /// <exception cref="FormatError">The file is no such file, or its type is none of those.</exception>
    public static Tensor Read(Stream stream, string name)
    {
        var room = stream.Length - stream.Position;
        var (header, begin) = ReadHeader(stream, name);
        var (type, bigEndian, fortran, shape) = ParseHeader(header, name);
        if (room - begin != shape.Elements * type.Size)
        {
            throw new FormatError(name, begin, $"{shape.Elements * type.Size} bytes of elements for {shape}", $"{room - begin}");
        }

        var stored = fortran ? Shape.From(shape.Reverse()) : shape;
        var read = type.Read(stream, stored, bigEndian,
            count => new FormatError(name, begin + (long)count * type.Size, $"the elements of {shape}", "the end of the file"));
        return fortran ? Transposed(read) : read;
    }

    /// <summary>Writes a file, atomically: on any failure an older file is as it was.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensor">The array.</param>
    /// <param name="type">How elements are stored, one of b1 u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8, perhaps with &lt; or > for
    /// the byte order before it; f4 or f8 as the tensor is if null. Fractions are rounded in f2 and f4.</param>
    /// <exception cref="ArgumentException">There is no such type, or a value is not a whole number within its
    /// range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Tensor tensor, string? type = null) =>
        AtomicFile.Write(path, stream => Write(stream, tensor, type));

    /// <summary>Writes to a stream.</summary>
    /// <inheritdoc cref="Write(string, Tensor, string)"/>
    public static void Write(Stream stream, Tensor tensor, string? type = null)
    {
        var full = type ?? (tensor.IsSingle ? "f4" : "f8");
        var (order, plain) = full is [('<' or '>' or '|') and var first, .. var rest] ? (first, rest) : ('<', full);
        if (!Types.TryGetValue(plain, out var known))
        {
            throw new ArgumentException($"'{type}' is no type of elements; there are {string.Join(' ', Types.Keys)}.", nameof(type));
        }

        var sizes = tensor.Shape is [var one] ? $"{one}," : string.Join(", ", tensor.Shape);
        var text = $"{{'descr': '{(known.Size == 1 ? '|' : order)}{plain}', 'fortran_order': False, 'shape': ({sizes}), }}";
        // The elements begin at a multiple of 64 bytes.
        var header = Encoding.ASCII.GetBytes(text.PadRight((text.Length + 11 + 63) / 64 * 64 - 11) + "\n");
        stream.Write([.. Magic, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. header]);
        var bad = plain == "b1" && Enumerable.Range(0, tensor.Count).FirstOrDefault(i => tensor.At(i) is not (0 or 1), -1) is >= 0 and var at
            ? at
            : known.Write(stream, tensor, order == '>');
        if (bad >= 0)
        {
            throw new ArgumentException($"element {bad} is {Tensor.Number(tensor.At(bad))}, which '{full}' cannot hold.", nameof(tensor));
        }
    }

    private static (string Text, int Begin) ReadHeader(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[12];
        var read = stream.ReadAtLeast(start[..10], 10, throwOnEndOfStream: false);
        if (read < 10 || !start.StartsWith(Magic) || start[6] is not (1 or 2 or 3))
        {
            throw new FormatError(name, 0, "NumPy's magic number and a version from 1 to 3",
                read < 10 ? "the end of the file" : Convert.ToHexString(start[..7]));
        }

        var begin = start[6] == 1 ? 10 : 12;
        if (stream.ReadAtLeast(start[10..begin], begin - 10, throwOnEndOfStream: false) < begin - 10)
        {
            throw new FormatError(name, 10, "the length of the header", "the end of the file");
        }

        var length = begin == 10 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length > MostHeader)
        {
            throw new FormatError(name, 8, $"a header of at most {MostHeader} bytes", $"{length}");
        }

        var header = new byte[length];
        read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        return read == header.Length
            ? (Encoding.Latin1.GetString(header), begin + header.Length)
            : throw new FormatError(name, begin + read, $"a header of {length} bytes", "the end of the file");
    }

    private static (ElementType Type, bool BigEndian, bool Fortran, Shape Shape) ParseHeader(string header, string name)
    {
        var match = HeaderPattern().Match(header);
        var items = Enumerable.Range(0, 3).Select(i => (Key: match.Groups[2 * i + 1].Value, match.Groups[2 * i + 2].Value))
            .DistinctBy(item => item.Key).ToDictionary(item => item.Key, item => item.Value);
        if (!match.Success || !items.TryGetValue("descr", out var descr) || !items.TryGetValue("fortran_order", out var order)
            || !items.TryGetValue("shape", out var sizes) || order is not ("True" or "False") || sizes[0] != '(')
        {
            throw new FormatError(name, 10, "a dictionary of descr (a plain type), fortran_order and shape", Excerpt(header),
                "an array of numbers instead of records, saved by numpy.save");
        }

        var plain = descr.Trim('\'', '"');
        var swapped = plain is ['>', ..];
        return Types.TryGetValue(plain.TrimStart('<', '>', '|', '='), out var type)
            ? (type, swapped, order == "True", ParseShape(sizes, name))
            : throw new FormatError(name, 10, $"a type among {string.Join(' ', Types.Keys)}", $"{Excerpt(descr)}",
                "in Python x.astype('f4'); for complex numbers x.real and x.imag");
    }

    private static Shape ParseShape(string sizes, string name)
    {
        var (list, count) = (new List<int>(), 1L);
        foreach (var text in sizes.Trim('(', ')', ' ').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // As if no size were 0, so that the product cannot overflow on the way to a 0.
            var right = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size);
            count = right ? count * Math.Max(1, size) : long.MaxValue;
            if (count > Array.MaxLength)
            {
                throw new FormatError(name, 10, $"a shape with at most {Array.MaxLength} elements", Excerpt(sizes));
            }

            list.Add(size);
        }

        return Shape.From(list);
    }

    /// <summary>The tensor with its axes in reverse order.</summary>
    private static Tensor Transposed(Tensor x)
    {
        var (from, shape) = (x.Shape.Strides().Reverse().ToArray(), Shape.From(x.Shape.Reverse()));
        var to = shape.Strides();
        int Source(int flat)
        {
            var source = 0L;
            for (var axis = 0; axis < to.Length; axis++)
            {
                source += flat / to[axis] % shape[axis] * from[axis];
            }

            return (int)source;
        }

        return x.IsSingle
            ? Tensor.Wrap(shape, [.. Enumerable.Range(0, x.Count).Select(i => (float)x.At(Source(i)))])
            : Tensor.From(shape, i => x.At(Source(i)));
    }

    private static string Excerpt(string text) => text.Length > 80 ? $"{text[..80]}…" : text.TrimEnd();

    [GeneratedRegex(@"^\{\s*['""](\w+)['""]\s*:\s*('[^']*'|""[^""]*""|\w+|\([\d\s,]*\))\s*,"
        + @"\s*['""](\w+)['""]\s*:\s*('[^']*'|""[^""]*""|\w+|\([\d\s,]*\))\s*,"
        + @"\s*['""](\w+)['""]\s*:\s*('[^']*'|""[^""]*""|\w+|\([\d\s,]*\))\s*,?\s*\}\s*$")]
    private static partial Regex HeaderPattern();
}
