using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>Reads and writes the first floats of a register and leaves what lies behind them in memory alone.</summary>
internal static unsafe class Tail
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* target, int count)
    {
        if (Avx512F.IsSupported)
        {
            var first = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
            Avx512F.MaskStore(target, first, value);
            return;
        }

        if (count >= Vector512<float>.Count)
        {
            value.Store(target);
            return;
        }

        if (Avx.IsSupported)
        {
            Store(value.GetLower(), target, count);
            Store(value.GetUpper(), target + Vector256<float>.Count, count - Vector256<float>.Count);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            target[i] = value[i];
        }
    }

    /// <summary>The first floats of a register, where most registers are whole ones, which need no mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMostly(Vector512<float> value, float* target, int count)
    {
        if (count >= Lanes.Count)
        {
            value.Store(target);
        }
        else
        {
            Store(value, target, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, float* target, int count)
    {
        if (Avx.IsSupported)
        {
            var first = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();
            Avx.MaskStore(target, first, value);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            target[i] = value[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, float* target, int count)
    {
        for (var i = 0; i < count; i++)
        {
            target[i] = value[i];
        }
    }

    /// <summary>The first floats from source on, then zeros, where most registers are whole ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadMostly(float* source, int count) =>
        count >= Lanes.Count ? Vector512.Load(source) : Load512(source, count);

    /// <summary>The first floats from source on, then zeros; for the others too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(float* source, int count)
    {
        if (Avx512F.IsSupported)
        {
            var first = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
            return Avx512F.MaskLoad(source, first, Vector512<float>.Zero);
        }

        if (count >= Vector512<float>.Count)
        {
            return Vector512.Load(source);
        }

        if (Avx.IsSupported)
        {
            return Vector512.Create(Load256(source, count), Load256(source + Vector256<float>.Count, count - Vector256<float>.Count));
        }

        var value = stackalloc float[16];
        Copy(source, count, value, 16);
        return Vector512.Load(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(float* source, int count)
    {
        if (Avx.IsSupported)
        {
            return Avx.MaskLoad(source, Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle());
        }

        var value = stackalloc float[8];
        Copy(source, count, value, 8);
        return Vector256.Load(value);
    }

    public static Vector128<float> Load128(float* source, int count)
    {
        var value = stackalloc float[4];
        Copy(source, count, value, 4);
        return Vector128.Load(value);
    }

    private static void Copy(float* source, int count, float* target, int width)
    {
        for (var i = 0; i < width; i++)
        {
            target[i] = i < count ? source[i] : 0;
        }
    }
}
