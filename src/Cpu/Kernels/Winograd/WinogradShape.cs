namespace AutoDiffCnn;

/// <summary>A 3 × 3 convolution in steps of one by Winograd's tiles: sizes, and how tiles are divided into blocks.</summary>
/// <param name="Images">How many images.</param>
/// <param name="Sources">The source's channels.</param>
/// <param name="Targets">The target's channels.</param>
/// <param name="Source">The source's height and width.</param>
/// <param name="Target">The target's height and width.</param>
/// <param name="Offset">Where the first target's first source lies, at most 0.</param>
/// <param name="Transposed">Whether it is the transpose: weights w[source, target], turned.</param>
internal sealed record WinogradShape(
    int Images, int Sources, int Targets, (int Height, int Width) Source, (int Height, int Width) Target,
    (int Height, int Width) Offset, bool Transposed)
{
    // A block's transformed sources and products should fit the second cache.
    private const int BlockFloats = 1 << 18;

    // Blocks decide the order of a gradient's sums, so they must not depend on the machine: that of a product's tile on the widest.
    private const int BlockRows = 14;

    /// <summary>The channels of a packed panel of weights.</summary>
    public static int PanelWidth => Math.Max(Lanes.Count, 2 * Code.Width);

    /// <summary>The tiles along the height and the width of an image.</summary>
    public (int Down, int Across) Grid =>
        ((Target.Height + Winograd.Edge - 1) / Winograd.Edge, (Target.Width + Winograd.Edge - 1) / Winograd.Edge);

    /// <summary>All tiles.</summary>
    public int Tiles => Images * Grid.Down * Grid.Across;

    /// <summary>How many blocks the tiles are divided into.</summary>
    public int Blocks => Math.Max(1, (Tiles + MostTiles - 1) / MostTiles);

    /// <summary>The most tiles of a block.</summary>
    public int MostTiles => Math.Max(1, BlockFloats / (Winograd.Products * (Sources + Targets)) / BlockRows) * BlockRows;

    /// <summary>The height of a product's tile.</summary>
    public static int Rows => Tile.MostRows(PanelWidth);

    /// <summary>The floats of transformed weights.</summary>
    public long Weights => (long)Winograd.Products * Sources * Targets;

    /// <summary>The shape of a convolution or its transpose, if it can be done so and that is worth while.</summary>
    public static WinogradShape? Of(DirectShape shape)
    {
        if (shape is not { Groups: 1, Phases: [[{ Taps: [{ Offset: 0 }] }, var height, var width]] }
            || shape.Kernel is not [1, 3, 3] || shape.Source[0] != 1
            || shape.Sources % Lanes.Count != 0 || shape.Targets % Lanes.Count != 0
            || height is not { SourceStep: 1, OffsetStep: 1 } || width is not { SourceStep: 1, OffsetStep: 1 })
        {
            return null;
        }

        var winograd = new WinogradShape(shape.Images, shape.Sources, shape.Targets, (shape.Source[1], shape.Source[2]),
            (shape.Target[1], shape.Target[2]), (height.Taps[0].Offset, width.Taps[0].Offset), shape.Transposed);
        return winograd.Pays ? winograd : null;
    }

    // Weights grow by 36/9, and must be used often enough; at the borders tiles are wasted.
    private bool Pays => Sources >= 32 && Targets >= 32 && Sources * Targets <= 1 << 16 && Tiles >= 7 * BlockRows
        && Target.Height * Target.Width * 4L >= Grid.Down * Grid.Across * (long)(Winograd.Edge * Winograd.Edge) * 3;

    /// <summary>Whether the gradient to the weights pays too: its sums, which grow with the weights, are read and written for each block.</summary>
    public bool PaysForGradient => Sources * Targets <= 1 << 14;

    /// <summary>The first tile of a block.</summary>
    public int First(int block) => (int)((long)Tiles * block / Blocks);

    /// <summary>The addresses of a tile's sources; of those outside, the address of zeros.</summary>
    public unsafe void SourcesOf(int tile, float* x, float* zeros, float** at)
    {
        var (n, top, left) = Place(tile);
        Addresses(x, n, Source, Sources, top + Offset.Height, left + Offset.Width, Winograd.Wide, zeros, at);
    }

    /// <summary>The addresses of a tile's targets; of those outside, <paramref name="none"/>.</summary>
    public unsafe void TargetsOf(int tile, float* y, float* none, float** at)
    {
        var (n, top, left) = Place(tile);
        Addresses(y, n, Target, Targets, top, left, Winograd.Edge, none, at);
    }

    private (int N, int Top, int Left) Place(int tile)
    {
        var (row, across) = Math.DivRem(tile, Grid.Across);
        var (n, down) = Math.DivRem(row, Grid.Down);
        return (n, down * Winograd.Edge, across * Winograd.Edge);
    }

    private static unsafe void Addresses(float* image, int n, (int Height, int Width) size, int channels, int top, int left, int edge,
        float* outside, float** at)
    {
        for (var i = 0; i < edge; i++)
        {
            for (var j = 0; j < edge; j++)
            {
                var (row, column) = (top + i, left + j);
                at[i * edge + j] = row >= 0 && row < size.Height && column >= 0 && column < size.Width
                    ? image + ((n * (nint)size.Height + row) * size.Width + column) * channels
                    : outside;
            }
        }
    }
}
