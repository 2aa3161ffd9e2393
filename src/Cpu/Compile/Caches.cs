using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>What is known of the machine's caches.</summary>
internal static class Caches
{
    // More than the second caches hold.
    private const long BeyondSecond = 1 << 20;

    // "Auth", the first letters of AMD's name.
    private const int Amd = 0x68747541;
    private const int AmdCaches = unchecked((int)0x8000001D);
    private const int Third = 3;

    // The third cache's floats, if it belongs to few cores; else 0.
    private static readonly long third = NearThird() / sizeof(float);

    /// <summary>From how many floats on a result that nobody reads is written past the caches: a plain store first reads
    /// what it overwrites.</summary>
    /// <param name="lasting">The floats that a run is given and leaves. If they fit the third cache, all results stay there.</param>
    /// <remarks>Where the third cache belongs to a few cores, as in AMD's processors, it takes 100 GB/s from two of them
    /// and memory 28; a quarter of it is used. Servers' caches that all cores share were no faster than memory.</remarks>
    public static long StreamFrom(long lasting) => lasting <= third / 4 * 3 ? long.MaxValue : Math.Max(BeyondSecond, third / 4);

    /// <summary>Whether so many floats are not in the second cache when they are read.</summary>
    public static bool AreFar(long floats) => floats >= BeyondSecond;

    /// <summary>How many rows, so many floats apart, stay in the first cache with a line each, and something beside them.</summary>
    /// <remarks>Its ways are pages, so rows a page apart have only one line in each of them, and there are eight ways or more.
    /// Fourteen rows of 1,024 channels, read side by side, pushed each other out: a product took 1.4 times as long.</remarks>
    public static int RowsInFirst(long distance)
    {
        const int way = 1024;
        const int ways = 8;
        var common = 1L << Math.Min(BitOperations.TrailingZeroCount(distance), BitOperations.Log2(way));
        return (int)((ways - 1) * (way / common));
    }

    /// <summary>Whether some dozens of rows, so many floats apart, push each other out of the first cache.</summary>
    public static bool AreCrowded(long distance) => RowsInFirst(distance) <= 28;

    /// <summary>The bytes of a third cache that belongs to few cores; 0 if there is none.</summary>
    private static long NearThird()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Ebx != Amd || X86Base.CpuId(int.MinValue, 0).Eax < AmdCaches)
        {
            return 0;
        }

        // AMD64 Architecture Programmer's Manual, volume 3, appendix E.4.15: all fields are one less than they say.
        var (kind, shape, sets, _) = X86Base.CpuId(AmdCaches, Third);
        var (ways, parts, line) = ((long)((uint)shape >> 22) + 1, (((uint)shape >> 12) & 0x3FF) + 1, ((uint)shape & 0xFFF) + 1);
        return (kind & 0x1F) == 0 ? 0 : ways * parts * line * ((uint)sets + 1);
    }
}
