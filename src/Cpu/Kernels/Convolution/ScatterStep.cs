using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>A convolution's transpose to an image of few channels, which would fill a part of a vector only:
/// each position's products with all weights, p[q, (k, c)] = Σₒ dy[q, o] · w[k, c, o], full vectors of them, are
/// added to the elements q·stride + k·dilation − before. A convolution in steps of one is the transpose of one with the kernel
/// turned.</summary>
/// <remarks>Some rows of the image are a piece. Positions that reach into two pieces are computed for both, so that
/// each element is one sum, over rows of positions, then along them in an order that shapes decide.</remarks>
internal sealed unsafe class ScatterStep : Step
{
    // Positions whose products stay in the nearest caches.
    private const int Chunk = 56;

    // So that few positions are computed twice.
    private const int RowsPerKernelRow = 8;

    private const int MostChannels = 8;

    private readonly int x;
    private readonly int packed;
    private readonly int y;
    private readonly DirectShape shape;
    private readonly DirectShape product;
    private readonly (int Stride, int Before, int Dilation) down;
    private readonly (int Stride, int Before, int Dilation) across;
    private readonly int width;
    private readonly int panels;
    private readonly int rowsPerPiece;
    private readonly TileCode[,] codes;

    /// <summary>The step.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="shape">The convolution or its transpose.</param>
    /// <param name="window">How the convolution walks.</param>
    /// <param name="x">The positions' buffer.</param>
    /// <param name="packed">That of the weights, packed as those of <see cref="Product"/>.</param>
    /// <param name="y">The image's.</param>
    public ScatterStep(object text, DirectShape shape, Window window, int x, int packed, int y)
        : base(text)
    {
        (this.shape, this.x, this.packed, this.y) = (shape, x, packed, y);
        window = DirectShape.Pad(window);
        down = (window.Stride[1], window.Before[1], window.Dilation[1]);
        across = (window.Stride[2], window.Before[2], window.Dilation[2]);
        product = Product(shape);
        (width, panels) = (DirectStep.PanelWidth(product), DirectStep.Panels(product));
        rowsPerPiece = RowsPerKernelRow * shape.Kernel[1];
        codes = new TileCode[2, Tile.MostRows(width) + 1];
        for (var rows = 1; rows < codes.GetLength(1); rows++)
        {
            codes[0, rows] = Code(rows, width);
            codes[1, rows] = Code(rows, product.Targets - (panels - 1) * width);
        }

        TileCode Code(int rows, int columns) =>
            TileCode.Of(new Tile(rows, columns, shape.Sources, 1, width, panels * width, Tile.Plain(rows)));
    }

    public override int Pieces => shape.Images * ((shape.Target[1] + rowsPerPiece - 1) / rowsPerPiece);

    public override int Scratch => Chunk * panels * width;

    /// <summary>Whether this is faster than <see cref="DirectStep"/>.</summary>
    public static bool Pays(DirectShape shape) =>
        shape is { Groups: 1, Targets: <= MostChannels, Sources: >= Lanes.Count }
        && (shape.Transposed || shape.Phases[0].All(walk => walk is { SourceStep: 1 }))
        && shape.Kernel.Elements > 3
        && (shape.Kernel[0], shape.Source[0], shape.Target[0]) == (1, 1, 1);

    /// <summary>The window of which it is the transpose; null if there is none.</summary>
    public static Window? Transpose(DirectShape shape, Window window)
    {
        if (shape.Transposed)
        {
            return window;
        }

        int[] before = [.. Arrays.Range(0, window.Rank).Select(axis =>
            (shape.Kernel[DirectShape.Axes - window.Rank + axis] - 1) * window.Dilation[axis] - window.Before[axis])];
        return Array.Exists(before, amount => amount < 0) ? null : window with { Before = Shape.Of(before) };
    }

