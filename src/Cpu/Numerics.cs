using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using X86Fma = System.Runtime.Intrinsics.X86.Fma;

namespace AutoDiffCnn;

/// <summary>How kernels round. By default every result has the same bits on every machine: a sum of products is a chain
/// of fused
/// multiply-adds, rounded once each. A processor without such an instruction imitates it, ten to twenty times
/// slower.</summary>
/// <remarks>The switch <c>AutoDiffCnn.Numerics.Fast</c>, in <c>runtimeconfig.template.json</c> or set before the first
/// plan is compiled, lets
/// such a processor round twice instead: it multiplies, then adds. Its results then differ from those of other machines
/// in their last
/// digits. On a processor with fused multiply-add, as all are since about 2013 but the smallest, the switch changes
/// nothing.</remarks>
/// <example><code>
/// // AppContext.SetSwitch("AutoDiffCnn.Numerics.Fast", true);
/// Numerics.Fast // False
/// </code></example>
public static class Numerics
{
    /// <summary>Whether multiply-adds are rounded twice here: it was asked for, and the processor has none that are
    /// rounded
    /// once.</summary>
    public static bool Fast { get; } =
        !(X86Fma.IsSupported || Avx512F.IsSupported || AdvSimd.IsSupported)
        && AppContext.TryGetSwitch("AutoDiffCnn.Numerics.Fast", out var fast) && fast;

    // The question is written out in each of these: it is an instruction's name to the compiler, whereas a property of ours
    // is a call to be inlined. A large emitted kernel has more calls than the runtime is willing to inline, keeps the rest
    // and with them its sums in memory: it then takes four to eight times as long.

    /// <summary>a · b + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        X86Fma.IsSupported || Avx512F.IsSupported || AdvSimd.IsSupported || !Fast ? Vector512.FusedMultiplyAdd(a, b, c) : a * b + c;

    /// <inheritdoc cref="Fma(Vector512{float}, Vector512{float}, Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        X86Fma.IsSupported || Avx512F.IsSupported || AdvSimd.IsSupported || !Fast ? Vector256.FusedMultiplyAdd(a, b, c) : a * b + c;

    /// <inheritdoc cref="Fma(Vector512{float}, Vector512{float}, Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<float> Fma(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        X86Fma.IsSupported || Avx512F.IsSupported || AdvSimd.IsSupported || !Fast ? Vector128.FusedMultiplyAdd(a, b, c) : a * b + c;
}
