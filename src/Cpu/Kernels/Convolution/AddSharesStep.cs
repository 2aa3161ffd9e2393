using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>Adds the shares of a gradient to weights, in order, and puts them where the weights lie: sums[share, group, k, c, o] to
/// dw[group · o, c, k].</summary>
internal sealed unsafe class AddSharesStep(DirectShape shape, int shares, int sums, int dw) : Step($"add {shares} shares")
{
    private const int Columns = 16;

    private readonly int blocks = (shape.Targets + Columns - 1) / Columns;

    public override int Pieces => shape.Groups * blocks;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (group, block) = Math.DivRem(piece, blocks);
        var (first, end) = (block * Columns, Math.Min(shape.Targets, (block + 1) * Columns));
        var (elements, sources, targets) = ((int)shape.Kernel.Elements, shape.Sources, (nint)shape.Targets);
        var share = shape.Groups * targets * shape.Depth;
        for (var k = 0; k < elements; k++)
        {
            for (var c = 0; c < sources; c++)
            {
                var from = buffers[sums] + group * targets * shape.Depth + ((nint)k * sources + c) * targets;
                var to = buffers[dw] + (group * targets * sources + c) * elements + k;
                for (var o = first; o < end; o++)
                {
                    var sum = from[o];
                    for (var s = 1; s < shares; s++)
                    {
                        sum += from[s * share + o];
                    }

                    to[o * (nint)sources * elements] = sum;
                }
            }
        }
    }
}
