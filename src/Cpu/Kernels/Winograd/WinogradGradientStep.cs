using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>The gradient to the weights of a 3 × 3 convolution in steps of one, from transformed tiles: a panel of
/// targets and a part of the sources at a time, summed over a share of the tiles and transformed back in the second
/// cache: sums[share, k, c, o].</summary>
internal sealed unsafe class WinogradGradientStep : Step
{
    // A panel of so many tiles stays in the first cache.
    private const int MostTiles = 64;

    // Shares decide the order of sums, so they must not depend on the machine: pieces of so many targets occupy most.
    private const int WantedPieces = 8;
    private const int PieceTargets = 32;

    private readonly WinogradShape shape;
    private readonly WinogradParts left;
    private readonly WinogradParts right;
    private readonly int width;
    private readonly int v;
    private readonly int m;
    private readonly int sums;
    private readonly ProductCode code;

    public WinogradGradientStep(object text, WinogradShape shape, int width, int v, int m, int sums)
        : base(text)
    {
        (this.shape, this.width, this.v, this.m, this.sums) = (shape, width, v, m, sums);
        (left, right) = (new(shape.Tiles, shape.Sources), new(shape.Tiles, shape.Targets));
        code = ProductCode.Of(1, interpret: !Code.IsSupported);
    }

    public override int Pieces => Shares * Panels * left.Count;

    public override int Scratch => Winograd.Products * (int)Distance;

    private int Shares => Share(shape);

    private int Panels => (shape.Targets + width - 1) / width;

    private nint Distance => left.Depth * width + Lanes.Count;

    /// <summary>How many shares the tiles are divided into.</summary>
    public static int Share(WinogradShape shape)
    {
        var pieces = (shape.Targets + PieceTargets - 1) / PieceTargets * new WinogradParts(shape.Tiles, shape.Sources).Count;
        return Math.Clamp(WantedPieces / pieces, 1, Math.Max(1, shape.Tiles / MostTiles));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (rest, part) = Math.DivRem(piece, left.Count);
        var (share, panel) = Math.DivRem(rest, Panels);
        var (begin, end) = ((int)((long)shape.Tiles * share / Shares), (int)((long)shape.Tiles * (share + 1) / Shares));
        var (sources, target) = (left.DepthOf(part), panel * width);
        var targets = Math.Min(width, shape.Targets - target);
        for (var k = 0; k < Winograd.Products; k++)
        {
            for (var first = begin; first < end; first += MostTiles)
            {
                var a = buffers[v] + left.Place(part, k, first);
                var b = buffers[m] + right.Place(target / right.Depth, k, first) + target % right.Depth;
                Multiply(a, b, scratch + k * Distance, sources, Math.Min(MostTiles, end - first), targets, isFirst: first == begin);
            }
        }

        nint element = shape.Sources * shape.Targets;
        var to = buffers[sums] + share * Winograd.Kernel * element + part * left.Depth * (nint)shape.Targets + target;
        for (var c = 0; c < sources; c++, to += shape.Targets)
        {
            WinogradKernels.Gradient(Field.Transformed(scratch + c * width, Distance), new(to, 3 * element, element), targets);
        }
    }

    private void Multiply(float* a, float* b, float* to, int sources, int tiles, int targets, bool isFirst)
    {
        var (vectors, spans) = (targets / code.Width, (sources + WinogradShape.Rows - 1) / WinogradShape.Rows);
        for (var span = 0; span < spans; span++)
        {
            var (first, end) = (sources * span / spans, sources * (span + 1) / spans);
            var at = to + first * width;
            code.Run(new((nint)(a + first), left.Depth, (nint)b, right.Depth, (nint)at, width, tiles, code.Width, isFirst ? 0 : 1,
                (nint)at, (nint)(a + left.Distance + tiles * (nint)first), end - first), end - first, vectors);
        }
    }
}
