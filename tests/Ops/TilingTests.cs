using FsCheck.Fluent;
using static AutoDiffCnn.Tests.Ops.Check;
using static AutoDiffCnn.Tests.Ops.Rejected;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Parts repeated, moved, joined and cut, against positions counted in loops.</summary>
public class TilingTests
{
    private static readonly Tensor x = Key.Of(5).Normal([2, 3]);

    private static Tensor Made(Shape shape, Func<int, int, double> at) => Tensor.From(shape, i => at(i / shape[1], i % shape[1]));

    [Fact]
    public void Tile_repeats_the_whole()
    {
        Assert.Equal(Made([4, 9], (i, j) => x[i % 2, j % 3]), Tile(x, [2, 3]).Value);
        SmoothAt(y => Tile(y, [2, 3]), x);
        Rejects("Tile on [2, 3]: times [2] need 2 numbers, one an axis.\nPossible: times [1, 1].", () => Tile(Of(2, 3), [2]), () => Tile(Of(2, 3), [1, 1]));
    }

    [Fact]
    public void Repeat_interleave_repeats_each_part()
    {
        Assert.Equal(Made([2, 6], (i, j) => x[i, j / 2]), RepeatInterleave(x, 2, -1).Value);
        Assert.Equal(Made([6, 3], (i, j) => x[i / 3, j]), RepeatInterleave(x, 3, 0).Value);
        SmoothAt(y => RepeatInterleave(y, 2, 1), x);
    }

    [Fact]
    public void Roll_turns_an_axis() => Law.ForAll(Gen.Choose(-7, 7), shift =>
    {
        Assert.Equal(Made([2, 3], (i, j) => x[i, (j - shift + 9) % 3]), Roll(x, shift, 1).Value);
        SmoothAt(y => Roll(y, shift, 1), x);
    }, times: 15);

    [Fact]
    public void Stack_makes_an_axis_and_split_cuts_one()
    {
        Assert.Equal([2, 2, 3], Stack(0, x, x).Shape);
        Assert.Equal(Made([6, 2], (i, j) => j == 0 ? x.At(i) : -x.At(i)), Reshape(Stack(-1, x, -(Node)x), [6, 2]).Value);
        var parts = Split(x, [1, 2], 1);
        Assert.Equal(Made([2, 1], (i, _) => x[i, 0]), parts[0].Value);
        Assert.Equal(Made([2, 2], (i, j) => x[i, j + 1]), parts[1].Value);
        Rejects("Split on [2, 3]: axis 1: the sizes [1, 1] add up to 2, not to 3.\nPossible: sizes such as [3].",
            () => Split(Of(2, 3), [1, 1], 1)[0], () => Split(Of(2, 3), [3], 1)[0]);
        Rejects("Concat(Axis: 0): there is nothing to join.\nPossible: at least one input.", () => Stack(0), () => Stack(0, Of(2)));
    }

    [Fact]
    public void Pixel_shuffle_deals_channels_to_pixels()
    {
        var image = Key.Of(6).Normal([2, 8, 2, 3]);
        var y = PixelShuffle(image, 2).Value;
        Assert.Equal([2, 2, 4, 6], y.Shape);
        for (var at = 0; at < y.Count; at++)
        {
            var (n, c, i, j) = (at / 48, at / 24 % 2, at / 6 % 4, at % 6);
            Assert.Equal(image[n, c * 4 + i % 2 * 2 + j % 2, i / 2, j / 2], y.At(at));
        }

        Assert.Equal(image, PixelUnshuffle(y, 2).Value);
        SmoothAt(z => PixelShuffle(z, 2), image);
        Rejects("PixelShuffle(3) on [1, 8, 2, 2]: r² must divide the 8 channels.\nPossible: r = 1.",
            () => PixelShuffle(Of(1, 8, 2, 2), 3), () => PixelShuffle(Of(1, 8, 2, 2), 1));
        Rejects("PixelUnshuffle(3) on [1, 8, 2, 2]: r must divide the height 2 and the width 2.\nPossible: r = 1.",
            () => PixelUnshuffle(Of(1, 8, 2, 2), 3), () => PixelUnshuffle(Of(1, 8, 2, 2), 1));
    }

    [Fact]
    public void Channel_shuffle_deals_groups_out()
    {
        Assert.Equal(Tensor.Of([[[0], [3], [1], [4], [2], [5]]]), ChannelShuffle(Tensor.Of([[[0], [1], [2], [3], [4], [5]]]), 2).Value);
        Rejects("ChannelShuffle on [1, 5, 2]: 2 groups do not divide axis 1.\nPossible: 1 group, 5 groups.",
            () => ChannelShuffle(Of(1, 5, 2), 2), () => ChannelShuffle(Of(1, 5, 2), 1), () => ChannelShuffle(Of(1, 5, 2), 5));
    }

    [Fact]
    public void Patches_are_the_windows_of_a_convolution() => Law.ForAll(
        from image in Values.Real([2, 2, 5, 6])
        from w in Values.Real([3, 2, 2, 3])
        from padding in Gen.Choose(0, 1)
        from stride in Gen.Choose(1, 2)
        from dilation in Gen.Choose(1, 2)
        select (image, w, padding, stride, dilation), at =>
    {
        var columns = Patches(at.image, [2, 3], at.padding, at.stride, at.dilation);
        var y = Conv2D(at.image, at.w, at.padding, at.stride, at.dilation);
        Close(y.Value.ToDoubles(), MatMul(Reshape(at.w, [3, 12]), columns).Value);

        // Its transpose: ⟨Patches x, u⟩ = ⟨x, Fold u⟩.
        var u = Key.Of(9).Normal(columns.Shape);
        var folded = Fold(u, [5, 6], [2, 3], at.padding, at.stride, at.dilation);
        Assert.Equal(at.image.Shape, folded.Shape);
        Assert.Equal(Sum(columns * u).Value.Scalar, Sum((Node)at.image * folded).Value.Scalar, 1e-10);
        SmoothAt(z => Fold(z, [5, 6], [2, 3], at.padding, at.stride, at.dilation), u);
        SmoothAt(z => Patches(z, [2, 3], at.padding, at.stride, at.dilation), at.image);
    }, times: 10);

    [Fact]
    public void Columns_that_do_not_fit_are_told()
    {
        Rejects("Patches on [1, 2, 4, 4]: the kernel [3] needs one number for each spatial axis.\nPossible: a kernel of [3, 3].",
            () => Patches(Of(1, 2, 4, 4), [3]), () => Patches(Of(1, 2, 4, 4), [3, 3]));
        Rejects("Fold on [1, 7, 4]: columns need rank 3, [n, c·4, positions].\nPossible: columns of [1, 4, 1].",
            () => Fold(Of(1, 7, 4), [3, 3], [2, 2]), () => Fold(Of(1, 4, 1), [2, 2], [2, 2]));
        Rejects("Fold on [1, 8, 5]: an image of [3, 3] has 4 positions, not 5.\nPossible: columns of [1, 8, 4].",
            () => Fold(Of(1, 8, 5), [3, 3], [2, 2]), () => Fold(Of(1, 8, 4), [3, 3], [2, 2]));
    }
}
