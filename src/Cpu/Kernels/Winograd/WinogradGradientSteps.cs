using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The gradient to the weights of a 3 × 3 convolution in steps of one, before it is transformed back: the sums
/// du[share, product, c, o] of (Bᵀ x B)[tile, c] · (A dy Aᵀ)[tile, o] over the tiles of a share.</summary>
internal sealed unsafe class WinogradGradientStep : Step
{
    // As many as occupy a machine, unless their sums take too much memory.
    private const int MostShares = 8;
    private const long MostSums = 1 << 21;

    private readonly WinogradShape shape;
    private readonly int x;
    private readonly int dy;
    private readonly int du;
    private readonly int tileRows;
    private readonly TileCode[,] codes;

    public WinogradGradientStep(object text, WinogradShape shape, int x, int dy, int du)
        : base(text)
    {
        (this.shape, this.x, this.dy, this.du) = (shape, x, dy, du);
        var most = WinogradShape.Rows;
        var parts = (shape.Sources + most - 1) / most;
        tileRows = (shape.Sources + parts - 1) / parts;
        var (rows, columns) = (shape.Sources % tileRows, shape.Targets % WinogradShape.PanelWidth);
        codes = new[,]
        {
            { Code(tileRows, WinogradShape.PanelWidth), Code(tileRows, columns) },
            { Code(rows, WinogradShape.PanelWidth), Code(rows, columns) },
        };

        TileCode Code(int rows, int columns) => TileCode.Of(
            new Tile(rows, columns, 1, shape.Sources, shape.Targets, shape.Targets, Tile.Plain(rows), Add: true));
    }

    public override int Pieces => Share(shape);

    public override int Scratch => Math.Max(shape.Sources, shape.Targets) + Winograd.Products * (DistanceV + DistanceM);

    private int DistanceV => shape.MostTiles * shape.Sources + Lanes.Count;

    private int DistanceM => shape.MostTiles * shape.Targets + Lanes.Count;

    /// <summary>How many shares the blocks of tiles are divided into.</summary>
    public static int Share(WinogradShape shape) =>
        (int)Math.Clamp(shape.Blocks, 1, Math.Min(MostShares, Math.Max(1, MostSums / shape.Weights)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var zeros = scratch;
        var v = scratch + Math.Max(shape.Sources, shape.Targets);
        var m = v + Winograd.Products * (nint)DistanceV;
        var sums = buffers[du] + piece * (nint)shape.Weights;
        new Span<float>(zeros, Math.Max(shape.Sources, shape.Targets)).Clear();
        new Span<float>(sums, (int)shape.Weights).Clear();
        for (var block = shape.Blocks * piece / Pieces; block < shape.Blocks * (piece + 1) / Pieces; block++)
        {
            var (first, end) = (shape.First(block), shape.First(block + 1));
            Transform(buffers[x], buffers[dy], first, end, zeros, v, m);
            for (var k = 0; k < Winograd.Products; k++)
            {
                Multiply(v + k * (nint)DistanceV, m + k * (nint)DistanceM, sums + k * (nint)shape.Sources * shape.Targets, end - first);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform(float* source, float* target, int first, int end, float* zeros, float* v, float* m)
    {
        var at = stackalloc float*[Winograd.Products];
        for (var tile = first; tile < end; tile++)
        {
            shape.SourcesOf(tile, source, zeros, at);
            for (var c = 0; c < shape.Sources; c += Lanes.Count)
            {
                Winograd.Input(at, c, v + (tile - first) * (nint)shape.Sources + c, DistanceV);
            }

            shape.TargetsOf(tile, target, zeros, at);
            for (var o = 0; o < shape.Targets; o += Lanes.Count)
            {
                Winograd.Cotangent(at, o, m + (tile - first) * (nint)shape.Targets + o, DistanceM);
            }
        }
    }

    private void Multiply(float* v, float* m, float* sums, int tiles)
    {
        for (var panel = 0; panel < shape.Targets; panel += WinogradShape.PanelWidth)
        {
            var column = panel + WinogradShape.PanelWidth > shape.Targets ? 1 : 0;
            for (var c = 0; c < shape.Sources; c += tileRows)
            {
                codes[c + tileRows > shape.Sources ? 1 : 0, column].Run(
                    v + c, m + panel, sums + c * (nint)shape.Targets + panel, tiles);
            }
        }
    }
}

/// <summary>Adds the shares of a transformed gradient, in order, and transforms it back: dw[k, c, o] = Gᵀ du G.</summary>
internal sealed unsafe class WinogradBackStep(WinogradShape shape, int shares, int du, int dw)
    : Step($"add {shares} shares, Winograd's transform back")
{
    private const int Kernel = 9;

    public override int Pieces => shape.Targets / Lanes.Count;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var sums = stackalloc Vector512<float>[Winograd.Products];
        var weights = stackalloc Vector512<float>[Kernel];
        var (first, product) = (piece * Lanes.Count, (nint)shape.Sources * shape.Targets);
        for (var c = 0; c < shape.Sources; c++)
        {
            for (var k = 0; k < Winograd.Products; k++)
            {
                var from = buffers[du] + k * product + c * (nint)shape.Targets + first;
                sums[k] = Vector512.Load(from);
                for (var share = 1; share < shares; share++)
                {
                    sums[k] += Vector512.Load(from + share * (nint)shape.Weights);
                }
            }

            Winograd.Gradient(sums, weights);
            for (var k = 0; k < Kernel; k++)
            {
                weights[k].Store(buffers[dw] + ((nint)k * shape.Sources + c) * shape.Targets + first);
            }
        }
    }
}
