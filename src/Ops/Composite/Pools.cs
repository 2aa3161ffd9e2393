namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>The largest element of each window, for any number of spatial axes; see <see cref="AutoDiffCnn.MaxPool"/>.</summary>
    /// <param name="x">Images [n, c, spatial…].</param>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows; the kernel's size by default.</param>
    /// <param name="padding">Padding that never wins; none by default.</param>
    /// <param name="dilation">The distance between the window's elements.</param>
    /// <param name="ceil">Whether a last, incomplete window counts.</param>
    public static Node MaxPool(Node x, int kernel, int? stride = null, Padding? padding = null, int dilation = 1, bool ceil = false) =>
        MaxPoolAlong(x, kernel, stride ?? kernel, padding ?? Padding.Valid, dilation, ceil);

    /// <summary>The mean of each window.</summary>
    /// <param name="x">Images [n, c, spatial…].</param>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="stride">The step between windows; the kernel's size by default.</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    /// <param name="ceil">Whether a last, incomplete window counts.</param>
    /// <param name="countPadding">Whether padding counts in the mean, as in PyTorch's default; the room that
    /// <paramref name="ceil"/> adds never does.</param>
    public static Node AvgPool(Node x, int kernel, int? stride = null, Padding? padding = null, bool ceil = false, bool countPadding = true) =>
        AvgPoolAlong(x, kernel, stride ?? kernel, padding ?? Padding.Valid, ceil, countPadding);

    /// <summary>The sum of each window.</summary>
    public static Node SumPool(Node x, int kernel, int? stride = null, Padding? padding = null)
    {
        var (sizes, window) = PoolWindow(x, kernel, stride ?? kernel, padding ?? Padding.Valid, 1, false);
        return new SumPool(sizes, window).Of(x);
    }

    /// <summary>The largest element of each plane: [n, c, …] to [n, c].</summary>
    public static Node GlobalMaxPool(Node x) => Max(Planes(x), 2);

    /// <summary>The mean of each plane: [n, c, …] to [n, c].</summary>
    public static Node GlobalAveragePool(Node x) => Mean(Planes(x), [2]);

    private static Node Planes(Node x) => x.Shape is [var n, var c, .. var size]
        ? Reshape(x, [n, c, Shape.Fit(size.Elements, $"Global pool on {x.Shape}")])
        : throw new ShapeError($"Global pool on {x.Shape}", "x needs a batch and channels: [n, c, …]", [$"Reshape to [1, 1, {x.Shape.Elements}]"]);

    /// <summary><see cref="MaxPool(Node, int, int?, Padding?, int, bool)"/> with numbers of their own for each axis.</summary>
    internal static Node MaxPoolAlong(Node x, PerAxis kernel, PerAxis stride, Padding padding, PerAxis dilation, bool ceil)
    {
        var (sizes, window) = PoolWindow(x, kernel, stride, padding, dilation, ceil);
        return new MaxPool(sizes, window).Of(x);
    }

    /// <summary><see cref="AvgPool"/> with numbers of their own for each axis.</summary>
    internal static Node AvgPoolAlong(Node x, PerAxis kernel, PerAxis stride, Padding padding, bool ceil, bool countPadding = true)
    {
        var (sizes, window) = PoolWindow(x, kernel, stride, padding, 1, ceil);
        var pool = new SumPool(sizes, window);
        var complete = window.Before.Concat(window.After).All(amount => amount == 0);
        return complete
            ? pool.Of(x) / sizes.Elements
            : pool.Of(x) / Counts(pool, x.Shape, countPadding ? PoolWindow(x, kernel, stride, padding, 1, false).Window : Window.Of(window.Rank));
    }

    private static (Shape Kernel, Window Window) PoolWindow(Node x, PerAxis kernel, PerAxis stride, Padding padding, PerAxis dilation, bool ceil)
    {
        var place = $"Pool on {x.Shape}";
        var size = x.Shape.Rank > 2 ? x.Shape[2..] : throw new ShapeError(place, "x needs rank 3 or more: [n, c, …]",
            [x.Shape.Rank == 2 ? $"Reshape {x.Shape} to {Shape.From([1, 1, .. x.Shape])}" : "an image [n, c, h, w]"]);
        Window.Check(place, stride.Least, dilation.Least, kernel.Least);
        var kernels = kernel.Along(size.Rank, place);
        var window = padding.Window(size, kernels, stride.Along(size.Rank, place), dilation.Along(size.Rank, place));
        return (kernels, ceil && window.Before.Rank == size.Rank && window.After.Rank == size.Rank
            ? window with { After = size.Select((n, axis) => Shape.Fit(window.After[axis] + CeilRoom(window, axis, n, kernels[axis]), place)) }
            : window);
    }

    /// <summary>The padding that makes room for a last, incomplete window, if that window starts inside the image or its
    /// padding before (PyTorch's rule).</summary>
    private static long CeilRoom(Window window, int axis, int n, int k)
    {
        var stride = window.Stride[axis];
        var room = (long)n + window.Before[axis] + window.After[axis] - (long)window.Dilation[axis] * (k - 1) - 1;
        var missing = stride > 0 ? (stride - room % stride) % stride : 0;
        return room + missing >= 0 && room + missing < (long)n + window.Before[axis] ? missing : 0;
    }

    /// <summary>How many elements each window's mean is of: those of the image and of the padding that counts, which the
    /// room that ceil added does not. A single number where all are alike.</summary>
    private static Tensor Counts(SumPool pool, Shape x, Window counted)
    {
        var (kernel, window) = (pool.Kernel, pool.Window);
        if (window.Before == counted.Before && window.After == counted.After)
        {
            return Tensor.Of(kernel.Elements);
        }

        var positions = pool.Infer([1, 1, .. x[2..]]);
        var steps = positions.Strides();
        return Tensor.From(positions, flat => Arrays.Range(0, window.Rank).Aggregate(1.0, (product, axis) =>
        {
            var start = flat / steps[axis + 2] % positions[axis + 2] * window.Stride[axis] - window.Before[axis];
            var end = Math.Min(start + kernel[axis], (long)x[axis + 2] + counted.After[axis]);
            return product * Math.Max(0, end - Math.Max(start, -counted.Before[axis]));
        }));
    }
}
