namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>The windows of an image as columns (im2col, PyTorch's unfold): [n, c, spatial…] to
    /// [n, c · elements of the kernel, positions]. A convolution is a matrix product with them.</summary>
    /// <param name="x">Images [n, c, spatial…].</param>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    /// <param name="stride">The step between windows.</param>
    /// <param name="dilation">The distance between the window's elements.</param>
    /// <exception cref="ShapeError">The kernel fits nowhere, or has not one number for each spatial axis.</exception>
    public static Node Patches(Node x, Shape kernel, Padding? padding = null, int stride = 1, int dilation = 1)
    {
        var (window, positions) = PatchWindow("Patches", x.Shape, kernel, padding, stride, dilation);
        var padded = Pad(x, [0, 0, .. window.Before], [0, 0, .. window.After]);
        Shape size = [x.Shape[0], x.Shape[1], .. positions];
        var parts = KernelElements(kernel).Select(at =>
            Slice(padded, [0, 0, .. at.Select((k, _) => k * dilation)], size, [1, 1, .. window.Stride]));
        var count = Shape.Fit(positions.Elements, $"Patches on {x.Shape}");
        return Reshape(Stack(2, [.. parts]), [x.Shape[0], Channels(x.Shape[1], kernel), count]);
    }

    /// <summary>Columns added back into an image (col2im, PyTorch's fold), the transpose of <see cref="Patches"/>:
    /// [n, c · elements of the kernel, positions] to [n, c, size…]. What lies in several windows is their
    /// sum.</summary>
    /// <param name="columns">As <see cref="Patches"/> gives them.</param>
    /// <param name="size">The image's size on each spatial axis.</param>
    /// <param name="kernel">The window's size on each axis.</param>
    /// <param name="padding">What is cut off around; none by default.</param>
    /// <param name="stride">The step between windows.</param>
    /// <param name="dilation">The distance between the window's elements.</param>
    /// <exception cref="ShapeError">The columns are not those of such an image.</exception>
    public static Node Fold(Node columns, Shape size, Shape kernel, Padding? padding = null, int stride = 1, int dilation = 1)
    {
        var elements = Math.Max(1, kernel.Elements);
        if (size.Rank == 0 || kernel.Rank != size.Rank || elements > int.MaxValue)
        {
            throw new ShapeError($"Fold on {columns.Shape}", $"size {size} and kernel {kernel} need one number for each spatial axis, the kernel few elements",
                [size.Rank == 0 ? $"a size of {Shape.Repeat(1, Math.Max(1, kernel.Rank))}" : $"a kernel of {Shape.Repeat(1, size.Rank)}"]);
        }

        if (columns.Shape is not [var n, var rows, var count] || rows % elements != 0)
        {
            throw new ShapeError($"Fold on {columns.Shape}", $"columns need rank 3, [n, c·{elements}, positions]",
                [$"columns of [1, {elements}, 1]"]);
        }

        var channels = (int)(rows / elements);
        var (window, positions) = PatchWindow("Fold", [n, channels, .. size], kernel, padding, stride, dilation);
        if (positions.Elements != count)
        {
            throw new ShapeError($"Fold on {columns.Shape}", $"an image of {size} has {positions.Elements} positions, not {count}",
                [positions.Elements <= int.MaxValue ? $"columns of [{n}, {rows}, {positions.Elements}]" : $"a size of {kernel}"]);
        }

        Shape padded = [n, channels, .. size.Select((s, axis) =>
            Shape.Fit((long)s + window.Before[axis] + window.After[axis], $"Fold on {columns.Shape}"))];
        var parts = Reshape(columns, [n, channels, (int)elements, .. positions]);
        var sum = KernelElements(kernel).Select((at, k) => new Place([0, 0, .. at.Select((p, _) => p * dilation)], [1, 1, .. window.Stride], padded)
            .Of(Reshape(Part(parts, 2, k, 1), [n, channels, .. positions]))).Aggregate((a, b) => a + b);
        return Slice(sum, [0, 0, .. window.Before], [n, channels, .. size]);
    }

    private static (Window Window, Shape Positions) PatchWindow(string name, Shape x, Shape kernel, Padding? padding, int stride, int dilation)
    {
        var place = $"{name} on {x}";
        if (x.Rank < 3)
        {
            throw new ShapeError(place, "x needs rank 3 or more: [n, c, …]", ["an image [n, c, h, w]"]);
        }

        if (kernel.Rank != x.Rank - 2)
        {
            throw new ShapeError(place, $"the kernel {kernel} needs one number for each spatial axis", [$"a kernel of {Shape.Repeat(3, x.Rank - 2)}"]);
        }

        Window.Check(place, stride, dilation);
        var window = (padding ?? Padding.Valid).Window(x[2..], kernel, stride, dilation);
        return (window, new SumPool(kernel, window).Infer(x)[2..]);
    }

    private static int Channels(int channels, Shape kernel) => Shape.Fit(channels * kernel.Elements, $"Patches of {kernel}");

    /// <summary>All positions in a kernel, the last axis fastest.</summary>
    private static IEnumerable<Shape> KernelElements(Shape kernel)
    {
        var steps = kernel.Strides();
        return Arrays.Range(0, (int)kernel.Elements).Select(k => kernel.Select((size, axis) => (int)(k / steps[axis] % size)));
    }
}
