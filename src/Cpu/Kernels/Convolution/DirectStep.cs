using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>A convolution of channels-last images, or its transpose in the image. A tile is some neighbouring targets
/// of a row and up to 32 of their channels: for each tap and source channel one number of each source, times a vector
/// of weights. Nothing is copied and nothing padded:
/// at the borders taps that lie outside are left out of the tile. Sums run over the kernel's depth, height and width,
/// then over channels.</summary>
internal sealed unsafe class DirectStep : PhasedStep
{
    // Some ten microseconds of one core: enough to share out, little enough to keep the data near.
    private const double PieceCost = 1 << 21;

    // Weights that stay in the second cache are read for each row.
    private const long NearWeights = 1 << 18;

    private readonly DirectShape shape;
    private readonly int panelWidth;
    private readonly int panels;
    private readonly bool streams;
    private readonly int together;
    private readonly Epilogue? epilogue;

    /// <summary>The step.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="shape">What is walked.</param>
    /// <param name="x">The sources.</param>
    /// <param name="packed">The weights of <see cref="PackWeightsStep"/>.</param>
    /// <param name="y">The targets.</param>
    /// <param name="streams">Whether they go past the caches.</param>
    /// <param name="together">A multiple of how many rows a piece has.</param>
    /// <param name="epilogue">A loop over the targets that is done before they are written.</param>
    public DirectStep(object text, DirectShape shape, int x, int packed, int y, bool streams, int together = 1, Epilogue? epilogue = null)
        : base(text, x, packed, y)
    {
        (this.shape, this.streams, this.together, this.epilogue) = (shape, streams, together, epilogue);
        (panelWidth, panels) = (PanelWidth(shape), Panels(shape));
        Phases = [.. shape.Phases.Select(walks => new Phase(this, walks))];
    }

    /// <summary>The target channels that a packed panel holds.</summary>
    public static int PanelWidth(DirectShape shape) => Math.Min(
        Math.Max(Lanes.Count, 2 * Code.Width), Whole(shape.Targets));

    /// <summary>The panels of a group.</summary>
    public static int Panels(DirectShape shape) => (shape.Targets + PanelWidth(shape) - 1) / PanelWidth(shape);

    internal override Step? With(LoopStep then, int y, bool past) =>
        epilogue is null && shape.Targets % Lanes.Count == 0 && shape.IsShallow
        && Epilogue.Of(then.Loop, Y, shape.AllTargets, shape.Depth, Math.Min(Tile.MostRows(panelWidth), shape.Target[2]) * panelWidth / Code.Width) is { } found
            ? new DirectStep(new Both(this, then), shape, X, W, y, past, together, found)
            : null;

    internal override Step Together(int rows) => new DirectStep(Text, shape, X, W, Y, streams, rows, epilogue);

    /// <summary>The targets that one choice of walks reaches.</summary>
    private sealed class Phase : IPhase
    {
        private readonly DirectStep step;
        private readonly Walk depth;
        private readonly Walk height;
        private readonly Walk width;
        private readonly ImmutableArray<Span> full;
        private readonly ImmutableArray<Span> last;
        private readonly int rowsPerPiece;
        private readonly int panelsPerPiece;

        public Phase(DirectStep step, ImmutableArray<Walk> walks)
        {
            (this.step, depth, height, width) = (step, walks[0], walks[1], walks[2]);
            var rest = step.shape.Targets - (step.panels - 1) * step.panelWidth;
            full = Spans(step.panelWidth);
            last = rest == step.panelWidth ? full : Spans(rest);

            // Many panels of few rows, as in a network's last layers, are divided by panels: each is then read once.
            var taps = (double)depth.Taps.Length * height.Taps.Length * width.Taps.Length;
            var rowCost = taps * width.Count * step.shape.Sources * step.panelWidth;
            var all = step.shape.Groups * step.panels;
            panelsPerPiece = (int)Math.Clamp(PieceCost / Math.Max(1, rowCost * Rows), 1, all);
            panelsPerPiece = Rows > 64 || (long)step.shape.Depth * step.shape.Targets <= NearWeights ? all : panelsPerPiece;
            rowsPerPiece = (int)Math.Clamp(PieceCost / Math.Max(1, rowCost * panelsPerPiece), 1, Math.Max(1, Rows));
            rowsPerPiece = Parts(rowsPerPiece, step.together) * step.together;
        }

        public int Pieces => width.Count == 0 || Rows == 0
            ? 0
            : Parts(Rows, rowsPerPiece) * Parts(step.shape.Groups * step.panels, panelsPerPiece);

        private int Rows => step.shape.Images * depth.Count * height.Count;

        /// <summary>The elements that a piece writes, if they lie together.</summary>
        public (long First, long End)? Stretch(int piece, int stretch)
        {
            var row = (long)width.Count * step.shape.AllTargets;
            return panelsPerPiece == step.shape.Groups * step.panels && (depth.Step, height.Step, width.Step) == (1, 1, 1)
                ? (piece * (long)rowsPerPiece * row, Math.Min(Rows, (piece + 1L) * rowsPerPiece) * row)
                : null;
        }

