using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public class TensorPictureTests
{
    [Fact]
    public void Any_tensor_has_a_picture() => Prop.ForAll(
        Gen.Zip(Gen.Choose(1, 14).ListOf().Where(sizes => sizes.Count < 6 && sizes.Aggregate(1, (n, size) => n * size) < 30_000), Gen.Choose(0, 9)).ToArbitrary(), given =>
        {
            var (sizes, seed) = (given.Item1, given.Item2);
            var tensor = Tensor.From(Shape.From(sizes), i => (i * 7 + seed) % 10 switch
            {
                0 => double.NaN,
                1 => double.PositiveInfinity,
                2 => -1e-300,
                3 => 1e20,
                var rest => Math.Sin(rest * i),
            });
            var picture = tensor.Draw();
            Assert.Equal(picture, tensor.Draw());
            if (picture.MimeType == "image/svg+xml")
            {
                Drawn.Check(picture);
            }

            Drawn.Check(tensor.DrawNumbers());
            if (tensor.Shape.Rank == 4)
            {
                Drawn.Check(tensor.DrawFilters(each: seed % 2 == 0, columns: 1 + seed));
                Drawn.Check(tensor.Part(0).DrawMaps(each: seed % 2 == 1, columns: 1 + seed));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_small_tensor_shows_each_number_once()
    {
        var texts = Drawn.Texts(Drawn.Check(Tensor.Of([[1.5, -2], [1e9, double.NaN]]).Draw())).ToList();
        Assert.Equal(["[2, 2]", "0", "1", "0", "1.5", "−2", "1", "1e9", "NaN"], texts);
    }

    [Fact]
    public void A_large_one_shows_its_edges() =>
        Assert.InRange(Drawn.Texts(Drawn.Check(Tensor.Fill([20, 300, 500], 1).Draw())).Count(), 100, 700);

    [Fact]
    public void Pixels_are_those_of_the_image()
    {
        var image = Tensor.From([3, 9, 8], i => i * 37 % 256 / 255.0);
        var picture = image.ToPng(scale: 3);
        Assert.Equal((24, 27), (picture.Width, picture.Height));
        var read = Png.Read(new MemoryStream(picture.Bytes.ToArray()), "picture");
        Assert.All(Enumerable.Range(0, read.Count), i => Assert.Equal(image[i / 648, i % 648 / 24 / 3, i % 24 / 3], read.At(i), 1e-6));
        Assert.Equal("[1, 19, 28]", $"{Png.Read(new MemoryStream(Tensor.Fill([6, 1, 8, 8], 0.5).ToPng(columns: 3).Bytes.ToArray()), "sheet").Shape}");
    }

    [Fact]
    public void Filters_have_the_same_colours_unless_each_has_its_own()
    {
        var weight = Tensor.From([2, 1, 2, 2], i => i < 4 ? i / 100.0 : i - 5);
        string[] Images(bool each) => [.. Drawn.All(Drawn.Check(weight.DrawFilters(each)), "image").Select(image => image.Attribute("href")!.Value)];
        var alone = Tensor.From([1, 1, 2, 2], i => i / 100.0).DrawFilters();
        Assert.Equal(Drawn.All(Drawn.Check(alone), "image").Single().Attribute("href")!.Value, Images(each: true)[0]);
        Assert.NotEqual(Images(each: true)[0], Images(each: false)[0]);
        Assert.Equal(Images(each: true)[1], Images(each: false)[1]);
    }

    [Fact]
    public void Errors_say_what_came()
    {
        static string Message(Action draw) => Assert.Throws<ArgumentException>(draw).Message;
        Assert.Equal("Pictures.DrawNumbers: [0, 3] has no element to draw. (Parameter 'tensor')", Message(() => Tensor.Fill([0, 3], 0).Draw()));
        Assert.Equal("Pictures.ToPng: [0, 1, 8, 8] has no element to draw. (Parameter 'image')", Message(() => Tensor.Fill([0, 1, 8, 8], 0).ToPng()));
        Assert.Equal("Pictures.DrawFilters: kernels have the shape [o, c, h, w] with at least one element, not [3, 3]. (Parameter 'weight')",
            Message(() => Tensor.Fill([3, 3], 0).DrawFilters()));
        Assert.Equal("Pictures.DrawMaps: maps have the shape [c, h, w] or [1, c, h, w] with at least one element, not [2, 2, 3, 3]. (Parameter 'maps')",
            Message(() => Tensor.Fill([2, 2, 3, 3], 0).DrawMaps()));
    }
}
