using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn;

/// <summary>Generators of shapes and windows, small enough for Reference.</summary>
/// <example><code>
/// using FsCheck.Fluent;
///
/// Shapes.OfRank(3).Sample(1)[0].Rank // 3
/// </code></example>
public static class Shapes
{
    /// <summary>A size; 1 is planted.</summary>
    public static Gen<int> Size { get; } = Gen.Frequency((1, Gen.Constant(1)), (3, Gen.Choose(2, 4)));

    /// <summary>A shape of a rank.</summary>
    public static Gen<Shape> OfRank(int rank) => Size.ArrayOf(rank).Select(Shape.From);

    /// <summary>A shape of rank 0 to 4.</summary>
    public static Gen<Shape> Any { get; } = Gen.Choose(0, 4).SelectMany(OfRank);

    /// <summary>A shape of rank 1 to 4, with one of its axes.</summary>
    public static Gen<(Shape Shape, int Axis)> WithAxis { get; } =
        from rank in Gen.Choose(1, 4)
        from shape in OfRank(rank)
        from axis in Gen.Choose(0, rank - 1)
        select (shape, axis);

    /// <summary>A shape that can be broadcast to the given one: leading axes dropped, sizes replaced by 1.</summary>
    public static Gen<Shape> BroadcastableTo(Shape shape) =>
        from dropped in Gen.Choose(0, shape.Rank)
        from ones in Gen.Elements(true, false).ArrayOf(shape.Rank)
        select Shape.From(shape.Skip(dropped).Select((size, axis) => ones[dropped + axis] ? 1 : size));

    /// <summary>A permutation of the axes.</summary>
    public static Gen<Shape> Permutation(int rank) =>
        Gen.Shuffle(Enumerable.Range(0, rank)).Select(Shape.From);

    /// <summary>A walk of a kernel over an image it fits on: kernel 1 to 3, strides that may not divide, padding that
    /// differs from side to side, dilation.</summary>
    public static Gen<WindowCase> Walk { get; } = Gen.Frequency((2, Gen.Constant(1)), (4, Gen.Constant(2)), (1, Gen.Constant(3)))
        .SelectMany(Axis.ArrayOf)
        .Select(axes => new WindowCase(
            Shape.From(axes.Select(axis => axis.Size)),
            Shape.From(axes.Select(axis => axis.Kernel)),
            new Window(
                Shape.From(axes.Select(axis => axis.Stride)), Shape.From(axes.Select(axis => axis.Before)),
                Shape.From(axes.Select(axis => axis.After)), Shape.From(axes.Select(axis => axis.Dilation)))));

    /// <summary>A walk of which no position lies on padding alone, as a max pool needs it.</summary>
    public static Gen<WindowCase> CoveringWalk { get; } = Walk.Where(walk => walk.Covers);

    private static Gen<(int Size, int Kernel, int Stride, int Before, int After, int Dilation)> Axis =>
        from kernel in Gen.Choose(1, 3)
        from stride in Gen.Choose(1, 3)
        from dilation in Gen.Choose(1, 2)
        from before in Gen.Choose(0, 2)
        from after in Gen.Choose(0, 2)
        from extra in Gen.Choose(0, 3)
        select (Math.Max(1, dilation * (kernel - 1) + 1 - before - after) + extra, kernel, stride, before, after, dilation);
}

/// <summary>An image's size, a kernel's size and how the one walks over the other.</summary>
/// <param name="Size">The image's size along each spatial axis.</param>
/// <param name="Kernel">The kernel's.</param>
/// <param name="Window">How it walks.</param>
/// <example><code>new WindowCase([5], [3], Window.Of(rank: 1, stride: 2)).Positions // [2]</code></example>
public sealed record WindowCase(Shape Size, Shape Kernel, Window Window)
{
    /// <summary>The number of positions along each axis, counted one by one.</summary>
    public Shape Positions => Size.Select((size, axis) => Starts(axis).Count());

    /// <summary>Whether each position touches the image.</summary>
    public bool Covers => Enumerable.Range(0, Size.Rank).All(axis => Starts(axis).All(start =>
        Enumerable.Range(0, Kernel[axis]).Any(k => start + k * Window.Dilation[axis] is >= 0 and var at && at < Size[axis])));

    /// <summary>Where the kernel's first element lies at each position of an axis: all places where the kernel is
    /// inside the padded image, a stride apart.</summary>
    public IEnumerable<int> Starts(int axis)
    {
        for (var start = -Window.Before[axis];
            start + Window.Dilation[axis] * (Kernel[axis] - 1) <= Size[axis] + Window.After[axis] - 1;
            start += Window.Stride[axis])
        {
            yield return start;
        }
    }
}
