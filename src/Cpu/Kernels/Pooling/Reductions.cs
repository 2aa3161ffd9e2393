using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>What a pool makes of the sources of sixteen targets: each source is a candidate, candidates are joined in
/// their order.</summary>
/// <remarks>A result is two vectors of the caller's and not a struct, so that they stay in registers: values, and the
/// distance of the source that won from the targets' first one, or <see cref="Nobody"/>.</remarks>
internal interface IReduction
{
    /// <summary>The winner as long as there is none.</summary>
    const int Nobody = -1;

    /// <summary>Whether sources come with places: those that won in their window.</summary>
    static abstract bool Matches { get; }

    /// <summary>Whether neighbouring candidates may be joined first: then chains of operations are shorter.</summary>
    static abstract bool IsAssociative { get; }

    /// <summary>Whether results are scaled.</summary>
    static abstract bool IsScaled { get; }

    /// <summary>The value of no sources at all.</summary>
    static abstract float Start { get; }

    /// <summary>A source on its own.</summary>
    /// <param name="value">Its part in the result.</param>
    /// <param name="winner">Its distance, or Nobody.</param>
    /// <param name="inside">Which targets take it, if B has bounds.</param>
    /// <param name="x">The source's values.</param>
    /// <param name="places">The places that come with them.</param>
    /// <param name="distance">How far it lies from the targets' first one.</param>
    /// <param name="here">The targets' own places.</param>
    static abstract void Candidate<B>(out Vector512<float> value, out Vector512<int> winner,
        Vector512<int> inside, Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here)
        where B : struct, IBounds;

    /// <summary>Joins a result with a later one.</summary>
    static abstract void Join<B>(
        ref Vector512<float> value, ref Vector512<int> winner, Vector512<float> nextValue, Vector512<int> nextWinner)
        where B : struct, IBounds;
}

/// <summary>The sum.</summary>
internal readonly struct SumOf : IReduction
{
    public static bool Matches => false;

    public static bool IsAssociative => false;

    public static bool IsScaled => true;

    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Candidate<B>(out Vector512<float> value, out Vector512<int> winner,
        Vector512<int> inside, Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here)
        where B : struct, IBounds => (value, winner) = (B.None ? x : x & inside.AsSingle(), default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Join<B>(
        ref Vector512<float> value, ref Vector512<int> winner, Vector512<float> nextValue, Vector512<int> nextWinner)
        where B : struct, IBounds => value += nextValue;
}

/// <summary>The sum of those sources whose place is the target's own.</summary>
internal readonly struct SumOfMine : IReduction
{
    public static bool Matches => true;

    public static bool IsAssociative => false;

    public static bool IsScaled => false;

    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Candidate<B>(out Vector512<float> value, out Vector512<int> winner,
        Vector512<int> inside, Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here)
        where B : struct, IBounds
    {
        var mine = Vector512.Equals(places, here);
        (value, winner) = (x & (B.None ? mine : mine & inside).AsSingle(), default);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Join<B>(
        ref Vector512<float> value, ref Vector512<int> winner, Vector512<float> nextValue, Vector512<int> nextWinner)
        where B : struct, IBounds => value += nextValue;
}

/// <summary>The largest: NaN before all numbers, of equals the first. So −∞ to start with does no harm.</summary>
internal readonly struct Largest : IReduction
{
    public static bool Matches => false;

    public static bool IsAssociative => true;

    public static bool IsScaled => false;

    public static float Start => float.NegativeInfinity;

    /// <summary>Where a is larger than b: not where it is at most b, and nothing is larger than NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> IsLarger(Vector512<float> a, Vector512<float> b) =>
        Vector512.AndNot(Vector512.Equals(b, b), Vector512.LessThanOrEqual(a, b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Candidate<B>(out Vector512<float> value, out Vector512<int> winner,
        Vector512<int> inside, Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here)
        where B : struct, IBounds => (value, winner) =
            (B.None ? x : Vector512.ConditionalSelect(inside.AsSingle(), x, Vector512.Create(Start)), default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Join<B>(
        ref Vector512<float> value, ref Vector512<int> winner, Vector512<float> nextValue, Vector512<int> nextWinner)
        where B : struct, IBounds =>
        value = Vector512.ConditionalSelect(IsLarger(nextValue, value), nextValue, value);
}

/// <summary>The largest, and which one it was.</summary>
internal readonly struct LargestAndWhere : IReduction
{
    public static bool Matches => false;

    public static bool IsAssociative => true;

    public static bool IsScaled => false;

    public static float Start => float.NegativeInfinity;

    private static Vector512<int> Nobody => Vector512.Create(IReduction.Nobody);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Candidate<B>(out Vector512<float> value, out Vector512<int> winner,
        Vector512<int> inside, Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here)
        where B : struct, IBounds
    {
        Largest.Candidate<B>(out value, out _, inside, x, places, distance, here);
        winner = Vector512.Create(distance);
        winner = B.None ? winner : Vector512.ConditionalSelect(inside, winner, Nobody);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Join<B>(
        ref Vector512<float> value, ref Vector512<int> winner, Vector512<float> nextValue, Vector512<int> nextWinner)
        where B : struct, IBounds
    {
        // A source within bounds wins against one beyond even if it is −∞.
        var larger = Largest.IsLarger(nextValue, value).AsInt32();
        larger = B.None ? larger : larger | Vector512.Equals(winner, Nobody);
        value = Vector512.ConditionalSelect(larger.AsSingle(), nextValue, value);
        winner = Vector512.ConditionalSelect(larger, nextWinner, winner);
    }
}
