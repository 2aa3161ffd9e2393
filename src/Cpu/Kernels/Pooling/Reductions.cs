using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>What a pool makes of the sources of sixteen targets, taken one after another.</summary>
internal interface IReduction<R>
    where R : struct, IReduction<R>
{
    /// <summary>Whether sources come with places: those that won in their window.</summary>
    static abstract bool Matches { get; }

    /// <summary>Nothing taken yet.</summary>
    static abstract R Start { get; }

    /// <summary>The result.</summary>
    Vector512<float> Value { get; }

    /// <summary>Which source won, as its distance from the targets' first one.</summary>
    Vector512<int> Winner { get; }

    /// <summary>Takes a source more.</summary>
    /// <param name="x">Its values.</param>
    /// <param name="places">The places that come with them.</param>
    /// <param name="distance">How far it lies from the targets' first one.</param>
    /// <param name="here">The targets' own places.</param>
    R Take(Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here);

    /// <summary>Takes a source more for some of the targets.</summary>
    R TakeWhere(Vector512<int> some, Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here);
}

/// <summary>The sum.</summary>
internal readonly struct SumOf(Vector512<float> sum) : IReduction<SumOf>
{
    public static bool Matches => false;

    public static SumOf Start => new(Vector512<float>.Zero);

    public Vector512<float> Value => sum;

    public Vector512<int> Winner => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SumOf Take(Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here) => new(sum + x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SumOf TakeWhere(
        Vector512<int> some, Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here) =>
        new(sum + (x & some.AsSingle()));
}

/// <summary>The sum of those sources whose place is the target's own.</summary>
internal readonly struct SumOfMine(Vector512<float> sum) : IReduction<SumOfMine>
{
    public static bool Matches => true;

    public static SumOfMine Start => new(Vector512<float>.Zero);

    public Vector512<float> Value => sum;

    public Vector512<int> Winner => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SumOfMine Take(Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here) =>
        new(sum + (x & Vector512.Equals(places, here).AsSingle()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SumOfMine TakeWhere(
        Vector512<int> some, Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here) =>
        new(sum + (x & (Vector512.Equals(places, here) & some).AsSingle()));
}

/// <summary>The largest: NaN before all numbers, of equals the first. So −∞ to start with never is in the way.</summary>
internal readonly struct Largest(Vector512<float> best) : IReduction<Largest>
{
    public static bool Matches => false;

    public static Largest Start => new(Vector512.Create(float.NegativeInfinity));

    public Vector512<float> Value => best;

    public Vector512<int> Winner => default;

    /// <summary>Where a is larger than b: not where it is at most b, and nothing is larger than NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> IsLarger(Vector512<float> a, Vector512<float> b) =>
        Vector512.AndNot(Vector512.Equals(b, b), Vector512.LessThanOrEqual(a, b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Largest Take(Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here) =>
        new(Vector512.ConditionalSelect(IsLarger(x, best), x, best));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Largest TakeWhere(
        Vector512<int> some, Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here) =>
        new(Vector512.ConditionalSelect(IsLarger(x, best) & some.AsSingle(), x, best));
}

/// <summary>The largest, and which one it was.</summary>
internal readonly struct LargestAndWhere(Vector512<float> best, Vector512<int> winner) : IReduction<LargestAndWhere>
{
    private const int Nobody = -1;

    public static bool Matches => false;

    public static LargestAndWhere Start =>
        new(Vector512.Create(float.NegativeInfinity), Vector512.Create(Nobody));

    public Vector512<float> Value => best;

    /// <summary>Where nothing was larger than −∞, the first is.</summary>
    public Vector512<int> Winner => Vector512.Max(winner, Vector512<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LargestAndWhere Take(Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here) =>
        Where(Largest.IsLarger(x, best), x, distance);

    /// <summary>Of windows cut by an edge the first source that counts may be −∞, and wins for the time being.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LargestAndWhere TakeWhere(
        Vector512<int> some, Vector512<float> x, Vector512<int> places, int distance, Vector512<int> here)
    {
        var first = Vector512.Equals(winner, Vector512.Create(Nobody));
        return Where(((Largest.IsLarger(x, best).AsInt32() | first) & some).AsSingle(), x, distance);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private LargestAndWhere Where(Vector512<float> larger, Vector512<float> x, int distance) => new(
        Vector512.ConditionalSelect(larger, x, best),
        Vector512.ConditionalSelect(larger.AsInt32(), Vector512.Create(distance), winner));
}
