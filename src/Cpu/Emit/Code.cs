using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>Writes a method as IL, typed so that it reads like the loop that it writes. The JIT compiles such a
/// method fully optimised at once. A register of the machine is a <see cref="Vector"/>, an address a
/// <see cref="Pointer"/>, a count a <see cref="Number"/>.</summary>
internal sealed partial class Code
{
    // The JIT inlines about ten times as much code as a method itself is long. For a loop, little more than calls of formulas,
    // that is not enough where each operation is one on several narrow registers: what does nothing makes it longer.
    private static readonly int padding = Vector512.IsHardwareAccelerated ? 0 : 2000;

    private readonly DynamicMethod method;
    private readonly ILGenerator il;

    /// <summary>A method of one argument, a pointer to its arguments.</summary>
    public Code(string name)
    {
        method = new DynamicMethod(name, typeof(void), [typeof(nint*)], typeof(Code).Module, skipVisibility: true);
        il = method.GetILGenerator();
    }

    /// <summary>A method that was written; <paramref name="arguments"/> are what <see cref="Argument"/> and
    /// <see cref="Address"/> read.</summary>
    public unsafe delegate void Compiled(nint* arguments);

    /// <summary>Whether methods can be made at run time here. Where they cannot, as in programs compiled ahead of
    /// time, interpreters run the same descriptions; the switch <c>AutoDiffCnn.Interpret</c> asks for them.</summary>
    public static bool IsSupported =>
        RuntimeFeature.IsDynamicCodeCompiled && !(AppContext.TryGetSwitch("AutoDiffCnn.Interpret", out var interpret) && interpret);

    /// <summary>The floats of this machine's widest register.</summary>
    public static int Width { get; } =
        Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;

    /// <summary>How many such registers there are.</summary>
    public static int Registers { get; } = Vector512.IsHardwareAccelerated ? 32 : 16;

    private static Instructions Use { get; } = Instructions.Of(Width);

    /// <summary>The method, ready to run.</summary>
    public Compiled Finish()
    {
        for (var i = 0; i < padding; i++)
        {
            il.Emit(OpCodes.Nop);
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Compiled>();
    }

    /// <summary>The argument at a place, as a count.</summary>
    public Number Argument(int place)
    {
        var local = il.DeclareLocal(typeof(nint));
        Read(place);
        il.Emit(OpCodes.Stloc, local);
        return new(local);
    }

    /// <summary>The argument at a place, as an address.</summary>
    public Pointer Address(int place)
    {
        var local = il.DeclareLocal(typeof(float*));
        Read(place);
        il.Emit(OpCodes.Stloc, local);
        return new(local);
    }

    /// <summary>A new register of zeros.</summary>
    public Vector Zero()
    {
        il.Emit(OpCodes.Call, Use.Zero);
        return Keep();
    }

    /// <summary>A new register with the floats from p[offset] on.</summary>
    public Vector Load(Pointer p, long offset)
    {
        Push(p, offset);
        il.Emit(OpCodes.Call, Use.Load);
        return Keep();
    }

    /// <summary>A new register with p[offset] in all places.</summary>
    public Vector Spread(Pointer p, long offset)
    {
        Push(p, offset);
        il.Emit(OpCodes.Ldind_R4);
        il.Emit(OpCodes.Call, Use.Spread);
        return Keep();
    }

    /// <summary>A new register that has value[places[i]] at i.</summary>
    public Vector Shuffle(Vector value, ReadOnlySpan<int> places)
    {
        il.Emit(OpCodes.Ldloc, value.Local);
        foreach (var place in places)
        {
            il.Emit(OpCodes.Ldc_I4, place);
        }

        il.Emit(OpCodes.Call, Use.Places);
        il.Emit(OpCodes.Call, Use.Shuffle);
        return Keep();
    }

    /// <summary>A new register, a + b.</summary>
    public Vector Add(Vector a, Vector b)
    {
        il.Emit(OpCodes.Ldloc, a.Local);
        il.Emit(OpCodes.Ldloc, b.Local);
        il.Emit(OpCodes.Call, Use.Add);
        return Keep();
    }

    /// <summary>sum += a · b, rounded once.</summary>
    public void Fma(Vector sum, Vector a, Vector b)
    {
        il.Emit(OpCodes.Ldloc, a.Local);
        il.Emit(OpCodes.Ldloc, b.Local);
        il.Emit(OpCodes.Ldloc, sum.Local);
        il.Emit(OpCodes.Call, Use.Fma);
        il.Emit(OpCodes.Stloc, sum.Local);
    }

    /// <summary>Writes the first <paramref name="count"/> floats to p[offset] and on.</summary>
    /// <param name="value">The register.</param>
    /// <param name="p">The address.</param>
    /// <param name="offset">How far from it.</param>
    /// <param name="count">How many.</param>
    /// <param name="streams">Whether a full register is written past the caches; its address is a multiple of its bytes
    /// then.</param>
    public void Store(Vector value, Pointer p, long offset, int count, bool streams = false)
    {
        il.Emit(OpCodes.Ldloc, value.Local);
        Push(p, offset);
        if (count >= Width)
        {
            il.Emit(OpCodes.Call, streams ? Use.Stream : Use.Store);
            return;
        }

        il.Emit(OpCodes.Ldc_I4, count);
        il.Emit(OpCodes.Call, Use.StorePart);
    }

    /// <summary>Writes the first <paramref name="count"/> floats to p[offset] and on.</summary>
    public void Store(Vector value, Pointer p, long offset, Number count)
    {
        il.Emit(OpCodes.Ldloc, value.Local);
        Push(p, offset);
        il.Emit(OpCodes.Ldloc, count.Local);
        il.Emit(OpCodes.Conv_I4);
        il.Emit(OpCodes.Call, Use.StorePart);
    }

    /// <summary>A register becomes the floats from p[offset] on.</summary>
    public void Fill(Vector value, Pointer p, long offset)
    {
        Push(p, offset);
        il.Emit(OpCodes.Call, Use.Load);
        il.Emit(OpCodes.Stloc, value.Local);
    }

    /// <summary>A register becomes the first <paramref name="count"/> floats from p[offset] on, then zeros.</summary>
    public void Fill(Vector value, Pointer p, long offset, Number count)
    {
        Push(p, offset);
        il.Emit(OpCodes.Ldloc, count.Local);
        il.Emit(OpCodes.Conv_I4);
        il.Emit(OpCodes.Call, Use.LoadPart);
        il.Emit(OpCodes.Stloc, value.Local);
    }

    /// <summary>Asks for the line of p[offset] in the caches, where the machine can be asked.</summary>
    public void Prefetch(Pointer p, long offset, bool first)
    {
        if (Sse.IsSupported)
        {
            Push(p, offset);
            il.Emit(OpCodes.Call, first ? Ask.First : Ask.Second);
        }
    }

    /// <summary>The body, unless the number is 0.</summary>
    public void When(Number number, Action body)
    {
        var over = il.DefineLabel();
        il.Emit(OpCodes.Ldloc, number.Local);
        il.Emit(OpCodes.Brfalse, over);
        body();
        il.MarkLabel(over);
    }

    /// <summary>A new address, p + offset.</summary>
    public Pointer At(Pointer p, long offset)
    {
        var local = il.DeclareLocal(typeof(float*));
        Push(p, offset);
        il.Emit(OpCodes.Stloc, local);
        return new(local);
    }

    /// <summary>p += by, in floats.</summary>
    public void Advance(Pointer p, long by)
    {
        Push(p, by);
        il.Emit(OpCodes.Stloc, p.Local);
    }

    /// <summary>p += by, in floats.</summary>
    public void Advance(Pointer p, Number by)
    {
        il.Emit(OpCodes.Ldloc, p.Local);
        il.Emit(OpCodes.Ldloc, by.Local);
        il.Emit(OpCodes.Ldc_I4_2);
        il.Emit(OpCodes.Shl);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, p.Local);
    }

