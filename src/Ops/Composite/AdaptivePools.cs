namespace AutoDiffCnn;

// Pools beside those with a fixed window.
public static partial class Functions
{
    /// <summary>(Σ |x|ᵖ)^(1/p) over each window, ONNX's LpPool; the subgradient where x or the sum is 0 is 0.</summary>
    /// <param name="x">Images [n, c, spatial…].</param>
    /// <param name="p">The power, above 0.</param>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows; the kernel's size by default.</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    /// <param name="ceil">Whether a last, incomplete window counts.</param>
    public static Node LpPool(Node x, double p, int kernel, int? stride = null, Padding? padding = null, bool ceil = false) =>
        LpPoolAlong(x, p, kernel, stride ?? kernel, padding ?? Padding.Valid, ceil);

    /// <summary><see cref="LpPool"/> with numbers of their own for each axis.</summary>
    internal static Node LpPoolAlong(Node x, double p, PerAxis kernel, PerAxis stride, Padding padding, bool ceil)
    {
        var (sizes, window) = PoolWindow(x, kernel, stride, padding, 1, ceil);
        return Root(new SumPool(sizes, window).Of(Powered(x, p)), p);
    }

    /// <summary>‖x‖ₚ of each plane: [n, c, …] to [n, c].</summary>
    public static Node GlobalLpPool(Node x, double p) => Norm(Planes(x), p, [2]);

    /// <summary>The positions of the maxima of <see cref="MaxPool(Node, int, int?, Padding?, int, bool)"/>, flat
    /// within each plane, an index.</summary>
    /// <param name="x">Images [n, c, spatial…].</param>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows; the kernel's size by default.</param>
    /// <param name="padding">Padding that never wins; none by default.</param>
    public static Node MaxPoolIndices(Node x, int kernel, int? stride = null, Padding? padding = null)
    {
        var (sizes, window) = PoolWindow(x, kernel, stride ?? kernel, padding ?? Padding.Valid, 1, false);
        return new MaxPoolIndices(sizes, window).Of(x);
    }

    /// <summary>Each element at its position in zeros, which undoes a max pool as far as possible; where two elements
    /// have one position, their sum.</summary>
    /// <param name="y">Values [n, c, …].</param>
    /// <param name="index">Positions of the same shape, as <see cref="MaxPoolIndices"/> gives them.</param>
    /// <param name="size">The size of the result on each spatial axis.</param>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    public static Node MaxUnpool(Node y, Node index, Shape size) => y.Shape is [var n, var c, ..]
        ? new PlanePut([n, c, .. size]).Of(y, index)
        : throw new ShapeError($"MaxUnpool on {y.Shape}", "y needs a batch and channels: [n, c, …]", [$"Reshape to [1, 1, {y.Shape.Elements}]"]);

    /// <summary>Means of so many windows that they cover the image: window i of m on n elements goes from ⌊i·n/m⌋ to
    /// ⌈(i + 1)·n/m⌉, as in PyTorch.</summary>
    /// <param name="x">Images [n, c, spatial…].</param>
    /// <param name="size">How many windows on each spatial axis.</param>
    /// <exception cref="ShapeError">There is not one number for each spatial axis, or an axis is empty.</exception>
    public static Node AdaptiveAvgPool(Node x, Shape size)
    {
        CheckSpatial("AdaptiveAvgPool", x, size);
        if (Apart(x.Shape[2..], size) is var (kernel, window))
        {
            return new SumPool(kernel, window).Of(x) / kernel.Elements;
        }

        return OverAxes(x, size, (y, axis, m) => Resampled(y, axis, m, Longest(y.Shape[axis], m), (i, tap) =>
            AdaptiveWindow(y.Shape[axis], m, i) is var (from, to) && from + tap < to ? (from + tap, 1.0 / (to - from)) : (y.Shape[axis], 0)));
    }

