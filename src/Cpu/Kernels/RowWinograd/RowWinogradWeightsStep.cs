using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Transforms weights w[k, source, target], or w[k, target, source] of a turned kernel, to u[panel of targets, product, row of
/// the kernel, float of a tap, target]; or for the transpose to u[product, target, row of the kernel, float of a tap].</summary>
/// <param name="shape">The shape.</param>
/// <param name="width">The targets of a panel; 0 for the transpose.</param>
/// <param name="w">The weights.</param>
/// <param name="u">The result.</param>
/// <param name="once">Whether the weights do not change.</param>
internal sealed unsafe class RowWinogradWeightsStep(RowWinogradShape shape, int width, int w, int u, bool once)
    : Step($"Winograd's transform of rows of {shape.Targets} channels' weights")
{
    private readonly float[] g = RowWinograd.G(shape.Taps);

    public override int PreparedFrom => once ? w : -1;

    public override int Pieces => RowWinograd.Products;

    /// <summary>From source to source in the result.</summary>
    private nint SourceStep => width == 0 ? 1 : width;

    /// <summary>From target to target.</summary>
    private nint TargetStep => width == 0 ? shape.Columns : 1;

    /// <summary>The floats of the result.</summary>
    public static long Size(RowWinogradShape shape, int width) => RowWinograd.Products * (width == 0
        ? (long)shape.Targets * shape.Columns
        : (long)(shape.Targets + width - 1) / width * width * shape.Depth);

    public override void Run(float** buffers, int piece, float* scratch)
    {
        for (var h = 0; h < shape.KernelHeight; h++)
        {
            for (var phase = 0; phase < shape.Across.SourceStep; phase++)
            {
                Run(buffers[w], buffers[u], piece, h, phase);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Run(float* from, float* to, int product, int h, int phase)
    {
        var (outer, inner) = shape.IsTurned ? (shape.Targets, shape.Sources) : (shape.Sources, shape.Targets);
        var step = shape.IsTurned ? SourceStep : TargetStep;
        for (var i = 0; i < outer; i++)
        {
            for (var j = 0; j < inner; j += Lanes.Count)
            {
                var count = Math.Min(Lanes.Count, inner - j);
                var sum = Vector512<float>.Zero;
                for (var (tap, k) = (0, phase); k < shape.KernelWidth; tap++, k += shape.Across.SourceStep)
                {
                    var element = (nint)shape.Down.Taps[h].K * shape.KernelWidth + shape.Across.Taps[k].K;
                    sum = WinogradTerms.Fma(g[product * shape.Taps + tap],
                        Tail.Load512(from + (element * outer + i) * inner + j, count), sum);
                }

                var at = to + (shape.IsTurned ? Place(product, h, phase, j, i) : Place(product, h, phase, i, j));
                if (step == 1)
                {
                    sum.Store(at);
                    continue;
                }

                for (var lane = 0; lane < count; lane++)
                {
                    at[lane * step] = sum[lane];
                }
            }
        }
    }

    private nint Place(int product, int h, int phase, int source, int target)
    {
        var row = (h * shape.Across.SourceStep + phase) * (nint)shape.Sources + source;
        if (width == 0)
        {
            return (product * (nint)shape.Targets + target) * shape.Columns + row;
        }

        var (panel, column) = Math.DivRem(target, width);
        return ((panel * (nint)RowWinograd.Products + product) * shape.Depth + row) * width + column;
    }
}