    /// <summary>A new number, a / b or the remainder.</summary>
    public Number Divide(Number a, int b, bool remainder = false)
    {
        var local = il.DeclareLocal(typeof(nint));
        il.Emit(OpCodes.Ldloc, a.Local);
        il.Emit(OpCodes.Ldc_I4, b);
        il.Emit(OpCodes.Conv_I);
        il.Emit(remainder ? OpCodes.Rem_Un : OpCodes.Div_Un);
        il.Emit(OpCodes.Stloc, local);
        return new(local);
    }

    /// <summary>The body, so many times.</summary>
    public void Repeat(Number count, Action body)
    {
        var (rest, test, top) = (il.DeclareLocal(typeof(nint)), il.DefineLabel(), il.DefineLabel());
        il.Emit(OpCodes.Ldloc, count.Local);
        il.Emit(OpCodes.Stloc, rest);
        il.Emit(OpCodes.Br, test);
        il.MarkLabel(top);
        body();
        il.Emit(OpCodes.Ldloc, rest);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Stloc, rest);
        il.MarkLabel(test);
        il.Emit(OpCodes.Ldloc, rest);
        il.Emit(OpCodes.Brtrue, top);
    }

    private void Read(int place)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, place * sizeof(long));
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldind_I);
    }

    private void Push(Pointer p, long offset)
    {
        il.Emit(OpCodes.Ldloc, p.Local);
        if (offset != 0)
        {
            il.Emit(OpCodes.Ldc_I8, offset * sizeof(float));
            il.Emit(OpCodes.Conv_I);
            il.Emit(OpCodes.Add);
        }
    }

    private Vector Keep()
    {
        var local = il.DeclareLocal(Use.Register);
        il.Emit(OpCodes.Stloc, local);
        return new(local);
    }

    private static unsafe class Ask
    {
        public static readonly MethodInfo First = ((Line)Sse.Prefetch0).Method;
        public static readonly MethodInfo Second = ((Line)Sse.Prefetch1).Method;

        private delegate void Line(void* address);
    }

    /// <summary>A register full of floats.</summary>
    internal sealed record Vector(LocalBuilder Local);

    /// <summary>An address of floats.</summary>
    internal sealed record Pointer(LocalBuilder Local);

    /// <summary>A count.</summary>
    internal sealed record Number(LocalBuilder Local);
}
