using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AutoDiffCnn.Tests;
using FsCheck.Fluent;

namespace FacadeTests;

public sealed class PicturesTests
{
    [Fact]
    public void Shapes_are_the_same_bits_everywhere() =>
        Assert.Equal("5796DC7A9C098DD6", Sum(ColouredShapes.Of(Key.Of(7), 40).Images));

    [Fact]
    public void A_larger_set_begins_with_the_smaller_one() => Assert.Equal(ColouredShapes.Of(Key.Of(3), 30).Take(11), ColouredShapes.Of(Key.Of(3), 11));

    [Fact]
    public void Shapes_are_balanced_different_and_of_whole_255ths()
    {
        var data = ColouredShapes.Of(Key.Of(1), 200).Check();
        Assert.Equal("Dataset(200 images [3, 32, 32], 10 classes)", data.ToString());
        Assert.All(data.Labels.ToDoubles().CountBy(label => label), pair => Assert.Equal(20, pair.Value));
        Assert.Equal(200, Enumerable.Range(0, 200).Select(i => Sum(data.Images.Part(i))).Distinct().Count());
        Assert.All(data.Images.ToSingles(), value => Assert.Equal((float)(Math.Round(value * 255) / 255), value));
        Assert.NotEqual(data.Images, ColouredShapes.Of(Key.Of(2), 200).Images);
    }

    [Fact]
    public void Each_shape_covers_its_own_area()
    {
        // Of a disc of the same radius, by geometry.
        (string Name, double Area)[] areas =
        [
            ("disc", 1), ("ring", 0.6), ("square", 2.56 / Math.PI), ("frame", 1.56 / Math.PI), ("triangle", 3 * Math.Sqrt(3) / 4 / Math.PI),
            ("cross", (4 * 0.95 * 0.5 - 0.25) / Math.PI), ("bar", 1 / Math.PI), ("half disc", 0.5), ("two dots", 0.3),
        ];
        foreach (var (name, area) in areas)
        {
            var label = ColouredShapes.Names.IndexOf(name);
            var covered = Enumerable.Range(0, 40).Average(i => Covered(Key.Of(i), label) / Covered(Key.Of(i), 0));
            Assert.InRange(covered, area * 0.93 - 0.01, area * 1.07 + 0.01);
        }
    }

    [Fact]
    public void Refuses_what_is_no_class()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ColouredShapes.Image(Key.Of(1), 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColouredShapes.Of(Key.Of(1), 0));
    }

    [Fact]
    public void The_sample_pictures_are_there()
    {
        Assert.Equal("[3, 256, 256]", SamplePictures.Astronaut().Shape.ToString());
        Assert.Equal("[3, 170, 256]", SamplePictures.Chelsea().Shape.ToString());
        Assert.Equal("[3, 171, 256]", SamplePictures.Coffee().Shape.ToString());
        Assert.Equal("[1, 256, 256]", SamplePictures.Camera().Shape.ToString());
    }

    [Fact]
    public void A_sheet_has_every_picture_in_its_place() => Law.ForAll(
        from n in Gen.Choose(1, 7)
        from c in Gen.Choose(1, 3)
        from h in Gen.Choose(1, 4)
        from w in Gen.Choose(1, 4)
        from columns in Gen.Choose(1, 9)
        select (Images: Key.Of(n).Uniform([n, c, h, w]), columns),
        given =>
        {
            var (images, shape) = (given.Images, given.Images.Shape);
            var columns = Math.Min(given.columns, shape[0]);
            var sheet = ContactSheet.Of(images, given.columns);
            Assert.Equal([shape[1], (shape[0] + columns - 1) / columns * (shape[2] + 1) + 1, columns * (shape[3] + 1) + 1], sheet.Shape);
            for (var i = 0; i < images.Count; i++)
            {
                var (image, channel, y, x) = (i / (shape[1] * shape[2] * shape[3]), i / (shape[2] * shape[3]) % shape[1], i / shape[3] % shape[2], i % shape[3]);
                Assert.Equal((float)images.At(i), sheet[channel, 1 + image / columns * (shape[2] + 1) + y, 1 + image % columns * (shape[3] + 1) + x]);
            }

            Assert.Equal(sheet.Count - images.Count, sheet.ToDoubles().Count(value => value == 1));
        });

    /// <summary>How much of an image is its shape, seen by the colour that the corner has not.</summary>
    private static double Covered(Key key, int label)
    {
        var image = ColouredShapes.Image(key, label);
        double Off(int pixel) => Enumerable.Range(0, 3).Sum(channel => Math.Abs(image.At(channel * 1024 + pixel) - image.At(channel * 1024)));
        return Enumerable.Range(0, 1024).Count(pixel => Off(pixel) > 0.4);
    }

    private static string Sum(Tensor images) => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(images.Singles)))[..16];
}
