using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>Where transformed tiles are: [part of the channels, product, tile, channel].</summary>
/// <param name="Tiles">How many tiles.</param>
/// <param name="Channels">Of how many channels.</param>
internal readonly record struct WinogradParts(int Tiles, int Channels)
{
    // The transformed weights of so many source channels and a panel of targets are a part of the second cache.
    private const int Most = 128;

    // The widest panel of weights.
    private const int Panel = 32;

    /// <summary>How many parts.</summary>
    public int Count => (Channels + Most - 1) / Most;

    /// <summary>The channels of a part, whole panels of weights; the last one may have fewer.</summary>
    public int Depth => Math.Min(Channels, ((Channels + Count - 1) / Count + Panel - 1) / Panel * Panel);

    /// <summary>From product to product; one line more than needed, since distances of powers of two would put all
    /// products in the same place of the cache.</summary>
    public nint Distance => Tiles * (nint)Depth + Lanes.Count;

    /// <summary>All floats.</summary>
    public long Size => (long)Count * Winograd.Products * Distance;

    /// <summary>The channels of a certain part.</summary>
    public int DepthOf(int part) => Math.Min(Depth, Channels - part * Depth);

    /// <summary>Where a tile of a product begins.</summary>
    public nint Place(int part, int product, int tile) => (part * Winograd.Products + product) * Distance + tile * (nint)Depth;
}

/// <summary>Transforms all tiles of an image: those of the sources, Bᵀ x B, or of the targets, A dy Aᵀ.</summary>
internal sealed unsafe class WinogradTilesStep(WinogradShape shape, bool areTargets, int image, int transformed)
    : Step($"Winograd's transform of {shape.Tiles} tiles of {(areTargets ? shape.Targets : shape.Sources)}")
{
    private readonly WinogradParts parts = new(shape.Tiles, areTargets ? shape.Targets : shape.Sources);

    public override int Pieces => Math.Min(64, shape.Tiles);

    public override int Scratch => shape.Frame + Winograd.Room;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var room = scratch + shape.Frame;
        for (var tile = (int)((long)shape.Tiles * piece / Pieces); tile < (long)shape.Tiles * (piece + 1) / Pieces; tile++)
        {
            var from = areTargets
                ? shape.TargetOf(tile, buffers[image], scratch)
                : shape.SourceOf(tile, buffers[image], scratch);
            for (var part = 0; part < parts.Count; part++)
            {
                var x = from.Plus(part * parts.Depth);
                var y = Field.Transformed(buffers[transformed] + parts.Place(part, 0, tile), parts.Distance);
                if (areTargets)
                {
                    Winograd.Transform<WinogradCotangent>(x, y, parts.DepthOf(part), room);
                }
                else
                {
                    Winograd.Transform<WinogradInput>(x, y, parts.DepthOf(part), room);
                }
            }
        }
    }
}

/// <summary>A 3 × 3 convolution in steps of one, or its transpose in the image, of few tiles and many weights, from
/// transformed tiles: panel by panel of targets, whose weights are transformed a part at a time and never leave
/// the second cache.</summary>
internal sealed unsafe class WinogradPanelStep : Step
{
    // The products of so many tiles fit the second cache beside the weights.
    private const int MostTiles = 128;

    private readonly WinogradShape shape;
    private readonly WinogradParts parts;
    private readonly int width;
    private readonly int v;
    private readonly int weights;
    private readonly bool isPacked;
    private readonly int y;
    private readonly ProductCode code;

    public WinogradPanelStep(object text, WinogradShape shape, int width, int v, int weights, bool isPacked, int y)
        : base(text)
    {
        (this.shape, this.width, this.v, this.weights, this.y) = (shape, width, v, weights, y);
        this.isPacked = isPacked;
        parts = new(shape.Tiles, shape.Sources);
        code = ProductCode.Of(parts.Depth, interpret: !Code.IsSupported);
    }

    public override int Pieces => Panels * Blocks;

    public override int Scratch => shape.Frame + Winograd.Room + Winograd.Products * (int)(DistanceU + DistanceM);

    private int Panels => (shape.Targets + width - 1) / width;

    private int Blocks => (shape.Tiles + MostTiles - 1) / MostTiles;

    private nint DistanceU => parts.Depth * width + Lanes.Count;

    private nint DistanceM => (shape.Tiles + Blocks - 1) / Blocks * width + Lanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (panel, block) = Math.DivRem(piece, Blocks);
        var targets = Math.Min(width, shape.Targets - panel * width);
        var (first, end) = ((int)((long)shape.Tiles * block / Blocks), (int)((long)shape.Tiles * (block + 1) / Blocks));
        var room = scratch + shape.Frame;
        var u = room + Winograd.Room;
        var m = u + Winograd.Products * DistanceU;
        for (var part = 0; part < parts.Count; part++)
        {
            TransformWeights(buffers[weights], panel, part, u);
            for (var k = 0; k < Winograd.Products; k++)
            {
                Multiply(buffers[v] + parts.Place(part, k, first), u + k * DistanceU, m + k * DistanceM,
                    end - first, parts.DepthOf(part), targets, isFirst: part == 0);
            }
        }

        for (var tile = first; tile < end; tile++)
        {
            var products = Field.Transformed(m + (tile - first) * width, DistanceM);
            shape.WriteTarget(tile, panel * width, targets, products, buffers[y], scratch, room);
        }
    }

    /// <summary>Transforms the weights of a panel and a part of the sources.</summary>
    private void TransformWeights(float* w, int panel, int part, float* u)
    {
        var (first, count, to) = (part * parts.Depth, parts.DepthOf(part), Field.Transformed(u, DistanceU));
        if (isPacked)
        {
            var plane = shape.Sources * (nint)width;
            var from = new Field(w + panel * Winograd.Kernel * plane + first * width, 3 * plane, plane);
            WinogradKernels.Weights(from, to, count * width);
            return;
        }

        var targets = Math.Min(width, shape.Targets - panel * width);
        shape.TransformWeights(w, panel * width, targets, first, count, to, width);
    }

    /// <summary>Adds a part's product to those of a panel's tiles, and asks for the tiles of the next one.</summary>
    private void Multiply(float* a, float* b, float* to, int tiles, int depth, int targets, bool isFirst)
    {
        var (vectors, spans) = (targets / code.Width, (tiles + WinogradShape.Rows - 1) / WinogradShape.Rows);
        for (var span = 0; span < spans; span++)
        {
            var (first, end) = (tiles * span / spans, tiles * (span + 1) / spans);
            var left = a + first * parts.Depth;
            code.Run(new((nint)left, 1, (nint)b, width, (nint)(to + first * width), width, depth, code.Width, isFirst ? 0 : 1,
                (nint)(to + first * width), (nint)(left + parts.Distance), Math.Min(Lanes.Count, end - first)), end - first, vectors);
        }
    }
}
