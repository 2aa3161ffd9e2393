using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Adds the shares of a gradient to weights, in order, and puts them where the weights lie:
/// sums[share, group, panel of targets, c, k, target] to dw[group · target, c, k].</summary>
internal sealed unsafe class AddSharesStep(DirectShape shape, int shares, int sums, int dw) : Step($"add {shares} shares")
{
    private readonly int width = DirectStep.PanelWidth(shape);

    public override int Pieces => shape.Groups * Panels(shape);

    /// <summary>The panels of a group.</summary>
    public static int Panels(DirectShape shape) => DirectStep.Panels(shape);

    /// <summary>The floats of the sums of one share.</summary>
    public static long Size(DirectShape shape) =>
        (long)shape.Groups * Panels(shape) * DirectStep.PanelWidth(shape) * shape.Depth;

    /// <summary>A panel, which lies together, to its rows.</summary>
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (group, panel) = Math.DivRem(piece, Panels(shape));
        var from = buffers[sums] + piece * (nint)width * shape.Depth;
        var to = buffers[dw] + (group * shape.Targets + panel * width) * (nint)shape.Depth;
        var targets = Math.Min(width, shape.Targets - panel * width);
        for (var i = 0; i < shape.Depth; i += Lanes.Count)
        {
            for (var target = 0; target < targets; target += Lanes.Count)
            {
                Turn(from + i * (nint)width + target, to + target * (nint)shape.Depth + i,
                    Math.Min(Lanes.Count, shape.Depth - i), Math.Min(Lanes.Count, targets - target));
            }
        }
    }

    /// <summary>Some elements, counted as c · elements + k, of up to sixteen targets.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Turn(float* from, float* to, int count, int targets)
    {
        var lines = stackalloc Vector512<float>[Lanes.Count];
        var turned = stackalloc Vector512<float>[Lanes.Count];
        var share = (nint)Size(shape);
        for (var j = 0; j < count; j++)
        {
            var at = from + j * (nint)width;
            var sum = Vector512.Load(at);
            for (var s = 1; s < shares; s++)
            {
                sum += Vector512.Load(at + s * share);
            }

            lines[j] = sum;
        }

        Square.Transpose((float*)lines, Lanes.Count, count, turned);
        for (var o = 0; o < targets; o++)
        {
            Tail.Store(turned[o], to + o * (nint)shape.Depth, count);
        }
    }
}
