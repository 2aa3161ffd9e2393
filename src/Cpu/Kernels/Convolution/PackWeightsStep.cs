using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Puts a convolution's weights in the order in which <see cref="DirectStep"/> reads them: panels of some target channels, in each the
/// kernel's elements, then the source channels. What a panel has behind the last channel is not used.</summary>
internal sealed unsafe class PackWeightsStep(DirectShape shape, int w, int packed, bool once = false)
    : Step($"pack weights of {shape.Groups * shape.Targets} channels")
{
    private readonly int width = DirectStep.PanelWidth(shape);
    private readonly int panels = DirectStep.Panels(shape);

    public override int PreparedFrom => once ? w : -1;

    public override int Pieces => shape.Groups * (shape.Transposed ? (shape.Sources + Lanes.Count - 1) / Lanes.Count : panels);

    /// <summary>The floats of packed weights.</summary>
    public static long Size(DirectShape shape) =>
        (long)shape.Groups * DirectStep.Panels(shape) * DirectStep.PanelWidth(shape) * shape.Depth;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (group, part) = Math.DivRem(piece, Pieces / shape.Groups);
        var from = buffers[w] + group * (nint)shape.Targets * shape.Depth;
        var to = buffers[packed] + group * (nint)panels * width * shape.Depth;
        if (!shape.Transposed)
        {
            Panel(from, to, part);
            return;
        }

        for (var panel = 0; panel < panels; panel++)
        {
            for (var source = part * Lanes.Count; source < Math.Min(shape.Sources, (part + 1) * Lanes.Count); source++)
            {
                Source(from, to + panel * (nint)width * shape.Depth, panel, source);
            }
        }
    }

    /// <summary>w[target, source, k]: all that belongs to a target lies together.</summary>
    private void Panel(float* from, float* to, int panel)
    {
        var count = Math.Min(width, shape.Targets - panel * width);
        for (var j = 0; j < count; j += Lanes.Count)
        {
            Turn(from + (panel * width + j) * (nint)shape.Depth, shape.Depth, Math.Min(Lanes.Count, count - j), shape.Depth,
                to + panel * (nint)width * shape.Depth + j, 0);
        }
    }

    /// <summary>w[source, target, k]: the elements of the kernel lie together.</summary>
    private void Source(float* from, float* to, int panel, int source)
    {
        var (elements, count) = ((int)shape.Kernel.Elements, Math.Min(width, shape.Targets - panel * width));
        var row = from + (source * (nint)shape.Targets + panel * width) * elements;
        if (elements == 1)
        {
            new ReadOnlySpan<float>(row, count).CopyTo(new Span<float>(to + source * (nint)width, count));
            return;
        }

        for (var j = 0; j < count; j += Lanes.Count)
        {
            Turn(row + j * elements, elements, Math.Min(Lanes.Count, count - j), elements, to + j, source * elements);
        }
    }

    /// <summary>Writes vectors of some targets: of each the elements first … first + count − 1, counted as source · elements + k.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Turn(float* from, nint step, int rows, int count, float* to, int first)
    {
        var (elements, row) = ((int)shape.Kernel.Elements, shape.Kernel[2]);
        var columns = stackalloc Vector512<float>[Lanes.Count];
        for (var i = 0; i < count; i += Lanes.Count)
        {
            Square.Transpose(from + i, step, rows, columns);
            var (source, k) = Math.DivRem(first + i, elements);
            for (var c = 0; c < Math.Min(Lanes.Count, count - i); c++)
            {
                var place = shape.Transposed ? k - k % row + row - 1 - k % row : k;
                columns[c].Store(to + ((nint)place * shape.Sources + source) * width);
                (source, k) = k + 1 == elements ? (source + 1, 0) : (source, k + 1);
            }
        }
    }
}
