using FsCheck.Fluent;
using static AutoDiffCnn.Tests.Ops.Check;
using static AutoDiffCnn.Tests.Ops.Rejected;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Other sizes, other positions: against loops over the definition.</summary>
public class ResizeTests
{
    /// <summary>A row at a position between its elements, as a kernel weighs them; beyond the ends they are
    /// repeated.</summary>
    private static double Interpolated(double[] row, double at, Func<double, double> kernel) =>
        Enumerable.Range(-4, row.Length + 8).Sum(k => kernel(at - k) * row[Math.Clamp(k, 0, row.Length - 1)]);

    private static double Tent(double d) => Math.Max(0, 1 - Math.Abs(d));

    private static double Keys(double d) => Math.Abs(d) switch
    {
        <= 1 and var s => 1.25 * s * s * s - 2.25 * s * s + 1,
        < 2 and var s => -0.75 * s * s * s + 3.75 * s * s - 6 * s + 3,
        _ => 0,
    };

    private static double[] Row(double[] row, int m, ResizeMode mode, bool corners) => [.. Enumerable.Range(0, m).Select(i =>
    {
        var at = corners ? m == 1 ? 0 : i * (row.Length - 1.0) / (m - 1) : (i + 0.5) * row.Length / m - 0.5;
        return mode switch
        {
            ResizeMode.Nearest => row[i * row.Length / m],
            ResizeMode.Linear => Interpolated(row, at, Tent),
            _ => Interpolated(row, at, Keys),
        };
    })];

    [Fact]
    public void A_row_of_another_size() => Law.ForAll(
        from n in Gen.Choose(1, 6)
        from m in Gen.Choose(1, 9)
        from mode in Gen.Elements(Enum.GetValues<ResizeMode>())
        from corners in Gen.Elements(true, false)
        from x in Values.Real([1, 1, n])
        select (x, m, mode, corners), at =>
    {
        Close(Row(at.x.ToDoubles(), at.m, at.mode, at.corners), Resize(at.x, [at.m], at.mode, at.corners).Value, 1e-11);
        SmoothAt(y => Resize(y, [at.m], at.mode, at.corners), at.x);
    }, times: 100);

    [Fact]
    public void An_image_is_resized_axis_by_axis() => Law.ForAll(
        from mode in Gen.Elements(Enum.GetValues<ResizeMode>())
        from corners in Gen.Elements(true, false)
        from x in Values.Real([2, 3, 4, 5])
        select (x, mode, corners), at =>
    {
        var y = Resize(at.x, [7, 3], at.mode, at.corners).Value;
        Assert.Equal([2, 3, 7, 3], y.Shape);
        for (var plane = 0; plane < 6; plane++)
        {
            var rows = Enumerable.Range(0, 4).Select(i => Row([.. Enumerable.Range(0, 5).Select(j => at.x.At(plane * 20 + i * 5 + j))], 3, at.mode, at.corners)).ToArray();
            for (var j = 0; j < 3; j++)
            {
                var column = Row([.. rows.Select(row => row[j])], 7, at.mode, at.corners);
                Assert.All(column.Index(), pair => Assert.Equal(pair.Item, y.At(plane * 21 + pair.Index * 3 + j), 1e-11));
            }
        }
    }, times: 10);

    [Fact]
    public void A_size_that_does_not_fit() => Rejects(
        "Resize on [1, 1, 4, 4]: the size [8] needs one number of at least 1 for each spatial axis.\nPossible: a size of [1, 1].",
        () => Resize(Of(1, 1, 4, 4), [8]), () => Resize(Of(1, 1, 4, 4), [1, 1]));

    /// <summary>One value by the definition: a tent or a cubic over every pixel of a plane without an end, which the
    /// padding makes of the image, or the nearest pixel.</summary>
    private static double Sampled(Tensor x, int n, int c, double across, double down, ResizeMode mode, PadMode padding, bool corners)
    {
        var (h, w) = (x.Shape[2], x.Shape[3]);
        double Pixel(double v, int size) => corners ? (v + 1) / 2 * (size - 1) : ((v + 1) * size - 1) / 2;
        var (px, py) = (Pixel(across, w), Pixel(down, h));
        (px, py) = mode == ResizeMode.Nearest ? (Math.Round(Inside(px, w)), Math.Round(Inside(py, h))) : (px, py);
        Func<double, double> weight = mode == ResizeMode.Cubic ? Keys : Tent;
        return (from i in Enumerable.Range((int)Math.Floor(py) - 1, 4)
                from j in Enumerable.Range((int)Math.Floor(px) - 1, 4)
                let row = (int)Inside(i, h)
                let column = (int)Inside(j, w)
                where row >= 0 && row < h && column >= 0 && column < w
                select weight(py - i) * weight(px - j) * x[n, c, row, column]).Sum();

        double Inside(double at, int size)
        {
            var (first, last) = corners ? (0, size - 1) : (-0.5, size - 0.5);
            while (padding == PadMode.Reflect && size > 1 && (at < first || at > last))
            {
                at = at < first ? 2 * first - at : 2 * last - at;
            }

            return padding == PadMode.Constant ? at : Math.Clamp(at, 0, size - 1);
        }
    }

