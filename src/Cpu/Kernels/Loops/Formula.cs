using System.Reflection;
using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>The formula of an elementwise op, as the executors of loops take it: a static method on registers, which
/// the compiler inlines into an emitted loop, and a loop over a tile for the interpreter. One object for each
/// formula.</summary>
internal sealed unsafe class Formula
{
    private readonly Delegate lanes;
    private readonly Lazy<Code.Compiled> emitted;
    private readonly delegate*<float*, float*, float*, float*, int, void> tile;

    private Formula(int inputs, Delegate lanes, delegate*<float*, float*, float*, float*, int, void> tile, int effort)
    {
        (Inputs, this.lanes, Effort) = (inputs, lanes, effort);
        this.tile = tile;
        emitted = new(() => LoopEmitter.Emit(new(
            [.. Arrays.Repeat(SourceKind.Dense, inputs)], [new(this, 0, Math.Min(1, inputs - 1), inputs - 1)], [inputs], [])));
    }

    /// <summary>y = x: what a loop does with a broadcast that is wanted itself.</summary>
    public static Formula Copy { get; } = Of(new StopGradient());

    /// <summary>How many operands it takes.</summary>
    public int Inputs { get; }

    /// <summary>About how many instructions it needs.</summary>
    public int Effort { get; }

    /// <summary>The formula on <see cref="Lanes"/>.</summary>
    public MethodInfo Method => lanes.Method;

    /// <summary>The formula of an op.</summary>
    public static Formula Of(IElementwise op) => op.Accept(Visitor.Instance);

    /// <summary>y[i] = F(a[i], b[i], c[i]); nothing behind y[count − 1] is written, nothing behind a[count − 1]
    /// read.</summary>
    public void Run(float* a, float* b, float* c, float* y, int count) => tile(a, b, c, y, count);

    /// <summary>The same by a loop that is emitted when it is first wanted.</summary>
    public void RunEmitted(float* a, float* b, float* c, float* y, int count)
    {
        var operands = stackalloc[] { (nint)a, (nint)b, (nint)c };
        var arguments = stackalloc nint[LoopBody.FirstArgument + 2 * 4];
        (arguments[0], arguments[1]) = (1, count * sizeof(float));
        for (var i = 0; i < Inputs; i++)
        {
            arguments[LoopBody.FirstArgument + 2 * i] = operands[i];
        }

        arguments[LoopBody.FirstArgument + 2 * Inputs] = (nint)y;
        emitted.Value(arguments);
    }

    private sealed class Visitor : IFormulaVisitor<Formula>
    {
        public static Visitor Instance { get; } = new();

        public Formula Visit1<F>()
            where F : IFormula1 => Known1<F>.Value;

        public Formula Visit2<F>()
            where F : IFormula2 => Known2<F>.Value;

        public Formula Visit3<F>()
            where F : IFormula3 => Known3<F>.Value;
    }

    private static class Known1<F>
        where F : IFormula1
    {
        public static readonly Formula Value = new(1, (Func<Lanes, Lanes>)Of, &Run, F.Of(default(Effort)).Value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Lanes Of(Lanes a) => F.Of(a);

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private static void Run(float* a, float* b, float* c, float* y, int count)
        {
            var i = 0;
            for (; i + Lanes.Count <= count; i += Lanes.Count)
            {
                F.Of(Lanes.Load(a + i)).Store(y + i);
            }

            if (i < count)
            {
                LaneParts.StorePart(F.Of(LaneParts.LoadPart(a + i, count - i)), y + i, count - i);
            }
        }
    }

    private static class Known2<F>
        where F : IFormula2
    {
        public static readonly Formula Value =
            new(2, (Func<Lanes, Lanes, Lanes>)Of, &Run, F.Of(default(Effort), default).Value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Lanes Of(Lanes a, Lanes b) => F.Of(a, b);

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private static void Run(float* a, float* b, float* c, float* y, int count)
        {
            var i = 0;
            for (; i + Lanes.Count <= count; i += Lanes.Count)
            {
                F.Of(Lanes.Load(a + i), Lanes.Load(b + i)).Store(y + i);
            }

            if (i < count)
            {
                var rest = count - i;
                var result = F.Of(LaneParts.LoadPart(a + i, rest), LaneParts.LoadPart(b + i, rest));
                LaneParts.StorePart(result, y + i, rest);
            }
        }
    }

    private static class Known3<F>
        where F : IFormula3
    {
        public static readonly Formula Value =
            new(3, (Func<Lanes, Lanes, Lanes, Lanes>)Of, &Run, F.Of(default(Effort), default, default).Value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Lanes Of(Lanes a, Lanes b, Lanes c) => F.Of(a, b, c);

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private static void Run(float* a, float* b, float* c, float* y, int count)
        {
            var i = 0;
            for (; i + Lanes.Count <= count; i += Lanes.Count)
            {
                F.Of(Lanes.Load(a + i), Lanes.Load(b + i), Lanes.Load(c + i)).Store(y + i);
            }

            if (i < count)
            {
                var rest = count - i;
                LaneParts.StorePart(F.Of(LaneParts.LoadPart(a + i, rest), LaneParts.LoadPart(b + i, rest),
                    LaneParts.LoadPart(c + i, rest)), y + i, rest);
            }
        }
    }
}
