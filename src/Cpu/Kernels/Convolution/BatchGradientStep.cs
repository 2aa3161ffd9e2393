using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>A convolution's gradient to its weights, of batch-last images: dot products along rows and the batch. A
/// tile is some target channels and some elements of a row of the kernel; each of its sums is sixteen, one a lane,
/// until <see cref="AddLanesStep"/> adds them:
/// sums[share, group, o, c, k, lane]. Rows are divided into shares of a number that depends on the shapes
/// only.</summary>
internal sealed unsafe class BatchGradientStep : Step
{
    private const int MostPieces = 12;
    private const int MostColumns = 5;

    // The rows of dy that are looked at together should stay in the nearest cache. Their number decides the order of
    // additions, so it comes from the shapes and not from the height of this machine's tiles.
    private const int ChunkFloats = 8192;
    private const int ChunkTargets = 5;

    private readonly DirectShape shape;
    private readonly int x;
    private readonly int dy;
    private readonly int sums;
    private readonly Walk depth;
    private readonly Walk height;
    private readonly Walk width;
    private readonly ImmutableArray<Walk.Span> spans;
    private readonly int columns;
    private readonly int rows;
    private readonly int rowsPerChunk;
    private readonly TileCode[,] codes;

    /// <summary>The gradient of a forward shape.</summary>
    public BatchGradientStep(object text, DirectShape shape, int x, int dy, int sums)
        : base(text)
    {
        (this.shape, this.x, this.dy, this.sums) = (shape, x, dy, sums);
        (depth, height, width) = (shape.Phases[0][0], shape.Phases[0][1], shape.Phases[0][2]);
        columns = Even(shape.Kernel[2], MostColumns);
        rows = Even(shape.Targets, Tile.MostRows(columns * Lanes.Count));
        rowsPerChunk = Math.Max(1, ChunkFloats / Math.Max(1, Math.Min(shape.Targets, ChunkTargets) * width.Count * shape.Images));

        spans = width.Spans();
        codes = new TileCode[2, columns + 1];
        for (var i = 1; i <= columns; i++)
        {
            (codes[0, i], codes[1, i]) = (Code(rows, i), Code(Rest(shape.Targets, rows), i));
        }

        TileCode Code(int rows, int columns) => TileCode.Of(new Tile(rows, columns * Lanes.Count, shape.Target.Elements * shape.Images,
            Lanes.Count, Lanes.Count, (long)shape.Depth * Lanes.Count, Tile.Plain(rows), Add: true,
            new(LeftKind.Shared, (long)width.OffsetStep * shape.Images, Lanes.Count)));
    }

    /// <summary>How many shares the rows are divided into.</summary>
    public static int Share(DirectShape shape) => (int)Math.Clamp(
        MostPieces / (shape.Groups * shape.Sources), 1, Math.Max(1, (long)shape.Target[0] * shape.Target[1]));

    /// <summary>The floats of all sums.</summary>
    public static long Size(DirectShape shape) => (long)Share(shape) * shape.Groups * shape.Targets * shape.Depth * Lanes.Count;

    public override int Pieces => Share(shape) * shape.Groups * shape.Sources;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (rest, c) = Math.DivRem(piece, shape.Sources);
        var (share, group) = Math.DivRem(rest, shape.Groups);
        var elements = (int)shape.Kernel.Elements;
        var to = buffers[sums] + (((nint)share * shape.Groups + group) * shape.Targets * shape.Sources + c) * elements * Lanes.Count;
        for (var o = 0; o < shape.Targets; o++)
        {
            new Span<float>(to + o * (nint)shape.Depth * Lanes.Count, elements * Lanes.Count).Clear();
        }

