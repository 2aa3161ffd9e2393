using System.Collections.Immutable;
using System.Numerics;

namespace AutoDiffCnn;

/// <summary>A convolution of channels-last images, or its transpose in the image: what is walked, without buffers.
/// Targets are the result's elements, sources the image's. All has three axes; leading ones of size 1 are
/// added.</summary>
/// <param name="Images">How many images.</param>
/// <param name="Groups">How many groups of channels.</param>
/// <param name="Sources">The source's channels of a group.</param>
/// <param name="Targets">The target's channels of a group.</param>
/// <param name="Source">The source's size.</param>
/// <param name="Target">The target's size.</param>
/// <param name="Kernel">The kernel's size.</param>
/// <param name="Phases">The walks along the three axes; the targets of each are others.</param>
/// <param name="Transposed">Whether it is the transpose: the kernel's weights are w[source, target], and its row is
/// turned.</param>
internal sealed record DirectShape(
    int Images, int Groups, int Sources, int Targets, Shape Source, Shape Target, Shape Kernel,
    ImmutableArray<ImmutableArray<Walk>> Phases, bool Transposed)
{
    /// <summary>The number of axes.</summary>
    public const int Axes = 3;

    /// <summary>Whether a register holds the targets of several groups, and their sources.</summary>
    public bool HasNarrowGroups => Groups > 1 && Sources <= Targets && Targets < Lanes.Count && BitOperations.IsPow2(Targets);

    /// <summary>Whether the source is read from beyond the second cache.</summary>
    public bool IsFar => Caches.AreFar(Images * Source.Elements * AllSources);

    /// <summary>The source's channels.</summary>
    public int AllSources => Groups * Sources;

    /// <summary>The target's channels.</summary>
    public int AllTargets => Groups * Targets;

    /// <summary>Whether a target sees one position of the source, its own.</summary>
    public bool IsPointwise => Kernel.Elements == 1 && Phases is [var walks]
        && walks.All(walk => walk is { Step: 1, SourceStep: 1, Taps: [{ Offset: 0 }] } && walk.Count == walk.Source);

    /// <summary>Whether no kernel has depth, so that a tile's sums are complete when they are first written.</summary>
    public bool IsShallow => Phases.All(walks => walks[0].Taps.Length <= 1);

    /// <summary>The sums of one target channel.</summary>
    public int Depth => (int)Kernel.Elements * Sources;

    /// <summary>Of a convolution.</summary>
    /// <param name="convolution">The op.</param>
    /// <param name="x">The image's shape [n, c, spatial…].</param>
    /// <param name="w">The kernels' shape.</param>
    /// <param name="y">The result's shape [n, o, positions…].</param>
    public static DirectShape Forward(Convolution convolution, Shape x, Shape w, Shape y)
    {
        var (window, groups) = (Pad(convolution.Window), convolution.Groups);
        var (source, kernel, target) = (Pad(x[2..]), Pad(w[2..]), Pad(y[2..]));
        return new(x[0], groups, w[1], w[0] / groups, source, target, kernel,
            [[.. Arrays.Range(0, Axes).Select(axis => Walk.Forward(window, axis, source[axis], kernel[axis], target[axis]))]],
            Transposed: false);
    }

    /// <summary>Of a convolution's transpose.</summary>
    /// <param name="convolution">The op.</param>
    /// <param name="dy">The cotangent's shape [n, o, positions…].</param>
    /// <param name="w">The kernels' shape.</param>
    public static DirectShape Transpose(ConvolutionInput convolution, Shape dy, Shape w)
    {
        var (window, groups, x) = (Pad(convolution.Window), convolution.Groups, convolution.X);
        var (source, kernel, target) = (Pad(dy[2..]), Pad(w[2..]), Pad(x[2..]));
        ImmutableArray<Walk>[] walks = [.. Arrays.Range(0, Axes).Select(axis =>
            Walk.Transposed(window, axis, target[axis], kernel[axis], source[axis]))];
        return new(x[0], groups, w[0] / groups, w[1], source, target, kernel,
            [.. from d in walks[0] from h in walks[1] from row in walks[2] select ImmutableArray.Create(d, h, row)],
            Transposed: true);
    }

    /// <summary>The convolution in steps of one from this one's targets to its sources, with the kernel turned.</summary>
    /// <param name="turned">Its window.</param>
    public DirectShape Exchanged(Window turned)
    {
        var window = Pad(turned);
        return this with
        {
            Sources = Targets,
            Targets = Sources,
            Source = Target,
            Target = Source,
            Phases = [[.. Arrays.Range(0, Axes).Select(axis => Walk.Forward(window, axis, Target[axis], Kernel[axis], Source[axis]))]],
        };
    }

    /// <summary>The same with all positions of all images as rows of a length that tiles divide evenly, where the
    /// kernel has one element and sees no neighbours.</summary>
    public DirectShape Flat()
    {
        const int TileRows = 14;
        var positions = (int)(Images * Target.Elements);
        if (!IsPointwise || positions == 0)
        {
            return this;
        }

        var row = Arrays.Range(1, Math.Min(positions, 4 * TileRows)).Where(length => positions % length == 0)
            .MinBy(length => ((double)((length + TileRows - 1) / TileRows) / length, -length));
        var size = Shape.Of(1, positions / row, row);
        return this with
        {
            Images = 1,
            Source = size,
            Target = size,
            Phases = [[.. size.AsSpan().ToArray().Select(count => new Walk(0, 1, count, 1, count, [new(0, 0)]))]],
        };
    }

    /// <summary>A window with leading axes on which nothing happens.</summary>
    public static Window Pad(Window window)
    {
        var missing = Axes - window.Rank;
        return new(Pad(window.Stride, 1), Pad(window.Before, 0), Pad(window.After, 0), Pad(window.Dilation, 1));

        Shape Pad(Shape sizes, int size) => Shape.From([.. Arrays.Repeat(size, missing), .. sizes]);
    }

    /// <summary>A size with leading ones.</summary>
    public static Shape Pad(Shape size) => Shape.From([.. Arrays.Repeat(1, Axes - size.Rank), .. size]);
}
