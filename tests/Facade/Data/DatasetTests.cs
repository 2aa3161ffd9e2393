namespace FacadeTests;

public sealed class DatasetTests
{
    private static Dataset Some(Tensor? images = null, Tensor? labels = null, int classes = 3) =>
        new(images ?? Tensor.Fill([4, 2, 3, 5], 0.5), labels ?? Tensor.Of([0, 1, 2, 0]), classes);

    private static string Error(Dataset data) => Assert.Throws<DataError>(data.Check).Message;

    [Fact]
    public void A_good_one_passes() => Assert.Equal(Some(), Some().Check());

    [Fact]
    public void Prints_its_size() => Assert.Equal("Dataset(4 images [2, 3, 5], 3 classes)", Some().ToString());

    [Fact]
    public void Takes_a_part()
    {
        var data = Some(Tensor.From([4, 1, 1, 1], i => i));
        Assert.Equal(Some(Tensor.From([2, 1, 1, 1], i => i), Tensor.Of([0, 1])), data.Take(2));
        Assert.Equal(data, data.Take(9));
        Assert.Equal(Some(Tensor.From([2, 1, 1, 1], i => i + 1), Tensor.Of([1, 2])), data.Slice(1, 2));
        Assert.Throws<ShapeError>(() => data.Slice(3, 2));
        Assert.Throws<ShapeError>(() => data.Take(-1));
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    public void Names_the_pixel_that_is_not_finite(double bad, string text) =>
        Assert.Equal($"sample 2 has {text} at pixel [1, 2, 3].", Error(Some(Tensor.From([4, 2, 3, 5], i => i == 60 + 15 + 10 + 3 ? bad : 0))));

    [Theory]
    [InlineData(3, "3")]
    [InlineData(-1, "-1")]
    [InlineData(0.5, "0.5")]
    [InlineData(double.NaN, "NaN")]
    public void Names_the_label_that_is_no_class(double bad, string text) =>
        Assert.Equal($"sample 3 has label {text}; the 3 classes are 0 to 2.", Error(Some(labels: Tensor.Of([0, 1, 2, bad]))));

    [Fact]
    public void Refuses_shapes_that_do_not_fit()
    {
        Assert.Equal("4 images but 3 labels.", Error(Some(labels: Tensor.Of([0, 1, 2]))));
        Assert.Equal("the data set is empty: images [0, 2, 3, 5].", Error(Some(Tensor.Fill([0, 2, 3, 5], 0), Tensor.Fill([0], 0))));
        Assert.Equal("the data set is empty: images [4, 2, 0, 5].", Error(Some(Tensor.Fill([4, 2, 0, 5], 0))));
        Assert.Equal("images need the shape [n, c, h, w], or [n, …], they have [4].", Error(Some(Tensor.Fill([4], 0))));
        Assert.Equal("labels need the shape [n], they have [4, 1].", Error(Some(labels: Tensor.Fill([4, 1], 0))));
        Assert.Equal("the number of classes is 0, it must be at least 1.", Error(Some(classes: 0)));
    }
}
