using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>A convolution's gradient to its weights, of channels-last images: dw[k, c, o] = Σ x[p·stride + k·dilation
/// − before, c] · dy[p, o] over all images and positions p. A tile is some source channels and up to 32 target
/// channels, the sum runs along rows. Of few source channels, the elements of a row of the kernel are a tile's rows
/// too where all of them lie inside. The positions are divided into shares of a number that depends on the shapes only;
/// each has its own sums[share, k, c, o], <see cref="Shares"/> adds them.</summary>
internal sealed unsafe class WeightGradientStep : Step
{
    // Positions of dy that are looked at together: 32 channels of them fit the nearest cache.
    private const int Chunk = 192;

    // Fewer would leave most of a tile's registers empty. A chunk is then longer, since its ends are summed tap by tap.
    private const int FewSources = 8;
    private const int LongChunk = 768;

    // Shares are as many as occupy a machine, unless their sums take too much memory.
    private const int MostShares = 8;
    private const long MostSums = 1 << 21;

    private readonly DirectShape shape;
    private readonly int x;
    private readonly int dy;
    private readonly int sums;
    private readonly Walk depth;
    private readonly Walk height;
    private readonly Walk width;
    private readonly int panelWidth;
    private readonly int blockRows;
    private readonly int blocks;
    private readonly Cut alone;
    private readonly Cut together;
    private readonly (int From, int End) inside;
    private readonly int rowsPerChunk;

    /// <summary>The gradient of a forward shape.</summary>
    public WeightGradientStep(object text, DirectShape shape, int x, int dy, int sums)
        : base(text)
    {
        (this.shape, this.x, this.dy, this.sums) = (shape, x, dy, sums);
        (depth, height, width) = (shape.Phases[0][0], shape.Phases[0][1], shape.Phases[0][2]);
        panelWidth = DirectStep.PanelWidth(shape);
        inside = Inside();
        alone = CutOf(shape.Sources);
        together = CutOf(inside.End > inside.From ? width.Taps.Length * shape.Sources : shape.Sources);
        var wanted = (MostShares + Shares - 1) / Shares;
        blockRows = inside.End > inside.From
            ? shape.Sources
            : Math.Max(1, (shape.Sources + alone.Height * wanted - 1) / (alone.Height * wanted)) * alone.Height;
        blocks = (shape.Sources + blockRows - 1) / blockRows;
        rowsPerChunk = Math.Max(1, (inside.End > inside.From ? LongChunk : Chunk) / Math.Max(1, width.Count));
    }

    /// <summary>How many shares there are.</summary>
    public int Shares => Share(shape);

    public override int Pieces => Shares * blocks * shape.Groups;

    private int AllSources => shape.Groups * shape.Sources;

    private int AllTargets => shape.Groups * shape.Targets;

    private int Rows => shape.Images * depth.Count * height.Count;

    /// <summary>How many shares the positions are divided into.</summary>
    public static int Share(DirectShape shape)
    {
        var rows = (long)shape.Images * shape.Target[0] * shape.Target[1];
        var most = Math.Min(MostShares, MostSums / Math.Max(1, shape.Groups * (long)shape.Targets * shape.Depth));
        return (int)Math.Clamp(rows, 1, Math.Max(1, most));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (rest, block) = Math.DivRem(piece, blocks);
        var (share, group) = Math.DivRem(rest, shape.Groups);
        var (first, end) = (block * blockRows, Math.Min(shape.Sources, (block + 1) * blockRows));
        var to = buffers[sums] + share * (nint)shape.Depth * AllTargets + group * shape.Targets;
        Clear(to, first, end);

        // A chunk ends where a slice of an image does: its rows lie one after the other.
        var (row, last) = ((int)((long)Rows * share / Shares), (int)((long)Rows * (share + 1) / Shares));
        while (row < last)
        {
            var next = Math.Min(Math.Min(last, row + rowsPerChunk), (row / height.Count + 1) * height.Count);
            RunChunk(buffers[x], buffers[dy], to, group, row, next - row, first, end);
            row = next;
        }
    }

    /// <summary>Sets the sums of source channels first … end − 1 to zero.</summary>
    private void Clear(float* to, int first, int end)
    {
        // Of one group the rows lie together.
        var (rows, length) = shape.Groups == 1 ? (1, (end - first) * AllTargets) : (end - first, shape.Targets);
        for (var k = 0; k < shape.Kernel.Elements; k++)
        {
            for (var row = 0; row < rows; row++)
            {
                new Span<float>(to + ((nint)k * shape.Sources + first + row) * AllTargets, length).Clear();
            }
        }
    }