        var all = (long)depth.Count * height.Count;
        var (row, last) = ((int)(all * share / Share(shape)), (int)(all * (share + 1) / Share(shape)));
        var source = buffers[x] + (group * shape.Sources + c) * (nint)shape.Source.Elements * shape.Images;
        var target = buffers[dy] + group * shape.Targets * (nint)shape.Target.Elements * shape.Images;
        while (row < last)
        {
            var next = Math.Min(Math.Min(last, row + rowsPerChunk), (row / height.Count + 1) * height.Count);
            for (var o = 0; o < shape.Targets; o += rows)
            {
                RunChunk(source, target + o * (nint)shape.Target.Elements * shape.Images, to + o * (nint)shape.Depth * Lanes.Count,
                    o + rows > shape.Targets ? 1 : 0, row, next);
            }

            row = next;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void RunChunk(float* source, float* target, float* to, int isLast, int row, int end)
    {
        var (d, h) = Math.DivRem(row, height.Count);
        target += d * height.Count * (nint)width.Count * shape.Images;
        foreach (var tapD in depth.Taps)
        {
            var at = d * depth.SourceStep + tapD.Offset;
            if (at < 0 || at >= shape.Source[0])
            {
                continue;
            }

            foreach (var tapH in height.Taps)
            {
                var (from, stop) = height.Where(tapH, h, h + end - row);
                var k = (tapD.K * shape.Kernel[1] + tapH.K) * shape.Kernel[2];
                var plane = source + (at * (nint)shape.Source[1] + tapH.Offset) * shape.Source[2] * shape.Images;
                foreach (ref readonly var span in spans.AsSpan())
                {
                    for (var kw = span.First; kw < span.First + span.Taps; kw += columns)
                    {
                        Dots(new TileSize(isLast == 1 ? Rest(shape.Targets, rows) : rows, Math.Min(columns, span.First + span.Taps - kw)),
                            plane, target, to + (k + kw) * Lanes.Count, width.Taps[kw], from, stop, span);
                    }
                }
            }
        }
    }

    /// <summary>The products of rows from … stop − 1 at the positions of a span.</summary>
    private void Dots(TileSize size, float* plane, float* target, float* to, Walk.Tap tap, int from, int stop, Walk.Span span)
    {
        if (stop <= from)
        {
            return;
        }

        nint images = shape.Images;
        var (sourceRow, targetRow) = (height.SourceStep * shape.Source[2] * images, width.Count * images);
        var a = target + from * targetRow + span.From * images;
        var b = plane + from * sourceRow + (span.From * width.SourceStep + tap.Offset) * images;
        if (width.SourceStep == 1)
        {
            Dots(size, a, b, to, span.Count * images, stop - from, targetRow, sourceRow);
            return;
        }

        for (var row = from; row < stop; row++, a += targetRow, b += sourceRow)
        {
            Dots(size, a, b, to, images, span.Count, images, width.SourceStep * images);
        }
    }

    /// <summary>The products of some stretches of floats.</summary>
    private void Dots(TileSize size, float* a, float* b, float* to, nint floats, nint outer, nint stepA, nint stepB)
    {
        var (whole, rest) = Math.DivRem(floats, Lanes.Count);
        codes[size.Rows == rows ? 0 : 1, size.Columns].Run(a, b, to, whole, outer, stepA, stepB);
        if (rest > 0)
        {
            DotsOfRest(size, a + floats - rest, b + floats - rest, to, (int)rest, outer, stepA, stepB);
        }
    }

    /// <summary>The products of what is less than a vector at the end of each stretch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void DotsOfRest(TileSize size, float* a, float* b, float* to, int rest, nint outer, nint stepA, nint stepB)
    {
        var (rowA, columnB) = ((nint)shape.Target.Elements * shape.Images, (nint)width.OffsetStep * shape.Images);
        for (var r = 0; r < size.Rows; r++)
        {
            for (var c = 0; c < size.Columns; c++)
            {
                var at = to + ((nint)r * shape.Depth + c) * Lanes.Count;
                var sum = Vector512.Load(at);
                for (nint i = 0; i < outer; i++)
                {
                    sum = Numerics.Fma(Tail.Load512(a + r * rowA + i * stepA, rest), Tail.Load512(b + c * columnB + i * stepB, rest), sum);
                }

                sum.Store(at);
            }
        }
    }

    /// <summary>The target channels and elements of a row of the kernel that a tile has.</summary>
    private readonly record struct TileSize(int Rows, int Columns);
}

/// <summary>Adds the lanes and shares of a gradient to weights, in order: sums[share, i, lane] to dw[i].</summary>
internal sealed unsafe class AddLanesStep(int shares, long count, int sums, int dw) : Step($"add {shares} shares of {Lanes.Count} lanes")
{
    private const int PieceSums = 512;

    public override int Pieces => (int)((count + PieceSums - 1) / PieceSums);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        for (var i = (long)piece * PieceSums; i < Math.Min(count, (piece + 1L) * PieceSums); i++)
        {
            var sum = Vector512.Load(buffers[sums] + i * Lanes.Count);
            for (var share = 1; share < shares; share++)
            {
                sum += Vector512.Load(buffers[sums] + (share * count + i) * Lanes.Count);
            }

            buffers[dw][i] = Micro.Sum(sum);
        }
    }
}
