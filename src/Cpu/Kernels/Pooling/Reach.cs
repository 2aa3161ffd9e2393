using System.Collections.Immutable;
using System.Numerics;

namespace AutoDiffCnn;

/// <summary>Along one axis, which sources each target takes: a few from a first one on, Step apart. A pool's positions
/// take elements of the image; in its transpose the elements take positions.</summary>
/// <param name="Sources">How many sources there are.</param>
/// <param name="Step">The distance between a target's sources.</param>
/// <param name="Jump">How far the sources move from one target to the next of its phase.</param>
/// <param name="Phases">The period of targets: those so far apart look alike but at the edges.</param>
/// <param name="Whole">Each target's first source and their number as if there were no edges.</param>
internal sealed record Reach(int Sources, int Step, int Jump, int Phases, ImmutableArray<(long First, int Count)> Whole)
{
    /// <summary>How many targets there are.</summary>
    public int Targets => Whole.Length;

    /// <summary>How many sources a target of each phase has, but at the edges.</summary>
    public ImmutableArray<int> Counts { get; } = Arrays.Range(0, Math.Min(Phases, Whole.Length)).Select(t => Whole[t].Count);

    /// <summary>The longest way from a target's first source to its last one.</summary>
    public long Span => Counts.Aggregate(0L, (most, count) => Math.Max(most, (count - 1L) * Step));

    /// <summary>Each target's first source, and how many it has; (0, 0) if all of them lie beyond the edges.</summary>
    public ImmutableArray<(int First, int Count)> Inside { get; } =
        [.. Whole.Select(whole => Clip(whole.First, whole.Count, Step, Sources))];

    /// <summary>Positions take elements: p takes p·stride − before + k·dilation.</summary>
    public static Reach OfPositions(Window window, Shape kernel, Shape image, Shape positions, int axis)
    {
        var (stride, before, dilation) = (window.Stride[axis], window.Before[axis], window.Dilation[axis]);
        return new(image[axis], dilation, stride, 1,
            [.. Arrays.Range(0, positions[axis]).Select(p => ((long)p * stride - before, kernel[axis]))]);
    }

    /// <summary>Elements take positions: q takes (q + before − k·dilation) / stride wherever this is whole.</summary>
    public static Reach OfImage(Window window, Shape kernel, Shape image, Shape positions, int axis)
    {
        var (stride, before, dilation) = (window.Stride[axis], window.Before[axis], window.Dilation[axis]);

        // Each position further takes a k that is smaller by the least amount that keeps the quotient whole.
        var common = (int)BigInteger.GreatestCommonDivisor(stride, dilation);
        var (least, step) = (stride / common, dilation / common);
        return new(positions[axis], step, 1, stride, [.. Arrays.Range(0, image[axis]).Select(Takes)]);

        (long First, int Count) Takes(int q)
        {
            var at = (long)q + before;
            for (var k = 0; k < Math.Min(least, kernel[axis]); k++)
            {
                if ((at - (long)k * dilation) % stride == 0)
                {
                    var count = (kernel[axis] - 1 - k) / least + 1;
                    return ((at - (k + (count - 1L) * least) * dilation) / stride, count);
                }
            }

            return (0, 0);
        }
    }

    /// <summary>Whether targets take all that they would take without edges.</summary>
    public bool IsInner(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            if (Inside[i].Count != Whole[i].Count)
            {
                return false;
            }
        }

        return true;
    }

    private static (int First, int Count) Clip(long first, int count, int step, int sources)
    {
        var from = first >= 0 ? 0 : (step - 1 - first) / step;
        var end = first >= sources ? 0 : Math.Min(count, (sources - 1 - first) / step + 1);
        return from < end ? ((int)(first + from * step), (int)(end - from)) : (0, 0);
    }
}
