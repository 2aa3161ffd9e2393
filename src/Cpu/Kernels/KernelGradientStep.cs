namespace AutoDiffCnn;

/// <summary>The gradient of a convolution to its kernels: dw[o, k] = Σ over images and positions of
/// dy[o, p] · patch[k, p]. A piece takes a share of the images and some kernel elements;
/// the shares' sums are added by a second step.</summary>
internal sealed unsafe class KernelGradientStep(
    object text, Patches patches, int batch, int groups, int channels, int kernels, int shares,
    int source, int gradient, int target) : Step(text)
{
    private const int Elements = 32;

    private readonly int depth = channels * patches.Offset.Length;
    private readonly int length = Length(patches.Base.Length, kernels);

    // Where each kernel element lies in the frames of its block,
    // which begin with the channel of the block's first element.
    private readonly int[] offsets = [.. Arrays.Range(0, channels * patches.Offset.Length).Select(k =>
        (k / patches.Offset.Length - k / Elements * Elements / patches.Offset.Length) * patches.FrameSize
        + patches.Offset[k % patches.Offset.Length])];

    // Whole vectors are copied: what a row's last one writes too much must not hit the next row.
    private int RowSize => length + Lanes.Count;

    public override int Pieces => shares * groups * Blocks;

    public override int Scratch =>
        Whole(FramesSize) + (Whole(kernels + Micro.Edge) + Elements) * RowSize + Patches.Slack;

    private int Blocks => (depth + Elements - 1) / Elements;

    // The channels that a block of kernel elements can touch.
    private int FramesSize => ((Elements - 1) / patches.Offset.Length + 2) * patches.FrameSize + Patches.Slack;

    /// <summary>How many shares the images are divided into: enough for many threads,
    /// few enough for the memory of the sums.</summary>
    public static int Shares(int batch, long weights) =>
        (int)Math.Clamp(Math.Min(8, (1 << 22) / Math.Max(1, weights)), 1, Math.Max(1, batch));

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (share, rest) = Math.DivRem(piece, groups * Blocks);
        var (group, block) = Math.DivRem(rest, Blocks);
        var (k0, count) = (block * Elements, Math.Min(Elements, depth - block * Elements));
        var positions = patches.Base.Length;
        var frames = scratch;
        var errors = frames + Whole(FramesSize);
        var rows = errors + (long)Whole(kernels + Micro.Edge) * RowSize;
        var sums = buffers[target] + ((long)share * groups + group) * kernels * depth + k0;
        for (var o = 0; o < kernels; o++)
        {
            new Span<float>(sums + (long)o * depth, count).Clear();
        }

        // What is not written below must be zero: tails behind the positions, rows behind the kernels and the elements.
        new Span<float>(errors, (Whole(kernels + Micro.Edge) + Elements) * RowSize).Clear();
        var images = Math.Max(1, length / Math.Max(1, Whole(positions)));
        var (firstImage, endImage) = ((int)((long)batch * share / shares), (int)((long)batch * (share + 1) / shares));
        for (var image = firstImage; image < endImage; image += images)
        {
            for (var p0 = 0; p0 < positions; p0 += length)
            {
                var width = Math.Min(length, positions - p0);
                var together = Math.Min(images, endImage - image);
                for (var i = 0; i < together; i++)
                {
                    var at = i * Whole(positions);
                    CopyErrors(buffers[gradient], image + i, group, p0, width, errors + at);
                    CopyPatches(buffers[source], image + i, group, k0, count, p0, width, frames, rows + at);
                }

                var used = together == 1 ? Whole(width) : together * Whole(positions);
                Multiply(used, errors, rows, count, sums);
            }
        }
    }

    private void CopyErrors(float* dy, int image, int group, int p0, int width, float* target)
    {
        var positions = patches.Base.Length;
        for (var o = 0; o < kernels; o++)
        {
            var from = dy + (((long)image * groups + group) * kernels + o) * positions + p0;
            var row = target + (long)o * RowSize;
            new ReadOnlySpan<float>(from, width).CopyTo(new Span<float>(row, width));
            new Span<float>(row + width, Whole(width) - width).Clear();
        }
    }

    private void CopyPatches(float* x, int image, int group, int k0, int count, int p0, int width,
        float* frames, float* target)
    {
        var plane = patches.Offset.Length;
        var firstChannel = k0 / plane;

        // Of an image that is cut the channels stay for all of its parts.
        for (var c = firstChannel; p0 == 0 && c <= (k0 + count - 1) / plane; c++)
        {
            patches.Fill(x + (((long)image * groups + group) * channels + c) * patches.SourceSize,
                frames + (c - firstChannel) * patches.FrameSize);
        }

        patches.Pack(frames, offsets.AsSpan(k0, count), p0, width, RowSize, target);
        for (var k = 0; k < count; k++)
        {
            new Span<float>(target + (long)k * RowSize + width, Whole(width) - width).Clear();
        }
    }

    private void Multiply(int used, float* errors, float* rows, int count, float* sums)
    {
        for (var o = 0; o < kernels; o += Micro.Edge)
        {
            for (var k = 0; k < count; k += Micro.Edge)
            {
                Micro.Dots(used, errors + (long)o * RowSize, rows + (long)k * RowSize, RowSize, RowSize,
                    sums + (long)o * depth + k, depth,
                    Math.Min(Micro.Edge, kernels - o), Math.Min(Micro.Edge, count - k));
            }
        }
    }

    /// <summary>How many positions are multiplied at a time: several small images together,
    /// large ones in parts.</summary>
    private static int Length(int positions, int kernels)
    {
        var most = kernels > 128 ? 512 : 1024;
        return positions >= most ? most
            : Math.Max(1, most / Math.Max(1, Whole(positions))) * Math.Max(Lanes.Count, Whole(positions));
    }
}
