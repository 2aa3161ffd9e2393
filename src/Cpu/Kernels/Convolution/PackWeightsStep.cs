using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Puts a convolution's weights w[k, in, out] in the order in which <see cref="DirectStep"/> reads them:
/// panels of some target channels, in each the kernel's elements, then the source channels. What a panel has behind
/// the last channel is not used.</summary>
internal sealed unsafe class PackWeightsStep(DirectShape shape, int w, int packed, bool once = false)
    : Step($"pack weights of {shape.Groups * shape.Targets} channels")
{
    // Enough to be worth sharing out.
    private const int PieceSize = 1 << 14;

    private readonly int width = DirectStep.PanelWidth(shape);
    private readonly int panels = DirectStep.Panels(shape);

    public override int PreparedFrom => once ? w : -1;

    public override int Pieces => (Units + UnitsOfPiece - 1) / UnitsOfPiece;

    /// <summary>Rows are turned by panels, and copied one by one.</summary>
    private bool Turns => shape.Transposed && shape.AllSources > 1;

    private int Units => (int)shape.Kernel.Elements * (Turns ? shape.Groups * panels : shape.Sources);

    private int UnitsOfPiece => Math.Max(1, PieceSize / Math.Max(1, Turns ? width * shape.Sources : shape.AllTargets));

    /// <summary>The floats of packed weights.</summary>
    public static long Size(DirectShape shape) =>
        (long)shape.Groups * DirectStep.Panels(shape) * DirectStep.PanelWidth(shape) * shape.Depth;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var end = Math.Min(Units, (piece + 1) * UnitsOfPiece);
        for (var unit = piece * UnitsOfPiece; unit < end; unit++)
        {
            if (Turns)
            {
                Turn(buffers[w], buffers[packed], unit % (shape.Groups * panels), unit / (shape.Groups * panels));
            }
            else
            {
                Copy(buffers[w], buffers[packed], unit % shape.Sources, unit / shape.Sources);
            }
        }
    }

    /// <summary>Where a panel has an element of the kernel.</summary>
    private float* Place(float* packed, int part, int k)
    {
        var row = shape.Kernel[2];
        var place = shape.Transposed ? k - k % row + row - 1 - k % row : k;
        return packed + ((nint)part * shape.Depth + place * shape.Sources) * width;
    }

    /// <summary>A source channel's weights to all targets, which are read in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Copy(float* w, float* packed, int source, int k)
    {
        var from = w + ((nint)k * shape.Sources + source) * shape.AllTargets;
        var row = Place(packed, 0, k) + source * (nint)width;
        var step = (nint)shape.Depth * width;
        for (var group = 0; group < shape.Groups; group++)
        {
            for (var panel = 0; panel < panels; panel++, row += step)
            {
                var count = Math.Min(width, shape.Targets - panel * width);
                for (var target = 0; target < count; target += Lanes.Count)
                {
                    // What a panel has behind the last channel is not used.
                    Vector512.Load(from + target).Store(row + target);
                }

                from += count;
            }
        }
    }

    /// <summary>A panel, from rows of targets to rows of sources.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Turn(float* w, float* packed, int part, int k)
    {
        var columns = stackalloc Vector512<float>[Lanes.Count];
        var (group, panel) = Math.DivRem(part, panels);
        var to = Place(packed, part, k);
        nint step = shape.AllSources;
        var from = w + ((nint)k * shape.Targets + panel * width) * step + group * shape.Sources;
        var count = Math.Min(width, shape.Targets - panel * width);
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
