using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>A convolution's gradient to its weights, of channels-last images: dw[k, c, o] = Σ x[p·stride + k·dilation
/// − before, c] · dy[p, o] over all images and positions p. A tile is some source channels and up to 32 target
/// channels, the sum runs along rows. The positions are divided into shares of a number that depends on the shapes
/// only; each has its own sums[share, k, c, o], <see cref="Shares"/> adds them.</summary>
internal sealed unsafe class WeightGradientStep : Step
{
    // Positions of dy that are looked at together: 32 channels of them fit the nearest cache.
    private const int Chunk = 192;

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
    private readonly TileCode[,] codes;
    private readonly int tileRows;
    private readonly int rowsPerChunk;

    /// <summary>The gradient of a forward shape.</summary>
    public WeightGradientStep(object text, DirectShape shape, int x, int dy, int sums)
        : base(text)
    {
        (this.shape, this.x, this.dy, this.sums) = (shape, x, dy, sums);
        (depth, height, width) = (shape.Phases[0][0], shape.Phases[0][1], shape.Phases[0][2]);
        panelWidth = DirectStep.PanelWidth(shape);
        tileRows = Even(shape.Sources, Tile.MostRows(Math.Min(panelWidth, shape.Targets)));
        var wanted = (MostShares + Shares - 1) / Shares;
        blockRows = Math.Max(1, (shape.Sources + tileRows * wanted - 1) / (tileRows * wanted)) * tileRows;
        blocks = (shape.Sources + blockRows - 1) / blockRows;
        rowsPerChunk = Math.Max(1, Chunk / Math.Max(1, width.Count));
        var (lastRows, lastColumns) = (Rest(shape.Sources, tileRows), Rest(shape.Targets, panelWidth));
        codes = new[,]
        {
            { Code(tileRows, panelWidth), Code(tileRows, lastColumns) },
            { Code(lastRows, panelWidth), Code(lastRows, lastColumns) },
        };

        TileCode Code(int rows, int columns) => TileCode.Of(new Tile(rows, columns, 1, (long)width.SourceStep * shape.AllSources,
            shape.AllTargets, shape.AllTargets, Tile.Plain(rows), Add: true));
    }

    /// <summary>How many shares there are.</summary>
    public int Shares => Share(shape);

    public override int Pieces => Shares * blocks * shape.Groups;

    private int Rows => shape.Images * depth.Count * height.Count;

    /// <summary>How many shares the positions are divided into.</summary>
    public static int Share(DirectShape shape)
    {
        var rows = (long)shape.Images * shape.Target[0] * shape.Target[1];
        var most = Math.Min(MostShares, MostSums / Math.Max(1, shape.Groups * (long)shape.Targets * shape.Depth));
        return (int)Math.Clamp(rows, 1, Math.Max(1, most));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (rest, block) = Math.DivRem(piece, blocks);
        var (share, group) = Math.DivRem(rest, shape.Groups);
        var (first, end) = (block * blockRows, Math.Min(shape.Sources, (block + 1) * blockRows));
        var to = buffers[sums] + share * (nint)shape.Depth * shape.AllTargets + group * shape.Targets;
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
        var (rows, length) = shape.Groups == 1 ? (1, (end - first) * shape.AllTargets) : (end - first, shape.Targets);
        for (var k = 0; k < shape.Kernel.Elements; k++)
        {
            for (var row = 0; row < rows; row++)
            {
                new Span<float>(to + ((nint)k * shape.Sources + first + row) * shape.AllTargets, length).Clear();
            }
        }
    }

    /// <summary>Adds some rows' products to the sums of source channels first … end − 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void RunChunk(float* x, float* dy, float* to, int group, int row, int rows, int first, int end)
    {
        var (slice, h) = Math.DivRem(row, height.Count);
        var (n, d) = Math.DivRem(slice, depth.Count);
        var (sourceRow, targetRow) = ((nint)shape.Source[2] * shape.AllSources, (nint)shape.Target[2] * shape.AllTargets);
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
                    foreach (var tapW in width.Taps)
                    {
                        var (fromW, endW) = width.Where(tapW, 0, width.Count);
                        var k = (tapD.K * shape.Kernel[1] + tapH.K) * shape.Kernel[2] + tapW.K;
                        var source = ((n * (nint)shape.Source[0] + at) * shape.Source[1] + fromH * height.SourceStep + tapH.Offset) * sourceRow
                            + ((nint)fromW * width.SourceStep + tapW.Offset) * shape.AllSources;
                        var target = fromH * targetRow + (nint)fromW * shape.AllTargets + panel;
                        for (var c = first; c < end && endH > fromH && endW > fromW; c += tileRows)
                        {
                            codes[c + tileRows > shape.Sources ? 1 : 0, column].Run(x + source + c, dy + target,
                                to + ((nint)k * shape.Sources + c) * shape.AllTargets + panel,
                                endW - fromW, endH - fromH, height.SourceStep * sourceRow, targetRow);
                        }
                    }
                }
            }
        }
    }
}
