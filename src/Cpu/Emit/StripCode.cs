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
    /// <param name="epilogue">What the epilogue is told, if there is one.</param>
    public void Run(float* a, float* b, float* y, nint outer = 1, nint stepA = 0, nint stepB = 0, nint* epilogue = null)
    {
        if (compiled is null)
        {
            Interpret(a, b, y, outer, stepA, stepB);
            return;
        }

        var more = strip.Epilogue?.Sources.Length ?? 0;
        var arguments = stackalloc nint[Strip.Arguments + more];
        (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]) = ((nint)a, (nint)b, (nint)y, outer, stepA, stepB);
        arguments[6] = strip.Groups.AllTargets / Code.Width;
        new ReadOnlySpan<nint>(epilogue, more).CopyTo(new Span<nint>(arguments + Strip.Arguments, more));
        compiled.Value(arguments);
    }

    private void Interpret(float* a, float* b, float* y, nint outer, nint stepA, nint stepB)
    {
        var groups = strip.Groups;
        var apart = groups.AreApart ? groups.Sources : 1;
        for (var c = 0; c < groups.AllTargets; c += Lanes.Count)
        {
            for (var i = 0; i < strip.Rows * apart; i++)
            {
                var (r, s) = Math.DivRem(i, apart);
                var target = y + r * strip.RowY + s * groups.SourceY + c;
                var sum = Vector512<float>.Zero;
                for (nint k = 0; k < outer; k++)
                {
                    sum = apart > 1
                        ? Sum(a + k * stepA, b + k * stepB, c, r, s, sum)
                        : Arrays.Range(0, groups.Sources).Aggregate(sum, (sum, s) => Sum(a + k * stepA, b + k * stepB, c, r, s, sum));
                }

                Tail.Store(strip.Add ? sum + Vector512.Load(target) : sum, target, Math.Min(Lanes.Count, groups.AllTargets - c));
            }
        }
    }

    /// <summary>A sum and the products of a row, of sixteen targets and their groups' source s.</summary>
    private Vector512<float> Sum(float* a, float* b, int c, int r, int s, Vector512<float> sum)
    {
        foreach (ref readonly var tap in strip.Taps.AsSpan())
        {
            if (r >= tap.First && r < tap.End)
            {
                sum = Numerics.Fma(Left(a + tap.A + r * strip.RowA, c, s), Vector512.Load(b + tap.B + s * strip.Groups.SourceB + c), sum);
            }
        }

        return sum;
    }

    /// <summary>What targets c and the next fifteen see as their groups' source s.</summary>
    private Vector512<float> Left(float* a, int c, int s)
    {
        var groups = strip.Groups;
        var left = stackalloc float[Lanes.Count];
        for (var lane = 0; lane < Math.Min(Lanes.Count, groups.AllTargets - c); lane++)
        {
            left[lane] = a[groups.SourceOf(c + lane, s)];
        }

        return Vector512.Load(left);
    }
}
