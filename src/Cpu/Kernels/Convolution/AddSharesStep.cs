using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>Adds the shares of a gradient to weights, in order: dw[i] = Σ sums[share, i].</summary>
internal static unsafe class AddSharesStep
{
    /// <summary>The step; <paramref name="size"/> is that of a share.</summary>
    public static Step Of(int size, int shares, int sums, int dw) =>
        new RangeStep($"add {shares} shares", (size + Lanes.Count - 1) / Lanes.Count, shares * Lanes.Count, (buffers, first, end) =>
            Add(buffers[sums], buffers[dw], first * Lanes.Count, Math.Min(size, end * Lanes.Count), size, shares));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* sums, float* dw, long first, long end, nint size, int shares)
    {
        for (var i = first; i < end; i += Lanes.Count)
        {
            var count = (int)Math.Min(Lanes.Count, end - i);
            var sum = Tail.Load512(sums + i, count);
            for (var share = 1; share < shares; share++)
            {
                sum += Tail.Load512(sums + share * size + i, count);
            }

            Tail.Store(sum, dw + i, count);
        }
    }
}
