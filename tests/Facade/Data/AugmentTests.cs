using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AutoDiffCnn.Tests;
using FsCheck.Fluent;

namespace FacadeTests;

public sealed class AugmentTests
{
    /// <summary>One of each, with the first digits of the hash of its bits.</summary>
    private static readonly (Augmentation Change, string Bits)[] All =
    [
        (Augment.Crop(24, 20), "CBCC304B742E"),
        (Augment.CentreCrop(24, 20), "F8AD3CA92E0D"),
        (Augment.PadCrop(6), "8856F3397874"),
        (Augment.Flip(), "8369214A5163"),
        (Augment.FlipUpsideDown(), "979C6E1CAF84"),
        (Augment.Rotate(-40, 40), "174639FAB2E9"),
        (Augment.Shear(-0.5, 0.5), "9DB5407023B7"),
        (Augment.Affine(20, 0.2, 0.3, 0.1, fill: 0.5), "A9B60D6EA158"),
        (Augment.Perspective(0.4), "336CDB876511"),
        (Augment.Elastic(30, 4), "AE0BBF59642E"),
        (Augment.Brightness(-0.3, 0.3), "2AEFA413E979"),
        (Augment.Contrast(0.3, 2), "5B706AC2393E"),
        (Augment.Saturation(0, 2.5), "E73A686C6F08"),
        (Augment.Hue(-180, 180), "4D1D5962715D"),
        (Augment.Blur(0, 2), "C56ACA156089"),
        (Augment.Sharpen(0, 3), "D631346D6E9D"),
        (Augment.Emboss(0.3, 1), "AA34C35176A7"),
        (Augment.Noise(0.1), "C8C5317FAEA4"),
        (Augment.Erase(), "F877A65894EA"),
    ];

    private static readonly Tensor Shapes = ColouredShapes.Of(Key.Of(5), 10).Images;

    public static IEnumerable<object[]> Numbers => Enumerable.Range(0, All.Length).Select(i => new object[] { i });

