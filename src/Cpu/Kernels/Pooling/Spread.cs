using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>How the sources of sixteen neighbouring targets lie in memory.</summary>
internal unsafe interface ISpread
{
    /// <summary>Sixteen sources, of which the first is here.</summary>
    /// <param name="source">Where the first is.</param>
    /// <param name="jump">The distance to the next.</param>
    static abstract Vector512<float> Load(float* source, int jump);
}

/// <summary>One behind the other.</summary>
internal readonly unsafe struct Dense : ISpread
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int jump) => Vector512.Load(source);
}

/// <summary>All the same one: for a single target.</summary>
internal readonly unsafe struct Alone : ISpread
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int jump) => Vector512.Create(*source);
}

/// <summary>Every second. Nothing behind the last one is read.</summary>
internal readonly unsafe struct EverySecond : ISpread
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int jump)
    {
        if (Avx512F.IsSupported)
        {
            var even = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31);
            return Avx512F.PermuteVar16x32x2(Vector512.Load(source), even, Vector512.Load(source + 15));
        }

        return Avx2.IsSupported
            ? Vector512.Create(Half(source), Half(source + 16))
            : EveryFew.Load(source, 2);
    }

    /// <summary>Eight of fifteen floats. By halves of a register they come as 0 2 | 8 10 | 4 6 | 12 14.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Half(float* source)
    {
        var (low, high) = (Vector256.Load(source), Vector256.Load(source + 7));
        var mixed = Avx.Shuffle(low, high, 0b11_01_10_00);
        return Avx2.Permute4x64(mixed.AsDouble(), 0b11_01_10_00).AsSingle();
    }
}

/// <summary>Any distance apart.</summary>
internal readonly unsafe struct EveryFew : ISpread
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int jump)
    {
        if (Avx2.IsSupported)
        {
            var places = Vector256<int>.Indices * jump;
            return Vector512.Create(
                Avx2.GatherVector256(source, places, sizeof(float)),
                Avx2.GatherVector256(source + 8L * jump, places, sizeof(float)));
        }

        return Vector512.Create(
            Vector256.Create(Four(source, jump), Four(source + 4L * jump, jump)),
            Vector256.Create(Four(source + 8L * jump, jump), Four(source + 12L * jump, jump)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Four(float* source, int jump) =>
        Vector128.Create(source[0], source[jump], source[2L * jump], source[3L * jump]);
}
