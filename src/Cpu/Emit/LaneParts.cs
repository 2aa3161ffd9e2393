using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>What loops do with sixteen floats beside formulas. Emitted loops call these methods by name, and the
/// compiler inlines them.</summary>
internal static unsafe class LaneParts
{
    // The bytes of a line of the caches.
    private const int Line = 64;

    private static readonly Lazy<Dictionary<string, MethodInfo>> Methods =
        new(() => typeof(LaneParts).GetMethods().ToDictionary(method => method.Name));

    /// <summary>The method of this name.</summary>
    public static MethodInfo Method(string name) => Methods.Value[name];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Load(float* source) => Lanes.Load(source);

    /// <summary>The first floats, and zeros behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes LoadPart(float* source, nint count) => new(Tail.Load512(source, (int)count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Spread(float* source) => new(Vector512.Create(*source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Zero() => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Lowest() => new(Vector512.Create(float.NegativeInfinity));

    /// <summary>1 where the column is the index, which stands in all places of a register, as the bits of an integer.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Hot(Lanes index, nint bytes, nint first)
    {
        var columns = Vector512.Create((int)(first + bytes / sizeof(float))) + Lanes.Indices;
        return new(Vector512.Equals(columns, index.Value.AsInt32()).AsSingle() & Vector512<float>.One);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes value, float* target) => value.Store(target);

    /// <summary>Writes past the caches, where the target is as many bytes wide as they write at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Stream(Lanes value, float* target)
    {
        if (((nint)target & (Line - 1)) == 0)
        {
            value.Value.StoreAlignedNonTemporal(target);
        }
        else
        {
            value.Store(target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePart(Lanes value, float* target, nint count) => Tail.Store(value.Value, target, (int)count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Add(Lanes sum, Lanes value) => sum + value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes AddPart(Lanes sum, Lanes value, nint count) =>
        new(sum.Value + Vector512.ConditionalSelect(First(count), value.Value, Vector512<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes Max(Lanes most, Lanes value) => Lanes.Max(most, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes MaxPart(Lanes most, Lanes value, nint count) =>
        Lanes.Max(most, new(Vector512.ConditionalSelect(First(count), value.Value, most.Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(Lanes value, float* target) => (Lanes.Load(target) + value).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddPartTo(Lanes value, float* target, nint count) =>
        StorePart(LoadPart(target, count) + value, target, count);

    /// <summary>Writes the sum of four registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSum(Lanes a, Lanes b, Lanes c, Lanes d, float* target) =>
        *target = Micro.Sum((a + b + (c + d)).Value);

    /// <summary>Writes the largest element of four registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMax(Lanes a, Lanes b, Lanes c, Lanes d, float* target)
    {
        var most = Lanes.Max(Lanes.Max(a, b), Lanes.Max(c, d)).Value;
        var eight = Vector256.Max(most.GetLower(), most.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        *target = MathF.Max(MathF.Max(four[0], four[2]), MathF.Max(four[1], four[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> First(nint count) =>
        Vector512.LessThan(Lanes.Indices, Vector512.Create((int)count)).AsSingle();
}
