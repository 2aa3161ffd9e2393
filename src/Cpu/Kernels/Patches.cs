using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>How a convolution walks over its source: the source is copied into a frame with all padding in it (for the
/// gradient to the input also with zeros between the elements), and then position p and kernel element k meet at
/// frame[Base[p] + Offset[k]]. No im2col: patches exist only for a few dozen positions or kernel
/// elements at a time.</summary>
internal sealed unsafe class Patches
{
    private readonly Shape source;
    private readonly Shape frame;
    private readonly int[] first;
    private readonly int[] step;
    private readonly int[] run;
    private readonly long sourceRows;

    private Patches(Shape source, Shape frame, Shape positions, Shape kernel, int[] first, int[] step,
        Func<int, int> walk, Func<int, int> spread)
    {
        (this.source, this.frame, this.first, this.step) = (source, frame, first, step);
        StepsByOne = Arrays.Range(0, source.Rank).All(axis => walk(axis) == 1);
        sourceRows = source[..^1].Elements;
        SourceSize = source.Elements;
        FrameSize = checked((int)frame.Elements);
        Base = Walk(positions, walk);
        Offset = Walk(kernel, spread);
        run = new int[Base.Length];
        for (var p = Base.Length - 1; p >= 0; p--)
        {
            run[p] = p + 1 < Base.Length && Base[p + 1] == Base[p] + 1 ? run[p + 1] + 1 : 1;
        }
    }

    /// <summary>Where in the frame each position's patch begins.</summary>
    public int[] Base { get; }

    /// <summary>Whether neighbouring positions lie side by side in the frame,
    /// so that a patch can be read where it lies.</summary>
    public bool StepsByOne { get; }

    /// <summary>How many positions side by side follow each, itself included.</summary>
    public ReadOnlySpan<int> Run => run;

    /// <summary>Where in a patch each kernel element lies.</summary>
    public int[] Offset { get; }

    /// <summary>The floats of one channel of the source.</summary>
    public long SourceSize { get; }

    /// <summary>The floats of one channel's frame.</summary>
    public int FrameSize { get; }

    /// <summary>Floats that may be read behind a frame, because whole vectors are copied.</summary>
    public static int Slack => 2 * Lanes.Count;

    /// <summary>The walk of a convolution over x.</summary>
    public static Patches Forward(Window window, Shape x, Shape kernel, Shape positions) => new(
        x,
        x.Select((_, axis) =>
            (positions[axis] - 1) * window.Stride[axis] + (kernel[axis] - 1) * window.Dilation[axis] + 1),
        positions, kernel, [.. window.Before], [.. window.Stride.Select(_ => 1)],
        axis => window.Stride[axis], axis => window.Dilation[axis]);

    /// <summary>The walk of the transpose over dy: dy is dilated by the stride, the kernel turned, and dx[q] is the sum
    /// over kernel elements k′ = K − 1 − k of dilated dy at q + before − (K − 1)·dilation + k′·dilation.</summary>
    public static Patches Transposed(Window window, Shape x, Shape kernel, Shape dy) => new(
        dy,
        x.Select((n, axis) => n + (kernel[axis] - 1) * window.Dilation[axis]),
        x, kernel,
        [.. Arrays.Range(0, x.Rank)
            .Select(axis => (kernel[axis] - 1) * window.Dilation[axis] - window.Before[axis])],
        [.. window.Stride],
        _ => 1, axis => window.Dilation[axis]);

    /// <summary>Copies one channel into its frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Fill(float* channel, float* target)
    {
        new Span<float>(target, FrameSize).Clear();
        var last = source.Rank - 1;
        var width = source[last];
        for (var row = 0L; row < sourceRows; row++)
        {
            var (at, stride, rest) = (0L, (long)frame[last], row);
            for (var axis = last - 1; axis >= 0 && at >= 0; axis--)
            {
                var place = rest % source[axis] * step[axis] + first[axis];
                at = place >= 0 && place < frame[axis] ? at + place * stride : -1;
                rest /= source[axis];
                stride *= frame[axis];
            }

            if (at >= 0)
            {
                FillRow(channel + row * width, width, target + at, frame[last], first[last], step[last]);
            }
        }
    }

    private static void FillRow(float* row, int width, float* target, int size, int first, int step)
    {
        var from = first >= 0 ? 0 : (-first + step - 1) / step;
        var end = Math.Min(width, (size - 1 - first) / step + 1);
        if (size - 1 < first || from >= end)
        {
            return;
        }

        if (step == 1)
        {
            new ReadOnlySpan<float>(row + from, end - from).CopyTo(new Span<float>(target + first + from, end - from));
            return;
        }

        for (var j = from; j < end; j++)
        {
            target[first + j * step] = row[j];
        }
    }

    /// <summary>Patches as a panel: for each offset the elements at positions p0 … p0 + columns − 1,
    /// <paramref name="width"/> floats apart. Behind the columns the panel is undefined.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Pack(float* frames, ReadOnlySpan<int> offsets, int p0, int columns, int width, float* target)
    {
        var starts = stackalloc int[columns];
        var lengths = stackalloc int[columns];
        var runs = 0;
        for (var j = 0; j < columns; runs++)
        {
            starts[runs] = Base[p0 + j];
            lengths[runs] = Math.Min(run[p0 + j], columns - j);
            j += lengths[runs];
        }

        foreach (var offset in offsets)
        {
            var place = target;
            if (runs == columns)
            {
                for (var j = 0; j < columns; j++)
                {
                    place[j] = frames[offset + starts[j]];
                }
            }
            else
            {
                // Whole vectors, upwards: what one run writes too much the next overwrites.
                for (var r = 0; r < runs; r++)
                {
                    var from = frames + offset + starts[r];
                    for (var j = 0; j < lengths[r]; j += Lanes.Count)
                    {
                        Vector512.Load(from + j).Store(place + j);
                    }

                    place += lengths[r];
                }
            }

            target += width;
        }
    }

    private int[] Walk(Shape counts, Func<int, int> distance)
    {
        var strides = frame.Strides();
        var steps = counts.Strides();
        var places = new int[counts.Elements];
        for (var i = 0; i < places.Length; i++)
        {
            var place = 0L;
            for (var axis = 0; axis < counts.Rank; axis++)
            {
                place += i / steps[axis] % counts[axis] * distance(axis) * strides[axis];
            }

            places[i] = (int)place;
        }

        return places;
    }
}