    [Theory]
    [MemberData(nameof(Numbers))]
    public void The_key_fixes_the_bits(int number)
    {
        var (change, bits) = All[number];
        var changed = change.Apply(Key.Of(1), Shapes);
        Assert.Equal(changed, change.Apply(Key.Of(1), Shapes));
        Assert.Equal($"{change} {bits}", $"{change} {Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(changed.Singles)))[..12]}");
        Assert.True(number == 1 || !changed.Equals(change.Apply(Key.Of(2), Shapes)));
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_part_of_a_batch_is_changed_as_in_the_whole(int number) =>
        Assert.Equal(All[number].Change.Apply(Key.Of(1), Shapes).Slice(0, 3), All[number].Change.Apply(Key.Of(1), Shapes.Slice(0, 3)));

    [Fact]
    public void A_sheet_of_each_can_be_looked_at() => Scratch.In(folder =>
    {
        // AUTODIFFCNN_SHEETS=folder in the environment keeps them.
        var place = Environment.GetEnvironmentVariable("AUTODIFFCNN_SHEETS") ?? folder;
        var cat = SamplePictures.Chelsea();
        var cats = Tensor.Stack([.. Enumerable.Repeat(cat, 4)]);
        foreach (var (change, _) in All)
        {
            var name = Path.Combine(place, change.ToString().Split('(')[0].ToLowerInvariant());
            Png.Write($"{name}.png", ContactSheet.Of(change.Apply(Key.Of(1), Shapes), 5));
            Png.Write($"{name}-cat.png", ContactSheet.Of(change.Apply(Key.Of(1), cats), 2));
            Assert.True(Png.Read($"{name}-cat.png").Shape[1] > 40);
        }

        var batch = ColouredShapes.Of(Key.Of(5), 10);
        Png.Write(Path.Combine(place, "mixup.png"), ContactSheet.Of(Blend.Mixup(Key.Of(1), batch, 1).Images, 5));
        Png.Write(Path.Combine(place, "cutmix.png"), ContactSheet.Of(Blend.Cutmix(Key.Of(1), batch).Images, 5));
        Png.Write(Path.Combine(place, "shapes.png"), ContactSheet.Of(ColouredShapes.Of(Key.Of(5), 100).Images, 10));
    });

    [Fact]
    public void What_changes_nothing_changes_nothing()
    {
        Assert.Equal(Shapes, Augment.Crop(32, 32).Apply(Key.Of(1), Shapes));
        Assert.Equal(Shapes, Augment.PadCrop(0).Apply(Key.Of(1), Shapes));
        Assert.Equal(Shapes, Augment.Flip(0).Apply(Key.Of(1), Shapes));
        Assert.Equal(Shapes, Augment.Noise(0).Apply(Key.Of(1), Shapes));
        Assert.Equal(Shapes, Augment.Erase(0, 0).Apply(Key.Of(1), Shapes));
        Augmentation[] neutral =
        [
            Augment.Rotate(0, 0), Augment.Rotate(360, 360), Augment.Rotate(-720, -720), Augment.Shear(0, 0), Augment.Affine(0), Augment.Perspective(0),
            Augment.Elastic(0, 2), Augment.Brightness(0, 0), Augment.Contrast(1, 1), Augment.Saturation(1, 1), Augment.Hue(0, 0), Augment.Hue(360, 360),
            Augment.Blur(0, 0), Augment.Sharpen(0, 0), Augment.Emboss(0, 0), Augment.Rotate(0, 360).Sometimes(0),
        ];
        Assert.All(neutral, change => AssertNear(Shapes, change.Apply(Key.Of(1), Shapes), 1e-5, change));
    }

    [Fact]
    public void Flips_and_turns_come_back()
    {
        Assert.Equal(Shapes, (Augment.Flip(1) >> Augment.Flip(1)).Apply(Key.Of(1), Shapes));
        Assert.Equal(Shapes, (Augment.FlipUpsideDown(1) >> Augment.FlipUpsideDown(1)).Apply(Key.Of(1), Shapes));
        var quarter = Augment.Rotate(90, 90);
        AssertNear(Shapes, (quarter >> quarter >> quarter >> quarter).Apply(Key.Of(1), Shapes), 1e-4, quarter);
        AssertNear((Augment.Flip(1) >> Augment.FlipUpsideDown(1)).Apply(Key.Of(1), Shapes), Augment.Rotate(180, 180).Apply(Key.Of(1), Shapes), 1e-4, quarter);
        var third = Augment.Hue(120, 120);
        var calm = Shapes.Map(v => 0.4 + 0.2 * v); // colours that stay between 0 and 1 on the whole wheel
        AssertNear(calm, (third >> third >> third).Apply(Key.Of(1), calm), 1e-5, third);
    }

    [Fact]
    public void A_quarter_turn_is_counter_clockwise_and_a_shear_leans_left()
    {
        var wide = Tensor.From([1, 1, 4, 4], i => i);
        AssertNear(Tensor.From([1, 1, 4, 4], i => i % 4 * 4 + 3 - i / 4), Augment.Rotate(90, 90).Apply(Key.Of(1), wide), 1e-4, Augment.Rotate(90, 90));
        var stripe = Tensor.From([1, 1, 5, 5], i => i % 5 == 2 ? 1 : 0);
        AssertNear(Tensor.From([1, 1, 5, 5], i => i % 5 == 4 - i / 5 ? 1 : 0), Augment.Shear(1, 1).Apply(Key.Of(1), stripe), 1e-4, Augment.Shear(1, 1));
    }

    [Fact]
    public void Not_square_images_turn_without_being_stretched()
    {
        // A dot 3 to the right of the middle goes 3 up.
        var dot = Tensor.From([1, 1, 9, 15], i => i == 4 * 15 + 10 ? 1 : 0);
        AssertNear(Tensor.From([1, 1, 9, 15], i => i == 15 + 7 ? 1 : 0), Augment.Rotate(90, 90).Apply(Key.Of(1), dot), 1e-4, Augment.Rotate(90, 90));
    }

    [Fact]
    public void Perspective_reads_the_corners_near_the_corners()
    {
        // An image that holds its own position: the corner of the result tells where it was read.
        var place = Tensor.From([1, 2, 33, 33], i => i < 1089 ? i % 33 : i % 1089 / 33);
        var seen = Augment.Perspective(0.3).Apply(Key.Of(4), Tensor.Stack([.. Enumerable.Repeat(place.Part(0).Map(v => v + 100), 20)]));
        for (var i = 0; i < 20; i++)
        {
            if (seen[i, 0, 0, 0] >= 100 && seen[i, 1, 0, 0] >= 100)
            {
                Assert.InRange(seen[i, 0, 0, 0] - 100, 0, 0.3 * 16.5 + 1);
                Assert.InRange(seen[i, 1, 0, 0] - 100, 0, 0.3 * 16.5 + 1);
            }

            Assert.InRange(seen[i, 0, 16, 16], 100, 133);
        }
    }

    [Fact]
    public void A_crop_is_a_window_of_the_image() => Law.ForAll(
        from h in Gen.Choose(1, 6)
        from w in Gen.Choose(1, 6)
        from border in Gen.Choose(0, 3)
        from seed in Gen.Choose(0, 1000)
        select (h, w, border, seed),
        c =>
        {
            var image = Tensor.From([1, 1, 6, 6], i => i + 1);
            var crop = Augment.Crop(c.h, c.w).Apply(Key.Of(c.seed), image);
            var first = (int)crop.At(0) - 1;
            Assert.Equal(Tensor.From([1, 1, c.h, c.w], i => first + i / c.w * 6 + i % c.w + 1), crop);
            var moved = Augment.PadCrop(c.border, fill: -1).Apply(Key.Of(c.seed), image);
            Assert.Contains(Enumerable.Range(-c.border, 2 * c.border + 1).SelectMany(top => Enumerable.Range(-c.border, 2 * c.border + 1).Select(left => (top, left))),
                at => moved.Equals(Tensor.From([1, 1, 6, 6], i => (Y: i / 6 + at.top, X: i % 6 + at.left) is ( >= 0 and < 6, >= 0 and < 6) p ? p.Y * 6 + p.X + 1 : -1)));
        });

    [Fact]
    public void Colours_follow_their_formulas()
    {
        AssertNear(Shapes.Map(v => Math.Min(1, v + 0.25)), Augment.Brightness(0.25, 0.25).Apply(Key.Of(1), Shapes), 1e-6, Augment.Brightness(0.25, 0.25));
        var flat = Augment.Contrast(0, 0).Apply(Key.Of(1), Shapes);
        Assert.All(Enumerable.Range(0, 10), i => AssertNear(Tensor.Fill([3, 32, 32], Shapes.Part(i).ToDoubles().Average()), flat.Part(i), 1e-5, Augment.Contrast(0, 0)));
        var grey = Augment.Saturation(0, 0).Apply(Key.Of(1), Shapes);
        AssertNear(Luma(Shapes), Luma(grey), 1e-5, Augment.Saturation(0, 0));
        AssertNear(grey.Part(2).Part(0), grey.Part(2).Part(2), 1e-6, Augment.Saturation(0, 0));
        var calm = Shapes.Map(v => 0.4 + 0.2 * v);
        AssertNear(Luma(calm), Luma(Augment.Hue(77, 77).Apply(Key.Of(1), calm)), 1e-5, Augment.Hue(77, 77));
        Assert.Equal(Tensor.Of([[[[0, 2]], [[1, 3]]]]), Augment.Normalise([1, 2], [2, 4]).Apply(Key.Of(1), Tensor.Of([[[[1, 5]], [[6, 14]]]])));
    }

    [Fact]
    public void Filters_are_convolutions_with_the_edge_repeated()
    {
        var dot = Tensor.From([1, 1, 5, 5], i => i == 12 ? 0.5 : 0.25);
        var sharp = Augment.Sharpen(1, 1).Apply(Key.Of(1), dot);
        Assert.Equal(0.5 + 0.25 * 0.75, sharp[0, 0, 2, 2], 1e-6);
        Assert.Equal(0.25 - 0.25 / 8, sharp[0, 0, 2, 1], 1e-6);
        Assert.Equal(0.25 - 0.25 / 16, sharp[0, 0, 1, 1], 1e-6);
        Assert.Equal(0.25, sharp[0, 0, 0, 4], 1e-6);
        var emboss = Augment.Emboss(0.5, 0.5).Apply(Key.Of(1), dot);
        Assert.Equal(0.25 + 0.25 * 0.5 * 2, emboss[0, 0, 1, 1], 1e-6);
        Assert.Equal(0.25 - 0.25 * 0.5 * 2, emboss[0, 0, 3, 3], 1e-6);
        Assert.Equal(0.5, emboss[0, 0, 2, 2], 1e-6);
        var blur = Augment.Blur(1, 1).Apply(Key.Of(1), dot);
        var weights = Enumerable.Range(-3, 7).Select(d => Math.Exp(-d * d / 2.0)).ToArray();
        Assert.Equal(0.25 + 0.25 * Math.Exp(-0.5) / (weights.Sum() * weights.Sum()), blur[0, 0, 2, 1], 1e-6);
        foreach (var change in (Augmentation[])[Augment.Blur(0.5, 3), Augment.Sharpen(1, 2), Augment.Emboss(1, 2)])
        {
            AssertNear(Tensor.Fill([2, 3, 8, 8], 0.3), change.Apply(Key.Of(1), Tensor.Fill([2, 3, 8, 8], 0.3)), 1e-6, change);
        }
    }

    [Fact]
    public void Noise_has_its_mean_and_deviation_and_erasing_its_area()
    {
        var noise = Augment.Noise(0.5).Apply(Key.Of(1), Tensor.Fill([4, 1, 100, 100], 0)).ToDoubles();
        Assert.Equal(0, noise.Average(), 0.01); // the deviation of the mean is 0.0025
        Assert.Equal(0.5, Math.Sqrt(noise.Average(v => v * v)), 0.01);
        var erased = Augment.Erase(0.1, 0.2, fill: 7).Apply(Key.Of(1), Tensor.Fill([50, 2, 40, 40], 0));
        for (var i = 0; i < 50; i++)
        {
            Assert.InRange(erased.Part(i).Part(0).ToDoubles().Count(v => v == 7), 0.1 * 1600 - 40, 0.2 * 1600 + 40);
            Assert.Equal(erased.Part(i).Part(0), erased.Part(i).Part(1));
        }
    }

    [Fact]
    public void Elastic_moves_smoothly_and_stays_near()
    {
        var place = Tensor.From([1, 1, 30, 30], i => i % 30 + 100);
        var moved = Augment.Elastic(34, 4).Apply(Key.Of(3), place);
        var shifts = Enumerable.Range(0, 900).Where(i => i % 30 is > 7 and < 22 && i / 30 is > 7 and < 22).Select(i => moved.At(i) - place.At(i)).ToArray();
        Assert.InRange(shifts.Max(Math.Abs), 0.3, 10);
        Assert.InRange(shifts.Zip(shifts.Skip(1)).Where((_, i) => i % 14 != 13).Max(pair => Math.Abs(pair.First - pair.Second)), 0, 1);
    }

    [Fact]
    public void A_chain_is_associative_and_prints_as_code()
    {
        var (a, b, c) = (Augment.PadCrop(4), Augment.Flip(), Augment.Noise(0.1));
        Assert.Equal("PadCrop(4) >> Flip(0.5) >> Noise(0.1)", $"{a >> b >> c}");
        Assert.Equal(((a >> b) >> c).Apply(Key.Of(1), Shapes), (a >> (b >> c)).Apply(Key.Of(1), Shapes));
        Assert.Equal("(Flip(1)).Sometimes(0.3)", $"{Augment.Flip(1).Sometimes(0.3)}");
    }

    [Fact]
    public void Sometimes_is_a_coin_for_each_image()
    {
        var dots = Tensor.From([1000, 1, 1, 2], i => i % 2);
        var flipped = Augment.Flip(1).Sometimes(0.3).Apply(Key.Of(1), dots);
        Assert.InRange(Enumerable.Range(0, 1000).Count(i => flipped[i, 0, 0, 0] == 1), 240, 360); // the deviation is 14
    }

    [Fact]
    public void A_loader_changes_each_epoch_differently()
    {
        var loader = Loader.Of(ColouredShapes.Of(Key.Of(1), 20)).Batch(10).With(Key.Of(2), Augment.Flip() >> Augment.PadCrop(4));
        Assert.Equal(loader.Epoch(0), loader.Prefetch().Epoch(0));
        Assert.NotEqual(loader.Epoch(0).First().Images, loader.Epoch(1).First().Images);
        Assert.Equal(loader.Epoch(0).First().Labels, loader.Epoch(1).First().Labels);
    }

    [Fact]
    public void Mixtures_have_the_shares_of_their_images()
    {
        // Images of one value each, so that a mixture tells its share.
        var batch = new Dataset(Tensor.From([8, 1, 20, 20], i => i / 400), Tensor.From([8], i => i), 8);
        foreach (var (seed, alpha) in (from seed in Enumerable.Range(0, 20) from alpha in (double[])[0.1, 0.2, 1, 2] select (seed, alpha)))
        {
            foreach (var blend in (Blend[])[Blend.Mixup(Key.Of(seed), batch, alpha), Blend.Cutmix(Key.Of(seed), batch, alpha)])
            {
                for (var i = 0; i < 8; i++)
                {
                    var targets = blend.Targets.Part(i).ToDoubles();
                    Assert.Equal(1, targets.Sum(), 1e-5);
                    Assert.Equal(targets.Select((share, label) => share * label).Sum(), blend.Images.Part(i).ToDoubles().Average(), 1e-4);
                }
            }
        }

        var shares = Enumerable.Range(0, 500).Select(seed => Blend.Mixup(Key.Of(seed), batch.Take(2), 1).Targets).Where(t => t[0, 1] > 0).Select(t => t[0, 0]).ToArray();
        Assert.Equal(0.5, shares.Average(), 0.08); // uniform: the deviation of the mean is 0.018
        Assert.Equal(1 / 12.0, shares.Average(s => (s - 0.5) * (s - 0.5)), 0.02);
    }

    [Fact]
    public void Says_what_does_not_fit()
    {
        Assert.StartsWith("Crop(40, 8) on [10, 3, 32, 32]: a window of 32 by 32 or less is possible.\nPossible: Crop(32, 8).", Error(Augment.Crop(40, 8), Shapes));
        Assert.StartsWith("Hue on [1, 1, 2, 2]: 1 channels are not red, green and blue.", Error(Augment.Hue(0, 1), Tensor.Fill([1, 1, 2, 2], 0)));
        Assert.StartsWith("Flip(0.5) on [3, 32, 32]: images need the shape [n, c, h, w] with at least one pixel.\nPossible: Reshape to [1, 3, 32, 32].", Error(Augment.Flip(), Shapes.Part(0)));
        Assert.StartsWith("Normalise on [10, 3, 32, 32]: 2 means and 1 deviations for 3 channels.", Error(Augment.Normalise([1, 2], [1]), Shapes));
        Assert.StartsWith("(Crop(2, 2)).Sometimes on [10, 3, 32, 32]: what is changed has another shape, [10, 3, 2, 2].", Error(Augment.Crop(2, 2).Sometimes(0.5), Shapes));
        Assert.Throws<ArgumentOutOfRangeException>(() => Augment.Perspective(0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Augment.Elastic(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Augment.Erase(0.5, 0.2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Blend.Mixup(Key.Of(1), ColouredShapes.Of(Key.Of(1), 2), 0));
    }

    private static string Error(Augmentation change, Tensor images) => Assert.Throws<ShapeError>(() => change.Apply(Key.Of(1), images)).Message;

    private static Tensor Luma(Tensor x) => Tensor.From([x.Shape[0], 1024], i =>
        0.299 * x.At(i / 1024 * 3072 + i % 1024) + 0.587 * x.At(i / 1024 * 3072 + 1024 + i % 1024) + 0.114 * x.At(i / 1024 * 3072 + 2048 + i % 1024));

    private static void AssertNear(Tensor expected, Tensor got, double tolerance, Augmentation change)
    {
        Assert.Equal(expected.Shape, got.Shape);
        var off = Enumerable.Range(0, expected.Count).Max(i => Math.Abs(expected.At(i) - got.At(i)));
        Assert.True(off <= tolerance, $"{change}: off by {off}");
    }
}
