using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Transforms weights: w[k, in, out] to u[product, panel of targets, source, target].</summary>
internal sealed unsafe class WinogradWeightsStep(WinogradShape shape, int w, int u, bool once = false)
    : Step($"Winograd's transform of weights {shape.Targets}x{shape.Sources}")
{
    private const int Kernel = 9;

    public override int PreparedFrom => once ? w : -1;

    public override int Pieces => shape.Targets / Lanes.Count;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var first = piece * Lanes.Count;
        var width = Math.Min(WinogradShape.PanelWidth, shape.Targets - first / WinogradShape.PanelWidth * WinogradShape.PanelWidth);
        var to = buffers[u] + first / WinogradShape.PanelWidth * (nint)(WinogradShape.PanelWidth * shape.Sources)
            + first % WinogradShape.PanelWidth;
        var columns = stackalloc Vector512<float>[Kernel * Lanes.Count];
        for (var source = 0; source < shape.Sources; source++)
        {
            var elements = columns;
            if (!shape.Transposed)
            {
                for (var k = 0; k < Kernel; k++)
                {
                    elements[k] = Vector512.Load(buffers[w] + ((nint)k * shape.Sources + source) * shape.Targets + first);
                }
            }
            else
            {
                // w[k, target, source]: sixteen sources of sixteen targets at a time, and the kernel turned.
                elements += source % Lanes.Count;
                for (var k = 0; k < Kernel && source % Lanes.Count == 0; k++)
                {
                    Square.Transpose(buffers[w] + ((nint)k * shape.Targets + first) * shape.Sources + source,
                        shape.Sources, Lanes.Count, Lanes.Count, columns + (Kernel - 1 - k) * Lanes.Count);
                }
            }

            Winograd.Weights(elements, shape.Transposed ? Lanes.Count : 1, to + source * width, (nint)shape.Sources * shape.Targets);
        }
    }
}

/// <summary>A 3 × 3 convolution in steps of one, or its transpose in the image, block of tiles by block: transform, 36 products of matrices,
/// transform back, all in the second cache.</summary>
internal sealed unsafe class WinogradStep : Step
{
    private readonly WinogradShape shape;
    private readonly int x;
    private readonly int u;
    private readonly int y;
    private readonly TileCode[,] codes;

    public WinogradStep(object text, WinogradShape shape, int x, int u, int y)
        : base(text)
    {
        (this.shape, this.x, this.u, this.y) = (shape, x, u, y);
        var rest = shape.Targets % WinogradShape.PanelWidth;
        codes = new TileCode[2, WinogradShape.Rows + 1];
        for (var rows = 1; rows <= WinogradShape.Rows; rows++)
        {
            codes[0, rows] = Code(rows, WinogradShape.PanelWidth);
            codes[1, rows] = Code(rows, rest == 0 ? WinogradShape.PanelWidth : rest);
        }

        TileCode Code(int rows, int columns) => TileCode.Of(
            new Tile(rows, columns, shape.Sources, 1, columns, shape.Targets, Tile.Plain(rows)));
    }

    public override int Pieces => shape.Blocks;

    public override int Scratch => shape.Sources + Winograd.Products * (DistanceV + DistanceM);

    // One line more than needed: distances of powers of two would put all products in the same place of the cache.
    private int DistanceV => shape.MostTiles * shape.Sources + Lanes.Count;

    private int DistanceM => shape.MostTiles * shape.Targets + Lanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (first, end) = (shape.First(piece), shape.First(piece + 1));
        var v = scratch + shape.Sources;
        var m = v + Winograd.Products * (nint)DistanceV;
        new Span<float>(scratch, shape.Sources).Clear();
        Transform(buffers[x], first, end, scratch, v);
        for (var k = 0; k < Winograd.Products; k++)
        {
            Multiply(v + k * (nint)DistanceV, buffers[u] + k * (nint)shape.Sources * shape.Targets, m + k * (nint)DistanceM, end - first);
        }

        TransformBack(m, first, end, buffers[y]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform(float* source, int first, int end, float* zeros, float* v)
    {
        var at = stackalloc float*[Winograd.Products];
        for (var tile = first; tile < end; tile++)
        {
            shape.SourcesOf(tile, source, zeros, at);
            for (var c = 0; c < shape.Sources; c += Lanes.Count)
            {
                Winograd.Input(at, c, v + (tile - first) * (nint)shape.Sources + c, DistanceV);
            }
        }
    }

    private void Multiply(float* v, float* weights, float* m, int rows)
    {
        for (var panel = 0; panel < shape.Targets; panel += WinogradShape.PanelWidth)
        {
            var isLast = panel + WinogradShape.PanelWidth > shape.Targets ? 1 : 0;
            for (var row = 0; row < rows; row += WinogradShape.Rows)
            {
                codes[isLast, Math.Min(WinogradShape.Rows, rows - row)].Run(v + row * (nint)shape.Sources,
                    weights + panel * (nint)shape.Sources, m + row * (nint)shape.Targets + panel, shape.Sources);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformBack(float* m, int first, int end, float* target)
    {
        var at = stackalloc float*[Winograd.Edge * Winograd.Edge];
        for (var tile = first; tile < end; tile++)
        {
            shape.TargetsOf(tile, target, null, at);
            for (var o = 0; o < shape.Targets; o += Lanes.Count)
            {
                Winograd.Output(m + (tile - first) * (nint)shape.Targets + o, DistanceM, at, o);
            }
        }
    }
}
