using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>What loops over elements need: sixteen floats whatever the machine's width, calls of formulas, loops that
/// count bytes.</summary>
internal sealed partial class Code
{
    // What is one instruction on sixteen floats is written as that: the runtime takes long to inline a formula.
    private static readonly Dictionary<Formula, MethodInfo> instructions = Vector512.IsHardwareAccelerated
        ? new()
        {
            [Formula.Of(new Add())] = Of(Vector512.Add),
            [Formula.Of(new Subtract())] = Of(Vector512.Subtract),
            [Formula.Of(new Multiply())] = Of(Vector512.Multiply),
            [Formula.Of(new Divide())] = Of(Vector512.Divide),
        }
        : [];

    /// <summary>A new place for sixteen floats.</summary>
    public Lane NewLane() => new(il.DeclareLocal(typeof(Lanes)));

    /// <summary>target = formula(operands).</summary>
    public void Call(Lane target, Formula formula, params ReadOnlySpan<Lane> operands)
    {
        Lane[] from = [.. operands[..formula.Inputs]];
        if (!instructions.TryGetValue(formula, out var instruction))
        {
            Call(target, formula.Method, [.. from.Select(operand => operand.Local)]);
            return;
        }

        Set(target, () =>
        {
            foreach (var operand in from)
            {
                Push(operand);
            }

            il.Emit(OpCodes.Call, instruction);
        });
    }

    private static MethodInfo Of(Func<Vector512<float>, Vector512<float>, Vector512<float>> method) => method.Method;

    /// <summary>target = method(arguments).</summary>
    public void Call(Lane target, MethodInfo method, params ReadOnlySpan<LocalBuilder> arguments)
    {
        Call(method, arguments);
        il.Emit(OpCodes.Stloc, target.Local);
    }

    /// <summary>method(arguments), which gives nothing.</summary>
    public void Call(MethodInfo method, params ReadOnlySpan<LocalBuilder> arguments)
    {
        foreach (var argument in arguments)
        {
            il.Emit(OpCodes.Ldloc, argument);
        }

        il.Emit(OpCodes.Call, method);
    }

    /// <summary>a = b.</summary>
    public void Copy(Lane a, Lane b)
    {
        il.Emit(OpCodes.Ldloc, b.Local);
        il.Emit(OpCodes.Stloc, a.Local);
    }

    /// <summary>a = b, where a register is sixteen floats wide.</summary>
    public void Copy(Lane a, Vector b) => Set(a, () => il.Emit(OpCodes.Ldloc, b.Local));

    /// <summary>a becomes the floats from p[offset] on, where a register is sixteen floats wide.</summary>
    public void Fill(Lane a, Pointer p, long offset) => Set(a, () =>
    {
        Push(p, offset);
        il.Emit(OpCodes.Call, Use.Load);
    });

    /// <summary>a becomes p[offset] in all places, where a register is sixteen floats wide.</summary>
    public void Spread(Lane a, Pointer p, long offset) => Set(a, () =>
    {
        Push(p, offset);
        il.Emit(OpCodes.Ldind_R4);
        il.Emit(OpCodes.Call, Use.Spread);
    });

    /// <summary>Writes all floats to p[offset] and on, where a register is sixteen floats wide.</summary>
    public void Store(Lane value, Pointer p, long offset, bool streams)
    {
        Push(value);
        Push(p, offset);
        il.Emit(OpCodes.Call, streams ? Use.Stream : Use.Store);
    }

    private static FieldInfo LaneValue { get; } = typeof(Lanes).GetField(nameof(Lanes.Value))!;

    private void Push(Lane lane)
    {
        il.Emit(OpCodes.Ldloc, lane.Local);
        il.Emit(OpCodes.Ldfld, LaneValue);
    }

    // Not by the constructor: the runtime counts each call that it inlines.
    private void Set(Lane lane, Action push)
    {
        il.Emit(OpCodes.Ldloca, lane.Local);
        push();
        il.Emit(OpCodes.Stfld, LaneValue);
    }

    /// <summary>The address of the arguments from a place on.</summary>
    public Pointer Arguments(int place)
    {
        var local = il.DeclareLocal(typeof(float*));
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, place * sizeof(long));
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, local);
        return new(local);
    }

    /// <summary>A new address, so many bytes behind p.</summary>
    public Pointer At(Pointer p, Number bytes, long more)
    {
        var local = il.DeclareLocal(typeof(float*));
        il.Emit(OpCodes.Ldloc, p.Local);
        il.Emit(OpCodes.Ldloc, bytes.Local);
        il.Emit(OpCodes.Add);
        if (more != 0)
        {
            il.Emit(OpCodes.Ldc_I8, more);
            il.Emit(OpCodes.Conv_I);
            il.Emit(OpCodes.Add);
        }

        il.Emit(OpCodes.Stloc, local);
        return new(local);
    }

    /// <summary>A new number 0.</summary>
    public Number Count()
    {
        var local = il.DeclareLocal(typeof(nint));
        return new(local);
    }

    /// <summary>number = value.</summary>
    public void Set(Number number, int value)
    {
        il.Emit(OpCodes.Ldc_I4, value);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Stloc, number.Local);
    }

    /// <summary>A new number, a + b.</summary>
    public Number Sum(Number a, int b)
    {
        var local = il.DeclareLocal(typeof(nint));
        il.Emit(OpCodes.Ldloc, a.Local);
        il.Emit(OpCodes.Ldc_I4, b);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, local);
        return new(local);
    }

    /// <summary>A new number, (a − b) / 4: bytes as floats.</summary>
    public Number Floats(Number a, Number b)
    {
        var local = il.DeclareLocal(typeof(nint));
        il.Emit(OpCodes.Ldloc, a.Local);
        il.Emit(OpCodes.Ldloc, b.Local);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Ldc_I4_2);
        il.Emit(OpCodes.Shr);
        il.Emit(OpCodes.Stloc, local);
        return new(local);
    }

    /// <summary>The body, with at += step behind it, as long as at + step ≤ end.</summary>
    public void While(Number at, Number end, int step, Action body)
    {
        var (test, top) = (il.DefineLabel(), il.DefineLabel());
        il.Emit(OpCodes.Br, test);
        il.MarkLabel(top);
        body();
        Next();
        il.Emit(OpCodes.Stloc, at.Local);
        il.MarkLabel(test);
        Next();
        il.Emit(OpCodes.Ldloc, end.Local);
        il.Emit(OpCodes.Ble, top);

        void Next()
        {
            il.Emit(OpCodes.Ldloc, at.Local);
            il.Emit(OpCodes.Ldc_I4, step);
            il.Emit(OpCodes.Conv_I);
            il.Emit(OpCodes.Add);
        }
    }

    /// <summary>The body if a &lt; b.</summary>
    public void IfLess(Number a, Number b, Action body)
    {
        var end = il.DefineLabel();
        il.Emit(OpCodes.Ldloc, a.Local);
        il.Emit(OpCodes.Ldloc, b.Local);
        il.Emit(OpCodes.Bge, end);
        body();
        il.MarkLabel(end);
    }

    /// <summary>Sixteen floats.</summary>
    internal sealed record Lane(LocalBuilder Local);
}
