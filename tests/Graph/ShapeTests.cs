namespace AutoDiffCnn.Tests.Graphs;

public class ShapeTests
{
    private static readonly Shape image = [32, 1, 28, 20];

    private static void Rejects(string text, Action made) => Assert.Equal(text, Assert.Throws<ShapeError>(made).Message);

    [Fact]
    public void A_shape_is_taken_apart_by_patterns()
    {
        Assert.True(image is [32, 1, var h, var w] && (h, w) == (28, 20));
        Assert.True(image is [var n, .. var rest] && n == 32 && rest == [1, 28, 20]);
        Assert.True(image is [.., 20] and not [_, _, _]);
        Assert.True((Shape)[] is []);
        Assert.Equal(20, image[^1]);
        Assert.Equal([28, 20], image[2..]);
    }

    [Fact]
    public void Shapes_are_compared_by_their_sizes()
    {
        Assert.Equal(image, Shape.Of(32, 1, 28, 20));
        Assert.True(image == Shape.Of(32, 1, 28, 20) && image != [32, 1, 28] && image != [32, 1, 20, 28]);
        Assert.Equal(image.GetHashCode(), Shape.Of(32, 1, 28, 20).GetHashCode());
        Assert.Equal(default, Shape.Of());
        Assert.False(image.Equals("[32, 1, 28, 20]"));
    }

    [Fact]
    public void Counts_strides_and_text()
    {
        Assert.Equal((4, 32L * 28 * 20), (image.Rank, image.Elements));
        Assert.Equal((0, 1L), (default(Shape).Rank, default(Shape).Elements));
        Assert.Equal(0, Shape.Of(3, 0, 2).Elements);
        Assert.Equal([560, 560, 20, 1], image.Strides());
        Assert.Equal("[32, 1, 28, 20]", image.ToString());
        Assert.Equal("[]", default(Shape).ToString());
        Assert.Equal([5, 5, 5], Shape.Repeat(5, 3));
        Assert.Equal([32, 7, 28, 20], image.With(1, 7));
    }

    [Fact]
    public void More_elements_than_an_int_counts_are_a_shape() =>
        Assert.Equal(4_611_686_014_132_420_609, Shape.Of(int.MaxValue, int.MaxValue).Elements);

    [Fact]
    public void A_negative_size_is_refused()
    {
        Rejects("Shape [2, -3]: size -3 is negative.\nPossible: a size of at least 0.", () => Shape.Of(2, -3));
        Assert.Equal(0, Shape.Of(2, 0).Elements);
    }

    [Fact]
    public void Too_many_elements_are_refused()
    {
        Rejects("Shape [2147483647, 2147483647, 3]: the number of elements exceeds 2⁶³ − 1.\nPossible: sizes whose product stays below 2⁶³.",
            () => Shape.Of(int.MaxValue, int.MaxValue, 3));
        Assert.Equal(3, Shape.Of(int.MaxValue, int.MaxValue, 2).Rank);
    }

    [Fact]
    public void A_computed_size_beyond_31_bits_is_refused()
    {
        Rejects("Flatten on [1, 65536, 65536]: a size of 4294967296 exceeds 2147483647, the most of one axis.\nPossible: a size of at most 2147483647.",
            () => Flatten(Variable("x", [1, 65536, 65536])));
        Assert.Equal(2147418112, Flatten(Variable("x", [1, 65536, 32767])).Shape[1]);
    }

    [Fact]
    public void An_axis_may_be_counted_from_the_end()
    {
        Assert.Equal((0, 3, 3, 0), (image.Axis(0), image.Axis(3), image.Axis(-1), image.Axis(-4)));
        Rejects("Crop(axis: 4) on [32, 1, 28, 20]: axis 4 must lie in -4..3.\nPossible: axis 3.", () => image.Axis(4, "Crop"));
        Rejects("Crop(axis: -5) on [32, 1, 28, 20]: axis -5 must lie in -4..3.\nPossible: axis 3.", () => image.Axis(-5, "Crop"));
        Assert.Equal(3, image.Axis(3));
    }

    [Fact]
    public void A_shape_error_tells_the_layer_and_the_way_to_it()
    {
        var error = new ShapeError("Conv2D on [1]", "the reason", ["this", "that"]);
        Assert.Equal("Conv2D on [1]: the reason.\nPossible: this, that.", error.Message);
        var told = error.In("conv3: Conv2D(16, 5) on [1]", "input [1] -> pool2 [1]");
        Assert.Equal("conv3: Conv2D(16, 5) on [1]: the reason.\nPossible: this, that.\nSo far: input [1] -> pool2 [1]", told.Message);
        Assert.Same(told, told.In("outer", "elsewhere"));
        Assert.Equal("Conv2D on [1]: the reason.", new ShapeError("Conv2D on [1]", "the reason").Message);
    }
}
