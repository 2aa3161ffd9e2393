using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>A convolution of batch-last images [c, spatial…, n], or its transpose in the image: vectors run along the batch, so that a few
/// channels and narrow images are no hindrance. A tile is one position of some target channels in up to 64 images: a weight, read where it lies,
/// times a vector of the source. Sums run over the kernel's depth, blocks of source channels, the kernel's height, channels, the width.</summary>
internal sealed unsafe class BatchStep : Step
{
    private const double PieceCost = 1 << 20;
    private const int MostSources = 8;

    private readonly DirectShape shape;
    private readonly int x;
    private readonly int w;
    private readonly int y;
    private readonly int panelWidth;
    private readonly int blockRows;
    private readonly ImmutableArray<Phase> phases;

    public BatchStep(object text, DirectShape shape, int x, int w, int y)
        : base(text)
    {
        (this.shape, this.x, this.w, this.y) = (shape, x, w, y);
        panelWidth = PanelWidth(shape.Images);
        var most = Tile.MostRows(panelWidth);
        var blocks = (shape.Targets + most - 1) / most;
        blockRows = (shape.Targets + blocks - 1) / blocks;
        phases = [.. shape.Phases.Select(walks => new Phase(this, walks))];
    }

    public override int Pieces => phases.Sum(phase => phase.Pieces);

    /// <summary>The images of a tile.</summary>
    private static int PanelWidth(int images) => images % 64 == 0 && Code.Width == Lanes.Count ? 64 : images % 32 == 0 ? 32 : 16;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        foreach (var phase in phases)
        {
            if (piece < phase.Pieces)
            {
                phase.Run(buffers[x], buffers[w], buffers[y], piece);
                return;
            }

            piece -= phase.Pieces;
        }
    }

    /// <summary>The targets that one choice of walks reaches.</summary>
    private sealed class Phase
    {
        private readonly BatchStep step;
        private readonly DirectShape shape;
        private readonly Walk depth;
        private readonly Walk height;
        private readonly Walk width;
        private readonly int rowsPerPiece;
        private readonly nint sourcePlane;
        private readonly nint targetPlane;
        private readonly nint weightOfSource;
        private readonly TileCode[,,] codes;

        public Phase(BatchStep step, ImmutableArray<Walk> walks)
        {
            (this.step, shape, depth, height, width) = (step, step.shape, walks[0], walks[1], walks[2]);
            (sourcePlane, targetPlane) = ((nint)shape.Source.Elements * shape.Images, (nint)shape.Target.Elements * shape.Images);
            var elements = (nint)shape.Kernel.Elements;
            weightOfSource = shape.Transposed ? shape.Targets * elements : elements;
            var weightOfTarget = shape.Transposed ? elements : shape.Sources * elements;
            var cost = (double)width.Count * shape.Images * shape.Groups * shape.Sources * shape.Targets
                * depth.Taps.Length * height.Taps.Length * width.Taps.Length;
            rowsPerPiece = (int)Math.Clamp(PieceCost / Math.Max(1, cost), 1, Math.Max(1, Rows));
            var (rows, sources) = (Rest(shape.Targets, step.blockRows), Rest(shape.Sources, MostSources));
            codes = new TileCode[2, 2, 2];
            for (var i = 0; i < codes.Length; i++)
            {
                var (lastRows, lastSources, more) = (i & 1, i >> 1 & 1, i >> 2);
                codes[lastRows, lastSources, more] = Code(
                    lastRows == 1 ? rows : step.blockRows, lastSources == 1 ? sources : Math.Min(MostSources, shape.Sources), more == 1);
            }

            TileCode Code(int rows, int sources, bool more) => TileCode.Of(new Tile(rows, step.panelWidth, weightOfTarget,
                width.KernelStep, (long)width.OffsetStep * shape.Images, targetPlane,
                [.. Enumerable.Range(0, sources).Select(c => new Tap(c * weightOfSource, c * sourcePlane, 0, rows))], more));
        }

        public int Pieces => width.Count == 0 || Rows == 0 ? 0 : (Rows + rowsPerPiece - 1) / rowsPerPiece;

        private int Rows => depth.Count * height.Count;

        public void Run(float* x, float* w, float* y, int piece)
        {
            for (var panel = 0; panel < shape.Images; panel += step.panelWidth)
            {
                for (var group = 0; group < shape.Groups; group++)
                {
                    for (var row = piece * rowsPerPiece; row < Math.Min(Rows, (piece + 1) * rowsPerPiece); row++)
                    {
                        RunRow(x + group * shape.Sources * sourcePlane + panel,
                            w + group * shape.Sources * (nint)shape.Targets * shape.Kernel.Elements,
                            y + group * shape.Targets * targetPlane + panel, row);
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void RunRow(float* x, float* w, float* y, int row)
        {
            var (td, th) = Math.DivRem(row, height.Count);
            var (firstD, countD) = depth.Inside(td);
            var (firstH, countH) = height.Inside(th);
            var (images, sourceRow) = ((nint)shape.Images, (nint)shape.Source[2] * shape.Images);
            y += (((depth.Start + td * depth.Step) * (nint)shape.Target[1] + height.Start + th * height.Step)
                * shape.Target[2] + width.Start) * images;
            for (var tw = 0; tw < width.Count; tw++, y += width.Step * images)
            {
                var (firstW, countW) = width.Inside(tw);
                var isEmpty = countD == 0 || countH == 0 || countW == 0;
                for (var d = firstD; d < (isEmpty ? firstD + 1 : firstD + countD); d++)
                {
                    var (a, b) = ((nint)0, (nint)0);
                    if (!isEmpty)
                    {
                        var (tapD, tapH, tapW) = (depth.Taps[d], height.Taps[firstH], width.Taps[firstW]);
                        a = (tapD.K * shape.Kernel[1] + tapH.K) * shape.Kernel[2] + tapW.K;
                        b = ((td * depth.SourceStep + tapD.Offset) * (nint)shape.Source[1] + th * height.SourceStep + tapH.Offset)
                            * sourceRow + (tw * width.SourceStep + tapW.Offset) * images;
                    }

                    Targets(x + b, w + a, y, d > firstD, countW, isEmpty ? 0 : countH,
                        height.KernelStep * shape.Kernel[2], height.OffsetStep * sourceRow);
                }
            }
        }

        /// <summary>All target channels of one position.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Targets(float* x, float* w, float* y, bool more, int countW, int countH, nint stepA, nint stepB)
        {
            var weightOfTarget = (shape.Transposed ? 1 : shape.Sources) * (nint)shape.Kernel.Elements;
            for (var source = 0; source < shape.Sources; source += MostSources)
            {
                var lastSources = source + MostSources > shape.Sources ? 1 : 0;
                for (var target = 0; target < shape.Targets; target += step.blockRows)
                {
                    var lastRows = target + step.blockRows > shape.Targets ? 1 : 0;
                    codes[lastRows, lastSources, more || source > 0 ? 1 : 0].Run(w + target * weightOfTarget + source * weightOfSource,
                        x + source * sourcePlane, y + target * targetPlane, countW, countH, stepA, stepB);
                }
            }
        }

        private static int Rest(int whole, int part) => whole % part == 0 ? Math.Min(whole, part) : whole % part;
    }
}
