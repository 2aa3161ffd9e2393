using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The gradient to the weights of a convolution by <see cref="RowWinograd"/>, before it is transformed back: sums[share, product, row of the
/// kernel, float of a tap, target] over a share of the rows, some of an image at a time.</summary>
internal sealed unsafe class RowWinogradGradientStep : Step
{
    private readonly RowWinogradShape shape;
    private readonly int x;
    private readonly int dy;
    private readonly int sums;
    private readonly int height;
    private readonly int width;
    private readonly TileCode[,] codes;

    public RowWinogradGradientStep(object text, RowWinogradShape shape, int x, int dy, int sums)
        : base(text)
    {
        (this.shape, this.x, this.dy, this.sums) = (shape, x, dy, sums);
        var blocks = (shape.Floats + 7) / 8;
        height = (shape.Floats + blocks - 1) / blocks;
        width = Math.Max(Lanes.Count, (Code.Registers - 1) / (height + 1) * Code.Width / Lanes.Count * Lanes.Count);
        var last = shape.Targets % width == 0 ? width : shape.Targets % width;
        codes = new TileCode[2, height + 1];
        for (var rows = 1; rows <= height; rows++)
        {
            (codes[0, rows], codes[1, rows]) = (CodeOf(rows, width), CodeOf(rows, last));
        }

        TileCode CodeOf(int rows, int columns) => TileCode.Of(
            new Tile(rows, columns, 1, shape.Floats, shape.Channels, shape.Targets, Tile.Plain(rows), Add: true));
    }

    public override int Pieces => shape.Shares;

    public override int Scratch => shape.FrameSize + shape.SourceRows(shape.CotangentRows) * shape.RowSize
        + Math.Min(shape.CotangentRows, shape.Target.Height) * shape.CotangentSize;

    private int Rows => shape.Images * shape.Target.Height;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var to = buffers[sums] + piece * (nint)shape.Sums;
        new Span<float>(to, shape.Sums).Clear();
        var transformed = scratch + shape.FrameSize;
        var cotangents = transformed + shape.SourceRows(shape.CotangentRows) * (nint)shape.RowSize;
        var (row, last) = ((int)((long)Rows * piece / Pieces), (int)((long)Rows * (piece + 1) / Pieces));
        while (row < last)
        {
            var (n, first) = Math.DivRem(row, shape.Target.Height);
            var count = Math.Min(Math.Min(shape.CotangentRows, last - row), shape.Target.Height - first);
            var (from, end) = shape.RowsOf(first, first + count);
            shape.Transform(buffers[x] + n * (nint)shape.Source.Height * shape.Source.Width * shape.Sources, from, end, transformed, scratch);
            for (var i = 0; i < count; i++)
            {
                shape.TransformCotangents(buffers[dy] + (row + i) * (nint)shape.Target.Width * shape.Targets,
                    cotangents + i * (nint)shape.CotangentSize);
            }

            Add(transformed, cotangents, to, (first, first + count), from);
            row += count;
        }
    }

    /// <summary>Adds the products of some rows.</summary>
    private void Add(float* transformed, float* cotangents, float* to, (int First, int End) rows, int from)
    {
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

                var source = first * shape.Down.SourceStep + shape.Down.Taps[tap].Offset - from;
                var a = transformed + source * (nint)shape.RowSize + product * (nint)shape.ProductStep;
                var b = cotangents + (first - rows.First) * (nint)shape.CotangentSize + product * (nint)shape.CotangentStep;
                var y = to + ((nint)product * shape.KernelHeight + tap) * shape.Floats * shape.Targets;
                for (var c = 0; c < floats; c += height)
                {
                    for (var target = 0; target < shape.Targets; target += width)
                    {
                        codes[target + width > shape.Targets ? 1 : 0, Math.Min(height, floats - c)].Run(
                            a + c, b + target, y + c * (nint)shape.Targets + target, shape.Tiles, end - first,
                            shape.Down.SourceStep * (nint)shape.RowSize, shape.CotangentSize);
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
    public override int Pieces => shape.KernelHeight;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        nint targets = shape.Targets;
        for (var k = 0; k < shape.KernelWidth; k++)
        {
            var (tap, phase) = Math.DivRem(k, shape.Across.SourceStep);
            for (var c = 0; c < shape.Sources; c++)
            {
                var from = buffers[sums] + (piece * (nint)shape.Floats + phase * shape.Sources + c) * targets;
                var to = buffers[dw] + ((piece * (nint)shape.KernelWidth + k) * shape.Sources + c) * targets;
                for (var o = 0; o < shape.Targets; o += Lanes.Count)
                {
                    var sum = Vector512<float>.Zero;
                    var count = Math.Min(Lanes.Count, shape.Targets - o);
                    for (var product = 0; product < RowWinograd.Products; product++)
                    {
                        sum = WinogradTerms.Fma(RowWinograd.G(product, tap, shape.Taps),
                            Tail.Load512(from + product * (nint)shape.Depth * targets + o, count), sum);
                    }

                    Tail.Store(sum, to + o, count);
                }
            }
        }
    }
}
