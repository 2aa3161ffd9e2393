using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>The transpose in the image of a convolution by <see cref="RowWinograd"/>: each row of cotangents is transformed, its products with the
/// weights of the whole kernel are added to those of the rows that it reaches, which are then transformed back.</summary>
/// <remarks>Some rows of the image are a piece. Cotangents that reach into two pieces are looked at for both.</remarks>
internal sealed unsafe class RowWinogradTransposeStep : Step
{
    // So that few cotangents are looked at twice.
    private const int RowsPerKernelRow = 8;

    private readonly RowWinogradShape shape;
    private readonly int dy;
    private readonly int u;
    private readonly int x;
    private readonly int width;
    private readonly ImmutableArray<RowSpan> spans;

    /// <summary>The step.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="shape">The convolution.</param>
    /// <param name="dy">The cotangents.</param>
    /// <param name="u">The turned transformed weights.</param>
    /// <param name="x">The image.</param>
    public RowWinogradTransposeStep(object text, RowWinogradShape shape, int dy, int u, int x)
        : base(text)
    {
        (this.shape, this.dy, this.u, this.x) = (shape, dy, u, x);
        width = Math.Min(shape.Columns, 3 * Lanes.Count);
        spans = RowSpan.Of(shape.Tiles, width, shape.Depth, CodeOf);

        TileCode CodeOf(int height, int columns) => TileCode.Of(
            new Tile(height, columns, shape.Channels, 1, shape.Columns, TileStep, Tile.Plain(height), Add: true));
    }

    public override int Pieces => shape.Images * Bands;

    public override int Scratch => shape.FrameSize + shape.CotangentSize(shape.Channels) + RowWinograd.Products * ProductStep;

    private int Rows => RowsPerKernelRow * shape.KernelHeight;

    private int Bands => (shape.Source.Height + Rows - 1) / Rows;

    /// <summary>From tile to tile of the products of a band's rows, and of those that its cotangents reach around them: [product,
    /// tile, row, float of a tap].</summary>
    private int TileStep => (Math.Min(Rows, shape.Source.Height) + 2 * shape.KernelHeight) * shape.Floats;

    private int ProductStep => (shape.Tiles * TileStep / Lanes.Count + 2) * Lanes.Count;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (n, band) = Math.DivRem(piece, Bands);
        var (first, end) = (band * Rows, Math.Min(shape.Source.Height, (band + 1) * Rows));
        var cotangents = scratch + shape.FrameSize;
        var products = cotangents + shape.CotangentSize(shape.Channels);
        new Span<float>(products, RowWinograd.Products * ProductStep).Clear();

        // Row h reaches rows h · step + offset to that + the kernel's height − 1.
        var (step, offset) = (shape.Down.SourceStep, shape.Down.Taps[0].Offset);
        for (var h = Math.Max(0, (first - offset - shape.KernelHeight + step) / step); h < shape.Target.Height && h * step + offset < end; h++)
        {
            shape.TransformCotangents(buffers[dy] + (n * (nint)shape.Target.Height + h) * shape.Target.Width * shape.Targets, shape.Targets,
                cotangents, shape.Channels);
            Multiply(cotangents, buffers[u], products + (h * step + offset - first + shape.KernelHeight) * shape.Floats);
        }

        for (var h = first; h < end; h++)
        {
            Write(products + (h - first + shape.KernelHeight) * shape.Floats,
                buffers[x] + (n * (nint)shape.Source.Height + h) * shape.Source.Width * shape.Sources, scratch);
        }
    }

    /// <summary>Adds a row's products.</summary>
    private void Multiply(float* a, float* b, float* to)
    {
        // Sizes are read once, not for each tile.
        nint channels = shape.Channels;
        var (stepA, stepB, stepY, tileStep) = (shape.CotangentStep(shape.Channels), shape.Targets * (nint)shape.Columns, ProductStep, (nint)TileStep);
        for (var product = 0; product < RowWinograd.Products; product++, a += stepA, b += stepB, to += stepY)
        {
            foreach (ref readonly var span in spans.AsSpan())
            {
                for (var column = 0; column < shape.Depth; column += width)
                {
                    (column + width > shape.Depth ? span.Last : span.Whole).Run(
                        a + span.First * channels, b + column, to + span.First * tileStep + column, shape.Targets);
                }
            }
        }
    }

    /// <summary>Transforms a row's products back, where neighbouring tiles overlap both are added. If a tap has no more than sixteen floats
    /// as many are written, by rising places.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Write(float* products, float* row, float* frame)
    {
        var elements = stackalloc Vector512<float>[RowWinograd.Products];
        var carried = stackalloc Vector512<float>[RowWinograd.MostTaps];
        var (count, overlap, floats) = (shape.Results, RowWinograd.Products - shape.Results, (nint)shape.Floats);
        for (nint c = 0; c < floats; c += Lanes.Count)
        {
            new Span<Vector512<float>>(carried, RowWinograd.MostTaps).Clear();
            var inside = floats <= Lanes.Count ? Lanes.Count : (int)Math.Min(Lanes.Count, floats - c);
            var to = frame + c;
            for (var tile = 0; tile < shape.Tiles; tile++)
            {
                RowWinograd.Elements(products + tile * (nint)TileStep + c, ProductStep, elements);
                for (var i = 0; i < overlap; i++)
                {
                    elements[i] += carried[i];
                }

                for (var i = 0; i < count; i++, to += floats)
                {
                    Tail.StoreMostly(elements[i], to, inside);
                }

                for (var i = 0; i < overlap; i++)
                {
                    carried[i] = elements[count + i];
                }
            }

            for (var i = 0; i < overlap; i++, to += floats)
            {
                Tail.StoreMostly(carried[i], to, inside);
            }
        }

        var (from, at, length) = shape.Framed;
        var result = new Span<float>(row, shape.Source.Width * shape.Sources);
        result.Clear();
        new Span<float>(frame + at, length).CopyTo(result[from..]);
    }
}
