using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Adds the shares of a gradient to weights, in order, and puts them where the weights lie: sums[share, group, k, c, o] to
/// dw[group · o, c, k].</summary>
internal sealed unsafe class AddSharesStep(DirectShape shape, int shares, int sums, int dw) : Step($"add {shares} shares")
{
    private readonly int blocks = (shape.Sources + Lanes.Count - 1) / Lanes.Count;

    public override int Pieces => shape.Groups * blocks;

    /// <summary>Some sources of all targets, sixteen by sixteen: neighbours in the sums are read one after the other.</summary>
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (group, block) = Math.DivRem(piece, blocks);
        var elements = (int)shape.Kernel.Elements;
        var size = shape.Targets * (nint)shape.Depth;
        var (first, end) = (block * Lanes.Count * elements, Math.Min(shape.Sources, (block + 1) * Lanes.Count) * elements);
        for (var target = 0; target < shape.Targets; target += Lanes.Count)
        {
            for (var i = first; i < end; i += Lanes.Count)
            {
                Turn(buffers[sums] + group * size + target, buffers[dw] + group * size + target * (nint)shape.Depth + i,
                    i, Math.Min(Lanes.Count, end - i), Math.Min(Lanes.Count, shape.Targets - target));
            }
        }
    }

    /// <summary>The elements first … first + count − 1, counted as c · elements + k, of some targets.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Turn(float* from, float* to, int first, int count, int targets)
    {
        var lines = stackalloc Vector512<float>[Lanes.Count];
        var turned = stackalloc Vector512<float>[Lanes.Count];
        var (c, k) = Math.DivRem(first, (int)shape.Kernel.Elements);
        for (var j = 0; j < count; j++)
        {
            lines[j] = Sum(from + ((nint)k * shape.Sources + c) * shape.Targets);
            (c, k) = k + 1 == shape.Kernel.Elements ? (c + 1, 0) : (c, k + 1);
        }

        Square.Transpose((float*)lines, Lanes.Count, count, turned);
        for (var o = 0; o < targets; o++)
        {
            Tail.Store(turned[o], to + o * (nint)shape.Depth, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Sum(float* from)
    {
        var (sum, share) = (Vector512.Load(from), shape.Groups * (nint)shape.Targets * shape.Depth);
        for (var s = 1; s < shares; s++)
        {
            sum += Vector512.Load(from + s * share);
        }

        return sum;
    }
}