    /// <summary>Adds some rows' products to the sums of source channels first … end − 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunChunk(float* x, float* dy, float* to, int group, int row, int rows, int first, int end)
    {
        var (slice, h) = Math.DivRem(row, height.Count);
        var (n, d) = Math.DivRem(slice, depth.Count);
        var (sourceRow, targetRow) = ((nint)shape.Source[2] * AllSources, (nint)shape.Target[2] * AllTargets);
        x += group * shape.Sources;
        dy += slice * height.Count * targetRow + group * shape.Targets;
        for (var panel = 0; panel < shape.Targets; panel += panelWidth)
        {
            var column = panel + panelWidth > shape.Targets ? 1 : 0;
            foreach (var tapD in depth.Taps)
            {
                var at = d * depth.SourceStep + tapD.Offset;
                if (at < 0 || at >= shape.Source[0])
                {
                    continue;
                }

                foreach (var tapH in height.Taps)
                {
                    var (fromH, endH) = height.Where(tapH, h, h + rows);
                    var source = x + sourceRow * ((n * (nint)shape.Source[0] + at) * shape.Source[1]
                        + fromH * height.SourceStep + tapH.Offset);
                    var target = dy + fromH * targetRow + panel;
                    var k = (tapD.K * shape.Kernel[1] + tapH.K) * (nint)shape.Kernel[2];
                    Add(together, width.Taps[0], inside.From, inside.End, 0, together.Rows);
                    foreach (var tapW in width.Taps)
                    {
                        var (fromW, endW) = width.Where(tapW, 0, width.Count);
                        Add(alone, tapW, fromW, Math.Min(endW, inside.From), first, end);
                        Add(alone, tapW, Math.Max(fromW, inside.End), endW, first, end);
                    }

                    void Add(Cut cut, Walk.Tap tap, int fromW, int endW, int firstRow, int endRow)
                    {
                        for (var c = firstRow; c < endRow && endH > fromH && endW > fromW; c += cut.Height)
                        {
                            cut.Codes[c + cut.Height > cut.Rows ? 1 : 0, column].Run(
                                source + ((nint)fromW * width.SourceStep + tap.Offset) * AllSources + c,
                                target + (nint)fromW * AllTargets,
                                to + ((k + tap.K) * shape.Sources + c) * AllTargets + panel,
                                endW - fromW, endH - fromH, height.SourceStep * sourceRow, targetRow);
                        }
                    }
                }
            }
        }
    }

    /// <summary>The positions of a row where the kernel's elements are rows of a tile together; none, behind the
    /// row's end, if they are not.</summary>
    private (int From, int End) Inside()
    {
        var ranges = width.Taps.Select(tap => width.Where(tap, 0, width.Count)).ToArray();
        var (from, end) = (ranges.Max(range => range.From), ranges.Min(range => range.End));
        var pays = shape is { Groups: 1, Sources: <= FewSources } && width.OffsetStep == 1 && ranges.Length > 1;
        return pays && end > from ? (from, end) : (width.Count, width.Count);
    }

    private Cut CutOf(int rows)
    {
        var tile = Even(rows, Tile.MostRows(Math.Min(panelWidth, shape.Targets)));
        var (lastRows, lastColumns) = (Rest(rows, tile), Rest(shape.Targets, panelWidth));
        return new(rows, tile, new[,]
        {
            { Code(tile, panelWidth), Code(tile, lastColumns) },
            { Code(lastRows, panelWidth), Code(lastRows, lastColumns) },
        });
    }

    private TileCode Code(int rows, int columns) => TileCode.Of(new Tile(rows, columns, 1,
        (long)width.SourceStep * AllSources, AllTargets, AllTargets, Tile.Plain(rows), Add: true));

    /// <summary>The height of tiles that divide rows evenly.</summary>
    private static int Even(int rows, int most) => (rows + (rows + most - 1) / most - 1) / ((rows + most - 1) / most);

    private static int Rest(int whole, int part) => whole % part == 0 ? part : whole % part;

    /// <summary>Rows cut into tiles, and the code of all but the last and of the last, of whole and last columns.
    /// </summary>
    private sealed record Cut(int Rows, int Height, TileCode[,] Codes);
}
