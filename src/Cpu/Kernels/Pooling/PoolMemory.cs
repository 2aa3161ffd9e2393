using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>The memory that a pool works on.</summary>
/// <param name="x">The sources.</param>
/// <param name="from">The places that come with them, if they do.</param>
/// <param name="y">The targets, if they are wanted.</param>
/// <param name="places">Where the places of the sources that won are written, if they are wanted.</param>
/// <param name="streams">Whether the targets go past the caches; then they are whole lines of theirs.</param>
/// <param name="scale">What sums are multiplied with.</param>
internal readonly unsafe struct PoolMemory(float* x, int* from, float* y, int* places, bool streams, Scale scale)
{
    public readonly float* X = x;
    public readonly int* From = from;
    public readonly float* Y = y;
    public readonly int* Places = places;
    public readonly bool Streams = streams;
    public readonly Scale Scale = scale;

    /// <summary>Has sources brought into the cache that will be wanted soon: what the processor does by itself ends
    /// with each page of memory.</summary>
    /// <param name="first">The first of them, perhaps beyond the last one that there is.</param>
    /// <param name="count">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fetch<R>(long first, long count)
        where R : struct, IReduction
    {
        for (var i = first; Sse.IsSupported && i < first + count; i += Lanes.Count)
        {
            Sse.Prefetch1(X + i);
            if (R.Matches)
            {
                Sse.Prefetch1(From + i);
            }
        }
    }

    /// <summary>What is written of a result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Scaled<R>(Vector512<float> value)
        where R : struct, IReduction => R.IsScaled ? Scale.Times(value) : value;

    /// <summary>Writes the results of sixteen neighbouring targets.</summary>
    /// <param name="target">The first one.</param>
    /// <param name="value">The values.</param>
    /// <param name="winner">Who won, as distances …</param>
    /// <param name="first">… from these places; where nobody won, all were −∞, and the first does.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<R>(long target, Vector512<float> value, Vector512<int> winner, Vector512<int> first)
        where R : struct, IReduction
    {
        if (Streams)
        {
            Scaled<R>(value).StoreAlignedNonTemporal(Y + target);
        }
        else if (Y != null)
        {
            Scaled<R>(value).Store(Y + target);
        }

        if (Places != null)
        {
            (first + Vector512.Max(winner, Vector512<int>.Zero)).Store(Places + target);
        }
    }

    /// <summary>Writes the result of one target.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreOne<R>(long target, Vector512<float> value, Vector512<int> winner, int first)
        where R : struct, IReduction
    {
        if (Y != null)
        {
            Y[target] = Scaled<R>(value)[0];
        }

        if (Places != null)
        {
            Places[target] = first + Math.Max(0, winner[0]);
        }
    }
}
