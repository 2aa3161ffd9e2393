using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>The gradient to the weights of a convolution in narrow groups, of channels-last images:
/// dw[k, s, c] = Σ x[p·stride + k·dilation − before, s of c's group] · dy[p, c]. Some neighbouring positions of a row at a
/// time, while they are near, and all their channels, for each row of the kernel. Shares as in
/// <see cref="WeightGradientStep"/>: sums[share, k, s, c].</summary>
internal sealed unsafe class GroupedGradientStep : Step
{
    private const int MostShares = 16;

    private readonly DirectShape shape;
    private readonly int x;
    private readonly int dy;
    private readonly int sums;
    private readonly Walk depth;
    private readonly Walk height;
    private readonly Walk width;
    private readonly ImmutableArray<Span> spans;

    /// <summary>The gradient of a forward shape.</summary>
    public GroupedGradientStep(object text, DirectShape shape, int x, int dy, int sums)
        : base(text)
    {
        (this.shape, this.x, this.dy, this.sums) = (shape, x, dy, sums);
        (depth, height, width) = (shape.Phases[0][0], shape.Phases[0][1], shape.Phases[0][2]);
        spans = [.. GroupedStep.Strips(width.Count).SelectMany(positions =>
            GroupedStep.Strips(width.Taps.Length).Select(kernel => SpanOf(positions, kernel)))];
    }

    /// <summary>Whether this is faster than <see cref="WeightGradientStep"/>, whose tiles have a row for each source.</summary>
    public static bool Pays(DirectShape shape) => shape is { HasNarrowGroups: true, Sources: <= 4 };

    /// <summary>The shares that a shape is divided into.</summary>
    public static int Share(DirectShape shape) => Math.Clamp(shape.Images * shape.Target[0] * shape.Target[1], 1, MostShares);

    public override int Pieces => Share(shape);

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var rows = (long)shape.Images * depth.Count * height.Count;
        var size = shape.Depth * shape.AllTargets;
        var to = buffers[sums] + (nint)piece * size;
        new Span<float>(to, size).Clear();
        for (var row = rows * piece / Pieces; row < rows * (piece + 1) / Pieces; row++)
        {
            RunRow(buffers[x], buffers[dy], to, (int)row);
        }
    }

    private void RunRow(float* x, float* dy, float* to, int row)
    {
        var (slice, th) = Math.DivRem(row, height.Count);
        var (n, td) = Math.DivRem(slice, depth.Count);
        var (firstD, countD) = depth.Inside(td);
        var (firstH, countH) = height.Inside(th);
        var (sources, targets) = ((nint)shape.AllSources, (nint)shape.AllTargets);
        dy += row * width.Count * targets;
        foreach (ref readonly var span in spans.AsSpan())
        {
            foreach (var tapD in depth.Taps.AsSpan().Slice(firstD, countD))
            {
                foreach (var tapH in height.Taps.AsSpan().Slice(firstH, countH))
                {
                    var isLast = tapH == height.Taps[firstH + countH - 1];
                    var source = n * shape.Source[0] + td * depth.SourceStep + tapD.Offset;
                    source = source * shape.Source[1] + th * height.SourceStep + tapH.Offset;
                    var k = (tapD.K * shape.Kernel[1] + tapH.K) * shape.Kernel[2] + span.K;
                    (isLast ? span.Last : span.Code).Run(x + ((nint)source * shape.Source[2] + span.From * width.SourceStep) * sources,
                        dy + span.From * targets, to + k * shape.Sources * targets,
                        stepA: shape.Source[2] * sources, stepB: width.Count * targets);
                }
            }
        }
    }

    /// <summary>The elements of a row of the kernel are the strip's rows, the positions its taps.</summary>
    private Span SpanOf((int From, int End) positions, (int From, int End) kernel)
    {
        var taps = ImmutableArray.CreateBuilder<Tap>();
        for (var p = positions.From; p < positions.End; p++)
        {
            var (first, count) = width.Inside(p);
            var (from, end) = (Math.Max(first, kernel.From), Math.Min(first + count, kernel.End));
            if (end > from)
            {
                var place = (p - positions.From) * width.SourceStep + width.Taps[kernel.From].Offset;
                taps.Add(new((long)place * shape.AllSources, (long)(p - positions.From) * shape.AllTargets, from - kernel.From, end - kernel.From));
            }
        }

        var groups = new NarrowGroups(shape.AllTargets, shape.Sources, shape.Targets, SourceY: shape.AllTargets);
        var strip = new Strip(kernel.End - kernel.From, groups,
            (long)width.OffsetStep * shape.AllSources, (long)shape.Sources * shape.AllTargets, taps.ToImmutable(), Add: true);
        var last = shape.IsFar ? strip with { AsksA = height.SourceStep, AsksB = 1 } : strip;
        return new(positions.From, kernel.From, StripCode.Of(strip), StripCode.Of(last));
    }

    /// <summary>Some positions and elements of a row of the kernel: the first of each, their code, and that for the last row of
    /// the kernel, which asks for the next rows of images.</summary>
    private readonly record struct Span(int From, int K, StripCode Code, StripCode Last);
}
