namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>Images read at any positions, PyTorch's grid_sample: y[n, c, i, j] is x[n, c] at the position grid[n,
    /// i, j] = (across, down), where −1 and 1 are the image's borders. Differentiable in the image and, but for
    /// <see cref="ResizeMode.Nearest"/>, in the positions; for <see cref="ResizeMode.Linear"/> their slope at a pixel's
    /// centre is that towards the right and down, at a border that repeats or mirrors pixels 0.</summary>
    /// <param name="x">Images [n, c, h, w].</param>
    /// <param name="grid">Positions [n, height, width, 2].</param>
    /// <param name="mode">Nearest (halves go to the even pixel), linear, or cubic (that of <see cref="Resize"/>).</param>
    /// <param name="padding"><see cref="PadMode.Constant"/> for zeros outside, <see cref="PadMode.Edge"/> for the
    /// nearest pixel, <see cref="PadMode.Reflect"/> for the image mirrored at its borders: where −1 and 1 are.</param>
    /// <param name="alignCorners">Whether −1 and 1 are the centres of the corner pixels instead of their outer
    /// edges.</param>
    /// <remarks>M. Jaderberg et al., Spatial Transformer Networks, NIPS 2015.</remarks>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another padding.</exception>
    public static Node GridSample(Node x, Node grid, ResizeMode mode = ResizeMode.Linear, PadMode padding = PadMode.Constant,
        bool alignCorners = false)
    {
        if (padding is not (PadMode.Constant or PadMode.Edge or PadMode.Reflect))
        {
            throw new ArgumentOutOfRangeException(nameof(padding), padding,
                "Outside a grid's image there are zeros (Constant), the Edge, or its reflection (Reflect).");
        }

        var place = $"GridSample on {x.Shape} and {grid.Shape}";
        if (x.Shape is not [var n, _, var h, var w])
        {
            throw new ShapeError(place, "x needs rank 4: [n, c, h, w]", ["an image [n, c, h, w]"]);
        }

        if (h == 0 || w == 0)
        {
            throw new ShapeError(place, "the image has no pixels", ["an image of at least 1"]);
        }

        if (grid.Shape is not [var gridN, var height, var width, 2] || gridN != n)
        {
            throw new ShapeError(place, $"the grid needs the shape [{n}, height, width, 2]", [$"a grid of [{n}, {h}, {w}, 2]"]);
        }

        // A cubic weighs pixels by their distance from the position and brings those outside back into the image,
        // others bring back the position.
        var (across, down) = (Pixels(0, w), Pixels(1, h));
        if (mode == ResizeMode.Cubic)
        {
            var (column, row) = (Floor(across), Floor(down));
            var (columns, rows) = (CubicWeights(across - column), CubicWeights(down - row));
            return Added(rows.Select((wy, i) =>
                wy * Added(columns.Select((wx, j) => wx * At(Inside(row + (i - 1), h), Inside(column + (j - 1), w))))));
        }

        (across, down) = (Inside(across, w), Inside(down, h));
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
            return alignCorners ? (at + 1) * ((size - 1) / 2.0) : ((at + 1) * size - 1) / 2;
        }

        Node Inside(Node at, int size) => padding switch
        {
            PadMode.Edge => HardTanh(at, 0, size - 1),
            PadMode.Reflect => HardTanh(Mirrored(at, size), 0, size - 1),
            _ => at,
        };

        // The distance from the first border, up to the last one and back: a triangle's wave. A single pixel has no
        // other to mirror.
        Node Mirrored(Node at, int size)
        {
            var (first, span) = alignCorners ? (0, size - 1) : (-0.5, size);
            var distance = at - first;
            return span == 0 ? at : Abs(distance - 2.0 * span * Round(distance / (2.0 * span))) + first;
        }

        // A pixel outside gets a position behind the last one, where there is 0.
        Node At(Node row, Node column)
        {
            var inside = LessOrEqual(0, row) * LessOrEqual(row, h - 1) * LessOrEqual(0, column) * LessOrEqual(column, w - 1);
            var position = Where(inside, row * w + column, (double)h * w);
            var y = Shape.Of(n, x.Shape[1], height, width);
            return new PlaneTake(y).Of(x, new ToIndex().Of(position));
        }

        static Node Added(IEnumerable<Node> parts) => parts.Aggregate((sum, part) => sum + part);
    }

    /// <summary>Keys' cubic with a = −¾ at the four pixels around a position, which lies so far behind the second.</summary>
    private static Node[] CubicWeights(Node part)
    {
        const double a = -0.75;
        return [Far(1 + part), Near(part), Near(1 - part), Far(2 - part)];

        static Node Near(Node d) => ((a + 2) * d - (a + 3)) * d * d + 1;
        static Node Far(Node d) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    }

    /// <summary>The positions for <see cref="GridSample"/> of images under affine maps: grid[n, i, j] = theta[n] ·
    /// (across, down, 1), with the pixels' own positions between −1 and 1.</summary>
    /// <param name="theta">Matrices [n, 2, 3].</param>
    /// <param name="size">The height and the width of the result.</param>
    /// <param name="alignCorners">As for <see cref="GridSample"/>.</param>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    public static Node AffineGrid(Node theta, Shape size, bool alignCorners = false)
    {
        if (theta.Shape is not [var n, 2, 3])
        {
            throw new ShapeError($"AffineGrid on {theta.Shape}", "theta needs the shape [n, 2, 3]", ["theta of [1, 2, 3]"]);
        }

        if (size is not [var h, var w])
        {
            throw new ShapeError($"AffineGrid on {theta.Shape}", $"the size {size} needs two numbers, height and width", ["a size of [4, 4]"]);
        }

        var own = Tensor.From([3, h * w], i => (i / (h * w)) switch
        {
            0 => Place(i % w, w),
            1 => Place(i % (h * w) / w, h),
            _ => 1,
        });

        // One product for all images.
        var points = MatMul(Reshape(theta, [n * 2, 3]), own);
        return Reshape(Transpose(Reshape(points, [n, 2, h * w])), [n, h, w, 2]);

        double Place(int i, int count) => !alignCorners ? (2 * i + 1.0) / count - 1 : count == 1 ? 0 : 2.0 * i / (count - 1) - 1;
    }
}
