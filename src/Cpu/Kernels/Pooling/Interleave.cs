using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>Stores the results of sixteen targets that are not neighbours.</summary>
internal static unsafe class Interleave
{
    /// <summary>a0 b0 a1 b1 …</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> a, Vector512<float> b, float* target)
    {
        if (Avx512F.IsSupported)
        {
            var low = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            Avx512F.PermuteVar16x32x2(a, low, b).Store(target);
            Avx512F.PermuteVar16x32x2(a, low + Vector512.Create(8), b).Store(target + Lanes.Count);
        }
        else if (Avx.IsSupported)
        {
            Store(a.GetLower(), b.GetLower(), target);
            Store(a.GetUpper(), b.GetUpper(), target + Lanes.Count);
        }
        else
        {
            Store(a, target, 2);
            Store(b, target + 1, 2);
        }
    }

    /// <summary>a0 at 0, a1 at distance …</summary>
    public static void Store(Vector512<float> a, float* target, int distance)
    {
        // Through memory: it is one vector to write and sixteen floats to read, without moving lanes about.
        var lanes = (float*)&a;
        for (var i = 0; i < Lanes.Count; i++)
        {
            target[(long)i * distance] = lanes[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> a, Vector256<float> b, float* target)
    {
        var (low, high) = (Avx.UnpackLow(a, b), Avx.UnpackHigh(a, b));
        Avx.Permute2x128(low, high, 0x20).Store(target);
        Avx.Permute2x128(low, high, 0x31).Store(target + 8);
    }
}
