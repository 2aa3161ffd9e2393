using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>How targets and sources of a convolution meet along one axis: target Start + t·Step takes from source
/// t·SourceStep + Offset of each tap. A convolution is one walk; its transpose is one for each remainder of the
/// target by the stride.</summary>
/// <param name="Start">The first target.</param>
/// <param name="Step">From target to target.</param>
/// <param name="Count">How many targets.</param>
/// <param name="SourceStep">From t to t in the source.</param>
/// <param name="Source">The size of the source.</param>
/// <param name="Taps">The elements of the kernel that take part, by rising offset; both numbers in even
/// steps.</param>
internal sealed record Walk(int Start, int Step, int Count, int SourceStep, int Source, ImmutableArray<Walk.Tap> Taps)
{
    /// <summary>An element of the kernel, and where it lies on the source at t = 0.</summary>
    internal sealed record Tap(int K, int Offset);

    /// <summary>Neighbouring targets with the same taps inside the source.</summary>
    /// <param name="From">The first t.</param>
    /// <param name="Count">How many.</param>
    /// <param name="First">The first tap.</param>
    /// <param name="Taps">How many.</param>
    internal sealed record Span(int From, int Count, int First, int Taps);

    /// <summary>From element to element of the kernel.</summary>
    public int KernelStep => Taps.Length > 1 ? Taps[1].K - Taps[0].K : 0;

    /// <summary>From offset to offset.</summary>
    public int OffsetStep => Taps.Length > 1 ? Taps[1].Offset - Taps[0].Offset : 0;

    /// <summary>The taps that lie inside the source at t: a first one and how many.</summary>
    public (int First, int Count) Inside(int t)
    {
        var (first, end) = (0, Taps.Length);
        while (first < end && t * SourceStep + Taps[first].Offset < 0)
        {
            first++;
        }

        while (end > first && t * SourceStep + Taps[end - 1].Offset >= Source)
        {
            end--;
        }

        return (first, end - first);
    }

    /// <summary>All targets, as many at a time as have the same taps inside.</summary>
    public ImmutableArray<Span> Spans()
    {
        var spans = ImmutableArray.CreateBuilder<Span>();
        for (var t = 0; t < Count; t++)
        {
            var (first, taps) = Inside(t);
            if (spans is [.., var last] && (last.First, last.Taps) == (first, taps))
            {
                spans[^1] = last with { Count = last.Count + 1 };
            }
            else
            {
                spans.Add(new(t, 1, first, taps));
            }
        }

        return spans.ToImmutable();
    }

    /// <summary>The t in [from, end) at which a tap lies inside the source.</summary>
    public (int From, int End) Where(Tap tap, int from, int end)
    {
        var least = Math.Max(from, tap.Offset >= 0 ? 0 : (-tap.Offset + SourceStep - 1) / SourceStep);
        var most = tap.Offset >= Source ? 0 : (Source - 1 - tap.Offset) / SourceStep + 1;
        return (least, Math.Max(least, Math.Min(end, most)));
    }

    /// <summary>The walk of a convolution along an axis of its window.</summary>
    public static Walk Forward(Window window, int axis, int image, int kernel, int positions) =>
        new(0, 1, positions, window.Stride[axis], image,
            [.. Arrays.Range(0, kernel).Select(k => new Tap(k, k * window.Dilation[axis] - window.Before[axis]))]);

    /// <summary>The walks of the transpose: image element q takes from position p through k where q = p·stride +
    /// k·dilation − before. Image elements that no position covers have a walk without taps.</summary>
    public static ImmutableArray<Walk> Transposed(Window window, int axis, int image, int kernel, int positions)
    {
        var (stride, dilation, before) = (window.Stride[axis], window.Dilation[axis], window.Before[axis]);
        return [.. Arrays.Range(0, Math.Min(stride, image)).Select(phase => new Walk(
            phase, stride, (image - phase + stride - 1) / stride, 1, positions,
            [.. Arrays.Range(1, kernel).Select(end => kernel - end)
                .Where(k => (phase + before - k * dilation) % stride == 0)
                .Select(k => new Tap(k, (phase + before - k * dilation) / stride))]))];
    }
}
