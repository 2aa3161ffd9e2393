using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>What is an instruction to the runtime.</summary>
internal sealed partial class Code
{
    /// <summary>The methods that the runtime turns into single instructions, of one width.</summary>
    private sealed record Instructions(
        Type Register, MethodInfo Zero, MethodInfo Load, MethodInfo LoadPart, MethodInfo Spread, MethodInfo Add, MethodInfo Fma,
        MethodInfo Store, MethodInfo StorePart, MethodInfo Stream, MethodInfo Places, MethodInfo Shuffle)
    {
        public static unsafe Instructions Of(int width) => width switch
        {
            16 => Of<Vector512<float>, Vector512<int>>(
                Vector512<float>.Zero, Vector512.Load, Tail.Load512, Vector512.Create,
                Vector512.Add, Numerics.Fma, Vector512.Store, Tail.Store, Vector512.StoreAlignedNonTemporal,
                typeof(Vector512), Vector512.Shuffle),
            8 => Of<Vector256<float>, Vector256<int>>(
                Vector256<float>.Zero, Vector256.Load, Tail.Load256, Vector256.Create,
                Vector256.Add, Numerics.Fma, Vector256.Store, Tail.Store, Vector256.StoreAlignedNonTemporal,
                typeof(Vector256), Vector256.Shuffle),
            _ => Of<Vector128<float>, Vector128<int>>(
                Vector128<float>.Zero, Vector128.Load, Tail.Load128, Vector128.Create,
                Vector128.Add, Numerics.Fma, Vector128.Store, Tail.Store, Vector128.StoreAlignedNonTemporal,
                typeof(Vector128), Vector128.Shuffle),
        };

        private static Instructions Of<V, I>(V zero, LoadOf<V> load, LoadPartOf<V> loadPart, Func<float, V> spread,
            Func<V, V, V> add, Func<V, V, V, V> fma, StoreOf<V> store, StorePartOf<V> storePart, StoreOf<V> stream,
            [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] Type kind, Func<V, I, V> shuffle)
            where V : struct
            where I : struct =>
            new(typeof(V), zero.GetType().GetProperty("Zero")!.GetMethod!, load.Method, loadPart.Method, spread.Method,
                add.Method, fma.Method, store.Method, storePart.Method, stream.Method,
                kind.GetMethod(nameof(Vector128.Create), [.. Arrays.Repeat(typeof(int), Unsafe.SizeOf<I>() / sizeof(int))])!, shuffle.Method);

        private unsafe delegate V LoadOf<V>(float* source);

        private unsafe delegate V LoadPartOf<V>(float* source, int count);

        private unsafe delegate void StoreOf<V>(V value, float* target);

        private unsafe delegate void StorePartOf<V>(V value, float* target, int count);
    }
}
