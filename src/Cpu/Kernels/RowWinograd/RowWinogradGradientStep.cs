using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The gradient to the weights of a convolution by <see cref="RowWinograd"/>, before it is transformed back: sums[share, product, row of the
/// kernel, float of a tap, target] over a share of the rows, some of an image at a time.</summary>
internal sealed unsafe class RowWinogradGradientStep : Step
{
    // The rows of a tile: with some registers of targets their sums fill the registers of any machine.
    private const int MostFloats = 8;

    private readonly RowWinogradShape shape;
    private readonly int x;
    private readonly int dy;
    private readonly int sums;
    private readonly int height;
    private readonly int width;
    private readonly TileCode[,,] codes;

    public RowWinogradGradientStep(object text, RowWinogradShape shape, int x, int dy, int sums)
        : base(text)
    {
        (this.shape, this.x, this.dy, this.sums) = (shape, x, dy, sums);
        height = Even(shape.Floats, MostFloats);
        width = Math.Min(shape.Block, Math.Max(Lanes.Count, (Code.Registers - 1) / (height + 1) * Code.Width / Lanes.Count * Lanes.Count));
        codes = new TileCode[height + 1, width / Lanes.Count + 1, 2];
        var missing = shape.Channels - shape.Targets;
        for (var rows = 1; rows <= height; rows++)
        {
            for (var registers = 1; registers <= width / Lanes.Count; registers++)
            {
                codes[rows, registers, 0] = CodeOf(rows, registers * Lanes.Count);
                codes[rows, registers, 1] = CodeOf(rows, registers * Lanes.Count - missing);
            }
        }

        TileCode CodeOf(int rows, int columns) => TileCode.Of(
            new Tile(rows, columns, 1, shape.Floats, shape.Block, shape.Targets, Tile.Plain(rows), Add: true));
    }

    public override int Pieces => shape.Shares * Blocks;

    public override int Scratch => shape.FrameSize + shape.SourceRows(shape.CotangentRows) * shape.RowSize
        + Math.Min(shape.CotangentRows, shape.Target.Height) * shape.CotangentSize(shape.Block);

    private int Blocks => (shape.Channels + shape.Block - 1) / shape.Block;

    private int Rows => shape.Images * shape.Target.Height;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (share, block) = Math.DivRem(piece, Blocks);
        var target = block * shape.Block;
        var targets = Math.Min(shape.Block, shape.Targets - target);
        var to = buffers[sums] + share * (nint)shape.Sums + target;
        for (var i = 0; i < RowWinograd.Products * shape.Depth; i++)
        {
            new Span<float>(to + i * (nint)shape.Targets, targets).Clear();
        }

        var transformed = scratch + shape.FrameSize;
        var cotangents = transformed + shape.SourceRows(shape.CotangentRows) * (nint)shape.RowSize;
        var (row, last) = ((int)((long)Rows * share / shape.Shares), (int)((long)Rows * (share + 1) / shape.Shares));
        while (row < last)
        {
            var (n, first) = Math.DivRem(row, shape.Target.Height);
            var count = Math.Min(Math.Min(shape.CotangentRows, last - row), shape.Target.Height - first);
            var (from, end) = shape.RowsOf(first, first + count);
            shape.Transform(buffers[x] + n * (nint)shape.Source.Height * shape.Source.Width * shape.Sources, from, end, transformed, scratch);
            for (var i = 0; i < count; i++)
            {
                shape.TransformCotangents(buffers[dy] + (row + i) * (nint)shape.Target.Width * shape.Targets + target, targets,
                    cotangents + i * (nint)shape.CotangentSize(shape.Block), shape.Block);
            }

            Add(transformed, cotangents, to, targets, (first, first + count), from);
            row += count;
        }
    }

    /// <summary>Adds the products of some rows.</summary>
    private void Add(float* transformed, float* cotangents, float* to, int targets, (int First, int End) rows, int from)
    {
        // Sizes are read once, not for each tile.
        var (rowA, stepA, rowB, stepB) = ((nint)shape.RowSize, (nint)shape.ProductStep, (nint)shape.CotangentSize(shape.Block), (nint)shape.CotangentStep(shape.Block));
        var (tiles, rowStep, all) = (shape.Tiles, shape.Down.SourceStep, (nint)shape.Targets);
        for (var product = 0; product < RowWinograd.Products; product++)
        {
            var floats = product == RowWinograd.Products - 1 ? shape.LastFloats : shape.Floats;
            for (var tap = 0; tap < shape.KernelHeight; tap++)
            {
                var (first, end) = shape.Down.Where(shape.Down.Taps[tap], rows.First, rows.End);
                if (end == first)
                {
                    continue;
                }

                var source = first * rowStep + shape.Down.Taps[tap].Offset - from;
                var a = transformed + source * rowA + product * stepA;
                var b = cotangents + (first - rows.First) * rowB + product * stepB;
                var y = to + (product * shape.KernelHeight + tap) * shape.Floats * all;
                for (var c = 0; c < floats; c += height)
                {
                    for (var target = 0; target < targets; target += width)
                    {
                        var columns = Math.Min(width, targets - target);
                        codes[Math.Min(height, floats - c), (columns + Lanes.Count - 1) / Lanes.Count, columns % Lanes.Count == 0 ? 0 : 1].Run(
                            a + c, b + target, y + c * all + target, tiles, end - first, rowStep * rowA, rowB);
                    }
                }
            }
        }
    }
}

/// <summary>Transforms the gradient to the weights back: dw[k, source, target] from sums[product, row of the kernel, float of a tap, target].</summary>
internal sealed unsafe class RowWinogradKernelStep(RowWinogradShape shape, int sums, int dw)
    : Step($"Winograd's transform of rows back to {shape.Targets} channels' weights")
{
    private readonly float[] g = RowWinograd.G(shape.Taps);

    public override int Pieces => shape.Depth;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (h, rest) = Math.DivRem(piece, shape.Floats);
        var (phase, c) = Math.DivRem(rest, shape.Sources);
        var (targets, plane) = ((nint)shape.Targets, shape.Depth * (nint)shape.Targets);
        for (var o = 0; o < shape.Targets; o += Lanes.Count)
        {
            var from = buffers[sums] + piece * targets + o;
            var count = Math.Min(Lanes.Count, shape.Targets - o);
            for (var (tap, k) = (0, phase); k < shape.KernelWidth; tap++, k += shape.Across.SourceStep)
            {
                var sum = Vector512<float>.Zero;
                for (var product = 0; product < RowWinograd.Products; product++)
                {
                    sum = WinogradTerms.Fma(g[product * shape.Taps + tap], Tail.Load512(from + product * plane, count), sum);
                }

                Tail.Store(sum, buffers[dw] + ((h * (nint)shape.KernelWidth + k) * shape.Sources + c) * targets + o, count);
            }
        }
    }
}
