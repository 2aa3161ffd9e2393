namespace AutoDiffCnn;

/// <summary>The seed of a stream of random numbers, a value: the same key always gives the same numbers, on every
/// machine. A key is split, never advanced.</summary>
/// <param name="High">The upper 32 bits.</param>
/// <param name="Low">The lower 32 bits.</param>
/// <remarks>Counter-based generation by Threefry-2x32 with 20 rounds: J. Salmon et al., Parallel Random Numbers: As
/// Easy as 1, 2, 3, SC 2011.</remarks>
/// <example><code>
/// var key = Key.Of(42);
/// var weights = key.FoldIn("weights").Normal([3, 3]);
/// weights.Equals(key.FoldIn("weights").Normal([3, 3])) // True
/// </code></example>
public readonly record struct Key(uint High, uint Low)
{
    private const double Unit24 = 1.0 / (1 << 24);

    /// <summary>The key of a seed.</summary>
    public static Key Of(long seed) => new((uint)(seed >> 32), (uint)seed);

    /// <summary>An independent key for a purpose that a number tells.</summary>
    public Key FoldIn(uint purpose)
    {
        var (a, b) = Threefry(this, purpose, 0xFFFF_FFFF);
        return new(a, b);
    }

    /// <summary>An independent key for a purpose that a name tells, such as a parameter's path.</summary>
    public Key FoldIn(string purpose)
    {
        // FNV-1a over UTF-16, because string.GetHashCode differs from run to run.
        var hash = 2166136261u;
        foreach (var c in purpose)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return FoldIn(hash);
    }

    /// <summary>Random bits number <paramref name="index"/> of this key.</summary>
    public uint Bits(uint index)
    {
        var (a, b) = Threefry(this, index >> 1, 0);
        return (index & 1) == 0 ? a : b;
    }

    /// <summary>Number <paramref name="index"/> of the key's uniform numbers: a multiple of 2⁻²⁴ in [0, 1).</summary>
    public double Uniform(uint index) => (Bits(index) >> 8) * Unit24;

    /// <summary>Number <paramref name="index"/> of the key's standard normal numbers, by inversion.</summary>
    public double Normal(uint index) => NormalQuantile.Of((Bits(index) + 0.5) / 4294967296.0);

    /// <summary>Uniform numbers in [low, high).</summary>
    public Tensor Uniform(Shape shape, double low = 0, double high = 1)
    {
        var key = this;
        return Tensor.From(shape, i => low + (high - low) * key.Uniform((uint)i));
    }

    /// <summary>Normal numbers.</summary>
    public Tensor Normal(Shape shape, double mean = 0, double deviation = 1)
    {
        var key = this;
        return Tensor.From(shape, i => mean + deviation * key.Normal((uint)i));
    }

    /// <summary>The numbers 0 … count − 1 in random order (Fisher and Yates).</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        Permute(order);
        return order;
    }

    /// <summary>Writes <see cref="Permutation"/> of as many numbers as there is room for.</summary>
    internal void Permute(Span<int> order)
    {
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        for (var i = order.Length - 1; i > 0; i--)
        {
            // The upper half of a product of 32-bit numbers is uniform to 2⁻³², far below what a shuffle shows.
            var j = (int)(Bits((uint)i) * (ulong)(i + 1) >> 32);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }

    /// <summary>The key as an index tensor of shape [2], for a graph's random ops.</summary>
    public Tensor ToTensor() => Tensor.Of([High, Low]);

    /// <summary>Threefry-2x32-20: rotations and the key schedule's constant are the paper's.</summary>
    private static (uint A, uint B) Threefry(Key key, uint a, uint b)
    {
        ReadOnlySpan<int> rotations = [13, 15, 26, 6, 17, 29, 16, 24];
        ReadOnlySpan<uint> schedule = [key.High, key.Low, 0x1BD11BDA ^ key.High ^ key.Low];
        (a, b) = (a + schedule[0], b + schedule[1]);
        for (var round = 0; round < 20; round++)
        {
            a += b;
            b = uint.RotateLeft(b, rotations[round & 7]) ^ a;
            if ((round & 3) == 3)
            {
                var injection = round / 4 + 1;
                a += schedule[injection % 3];
                b += schedule[(injection + 1) % 3] + (uint)injection;
            }
        }

        return (a, b);
    }
}
