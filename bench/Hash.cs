/// <summary>The numbers that every benchmark of the comparison makes for itself, bit by bit the same: lowbias32 of a
/// counter (C. Wellons, Prospecting for Hash Functions, 2018).</summary>
internal static class Hash
{
    private const float Unit = 1f / (1 << 23);

    /// <summary>lowbias32(i + seed · 0x9E3779B9), modulo 2³².</summary>
    public static uint Of(uint seed, uint i)
    {
        var x = i + seed * 0x9E3779B9;
        x = (x ^ (x >> 16)) * 0x7FEB352D;
        x = (x ^ (x >> 15)) * 0x846CA68B;
        return x ^ (x >> 16);
    }

    /// <summary>Uniform numbers in [−1, 1), multiples of 2⁻²³; each is then multiplied by the scale and
    /// rounded.</summary>
    public static void Uniform(uint seed, Span<float> values, float scale = 1)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ((Of(seed, (uint)i) >> 8) * Unit - 1) * scale;
        }
    }

    /// <summary>Class indices below a number.</summary>
    public static void Labels(uint seed, int classes, Span<int> labels)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = (int)(Of(seed, (uint)i) % (uint)classes);
        }
    }
}
