using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Puts a convolution's weights w[k, in, out] in the order in which <see cref="DirectStep"/> reads them:
/// panels of some target channels, in each the kernel's elements, then the source channels. What a panel has behind
/// the last channel is not used.</summary>
internal sealed unsafe class PackWeightsStep(DirectShape shape, int w, int packed, bool once = false)
    : Step($"pack weights of {shape.Groups * shape.Targets} channels")
{
    private readonly int width = DirectStep.PanelWidth(shape);
    private readonly int panels = DirectStep.Panels(shape);

    public override int PreparedFrom => once ? w : -1;

    public override int Pieces => shape.Groups * panels * (int)shape.Kernel.Elements;

    /// <summary>The floats of packed weights.</summary>
    public static long Size(DirectShape shape) =>
        (long)shape.Groups * DirectStep.Panels(shape) * DirectStep.PanelWidth(shape) * shape.Depth;

    /// <summary>An element of the kernel, of a panel.</summary>
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (part, k) = Math.DivRem(piece, (int)shape.Kernel.Elements);
        var (group, panel) = Math.DivRem(part, panels);
        var (row, count) = (shape.Kernel[2], Math.Min(width, shape.Targets - panel * width));
        var place = shape.Transposed ? k - k % row + row - 1 - k % row : k;
        var to = buffers[packed] + ((nint)part * shape.Depth + place * shape.Sources) * width;
        if (shape.Transposed && shape.Groups * shape.Sources > 1)
        {
            var all = shape.Groups * shape.Sources;
            Turn(buffers[w] + ((nint)k * shape.Targets + panel * width) * all + group * shape.Sources, all, to, count);
            return;
        }

        nint targets = shape.Groups * shape.Targets;
        var from = buffers[w] + k * shape.Sources * targets + group * shape.Targets + panel * width;
        for (var source = 0; source < shape.Sources; source++)
        {
            new Span<float>(from + source * targets, count).CopyTo(new Span<float>(to + source * (nint)width, count));
        }
    }

    /// <summary>From rows of targets to rows of sources.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Turn(float* from, nint step, float* to, int count)
    {
        var columns = stackalloc Vector512<float>[Lanes.Count];
        for (var target = 0; target < count; target += Lanes.Count)
        {
            for (var source = 0; source < shape.Sources; source += Lanes.Count)
            {
                var (rows, sources) = (Math.Min(Lanes.Count, count - target), Math.Min(Lanes.Count, shape.Sources - source));
                Square.Transpose(from + target * step + source, step, rows, sources, columns);
                for (var c = 0; c < sources; c++)
                {
                    columns[c].Store(to + (source + c) * (nint)width + target);
                }
            }
        }
    }
}