    [Fact]
    public void A_grid_is_sampled_by_the_definition() => Law.ForAll(
        from mode in Gen.Elements(Enum.GetValues<ResizeMode>())
        from padding in Gen.Elements(PadMode.Constant, PadMode.Edge, PadMode.Reflect)
        from corners in Gen.Elements(true, false)
        from x in Values.Real([2, 2, 3, 4])
        from grid in Values.Real([2, 3, 2, 2])
        select (x, grid: grid.Map(v => v * 1.7), mode, padding, corners), at =>
    {
        var y = GridSample(at.x, at.grid, at.mode, at.padding, at.corners).Value;
        Assert.Equal([2, 2, 3, 2], y.Shape);
        for (var i = 0; i < y.Count; i++)
        {
            var (n, c, p) = (i / 12, i / 6 % 2, i % 6);
            Assert.Equal(Sampled(at.x, n, c, at.grid.At(n * 12 + p * 2), at.grid.At(n * 12 + p * 2 + 1), at.mode, at.padding, at.corners), y.At(i), 1e-11);
        }

        SmoothAt(z => GridSample(z, at.grid, at.mode, at.padding, at.corners), at.x);
    }, times: 90);

    [Fact]
    public void A_grid_has_its_gradient()
    {
        // Positions a tenth of a pixel and more away from the centres, where the slope jumps.
        var x = Key.Of(2).Normal([1, 2, 4, 4]);
        var grid = Tensor.From([1, 2, 3, 2], i => ((i * 5 % 7 - 1) + 0.3 + 0.05 * i % 0.4 + 0.5) / 2 - 1);
        foreach (var padding in new[] { PadMode.Constant, PadMode.Edge, PadMode.Reflect })
        {
            SmoothIn(xs => GridSample(xs[0], xs[1], padding: padding), x, grid);
            SmoothIn(xs => GridSample(xs[0], xs[1], ResizeMode.Cubic, padding), x, grid);
        }
    }

    [Fact]
    public void At_a_pixels_centre_a_grid_has_the_slope_towards_the_right_and_down_at_borders_0()
    {
        var image = Tensor.Of([[[[0, 1, 4], [10, 30, 50], [0, 0, 0]]]]);
        double[] Slopes(double across, double down, PadMode padding)
        {
            var grid = Variable("grid", [1, 1, 1, 2]);
            var dx = Gradient.Of(Sum(GridSample(image, grid, padding: padding, alignCorners: true)), grid);
            return Reference.Run(dx, (grid, Tensor.Of([[[[across, down]]]]))).ToDoubles();
        }

        Assert.Equal([20, -30], Slopes(0, 0, PadMode.Constant));
        Assert.Equal([-4, 46], Slopes(1, -1, PadMode.Constant));
        foreach (var padding in (PadMode[])[PadMode.Edge, PadMode.Reflect])
        {
            Assert.Equal([20, -30], Slopes(0, 0, padding));
            Assert.All((double[][])[[-1, -1], [1, 1], [1, -1]], at => Assert.Equal([0, 0], Slopes(at[0], at[1], padding)));
        }
    }

    [Fact]
    public void What_is_not_a_position_reads_0() => Assert.Equal(
        Tensor.Of([[[[0, 0]]]]),
        GridSample(Tensor.Of([[[[5, 6]]]]), Tensor.Of([[[[-9, 0], [double.NaN, 0]]]]), ResizeMode.Nearest).Value);

    [Theory, InlineData(true), InlineData(false)]
    public void The_affine_grid_of_the_identity_reads_the_image(bool corners)
    {
        var x = Key.Of(3).Normal([1, 2, 3, 5]);
        var grid = AffineGrid(Tensor.Of([[[1, 0, 0], [0, 1, 0]]]), [3, 5], corners);
        Close(x.ToDoubles(), GridSample(x, grid, alignCorners: corners).Value);
        var mirrored = GridSample(x, AffineGrid(Tensor.Of([[[-1, 0, 0], [0, 1, 0]]]), [3, 5], corners), alignCorners: corners);
        Close(Reverse(x, [3]).Value.ToDoubles(), mirrored.Value);
        SmoothAt(theta => AffineGrid(theta, [2, 3], corners), Key.Of(4).Normal([2, 2, 3]));
    }

    [Fact]
    public void Affine_positions_are_products() => Close(
        [2 * -0.5 + 3 * -0.5 + 1, 4 * -0.5 + 5 * -0.5 + 6, 2 * 0.5 + 3 * -0.5 + 1, 4 * 0.5 + 5 * -0.5 + 6,
         2 * -0.5 + 3 * 0.5 + 1, 4 * -0.5 + 5 * 0.5 + 6, 2 * 0.5 + 3 * 0.5 + 1, 4 * 0.5 + 5 * 0.5 + 6],
        AffineGrid(Tensor.Of([[[2, 3, 1], [4, 5, 6]]]), [2, 2]).Value);

    [Fact]
    public void Grids_that_do_not_fit_are_told()
    {
        Rejects("GridSample on [1, 1, 4, 5] and [2, 3, 3, 2]: the grid needs the shape [1, height, width, 2].\nPossible: a grid of [1, 4, 5, 2].",
            () => GridSample(Of(1, 1, 4, 5), Of(2, 3, 3, 2)), () => GridSample(Of(1, 1, 4, 5), Of(1, 4, 5, 2)));
        Rejects("AffineGrid on [1, 3, 3]: theta needs the shape [n, 2, 3].\nPossible: theta of [1, 2, 3].",
            () => AffineGrid(Of(1, 3, 3), [4, 4]), () => AffineGrid(Of(1, 2, 3), [4, 4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => GridSample(Of(1, 1, 4, 5), Of(1, 4, 5, 2), padding: PadMode.Circular));
    }
}
