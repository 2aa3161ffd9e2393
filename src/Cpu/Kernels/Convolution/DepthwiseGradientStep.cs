using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>A depthwise convolution's gradient to its weights, of channels-last images:
/// dw[k, c] = Σ x[p·stride + k·dilation − before, c] · dy[p, c]. The rows of a tile are the elements of a row of the
/// kernel; at the borders, where some of them lie outside, each is summed alone. Shares as in
/// <see cref="WeightGradientStep"/>: sums[share, k, channel].</summary>
internal sealed unsafe class DepthwiseGradientStep : Step
{
    private const int MostShares = 16;
    private const int MostTaps = 7;

    private readonly DirectShape shape;
    private readonly int x;
    private readonly int dy;
    private readonly int sums;
    private readonly Walk depth;
    private readonly Walk height;
    private readonly Walk width;
    private readonly (int From, int End) inside;
    private readonly int panelWidth;
    private readonly TileCode[] together;
    private readonly TileCode[] alone;

    /// <summary>The gradient of a depthwise forward shape.</summary>
    public DepthwiseGradientStep(object text, DirectShape shape, int x, int dy, int sums)
        : base(text)
    {
        (this.shape, this.x, this.dy, this.sums) = (shape, x, dy, sums);
        (depth, height, width) = (shape.Phases[0][0], shape.Phases[0][1], shape.Phases[0][2]);
        var ranges = width.Taps.Select(tap => width.Where(tap, 0, width.Count)).ToArray();
        inside = (ranges.Max(range => range.From), ranges.Min(range => range.End));
        inside = width.Taps.Length > MostTaps || inside.End <= inside.From ? (0, 0) : inside;
        panelWidth = DirectStep.PanelWidth(shape.Packing);
        var rest = shape.Groups % panelWidth;
        together = [Code(width.Taps.Length, panelWidth), Code(width.Taps.Length, rest)];
        alone = [Code(1, panelWidth), Code(1, rest)];

        TileCode Code(int rows, int columns) => TileCode.Of(new Tile(rows, columns, (long)width.OffsetStep * shape.Groups,
            (long)width.SourceStep * shape.Groups, shape.Groups, shape.Groups, Tile.Plain(rows), Add: true, Left: new(LeftKind.Own)));
    }

    /// <summary>The shares that a shape is divided into.</summary>
    public static int Share(DirectShape shape) => Math.Clamp(shape.Images * shape.Target[0] * shape.Target[1], 1, MostShares);

    public override int Pieces => Share(shape);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var rows = (long)shape.Images * depth.Count * height.Count;
        var size = (int)shape.Kernel.Elements * shape.Groups;
        var to = buffers[sums] + (nint)piece * size;
        new Span<float>(to, size).Clear();
        for (var row = rows * piece / Pieces; row < rows * (piece + 1) / Pieces; row++)
        {
            RunRow(buffers[x], buffers[dy], to, (int)row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void RunRow(float* x, float* dy, float* to, int row)
    {
        var (slice, h) = Math.DivRem(row, height.Count);
        var (n, d) = Math.DivRem(slice, depth.Count);
        nint channels = shape.Groups;
        dy += row * width.Count * channels;
        foreach (var tapD in depth.Taps)
        {
            foreach (var tapH in height.Taps)
            {
                var (atD, atH) = (d * depth.SourceStep + tapD.Offset, h * height.SourceStep + tapH.Offset);
                if (atD < 0 || atD >= shape.Source[0] || atH < 0 || atH >= shape.Source[1])
                {
                    continue;
                }

                var source = x + ((n * shape.Source[0] + atD) * (nint)shape.Source[1] + atH) * shape.Source[2] * channels;
                var target = to + (tapD.K * shape.Kernel[1] + tapH.K) * shape.Kernel[2] * channels;
                for (var c = 0; c < shape.Groups; c += panelWidth)
                {
                    var part = c + panelWidth > shape.Groups ? 1 : 0;
                    if (inside.End > inside.From)
                    {
                        Add(together[part], width.Taps[0], inside.From, inside.End, c);
                    }

                    foreach (var tap in width.Taps)
                    {
                        var (from, end) = width.Where(tap, 0, width.Count);
                        Add(alone[part], tap, from, inside.End > inside.From ? Math.Min(end, inside.From) : end, c);
                        Add(alone[part], tap, Math.Max(from, inside.End), inside.End > inside.From ? end : 0, c);
                    }
                }

                void Add(TileCode code, Walk.Tap tap, int from, int end, int c)
                {
                    if (end > from)
                    {
                        code.Run(source + (from * width.SourceStep + tap.Offset) * channels + c, dy + from * channels + c,
                            target + tap.K * channels + c, end - from);
                    }
                }
            }
        }
    }
}
