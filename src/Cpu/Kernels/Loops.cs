using System.Runtime.CompilerServices;

namespace AutoDiffCnn;


/// <summary>Gives each formula its loop. The formula comes as a static type, so the compiler inlines it.</summary>
internal sealed unsafe class Loops : IFormulaVisitor<nint>
{
    public static Loops Instance { get; } = new();

    public nint Visit1<F>()
        where F : IFormula1 => (nint)(delegate*<float*, float*, float*, float*, int, void>)&Run1<F>;

    public nint Visit2<F>()
        where F : IFormula2 => (nint)(delegate*<float*, float*, float*, float*, int, void>)&Run2<F>;

    public nint Visit3<F>()
        where F : IFormula3 => (nint)(delegate*<float*, float*, float*, float*, int, void>)&Run3<F>;

    // Whole vectors only: every buffer ends on a multiple of sixteen floats,
    // what lies behind its last element is nobody's.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run1<F>(float* a, float* b, float* c, float* y, int count)
        where F : IFormula1
    {
        for (var i = 0; i < count; i += Lanes.Count)
        {
            F.Of(Lanes.Load(a + i)).Store(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run2<F>(float* a, float* b, float* c, float* y, int count)
        where F : IFormula2
    {
        for (var i = 0; i < count; i += Lanes.Count)
        {
            F.Of(Lanes.Load(a + i), Lanes.Load(b + i)).Store(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run3<F>(float* a, float* b, float* c, float* y, int count)
        where F : IFormula3
    {
        for (var i = 0; i < count; i += Lanes.Count)
        {
            F.Of(Lanes.Load(a + i), Lanes.Load(b + i), Lanes.Load(c + i)).Store(y + i);
        }
    }
}
