using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
    private const double Unit32 = 1.0 / (1L << 32);

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

    /// <summary>Random bits from number <paramref name="first"/> on, an even one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal void Bits(uint first, Span<uint> bits)
    {
        var i = 0;
        for (; i + 2 * Vector512<uint>.Count <= bits.Length; i += 2 * Vector512<uint>.Count)
        {
            var (a, b) = Words(this, Vector512<uint>.Indices + Vector512.Create((first + (uint)i) >> 1), Vector512<uint>.Zero);
            var (a0, a1) = Vector512.Widen(a);
            var (b0, b1) = Vector512.Widen(b);
            (a0 | b0 << 32).AsUInt32().CopyTo(bits[i..]);
            (a1 | b1 << 32).AsUInt32().CopyTo(bits[(i + Vector512<uint>.Count)..]);
        }

        for (; i < bits.Length; i++)
        {
            bits[i] = Bits(first + (uint)i);
        }
    }

    /// <summary>Number <paramref name="index"/> of the key's uniform numbers: a multiple of 2⁻²⁴ in [0, 1).</summary>
    public double Uniform(uint index) => (Bits(index) >> 8) * Unit24;

    /// <summary>Number <paramref name="index"/> of the key's standard normal numbers, by inversion.</summary>
    public double Normal(uint index) => NormalQuantile.Of((Bits(index) + 0.5) * Unit32);

    /// <summary>Writes uniform numbers from number <paramref name="first"/> on, an even one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal void Uniform(uint first, Span<float> numbers)
    {
        var bits = MemoryMarshal.Cast<float, uint>(numbers);
        Bits(first, bits);
        var i = 0;
        for (; i + Vector512<uint>.Count <= bits.Length; i += Vector512<uint>.Count)
        {
            var part = Vector512.Create(bits[i..]) >>> 8;
            (Vector512.ConvertToSingle(part.AsInt32()) * (float)Unit24).CopyTo(numbers[i..]);
        }

        for (; i < bits.Length; i++)
        {
            numbers[i] = (bits[i] >> 8) * (float)Unit24;
        }
    }

    /// <summary>Writes normal numbers from number <paramref name="first"/> on, an even one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal void Normal(uint first, Span<float> numbers)
    {
        var bits = MemoryMarshal.Cast<float, uint>(numbers);
        Bits(first, bits);
        Span<double> all = stackalloc double[NormalQuantile.Most];
        for (var done = 0; done < bits.Length; done += all.Length)
        {
            var some = all[..Math.Min(all.Length, bits.Length - done)];
            for (var i = 0; i < some.Length; i++)
            {
                some[i] = (bits[done + i] + 0.5) * Unit32;
            }

            NormalQuantile.Of(some);
            for (var i = 0; i < some.Length; i++)
            {
                numbers[done + i] = (float)some[i];
            }
        }
    }

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

        Span<uint> bits = stackalloc uint[256];
        for (var i = order.Length - 1; i > 0; i--)
        {
            if (i == order.Length - 1 || (i + 1) % bits.Length == 0)
            {
                Bits((uint)(i / bits.Length * bits.Length), bits);
            }

            // The upper half of a product of 32-bit numbers is uniform to 2⁻³², far below what a shuffle shows.
            var j = (int)(bits[i % bits.Length] * (ulong)(i + 1) >> 32);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }

    /// <summary>The key as an index tensor of shape [2], for a graph's random ops.</summary>
    public Tensor ToTensor() => Tensor.Of([High, Low]);

    /// <summary>Threefry-2x32-20: rotations and the key schedule's constant are the paper's.</summary>
    private static (uint A, uint B) Threefry(Key key, uint a, uint b)
    {
        var (x, y) = Words(key, Vector512.CreateScalar(a), Vector512.CreateScalar(b));
        return (x[0], y[0]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static (Vector512<uint> A, Vector512<uint> B) Words(Key key, Vector512<uint> a, Vector512<uint> b)
    {
        var (k0, k1, k2) = (key.High, key.Low, 0x1BD11BDA ^ key.High ^ key.Low);
        (a, b) = (a + Vector512.Create(k0), b + Vector512.Create(k1));
        (a, b) = Add(Even(a, b), k1, k2 + 1);
        (a, b) = Add(Odd(a, b), k2, k0 + 2);
        (a, b) = Add(Even(a, b), k0, k1 + 3);
        (a, b) = Add(Odd(a, b), k1, k2 + 4);
        return Add(Even(a, b), k2, k0 + 5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<uint> A, Vector512<uint> B) Even(Vector512<uint> a, Vector512<uint> b) =>
        Rounds(a, b, 13, 15, 26, 6);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<uint> A, Vector512<uint> B) Odd(Vector512<uint> a, Vector512<uint> b) =>
        Rounds(a, b, 17, 29, 16, 24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<uint> A, Vector512<uint> B) Rounds(
        Vector512<uint> a, Vector512<uint> b, int first, int second, int third, int fourth)
    {
        a += b;
        b = (b << first | b >>> (32 - first)) ^ a;
        a += b;
        b = (b << second | b >>> (32 - second)) ^ a;
        a += b;
        b = (b << third | b >>> (32 - third)) ^ a;
        a += b;
        b = (b << fourth | b >>> (32 - fourth)) ^ a;
        return (a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<uint> A, Vector512<uint> B) Add((Vector512<uint> A, Vector512<uint> B) sum, uint a, uint b) =>
        (sum.A + Vector512.Create(a), sum.B + Vector512.Create(b));
}