    /// <summary>The product of a position with all weights, as a convolution with a kernel of one element.</summary>
    public static DirectShape Product(DirectShape shape) =>
        shape with { Targets = (int)shape.Kernel.Elements * shape.Targets, Kernel = [1, 1, 1] };

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (n, part) = Math.DivRem(piece, Pieces / shape.Images);
        var (first, end) = (part * rowsPerPiece, Math.Min(shape.Target[1], (part + 1) * rowsPerPiece));
        var image = buffers[y] + n * (nint)shape.Target.Elements * shape.Targets;
        var rowSize = shape.Target[2] * shape.Targets;
        new Span<float>(image + (nint)first * rowSize, (end - first) * rowSize).Clear();

        // Row h reaches rows h·stride − before to that + (kernel − 1)·dilation.
        var reach = (shape.Kernel[1] - 1) * down.Dilation;
        var from = Math.Max(0, (first + down.Before - reach + down.Stride - 1) / down.Stride);
        for (var h = from; h < shape.Source[1] && h * down.Stride - down.Before < end; h++)
        {
            for (var q = 0; q < shape.Source[2]; q += Chunk)
            {
                var count = Math.Min(Chunk, shape.Source[2] - q);
                var source = buffers[x] + ((n * (nint)shape.Source[1] + h) * shape.Source[2] + q) * shape.Sources;
                Multiply(source, buffers[packed], scratch, count);
                Add(scratch, image, h * down.Stride - down.Before, q * across.Stride - across.Before, count, first, end);
            }
        }
    }

    /// <summary>The products of some positions.</summary>
    private void Multiply(float* source, float* weights, float* products, int count)
    {
        var most = codes.GetLength(1) - 1;
        for (var panel = 0; panel < panels; panel++)
        {
            for (var row = 0; row < count; row += most)
            {
                codes[panel == panels - 1 ? 1 : 0, Math.Min(most, count - row)].Run(source + row * (nint)shape.Sources,
                    weights + panel * (nint)width * shape.Sources, products + row * (nint)panels * width + panel * width, shape.Sources);
            }
        }
    }

    /// <summary>Adds the products of some positions to the rows first … end − 1 of the image: in turns, each of positions so
    /// far apart that they reach different elements, since what was just written is slow to read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Add(float* products, float* image, int row, int column, int count, int first, int end)
    {
        // Sizes are read once, not for each position: up to a tenth of the time.
        var (kernel, kernelRow, imageRow, channels) = (shape.Kernel[1], shape.Kernel[2], shape.Target[2], shape.Targets);
        var (stride, dilation, dilationDown, step) = (across.Stride, across.Dilation, down.Dilation, (nint)panels * width);
        var apart = Math.Min((kernelRow - 1) * dilation / stride + 1, count);
        for (int turn = 0, i = 0; turn < apart; i += apart, i = i < count ? i : ++turn)
        {
            var place = column + i * stride;
            var isWhole = dilation == 1 && place >= 0 && place + kernelRow <= imageRow;
            for (var k = 0; k < kernel; k++)
            {
                var at = row + k * dilationDown;
                if (at < first || at >= end)
                {
                    continue;
                }

                var from = products + i * step + k * kernelRow * channels;
                var to = image + (at * (nint)imageRow + place) * channels;
                if (isWhole)
                {
                    Add(from, to, kernelRow * channels);
                    continue;
                }

                for (var tap = 0; tap < kernelRow; tap++)
                {
                    if (place + tap * dilation >= 0 && place + tap * dilation < imageRow)
                    {
                        Add(from + tap * channels, to + tap * dilation * channels, channels);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* from, float* to, int count)
    {
        var i = 0;
        for (; i + Lanes.Count <= count; i += Lanes.Count)
        {
            (Vector512.Load(to + i) + Vector512.Load(from + i)).Store(to + i);
        }

        if (i < count)
        {
            Tail.Store(Tail.Load512(to + i, count - i) + Tail.Load512(from + i, count - i), to + i, count - i);
        }
    }
}
