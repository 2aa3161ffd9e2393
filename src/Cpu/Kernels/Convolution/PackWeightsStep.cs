using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>Puts a convolution's weights in the order in which <see cref="DirectStep"/> reads them: panels of some target channels, in each the
/// kernel's elements, then the source channels. Behind the last channel a panel has zeros.</summary>
internal sealed unsafe class PackWeightsStep(DirectShape shape, int w, int packed)
    : Step($"pack weights of {shape.Groups * shape.Targets} channels")
{
    private readonly int width = DirectStep.PanelWidth(shape);
    private readonly int panels = DirectStep.Panels(shape);

    public override int Pieces => shape.Groups * panels;

    /// <summary>The floats of packed weights.</summary>
    public static long Size(DirectShape shape) =>
        (long)shape.Groups * DirectStep.Panels(shape) * DirectStep.PanelWidth(shape) * shape.Depth;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (group, panel) = Math.DivRem(piece, panels);
        var (elements, row, sources) = ((int)shape.Kernel.Elements, shape.Kernel[2], shape.Sources);
        var count = Math.Min(width, shape.Targets - panel * width);

        // w[target, source, k], or of the transpose w[source, target, k].
        nint stepTarget = shape.Transposed ? elements : sources * elements;
        nint stepSource = shape.Transposed ? shape.Targets * elements : elements;
        var from = buffers[w] + group * (nint)shape.Targets * sources * elements + panel * width * stepTarget;
        var to = buffers[packed] + (nint)piece * width * shape.Depth;
        for (var source = 0; source < sources; source++)
        {
            for (var k = 0; k < elements; k++)
            {
                var place = shape.Transposed ? k - k % row + row - 1 - k % row : k;
                var target = to + ((nint)place * sources + source) * width;
                var origin = from + source * stepSource + k;
                for (var j = 0; j < count; j++)
                {
                    target[j] = origin[j * stepTarget];
                }

                new Span<float>(target + count, width - count).Clear();
            }
        }
    }
}
