namespace AutoDiffCnn;

/// <summary>A convolution, or its transpose to the input, which is a convolution of another source with turned kernels. A
/// piece is one image and group, or a part of its positions: for 32 positions at a time the patches are packed and multiplied
/// with all kernels.</summary>
internal sealed unsafe class ConvolutionStep(
    object text, Patches patches, int batch, int groups, int channels, int kernels, int source, int weights, int target) : Step(text)
{
    private const int Depth = 512;

    private readonly int[] offsets =
        [.. Enumerable.Range(0, channels).SelectMany(c => patches.Offset.Select(offset => c * patches.FrameSize + offset))];

    private readonly int panels = (patches.Base.Length + Micro.Columns - 1) / Micro.Columns;

    public override int Pieces => batch * groups * Splits;

    public override int Scratch => Whole(FramesSize) + PanelSize + Micro.Rows * Micro.Columns;

    // Few images are cut further, so that all threads have something to do.
    private int Splits => Math.Clamp(8 / Math.Max(1, batch * groups), 1, Math.Max(1, panels));

    private int FramesSize => channels * patches.FrameSize + Patches.Slack;

    private int PanelSize => Whole(Math.Min(Depth, offsets.Length) * Micro.Columns + Patches.Slack);

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (image, split) = Math.DivRem(piece, Splits);
        var group = image % groups;
        var positions = patches.Base.Length;
        var frames = scratch;
        var panel = frames + Whole(FramesSize);
        var room = panel + PanelSize;
        for (var c = 0; c < channels; c++)
        {
            patches.Fill(buffers[source] + ((long)image * channels + c) * patches.SourceSize, frames + c * patches.FrameSize);
        }

        var kernel = buffers[weights] + (long)group * PackedSize(kernels, offsets.Length);
        var y = buffers[target] + (long)image * kernels * positions;
        for (var q = panels * split / Splits; q < panels * (split + 1) / Splits; q++)
        {
            var (p0, columns) = (q * Micro.Columns, Math.Min(Micro.Columns, positions - q * Micro.Columns));
            for (var k0 = 0; k0 < offsets.Length; k0 += Depth)
            {
                var depth = Math.Min(Depth, offsets.Length - k0);
                patches.Pack(frames, offsets.AsSpan(k0, depth), p0, columns, Micro.Columns, panel);
                for (var o = 0; o < kernels; o += Micro.Rows)
                {
                    Micro.Tile(depth, kernel + (long)o * offsets.Length + k0 * Micro.Rows, panel, y + (long)o * positions + p0, positions,
                        k0 > 0, Math.Min(Micro.Rows, kernels - o), columns, room);
                }
            }
        }
    }

    /// <summary>The floats of one group's packed kernels.</summary>
    public static long PackedSize(int kernels, int depth) => (long)(kernels + Micro.Rows - 1) / Micro.Rows * Micro.Rows * depth;

    /// <summary>The step that packs the kernels into panels of eight.</summary>
    /// <param name="groups">The groups.</param>
    /// <param name="kernels">The kernels of one group.</param>
    /// <param name="depth">The elements of one kernel.</param>
    /// <param name="element">The place in w of an element: (group, kernel, element).</param>
    /// <param name="w">The weights' buffer.</param>
    /// <param name="packed">The panels' buffer.</param>
    public static Step PackKernels(int groups, int kernels, int depth, Func<int, int, int[]> element, int w, int packed)
    {
        // The places are computed once, when the plan is made.
        var blocks = (kernels + Micro.Rows - 1) / Micro.Rows;
        var places = Enumerable.Range(0, groups).SelectMany(g => Enumerable.Range(0, blocks * Micro.Rows)
            .Select(o => o < kernels ? element(g, o) : [])).ToArray();
        return new RangeStep("pack kernels", groups * blocks, (long)Micro.Rows * depth, (buffers, first, end) =>
        {
            for (var panel = first; panel < end; panel++)
            {
                var target = buffers[packed] + panel * Micro.Rows * depth;
                for (var r = 0; r < Micro.Rows; r++)
                {
                    var row = places[panel * Micro.Rows + r];
                    for (var k = 0; k < depth; k++)
                    {
                        target[k * Micro.Rows + r] = row.Length > 0 ? buffers[w][row[k]] : 0;
                    }
                }
            }
        });
    }
}
