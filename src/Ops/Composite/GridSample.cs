namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>Images read at any positions, PyTorch's grid_sample: y[n, c, i, j] is x[n, c] at the position grid[n,
    /// i, j] = (across, down), where −1 and 1 are the image's borders. Differentiable in the image and, for
    /// <see cref="ResizeMode.Linear"/>, in the positions; at a pixel's centre their slope is that towards the right
    /// and down, at a border that repeats pixels 0.</summary>
    /// <param name="x">Images [n, c, h, w].</param>
    /// <param name="grid">Positions [n, height, width, 2].</param>
    /// <param name="mode">Nearest (halves go to the even pixel) or linear.</param>
    /// <param name="padding"><see cref="PadMode.Constant"/> for zeros outside, <see cref="PadMode.Edge"/> for the
    /// nearest pixel.</param>
    /// <param name="alignCorners">Whether −1 and 1 are the centres of the corner pixels instead of their outer
    /// edges.</param>
    /// <remarks>M. Jaderberg et al., Spatial Transformer Networks, NIPS 2015.</remarks>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another mode or padding.</exception>
    public static Node GridSample(Node x, Node grid, ResizeMode mode = ResizeMode.Linear, PadMode padding = PadMode.Constant,
        bool alignCorners = false)
    {
        if (mode == ResizeMode.Cubic)
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "A grid is sampled nearest or linear.");
        }

        if (padding is not (PadMode.Constant or PadMode.Edge))
        {
            throw new ArgumentOutOfRangeException(nameof(padding), padding, "Outside a grid's image there are zeros (Constant) or the Edge.");
        }

        if (x.Shape is not [var n, _, var h, var w] || grid.Shape is not [var gridN, var height, var width, 2] || gridN != n || h == 0 || w == 0)
        {
            throw new ShapeError($"GridSample on {x.Shape} and {grid.Shape}",
                "x needs the shape [n, c, h, w] with at least one pixel, the grid [n, height, width, 2]",
                [x.Shape is [var images, _, var rows, var columns] ? $"a grid of [{images}, {rows}, {columns}, 2]" : "an image of rank 4"]);
        }

        var across = Pixels(0, w);
        var down = Pixels(1, h);
        if (mode == ResizeMode.Nearest)
        {
            return At(Round(down), Round(across));
        }

        // The four neighbours, each with the share of the square that lies opposite.
        var (left, top) = (Floor(across), Floor(down));
        var (right, below) = (across - left, down - top);
        return At(top, left) * (1 - below) * (1 - right) + At(top, left + 1) * (1 - below) * right
            + At(top + 1, left) * below * (1 - right) + At(top + 1, left + 1) * below * right;

        Node Pixels(int which, int size)
        {
            var at = Reshape(Part(grid, 3, which, 1), [n, 1, height, width]);
            var pixels = alignCorners ? (at + 1) * ((size - 1) / 2.0) : ((at + 1) * size - 1) / 2;
            return padding == PadMode.Edge ? HardTanh(pixels, 0, size - 1) : pixels;
        }

        // A pixel outside gets a position behind the last one, where there is 0.
        Node At(Node row, Node column)
        {
            var inside = LessOrEqual(0, row) * LessOrEqual(row, h - 1) * LessOrEqual(0, column) * LessOrEqual(column, w - 1);
            var position = Where(inside, row * w + column, (double)h * w);
            var y = Shape.Of(n, x.Shape[1], height, width);
            return new PlaneTake(y).Of(x, new ToIndex().Of(Broadcast.To(position, y)));
        }
    }

    /// <summary>The positions for <see cref="GridSample"/> of images under affine maps: grid[n, i, j] = theta[n] ·
    /// (across, down, 1), with the pixels' own positions between −1 and 1.</summary>
    /// <param name="theta">Matrices [n, 2, 3].</param>
    /// <param name="size">The height and the width of the result.</param>
    /// <param name="alignCorners">As for <see cref="GridSample"/>.</param>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    public static Node AffineGrid(Node theta, Shape size, bool alignCorners = false)
    {
        if (theta.Shape is not [var n, 2, 3] || size is not [var h, var w])
        {
            throw new ShapeError($"AffineGrid on {theta.Shape}", $"theta needs the shape [n, 2, 3], the size {size} height and width",
                ["theta of [1, 2, 3]"]);
        }

        var own = Tensor.From([1, h * w, 3], i => (i % 3) switch
        {
            0 => Place(i / 3 % w, w),
            1 => Place(i / 3 / w, h),
            _ => 1,
        });
        var points = new MatMul(TransposeB: true).Of(Broadcast.To(own, [n, h * w, 3]), theta);
        return Reshape(points, [n, h, w, 2]);

        double Place(int i, int count) => !alignCorners ? (2 * i + 1.0) / count - 1 : count == 1 ? 0 : 2.0 * i / (count - 1) - 1;
    }
}
