using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>A convolution of batch-last images [c, spatial…, n], or its transpose in the image: vectors run along the
/// batch, so that a few channels and narrow images are no hindrance. A tile is some target channels at some
/// positions, which lie side by side with all their images:
/// a weight, read where it lies, times vectors of the source. Sums run over the kernel's depth, blocks of source
/// channels, the kernel's height, channels, the width.</summary>
internal sealed unsafe class BatchStep : PhasedStep
{
    private const double PieceCost = 1 << 16;
    private const int MostSources = 8;
    private const int MostVectors = 8;

    // What the epilogue of each of their tiles is told is on the stack.
    private const int MostTold = 256;

    // Of more images some are taken at a time, so that what the next position sees again is still in the nearest cache.
    private const int MostImages = 128;

    private readonly DirectShape shape;
    private readonly int together;
    private readonly Epilogue? epilogue;
    private readonly int panel;

    /// <summary>The step.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="shape">What is walked.</param>
    /// <param name="x">The sources.</param>
    /// <param name="w">The weights, as the user gives them.</param>
    /// <param name="y">The targets.</param>
    /// <param name="together">A multiple of how many rows a piece has.</param>
    /// <param name="epilogue">A loop over the targets that is done before they are written.</param>
    public BatchStep(object text, DirectShape shape, int x, int w, int y, int together = 1, Epilogue? epilogue = null)
        : base(text, x, w, y)
    {
        (this.shape, this.together, this.epilogue) = (shape, together, epilogue);
        panel = shape.Images <= MostImages || shape.Images % Lanes.Count != 0 ? shape.Images : shape.Images % 64 == 0 ? 64 : shape.Images % 32 == 0 ? 32 : 16;
        Phases = [.. shape.Phases.Select(walks => new Phase(this, walks))];
    }

    /// <summary>Some rows of each target channel.</summary>
    internal override int StretchesOfPiece => shape.Groups * shape.Targets;

    internal override Step? With(LoopStep then, int y, bool past)
    {
        var registers = Phases.Select(phase => ((Phase)phase).Registers).DefaultIfEmpty().Max();
        var isWhole = shape.Images % Lanes.Count == 0 && shape.AllTargets <= MostTold && shape.IsShallow;

        // Sums that go to memory first must not lie where another image is read.
        return epilogue is null && isWhole && !past
            && Epilogue.Of(then.Loop, Y, shape.AllTargets, shape.Depth, registers, areLast: false) is { } found
            && (shape.Sources <= MostSources || !found.Form.Sources.Contains(EpilogueSource.Dense))
            ? new BatchStep(new Both(this, then), shape, X, W, y, together, found)
            : null;
    }

    internal override Step Together(int rows) => new BatchStep(Text, shape, X, W, Y, rows, epilogue);

    private int Multiple(int rows) => (rows + together - 1) / together * together;

    /// <summary>The targets that one choice of walks reaches.</summary>
    private sealed class Phase : IPhase
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
        private readonly nint weightOfTarget;
        private readonly ImmutableArray<Walk.Span> spans;
        private readonly bool isDense;
        private readonly int blockRows;
        private readonly int columns;
        private readonly TileCode?[] codes;

        public Phase(BatchStep step, ImmutableArray<Walk> walks)
        {
            (this.step, shape, depth, height, width) = (step, step.shape, walks[0], walks[1], walks[2]);
            (sourcePlane, targetPlane) = ((nint)shape.Source.Elements * shape.Images, (nint)shape.Target.Elements * shape.Images);
            var elements = (nint)shape.Kernel.Elements;
            weightOfSource = shape.Transposed ? shape.Targets * elements : elements;
            weightOfTarget = shape.Transposed ? elements : shape.Sources * elements;
            var cost = (double)width.Count * shape.Images * shape.Groups * shape.Sources * shape.Targets
                * depth.Taps.Length * height.Taps.Length * width.Taps.Length;
            rowsPerPiece = step.Multiple((int)Math.Clamp(PieceCost / Math.Max(1, cost), 1, Math.Max(1, Rows)));
            (spans, isDense) = (width.Spans(), width is { Step: 1, SourceStep: 1 } && step.panel == shape.Images);
            (blockRows, columns) = Size(shape.Targets, spans.Select(Floats).DefaultIfEmpty(Lanes.Count).Max());
            codes = new TileCode[8 * (columns + 1)];
            foreach (var count in spans.SelectMany(span => new[] { Math.Min(columns, Floats(span)), Floats(span) % columns }).Distinct())
            {
                for (var i = 0; i < 8 && count > 0; i++)
                {
                    codes[8 * count + i] = CodeOf(count, i % 2 == 1, i / 2 % 2 == 1, i / 4 == 1);
                }
            }
        }

        /// <summary>The most registers of sums.</summary>
        public int Registers => blockRows * columns / Code.Width;

        public int Pieces => width.Count == 0 || Rows == 0 ? 0 : (Rows + rowsPerPiece - 1) / rowsPerPiece;

        private int Rows => depth.Count * height.Count;

        private int Blocks => (shape.Targets + blockRows - 1) / blockRows;

        /// <summary>The floats of a span that lie side by side.</summary>
        private int Floats(Walk.Span span) => isDense ? span.Count * shape.Images : step.panel;

