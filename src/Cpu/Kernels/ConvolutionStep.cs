namespace AutoDiffCnn;

/// <summary>A convolution, or its transpose to the input, which is a convolution of another source with turned kernels.
/// A piece is one image and group, or a part of its positions. With stride 1 patches are multiplied with all kernels
/// where they lie in the frame: the few positions across its right edge are computed in vain, which is cheaper than
/// packing. Otherwise the patches of 32 positions at a time are packed first.</summary>
internal sealed unsafe class ConvolutionStep(
    object text, Patches patches, int batch, int groups, int channels, int kernels,
    int source, int weights, int target) : Step(text)
{
    private const int Depth = 512;
    private const int Chunk = 512;

    private readonly int[] offsets =
        [.. Arrays.Range(0, channels)
            .SelectMany(c => patches.Offset.Select(offset => c * patches.FrameSize + offset))];

    // The frame's places from the first position to the last, or the positions themselves.
    private readonly int span =
        patches.Base.Length == 0 ? 0 : patches.StepsByOne ? patches.Base[^1] + 1 : patches.Base.Length;

    public override int Pieces => batch * groups * Splits;

    public override int Scratch =>
        Whole(FramesSize) + PanelSize + Micro.Rows * (patches.StepsByOne ? Chunk : Micro.Columns);

    // Few images are cut further, so that all threads have something to do.
    private int Splits => Math.Clamp(8 / Math.Max(1, batch * groups), 1, Math.Max(1, Units));

    private int Units => (span + UnitSize - 1) / UnitSize;

    private int UnitSize => patches.StepsByOne ? Chunk : Micro.Columns;

    private int FramesSize => channels * patches.FrameSize + Patches.Slack;

    private int PanelSize =>
        patches.StepsByOne ? 0 : Whole(Math.Min(Depth, offsets.Length) * Micro.Columns + Patches.Slack);

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (image, split) = Math.DivRem(piece, Splits);
        var frames = scratch;
        for (var c = 0; c < channels; c++)
        {
            patches.Fill(buffers[source] + ((long)image * channels + c) * patches.SourceSize,
                frames + c * patches.FrameSize);
        }

        var kernel = buffers[weights] + image % groups * PackedSize(kernels, offsets.Length);
        var y = buffers[target] + (long)image * kernels * patches.Base.Length;
        var room = frames + Whole(FramesSize);
        for (var unit = Units * split / Splits; unit < Units * (split + 1) / Splits; unit++)
        {
            if (patches.StepsByOne)
            {
                MultiplyInPlace(frames, kernel, y, unit * Chunk, Math.Min(Chunk, span - unit * Chunk), room);
            }
            else
            {
                MultiplyPacked(frames, kernel, y, unit * Micro.Columns,
                    Math.Min(Micro.Columns, span - unit * Micro.Columns), room);
            }
        }
    }

    /// <summary>All kernels at the frame's places v0 … v0 + count − 1.</summary>
    private void MultiplyInPlace(float* frames, float* kernel, float* y, int v0, int count, float* sums)
    {
        var places = patches.Base;
        var run = patches.Run;
        var found = Array.BinarySearch(places, v0);
        var firstPosition = found >= 0 ? found : ~found;
        fixed (int* offset = offsets)
        {
            for (var o = 0; o < kernels; o += Micro.Rows)
            {
                for (var v = 0; v < count; v += Micro.Columns)
                {
                    Micro.Tile(offsets.Length, kernel + (long)o * offsets.Length,
                        new Scattered(frames + v0 + v, offset), sums + v, Chunk, false);
                }

                for (var r = 0; r < Math.Min(Micro.Rows, kernels - o); r++)
                {
                    var row = y + (long)(o + r) * places.Length;
                    for (var p = firstPosition; p < places.Length && places[p] < v0 + count;)
                    {
                        var length = Math.Min(run[p], v0 + count - places[p]);
                        new ReadOnlySpan<float>(sums + r * Chunk + places[p] - v0, length)
                            .CopyTo(new Span<float>(row + p, length));
                        p += length;
                    }
                }
            }
        }
    }

    /// <summary>All kernels at the positions p0 … p0 + columns − 1.</summary>
    private void MultiplyPacked(float* frames, float* kernel, float* y, int p0, int columns, float* panel)
    {
        var positions = patches.Base.Length;
        for (var k0 = 0; k0 < offsets.Length; k0 += Depth)
        {
            var depth = Math.Min(Depth, offsets.Length - k0);
            patches.Pack(frames, offsets.AsSpan(k0, depth), p0, columns, Micro.Columns, panel);
            for (var o = 0; o < kernels; o += Micro.Rows)
            {
                Micro.Tile(depth, kernel + (long)o * offsets.Length + k0 * Micro.Rows, new Packed(panel),
                    y + (long)o * positions + p0, positions,
                    k0 > 0, Math.Min(Micro.Rows, kernels - o), columns, panel + PanelSize);
            }
        }
    }

    /// <summary>The floats of one group's packed kernels.</summary>
    public static long PackedSize(int kernels, int depth) =>
        (long)(kernels + Micro.Rows - 1) / Micro.Rows * Micro.Rows * depth;

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
        var places = Arrays.Range(0, groups).SelectMany(g => Arrays.Range(0, blocks * Micro.Rows)
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
