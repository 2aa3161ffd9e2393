using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>A convolution by <see cref="RowWinograd"/>, some rows at a time: those that they see are transformed into the second cache; each row's
/// products are transformed back in the first.</summary>
internal sealed unsafe class RowWinogradStep : Step
{
    private readonly RowWinogradShape shape;
    private readonly int width;
    private readonly int x;
    private readonly int u;
    private readonly int y;
    private readonly bool streams;
    private readonly int rows;
    private readonly ImmutableArray<RowSpan> spans;

    /// <summary>The step.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="width">The channels of a panel of weights.</param>
    /// <param name="x">The images.</param>
    /// <param name="u">The transformed weights.</param>
    /// <param name="y">The result.</param>
    /// <param name="streams">Whether it goes past the caches.</param>
    /// <param name="together">A multiple of how many rows a piece has.</param>
    public RowWinogradStep(object text, RowWinogradShape shape, int width, int x, int u, int y, bool streams, int together = 1)
        : base(text)
    {
        (this.shape, this.width, this.x, this.u, this.y, this.streams) = (shape, width, x, u, y, streams);
        rows = (shape.Rows + together - 1) / together * together;
        spans = RowSpan.Of(shape.Tiles, width, shape.Targets, CodeOf);

        TileCode CodeOf(int height, int columns) => TileCode.Of(new Tile(height, columns, shape.Floats, 1, width, width, Tile.Plain(height)));
    }

    public override int Pieces => shape.Images * Bands;

    public override int Scratch => shape.FrameSize + shape.SourceRows(rows) * shape.RowSize + RowWinograd.Products * MStep;

    private int Bands => (shape.Target.Height + rows - 1) / rows;

    /// <summary>From product to product, one line more than needed.</summary>
    private int MStep => shape.Tiles * width + Lanes.Count;

    internal override (long First, long End)? Stretch(int piece, int stretch)
    {
        var (n, first, end) = Place(piece);
        var row = (long)shape.Target.Width * shape.Targets;
        return ((n * (long)shape.Target.Height + first) * row, (n * (long)shape.Target.Height + end) * row);
    }

    internal override Step Together(int together) => new RowWinogradStep(Text, shape, width, x, u, y, streams, together);

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (n, first, end) = Place(piece);
        var (from, to) = shape.RowsOf(first, end);
        var transformed = scratch + shape.FrameSize;
        var products = transformed + shape.SourceRows(rows) * (nint)shape.RowSize;
        shape.Transform(buffers[x] + n * (nint)shape.Source.Height * shape.Source.Width * shape.Sources, from, to, transformed, scratch);
        for (var panel = 0; panel < shape.Targets; panel += width)
        {
            for (var row = first; row < end; row++)
            {
                var (tap, count) = shape.Down.Inside(row);
                var source = count == 0 ? 0 : row * shape.Down.SourceStep + shape.Down.Taps[tap].Offset - from;
                Multiply(transformed + source * (nint)shape.RowSize,
                    buffers[u] + ((nint)panel * RowWinograd.Products * shape.KernelHeight + tap * width) * shape.Floats, products, count,
                    isLast: panel + width > shape.Targets);
                Write(products, buffers[y] + (n * (nint)shape.Target.Height + row) * shape.Target.Width * shape.Targets + panel,
                    Math.Min(width, shape.Targets - panel));
            }
        }
    }

    private (int Image, int First, int End) Place(int piece)
    {
        var (n, band) = Math.DivRem(piece, Bands);
        return (n, band * rows, Math.Min(shape.Target.Height, (band + 1) * rows));
    }

    /// <summary>A row's products.</summary>
    private void Multiply(float* a, float* b, float* products, int taps, bool isLast)
    {
        // Sizes are read once, not for each tile.
        var (floats, stepA, rowA, stepB, stepY) = ((nint)shape.Floats, shape.ProductStep, (nint)shape.RowSize, shape.Depth * (nint)width, MStep);
        for (var product = 0; product < RowWinograd.Products; product++, a += stepA, b += stepB, products += stepY)
        {
            var depth = product == RowWinograd.Products - 1 ? shape.LastFloats : floats;
            foreach (ref readonly var span in spans.AsSpan())
            {
                (isLast ? span.Last : span.Whole).Run(
                    a + span.First * floats, b, products + span.First * (nint)width, depth, taps, rowA, floats * width);
            }
        }
    }

    /// <summary>Transforms a row's products back.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Write(float* products, float* to, int channels)
    {
        var results = stackalloc Vector512<float>[RowWinograd.Span - RowWinograd.LeastTaps];
        var (count, targets, step) = (shape.Results, (nint)shape.Targets, (nint)MStep);
        for (var tile = 0; tile < shape.Tiles; tile++, products += width, to += count * targets)
        {
            var inside = Math.Min(count, shape.Target.Width - tile * count);
            for (var c = 0; c < channels; c += Lanes.Count)
            {
                RowWinograd.Output(products + c, step, count, results);
                for (var i = 0; i < inside; i++)
                {
                    if (streams)
                    {
                        results[i].StoreAlignedNonTemporal(to + i * targets + c);
                    }
                    else
                    {
                        Tail.StoreMostly(results[i], to + i * targets + c, channels - c);
                    }
                }
            }
        }
    }
}

/// <summary>Neighbouring tiles of a row, as many as sums fill the registers.</summary>
/// <param name="First">The first tile.</param>
/// <param name="Whole">Their code for a panel of columns.</param>
/// <param name="Last">That for the last panel, which may have fewer.</param>
internal readonly record struct RowSpan(int First, TileCode Whole, TileCode Last)
{
    /// <summary>All tiles of a row.</summary>
    /// <param name="tiles">How many.</param>
    /// <param name="width">The columns of a panel.</param>
    /// <param name="columns">All columns.</param>
    /// <param name="code">The code of so many tiles and columns.</param>
    public static ImmutableArray<RowSpan> Of(int tiles, int width, int columns, Func<int, int, TileCode> code) =>
        [.. from strip in GroupedStep.Strips(tiles, Tile.MostRows(width))
            let height = strip.End - strip.From
            select new RowSpan(strip.From, code(height, width), code(height, Step.Rest(columns, width)))];
}
