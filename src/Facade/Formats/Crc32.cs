namespace AutoDiffCnn;

/// <summary>The checksum of PNG's chunks and of zip's entries: the remainder by the polynomial 0x04C11DB7, bits
/// reflected (PNG's specification, annex D).</summary>
internal static class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(OfByte)];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = Table[(byte)(crc ^ value)] ^ crc >> 8;
        }

        return ~crc;
    }

    private static uint OfByte(int value)
    {
        var remainder = (uint)value;
        for (var bit = 0; bit < 8; bit++)
        {
            remainder = (remainder & 1) == 0 ? remainder >> 1 : 0xEDB88320 ^ remainder >> 1;
        }

        return remainder;
    }
}
