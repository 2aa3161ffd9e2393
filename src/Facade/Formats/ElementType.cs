using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AutoDiffCnn;

/// <summary>How the elements of a tensor are stored in a file.</summary>
/// <param name="Size">The bytes of an element.</param>
/// <param name="Single">Whether single precision holds every value exactly.</param>
/// <param name="Decode">From bytes in the machine's order to values.</param>
/// <param name="Encode">From values to bytes; gives the number of the first value that the type cannot hold, or −1. A
/// fraction is rounded where the type has fractions.</param>
internal sealed record ElementType(
    int Size, bool Single, ElementType.Decoder Decode, ElementType.Encoder Encode)
{
    // Whole vectors' worth, small beside a cache.
    private const int Block = 1 << 13;

    public delegate void Decoder(ReadOnlySpan<byte> bytes, Span<double> values);

    public delegate int Encoder(ReadOnlySpan<double> values, Span<byte> bytes);

    /// <summary>The type of a number of .NET.</summary>
    public static ElementType Of<T>(bool single)
        where T : unmanaged, INumber<T> => new(Unsafe.SizeOf<T>(), single, FromBytes<T>, ToBytes<T>);

    /// <summary>A type that is only read, from a smaller number that holds its bits.</summary>
    public static ElementType Of<T>(Func<T, double> value)
        where T : unmanaged => new(Unsafe.SizeOf<T>(), true, (bytes, values) =>
        {
            var bits = MemoryMarshal.Cast<byte, T>(bytes);
            for (var i = 0; i < bits.Length; i++)
            {
                values[i] = value(bits[i]);
            }
        }, (_, _) => 0);

    /// <summary>The tensor in the next bytes of a stream, which the caller knows to be there.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="shape">A shape with at most <see cref="Array.MaxLength"/> elements.</param>
    /// <param name="bigEndian">Whether the first byte of an element is the highest.</param>
    /// <param name="missing">The error for a stream that ends after so many elements all the same.</param>
    public Tensor Read(Stream stream, Shape shape, bool bigEndian, Func<int, FormatError> missing)
    {
        var count = (int)shape.Elements;
        var (singles, doubles) = (new float[Single ? count : 0], new double[Single ? 0 : count]);
        var (bytes, values) = (new byte[Math.Min(count, Block) * Size], new double[Math.Min(count, Block)]);
        for (var first = 0; first < count; first += Block)
        {
            var length = Math.Min(Block, count - first);
            var block = bytes.AsSpan(0, length * Size);
            var read = stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
            if (read < block.Length)
            {
                throw missing(first + read / Size);
            }

            Turn(block, bigEndian);
            Decode(block, values);
            for (var i = 0; i < length && Single; i++)
            {
                singles[first + i] = (float)values[i];
            }

            if (!Single)
            {
                values.AsSpan(0, length).CopyTo(doubles.AsSpan(first));
            }
        }

        return Single ? Tensor.Wrap(shape, singles) : Tensor.Wrap(shape, doubles);
    }

    /// <summary>Writes a tensor.</summary>
    /// <returns>The number of the first value that the type cannot hold, or −1.</returns>
    public int Write(Stream stream, Tensor tensor, bool bigEndian = false)
    {
        var (bytes, values) = (new byte[Math.Min(tensor.Count, Block) * Size], new double[Math.Min(tensor.Count, Block)]);
        for (var first = 0; first < tensor.Count; first += Block)
        {
            var length = Math.Min(Block, tensor.Count - first);
            for (var i = 0; i < length; i++)
            {
                values[i] = tensor.At(first + i);
            }

            var block = bytes.AsSpan(0, length * Size);
            if (Encode(values.AsSpan(0, length), block) is >= 0 and var bad)
            {
                return first + bad;
            }

            Turn(block, bigEndian);
            stream.Write(block);
        }

        return -1;
    }

    private void Turn(Span<byte> bytes, bool bigEndian)
    {
        for (var at = 0; bigEndian == BitConverter.IsLittleEndian && at < bytes.Length; at += Size)
        {
            bytes.Slice(at, Size).Reverse();
        }
    }

    private static void FromBytes<T>(ReadOnlySpan<byte> bytes, Span<double> values)
        where T : unmanaged, INumber<T>
    {
        var numbers = MemoryMarshal.Cast<byte, T>(bytes);
        for (var i = 0; i < numbers.Length; i++)
        {
            values[i] = double.CreateTruncating(numbers[i]);
        }
    }

    private static int ToBytes<T>(ReadOnlySpan<double> values, Span<byte> bytes)
        where T : unmanaged, INumber<T>
    {
        var numbers = MemoryMarshal.Cast<byte, T>(bytes);
        var fractions = T.CreateSaturating(0.5) != T.Zero;
        for (var i = 0; i < values.Length; i++)
        {
            numbers[i] = T.CreateSaturating(values[i]);
            // In 128 bits, because in double 2⁶³ − 1 is 2⁶³.
            if (!fractions && (Math.Floor(values[i]) != values[i]
                || Int128.CreateTruncating(numbers[i]) != Int128.CreateSaturating(values[i])))
            {
                return i;
            }
        }

        return -1;
    }
}