        public void Run(float** buffers, float* packed, int piece)
        {
            var x = buffers[step.X];
            var y = buffers[step.Y];
            var (panelPart, rowPart) = Math.DivRem(piece, Parts(Rows, rowsPerPiece));
            var panelEnd = Math.Min(step.shape.Groups * step.panels, (panelPart + 1) * panelsPerPiece);
            var rowEnd = Math.Min(Rows, (rowPart + 1) * rowsPerPiece);
            var ending = stackalloc nint[step.epilogue?.Form.Sources.Length ?? 0];
            for (var panel = panelPart * panelsPerPiece; panel < panelEnd; panel++)
            {
                var (group, inGroup) = Math.DivRem(panel, step.panels);
                var channel = group * step.shape.Targets + inGroup * step.panelWidth;
                step.epilogue?.Fill(ending, buffers, y, channel);
                for (var row = rowPart * rowsPerPiece; row < rowEnd; row++)
                {
                    RunRow(x + group * step.shape.Sources, packed + (nint)panel * step.shape.Depth * step.panelWidth, y + channel,
                        inGroup == step.panels - 1 ? last : full, row, ending);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private void RunRow(float* x, float* b, float* y, ImmutableArray<Span> spans, int row, nint* ending)
        {
            var shape = step.shape;
            var (slice, th) = Math.DivRem(row, height.Count);
            var (n, td) = Math.DivRem(slice, depth.Count);
            var (firstD, countD) = depth.Inside(td);
            var (firstH, countH) = height.Inside(th);
            var (kernelRow, sourceRow) = (shape.Kernel[2] * shape.Sources * step.panelWidth, (nint)shape.Source[2] * step.shape.AllSources);
            var target = ((n * shape.Target[0] + depth.Start + td * depth.Step) * (nint)shape.Target[1] + height.Start + th * height.Step)
                * shape.Target[2] + width.Start;
            y += target * shape.AllTargets;
            if (countD == 0 || countH == 0)
            {
                (firstD, countD, firstH, countH) = (0, 1, 0, 0);
            }

            for (var d = firstD; d < firstD + countD; d++)
            {
                var a = x;
                var weights = b;
                if (countH > 0)
                {
                    var (tapD, tapH) = (depth.Taps[d], height.Taps[firstH]);
                    var source = n * shape.Source[0] + td * depth.SourceStep + tapD.Offset;
                    a += (source * (nint)shape.Source[1] + th * height.SourceStep + tapH.Offset) * sourceRow;
                    weights += (tapD.K * shape.Kernel[1] + tapH.K) * (nint)kernelRow;
                }

                foreach (ref readonly var span in spans.AsSpan())
                {
                    (d == firstD ? span.First : span.More).Run(
                        a + (nint)span.From * width.SourceStep * shape.AllSources, weights,
                        y + (nint)span.From * width.Step * shape.AllTargets, span.Depth, countH,
                        height.OffsetStep * sourceRow, height.KernelStep * (nint)kernelRow, ending);
                }
            }
        }

        /// <summary>A row cut into tiles of nearly equal heights.</summary>
        private ImmutableArray<Span> Spans(int columns)
        {
            var count = Parts(width.Count, Math.Min(Tile.MostRows(columns), Caches.RowsInFirst((long)width.SourceStep * step.shape.AllSources)));
            var spans = ImmutableArray.CreateBuilder<Span>(count);
            var known = new Dictionary<Tile, (TileCode First, TileCode More)>();
            for (var i = 0; i < count; i++)
            {
                var (from, end) = ((int)((long)width.Count * i / count), (int)((long)width.Count * (i + 1) / count));
                var (taps, length) = Taps(from, end);
                var tile = new Tile(end - from, columns, (long)width.SourceStep * step.shape.AllSources, 1, step.panelWidth,
                    (long)width.Step * step.shape.AllTargets, taps, Asks: step.shape.Sources >= Lanes.Count,
                    Streams: step.streams && depth.Taps.Length <= 1, Epilogue: step.epilogue?.Form);
                if (!known.TryGetValue(tile, out var codes))
                {
                    known[tile] = codes = (TileCode.Of(tile), TileCode.Of(tile with { Add = true }));
                }

                spans.Add(new(from, length, codes.First, codes.More));
            }

            return spans.ToImmutable();
        }

        /// <summary>The taps of a tile, those that follow each other in source and weights as one.</summary>
        private (ImmutableArray<Tap> Taps, int Depth) Taps(int from, int end)
        {
            var (sources, kernelWidth) = (step.shape.Sources, step.shape.Kernel[2]);
            var taps = ImmutableArray.CreateBuilder<Tap>();
            foreach (var tap in width.Taps)
            {
                var (first, stop) = width.Where(tap, from, end);
                var place = step.shape.Transposed ? kernelWidth - 1 - tap.K : tap.K;
                if (stop > first)
                {
                    taps.Add(new((long)tap.Offset * step.shape.AllSources, (long)place * sources * step.panelWidth, first - from, stop - from));
                }
            }

            var merges = taps.Count > 1 && taps.All(tap => tap.First == 0 && tap.End == end - from)
                && taps[1].A - taps[0].A == sources && taps[1].B - taps[0].B == (long)sources * step.panelWidth;
            return merges ? ([taps[0]], taps.Count * sources) : (taps.ToImmutable(), sources);
        }

        private static int Parts(int whole, int part) => (whole + part - 1) / part;
    }

    /// <summary>A tile of a row: where it begins, the length of its taps, its code for the first of the kernel's
    /// depth and for the others.</summary>
    private readonly record struct Span(int From, int Depth, TileCode First, TileCode More);
}
