using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Adds the shares of a gradient to weights, in order, and puts them where the weights lie: sums[share, group, k, c, o] to
/// dw[group · o, c, k].</summary>
internal sealed unsafe class AddSharesStep(DirectShape shape, int shares, int sums, int dw) : Step($"add {shares} shares")
{
    private readonly int blocks = (shape.Targets + Lanes.Count - 1) / Lanes.Count;

    public override int Pieces => shape.Groups * blocks;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (group, block) = Math.DivRem(piece, blocks);
        var first = block * Lanes.Count;
        var targets = Math.Min(Lanes.Count, shape.Targets - first);
        var (size, share) = (shape.Targets * (nint)shape.Depth, shape.Groups * (nint)shape.Targets * shape.Depth);
        var lines = stackalloc Vector512<float>[Lanes.Count];
        var turned = stackalloc Vector512<float>[Lanes.Count];
        for (var i = 0; i < shape.Depth; i += Lanes.Count)
        {
            var count = Math.Min(Lanes.Count, shape.Depth - i);
            for (var j = 0; j < count; j++)
            {
                var (c, k) = Math.DivRem(i + j, (int)shape.Kernel.Elements);
                lines[j] = Sum(buffers[sums] + group * size + ((nint)k * shape.Sources + c) * shape.Targets + first, share);
            }

            Square.Transpose((float*)lines, Lanes.Count, count, turned);
            for (var o = 0; o < targets; o++)
            {
                Tail.Store(turned[o], buffers[dw] + group * size + (first + o) * (nint)shape.Depth + i, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Sum(float* from, nint share)
    {
        var sum = Vector512.Load(from);
        for (var s = 1; s < shares; s++)
        {
            sum += Vector512.Load(from + s * share);
        }

        return sum;
    }
}
