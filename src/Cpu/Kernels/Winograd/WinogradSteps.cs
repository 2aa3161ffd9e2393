using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>Transforms weights: w[k, in, out] to u[product, panel of targets, source, target].</summary>
internal sealed unsafe class WinogradWeightsStep(WinogradShape shape, int w, int u, bool once = false)
    : Step($"Winograd's transform of weights {shape.Targets}x{shape.Sources}")
{
    public override int PreparedFrom => once ? w : -1;

    public override int Pieces => shape.Targets / Lanes.Count;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var first = piece * Lanes.Count;
        var (panel, column) = Math.DivRem(first, WinogradShape.PanelWidth);
        var width = Math.Min(WinogradShape.PanelWidth, shape.Targets - panel * WinogradShape.PanelWidth);
        var to = buffers[u] + panel * (nint)(WinogradShape.PanelWidth * shape.Sources) + column;
        shape.TransformWeights(buffers[w], first, Lanes.Count, 0, shape.Sources,
            Field.Transformed(to, (nint)shape.Sources * shape.Targets), width);
    }
}

/// <summary>Widens matrices of weights with zeros: from w[k, rows, columns] to wide[k, more rows, more columns].</summary>
internal sealed unsafe class WidenStep((int Rows, int Columns) size, (int Rows, int Columns) wide, int w, int result, bool once)
    : Step($"widen weights {size.Rows}x{size.Columns} to {wide.Rows}x{wide.Columns}")
{
    public override int PreparedFrom => once ? w : -1;

    public override int Pieces => Winograd.Kernel;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var to = new Span<float>(buffers[result] + piece * (nint)(wide.Rows * wide.Columns), wide.Rows * wide.Columns);
        to.Clear();
        for (var row = 0; row < size.Rows; row++)
        {
            new Span<float>(buffers[w] + (piece * (nint)size.Rows + row) * size.Columns, size.Columns).CopyTo(to[(row * wide.Columns)..]);
        }
    }
}

/// <summary>A 3 × 3 convolution in steps of one, or its transpose in the image, block of tiles by block: transform, 36
/// products of matrices, transform back, all in the second cache.</summary>
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
            new Tile(rows, columns, TileV, 1, columns, TileM, Tile.Plain(rows)));
    }

    public override int Pieces => shape.Blocks;

    internal override (long First, long End)? Stretch(int piece, int stretch) => shape.Range(piece);

    public override int Scratch => shape.Frame + Winograd.Room + shape.MostTiles * (TileV + TileM);

    // One line more than needed: distances of powers of two would put all tiles in the same place of the cache.
    private int TileV => Winograd.Products * shape.Sources + Lanes.Count;

    private int TileM => Winograd.Products * shape.Targets + Lanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (first, end) = (shape.First(piece), shape.First(piece + 1));
        var room = scratch + shape.Frame;
        var v = room + Winograd.Room;
        var m = v + shape.MostTiles * (nint)TileV;
        for (var tile = first; tile < end; tile++)
        {
            Winograd.Transform<WinogradInput>(shape.SourceOf(tile, buffers[x], scratch),
                Field.Transformed(v + (tile - first) * (nint)TileV, shape.Sources), shape.Sources, room);
        }

        for (var k = 0; k < Winograd.Products; k++)
        {
            Multiply(v + k * shape.Sources, buffers[u] + k * (nint)shape.Sources * shape.Targets,
                m + k * shape.Targets, end - first);
        }

        for (var tile = first; tile < end; tile++)
        {
            var products = Field.Transformed(m + (tile - first) * (nint)TileM, shape.Targets);
            shape.WriteTarget(tile, 0, shape.Targets, products, buffers[y], scratch, room);
        }
    }

    private void Multiply(float* v, float* weights, float* m, int rows)
    {
        var spans = (rows + WinogradShape.Rows - 1) / WinogradShape.Rows;
        for (var panel = 0; panel < shape.Targets; panel += WinogradShape.PanelWidth)
        {
            var isLast = panel + WinogradShape.PanelWidth > shape.Targets ? 1 : 0;
            for (var span = 0; span < spans; span++)
            {
                var (first, end) = (rows * span / spans, rows * (span + 1) / spans);
                codes[isLast, end - first].Run(v + first * (nint)TileV,
                    weights + panel * (nint)shape.Sources, m + first * (nint)TileM + panel, shape.Sources);
            }
        }
    }
}