        public (long First, long End)? Stretch(int piece, int channel)
        {
            var (plane, row) = ((long)channel * targetPlane, (long)width.Count * shape.Images);
            return (plane + piece * rowsPerPiece * row, plane + Math.Min(Rows, (piece + 1) * rowsPerPiece) * row);
        }

        public void Run(float** buffers, float* w, int piece)
        {
            var x = buffers[step.X];
            var y = buffers[step.Y];
            var more = step.epilogue?.Form.Sources.Length ?? 0;
            var endings = stackalloc nint[more * shape.Groups * Blocks];
            for (var block = 0; block < shape.Groups * Blocks && more > 0; block++)
            {
                step.epilogue!.Fill(endings + block * more, buffers, y, block / Blocks * shape.Targets + block % Blocks * blockRows);
            }

            for (var panel = 0; panel < shape.Images; panel += step.panel)
            {
                for (var group = 0; group < shape.Groups; group++)
                {
                    for (var row = piece * rowsPerPiece; row < Math.Min(Rows, (piece + 1) * rowsPerPiece); row++)
                    {
                        RunRow(x + group * shape.Sources * sourcePlane + panel,
                            w + group * shape.Sources * (nint)shape.Targets * shape.Kernel.Elements,
                            y + group * shape.Targets * targetPlane + panel, row, endings + group * Blocks * more);
                    }
                }
            }
        }

        /// <summary>The rows and columns of tiles that fill the most registers with sums.</summary>
        private static (int Rows, int Columns) Size(int targets, int floats) =>
            Arrays.Range(1, Math.Min(MostVectors, Whole(floats) / Lanes.Count))
                .Select(vectors => Lanes.Count * Even(Whole(floats) / Lanes.Count, vectors))
                .Where(columns => 2 * columns < Code.Width * Code.Registers)
                .Select(columns => (Rows: Even(targets, Tile.MostRows(columns)), Columns: columns))
                .MaxBy(size => (size.Rows * size.Columns, size.Columns));

        private TileCode CodeOf(int columns, bool isLastBlock, bool isLastSource, bool more)
        {
            var rows = isLastBlock ? Rest(shape.Targets, blockRows) : blockRows;
            var sources = isLastSource ? Rest(shape.Sources, MostSources) : Math.Min(MostSources, shape.Sources);
            return TileCode.Of(new Tile(rows, columns, weightOfTarget, width.KernelStep, (long)width.OffsetStep * shape.Images, targetPlane,
                [.. Arrays.Range(0, sources).Select(c => new Tap(c * weightOfSource, c * sourcePlane, 0, rows))], more,
                Epilogue: isLastSource ? step.epilogue?.Form : null));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private void RunRow(float* x, float* w, float* y, int row, nint* endings)
        {
            var (td, th) = Math.DivRem(row, height.Count);
            var (firstD, countD) = depth.Inside(td);
            var (firstH, countH) = height.Inside(th);
            var (images, sourceRow) = ((nint)shape.Images, (nint)shape.Source[2] * shape.Images);
            var (stepA, stepB) = ((nint)height.KernelStep * shape.Kernel[2], height.OffsetStep * sourceRow);
            y += (((depth.Start + td * depth.Step) * (nint)shape.Target[1] + height.Start + th * height.Step)
                * shape.Target[2] + width.Start) * images;
            foreach (ref readonly var span in spans.AsSpan())
            {
                for (var tw = span.From; tw < span.From + (isDense ? 1 : span.Count); tw++)
                {
                    var target = y + tw * width.Step * images;
                    if (countD == 0 || countH == 0 || span.Taps == 0)
                    {
                        Columns(x, w, target, span, false, 0, stepA, stepB, endings);
                        continue;
                    }

                    var (tapH, tapW) = (height.Taps[firstH], width.Taps[span.First]);
                    for (var d = firstD; d < firstD + countD; d++)
                    {
                        var tapD = depth.Taps[d];
                        var a = (tapD.K * shape.Kernel[1] + tapH.K) * (nint)shape.Kernel[2] + tapW.K;
                        var b = ((td * depth.SourceStep + tapD.Offset) * (nint)shape.Source[1] + th * height.SourceStep + tapH.Offset)
                            * sourceRow + (tw * width.SourceStep + tapW.Offset) * images;
                        Columns(x + b, w + a, target, span, d > firstD, countH, stepA, stepB, endings);
                    }
                }
            }
        }

        /// <summary>All target channels of what lies side by side.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private void Columns(float* x, float* w, float* y, Walk.Span span, bool more, int countH, nint stepA, nint stepB, nint* endings)
        {
            var (floats, sources) = (Floats(span), step.epilogue?.Form.Sources.Length ?? 0);
            for (var column = 0; column < floats; column += columns)
            {
                var first = 8 * Math.Min(columns, floats - column);
                for (var source = 0; source < shape.Sources; source += MostSources)
                {
                    var code = first + (source + MostSources >= shape.Sources ? 2 : 0) + (more || source > 0 ? 4 : 0);
                    var ending = endings;
                    for (var target = 0; target < shape.Targets; target += blockRows, ending += sources)
                    {
                        codes[code + (target + blockRows > shape.Targets ? 1 : 0)]!.Run(w + target * weightOfTarget + source * weightOfSource,
                            x + source * sourcePlane + column, y + target * targetPlane + column, span.Taps, countH, stepA, stepB, ending);
                    }
                }
            }
        }

        private static int Rest(int whole, int part) => whole % part == 0 ? Math.Min(whole, part) : whole % part;
    }
}
