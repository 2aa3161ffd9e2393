using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>What loops do with sixteen floats beside formulas. Emitted loops call these methods by name, and the
/// compiler inlines them.</summary>
internal static unsafe class LaneParts
{
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
    public static void Store(Lanes value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePart(Lanes value, float* target, nint count) => Tail.Store(value.Value, target, (int)count);
}
