namespace FacadeTests;

public class SurfaceTests
{
    [Fact]
    public void Contours_of_a_cone_are_closed_circles_on_the_height()
    {
        var z = Tensor.From([81, 81], i => Math.Sqrt(Math.Pow(i % 81 / 80.0 - 0.5, 2) + Math.Pow(i / 81 / 80.0 - 0.5, 2)));
        foreach (var height in (double[])[0.1, 0.25, 0.4])
        {
            var line = Assert.Single(new Contours("", z, (0, 1), (0, 1), 3).Lines(height).ToArray());
            Assert.Equal(line[0], line[^1]);
            Assert.All(line, at => Assert.Equal(height, Math.Sqrt(Math.Pow(at.X - 0.5, 2) + Math.Pow(at.Y - 0.5, 2)), 2e-3));
        }
    }

    [Fact]
    public void Contours_of_a_plane_are_straight_lines_from_border_to_border()
    {
        var line = Assert.Single(new Contours("", Tensor.From([5, 9], i => i % 9 + 0.5), (0, 1), (0, 1), 3).Lines(3.75).ToArray());
        Assert.Equal(5, line.Count);
        Assert.All(line, at => Assert.Equal(3.25 / 8, at.X, 1e-12));
        Assert.Equal([0, 1], new[] { line[0].Y, line[^1].Y }.Order());
    }

    [Fact]
    public void A_saddle_and_what_is_not_finite_are_drawn_without_a_break_elsewhere()
    {
        Assert.Equal(2, new Contours("", Tensor.Of([[0, 1], [1, 0]]), (0, 1), (0, 1), 1).Lines(0.4).Count());
        Drawn.Check(Chart.Contour(w => Log(Sum(w)), (-1, 2), (-1, 2)).ToPicture());
    }

    [Fact]
    public void A_descent_is_what_the_optimiser_does()
    {
        // w − 0.1 · 2 w: by 0.8 each step; Adam's first step is its rate.
        Assert.Contains("\"x\":[1,0.8,0.64", Chart.Descent(w => Sum(w * w), (1, -2), Optimizers.Sgd(0.1), 3).ToPlotly());
        Assert.StartsWith("{\"data\":[{\"type\":\"scatter\",\"mode\":\"lines\\u002Bmarkers\",\"name\":\"Adam(0.1)\",\"x\":[1,0.9", Chart.Descent(w => Sum(w * w), (1, -2), Optimizers.Adam(0.1), 1).ToPlotly());
    }

    [Fact]
    public void Errors_say_what_is_wrong()
    {
        Assert.Equal("Chart.Contour: the ranges (1, 1) and (0, 1) must go from a finite number to a larger one. (Parameter 'x')",
            Assert.Throws<ArgumentException>(() => Chart.Contour(Sum, (1, 1), (0, 1))).Message);
        Assert.Equal("Chart.Contour: there is no finite value to draw. (Parameter 'loss')",
            Assert.Throws<ArgumentException>(() => Chart.Contour(w => Log(-Sum(w * w)), (1, 2), (0, 1))).Message);
        Assert.Contains("a height is 1 number", Assert.Throws<ShapeError>(() => Chart.Contour(w => w, (1, 2), (0, 1))).Message);
    }
}
