using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>A <see cref="Strip"/> that can be run: emitted where the runtime allows it, interpreted elsewhere, with the
/// same bits.</summary>
internal sealed unsafe class StripCode
{
    private static readonly Kept<Strip, StripCode> Known = new(strip => new(strip));

    private readonly Strip strip;
    private readonly Lazy<Code.Compiled>? compiled;

    private StripCode(Strip strip)
    {
        this.strip = strip;
        compiled = Code.IsSupported ? new(strip.Emit) : null;
    }

    /// <summary>The code of a strip; equal strips share it.</summary>
    public static StripCode Of(Strip strip) => Known.Of(strip);

    /// <summary>Computes one strip.</summary>
    /// <param name="a">The first a.</param>
    /// <param name="b">The first b.</param>
    /// <param name="y">The first y.</param>
    /// <param name="outer">How many i.</param>
    /// <param name="stepA">From i to i in a.</param>
    /// <param name="stepB">From i to i in b.</param>
    public void Run(float* a, float* b, float* y, nint outer = 1, nint stepA = 0, nint stepB = 0)
    {
        if (compiled is null)
        {
            Interpret(a, b, y, outer, stepA, stepB);
            return;
        }

        var arguments = stackalloc nint[] { (nint)a, (nint)b, (nint)y, outer, stepA, stepB, strip.Channels / Code.Width };
        compiled.Value(arguments);
    }

    private void Interpret(float* a, float* b, float* y, nint outer, nint stepA, nint stepB)
    {
        for (var c = 0; c < strip.Channels; c += Lanes.Count)
        {
            for (var r = 0; r < strip.Rows; r++)
            {
                var target = y + r * strip.RowY + c;
                var sum = Vector512<float>.Zero;
                for (nint i = 0; i < outer; i++)
                {
                    foreach (ref readonly var tap in strip.Taps.AsSpan())
                    {
                        if (r >= tap.First && r < tap.End)
                        {
                            sum = Numerics.Fma(Vector512.Load(a + i * stepA + tap.A + r * strip.RowA + c),
                                Vector512.Load(b + i * stepB + tap.B + c), sum);
                        }
                    }
                }

                sum = strip.Add ? sum + Vector512.Load(target) : sum;
                Tail.Store(sum, target, Math.Min(Lanes.Count, strip.Channels - c));
            }
        }
    }
}
