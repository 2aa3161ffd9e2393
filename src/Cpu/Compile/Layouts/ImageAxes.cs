namespace AutoDiffCnn;

/// <summary>The two orders of an image's axes: [n, c, spatial…], which users see, and [n, spatial…, c], channels last.
/// Below rank 3 they are the same.</summary>
internal static class ImageAxes
{
    /// <summary>Where axis <paramref name="axis"/> of [n, c, spatial…] is in [n, spatial…, c].</summary>
    public static int ToLast(int axis, int rank) => axis == 0 || rank < 3 ? axis : axis == 1 ? rank - 1 : axis - 1;

    /// <summary>Sizes, or anything of one number an axis, from [n, c, spatial…] to [n, spatial…, c].</summary>
    public static Shape ToLast(Shape first) =>
        first is [var n, var c, .. var spatial] ? Shape.From([n, .. spatial, c]) : first;

    /// <summary>Sizes, or anything of one number an axis, from [n, spatial…, c] to [n, c, spatial…].</summary>
    public static Shape ToFirst(Shape last) =>
        last is [var n, .. var spatial, var c] ? Shape.From([n, c, .. spatial]) : last;

    /// <summary>[n, c, spatial…] to [n, spatial…, c].</summary>
    public static Transpose Last(int rank) => new(ToLast(Shape.From(Enumerable.Range(0, rank))));

    /// <summary>[n, spatial…, c] to [n, c, spatial…].</summary>
    public static Transpose First(int rank) => new(ToFirst(Shape.From(Enumerable.Range(0, rank))));

    /// <summary>How many elements move when the order changes; 0 if there is one channel or one pixel, when another
    /// view of the same memory does.</summary>
    public static long Cost(Shape first) =>
        first is not [var n, var c, .. { Rank: > 0 } spatial] || c == 1 || spatial.Elements == 1
            ? 0
            : n * c * spatial.Elements;

    /// <summary>A shape with axes of size 1 before it, as broadcasting sees it.</summary>
    public static Shape Padded(Shape shape, int rank) =>
        Shape.From(Enumerable.Repeat(1, rank - shape.Rank).Concat(shape));
}