    /// <summary>Maxima of so many windows that they cover the image; the windows are those of
    /// <see cref="AdaptiveAvgPool"/>. A tie belongs to the first.</summary>
    /// <param name="x">Images [n, c, spatial…].</param>
    /// <param name="size">How many windows on each spatial axis.</param>
    /// <exception cref="ShapeError">There is not one number for each spatial axis, or an axis is empty.</exception>
    public static Node AdaptiveMaxPool(Node x, Shape size)
    {
        CheckSpatial("AdaptiveMaxPool", x, size);
        if (Apart(x.Shape[2..], size) is var (kernel, window))
        {
            return new MaxPool(kernel, window).Of(x);
        }

        // The windows side by side; a short one ends with its last pixel once more, which never wins over itself.
        var longest = x.Shape[2..].Select((n, axis) => Longest(n, size[axis]));
        var sides = size.Select((count, axis) => Shape.Fit((long)count * longest[axis], $"AdaptiveMaxPool on {x.Shape}"));
        var windows = OverAxes(x, sides, (y, axis, side) => Taken(y, axis, side, i =>
            AdaptiveWindow(y.Shape[axis], size[axis - 2], i / longest[axis - 2]) is var (from, to)
                ? Math.Min(from + i % longest[axis - 2], to - 1) : 0));
        return new MaxPool(longest, SideBySide(longest)).Of(windows);
    }

    /// <summary>The pool that it is if the windows are equal and lie side by side.</summary>
    private static (Shape Kernel, Window Window)? Apart(Shape image, Shape size)
    {
        if (image.Zip(size).Any(pair => pair.First % pair.Second != 0))
        {
            return null;
        }

        var kernel = image.Select((n, axis) => n / size[axis]);
        return (kernel, SideBySide(kernel));
    }

    private static Window SideBySide(Shape kernel) =>
        new(kernel, Shape.Repeat(0, kernel.Rank), Shape.Repeat(0, kernel.Rank), Shape.Repeat(1, kernel.Rank));

    private static (int From, int To) AdaptiveWindow(int n, int m, int i) =>
        ((int)((long)i * n / m), (int)(((i + 1L) * n + m - 1) / m));

    private static int Longest(int n, int m) =>
        Arrays.Range(0, m).Select(i => AdaptiveWindow(n, m, i)).Max(window => window.To - window.From);

    private static void CheckSpatial(string name, Node x, Shape size)
    {
        var place = $"{name} on {x.Shape}";
        if (x.Shape.Rank < 3)
        {
            throw new ShapeError(place, "x needs rank 3 or more: [n, c, …]", ["an image [n, c, h, w]"]);
        }

        if (x.Shape[2..].Contains(0))
        {
            throw new ShapeError(place, "the image has no pixels", ["an image of at least 1"]);
        }

        if (size.Rank != x.Shape.Rank - 2 || size.Contains(0))
        {
            throw new ShapeError(place, $"the size {size} needs one number of at least 1 for each spatial axis",
                [$"a size of {Shape.Repeat(1, x.Shape.Rank - 2)}"]);
        }
    }

    /// <summary>A function along each spatial axis, the last first, so that ties are decided in row order.</summary>
    private static Node OverAxes(Node x, Shape size, Func<Node, int, int, Node> along) =>
        Arrays.Range(0, size.Rank).Reverse().Aggregate(x, (y, axis) => along(y, axis + 2, size[axis]));

    /// <summary>Element i of m is Σ over the taps of weight · x[position]; a position behind the end is 0.</summary>
    private static Node Resampled(Node x, int axis, int m, int taps, Func<int, int, (int Position, double Weight)> tap) =>
        Arrays.Range(0, taps).Select(t =>
        {
            var weights = Tensor.From([m], i => tap(i, t).Weight);
            var taken = Taken(x, axis, m, i => tap(i, t).Position);
            return taps == 1 ? taken : taken * Reshape(weights, Shape.Repeat(1, x.Shape.Rank - axis).With(0, m));
        }).Aggregate((sum, next) => sum + next);

    private static Node Taken(Node x, int axis, int m, Func<int, int> position) =>
        Gather(x, Indices(Tensor.From([m], i => position(i))), axis);
}
