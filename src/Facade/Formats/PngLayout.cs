namespace AutoDiffCnn;

public static partial class Png
{
    // More than any camera takes; 1 GB of floats with four channels.
    private const long MostPixels = 1 << 26;

    private const int Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4, Rgba = 6;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The seven passes of Adam7, or the only one: each has the pixels (X + i·StepX, Y + j·StepY).</summary>
    private readonly record struct Pass(int X, int Y, int StepX, int StepY)
    {
        private static readonly Pass[] One = [new(0, 0, 1, 1)];

        private static readonly Pass[] Seven =
        [
            new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2),
        ];

        /// <summary>The passes that have pixels in the image.</summary>
        public static IEnumerable<Pass> Of(Header header) =>
            (header.Interlaced ? Seven : One).Where(pass => pass.X < header.Width && pass.Y < header.Height);

        public int Width(Header header) => (header.Width - X + StepX - 1) / StepX;

        public int Height(Header header) => (header.Height - Y + StepY - 1) / StepY;
    }

    /// <summary>What the first chunk says.</summary>
    private readonly record struct Header(int Width, int Height, int Bits, int Colour, bool Interlaced)
    {
        /// <summary>How many samples a pixel has in the file.</summary>
        public int Samples => Colour switch { Grey or Palette => 1, GreyAlpha => 2, Rgb => 3, _ => 4 };

        /// <summary>The bytes from a byte to the one it is predicted from.</summary>
        public int Back => Math.Max(1, Samples * Bits / 8);

        /// <summary>The highest value of a sample.</summary>
        public int Top => (1 << Bits) - 1;

        public int RowBytes(int width) => (int)(((long)width * Samples * Bits + 7) / 8);

        /// <summary>The bytes of all rows, each with the number of its filter before it.</summary>
        public long RawBytes()
        {
            var sum = 0L;
            foreach (var pass in Pass.Of(this))
            {
                sum += pass.Height(this) * (1L + RowBytes(pass.Width(this)));
            }

            return sum;
        }
    }

    /// <summary>The one of left, above and above left that is nearest to left + above − corner; the first in that
    /// order.</summary>
    private static byte Paeth(byte left, byte above, byte corner)
    {
        var (toLeft, toAbove, toCorner) = (Math.Abs(above - corner), Math.Abs(left - corner), Math.Abs(left + above - 2 * corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private static int Sample(ReadOnlySpan<byte> row, int index, int bits) => bits switch
    {
        16 => row[2 * index] << 8 | row[2 * index + 1],
        8 => row[index],
        _ => row[index * bits / 8] >> 8 - bits - index * bits % 8 & (1 << bits) - 1,
    };

    private static void SetSample(Span<byte> row, int index, int bits, int value)
    {
        switch (bits)
        {
            case 16:
                (row[2 * index], row[2 * index + 1]) = ((byte)(value >> 8), (byte)value);
                break;
            case 8:
                row[index] = (byte)value;
                break;
            default:
                row[index * bits / 8] |= (byte)(value << 8 - bits - index * bits % 8);
                break;
        }
    }
}
