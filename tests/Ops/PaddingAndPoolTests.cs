using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Borders, and what an average is the average of.</summary>
public class PaddingAndPoolTests
{
    private static readonly Tensor row = Tensor.Of([1, 2, 3]);

    [Theory]
    [InlineData(PadMode.Constant, 9, 9, 1, 2, 3, 9, 9)]
    [InlineData(PadMode.Edge, 1, 1, 1, 2, 3, 3, 3)]
    [InlineData(PadMode.Reflect, 3, 2, 1, 2, 3, 2, 1)]
    [InlineData(PadMode.Circular, 2, 3, 1, 2, 3, 1, 2)]
    public void A_border_holds_what_its_mode_says(PadMode mode, params int[] expected) =>
        Assert.Equal(Tensor.Of([.. expected.Select(v => (double)v)]), Pad(row, [2], [2], mode, 9).Value);

    [Fact]
    public void Sides_may_differ_and_every_mode_has_its_gradient() => Law.ForAll(
        from mode in Gen.Elements(Enum.GetValues<PadMode>())
        from before in Gen.Choose(0, 2).Two()
        from after in Gen.Choose(0, 2).Two()
        from x in Values.Real([3, 4])
        select (mode, Before: Shape.Of(before.Item1, before.Item2), After: Shape.Of(after.Item1, after.Item2), x), at =>
    {
        var y = Pad(at.x, at.Before, at.After, at.mode, 5);
        Assert.Equal(at.x.Shape.Select((n, axis) => at.Before[axis] + n + at.After[axis]), y.Shape);
        Assert.Equal(at.x, Slice(y, at.Before, at.x.Shape).Value);
        Assert.Null(GradientCheck.Failure(xs => Pad(xs[0], at.Before, at.After, at.mode, 5), [at.x], 1, Key.Of(1)));
        for (var i = 0; i < y.Shape[0]; i++)
            for (var j = 0; j < y.Shape[1]; j++)
                Assert.Equal(Element(at.x, i - at.Before[0], j - at.Before[1], at.mode), y.Value[i, j]);
    });

    /// <summary>An element of the endless image that a mode continues.</summary>
    private static double Element(Tensor x, int i, int j, PadMode mode)
    {
        int At(int p, int n) => mode switch
        {
            PadMode.Edge => Math.Clamp(p, 0, n - 1),
            PadMode.Reflect => p < 0 ? -p : p >= n ? 2 * (n - 1) - p : p,
            PadMode.Circular => (p + n) % n,
            _ => p < 0 || p >= n ? -1 : p,
        };
        var (row, column) = (At(i, x.Shape[0]), At(j, x.Shape[1]));
        return row < 0 || column < 0 ? 5 : x[row, column];
    }

    [Fact]
    public void Same_gives_as_many_positions_as_strides_begin_in_the_image() => Law.ForAll(
        from n in Gen.Choose(1, 12)
        from k in Gen.Choose(1, 5)
        from stride in Gen.Choose(1, 3)
        from dilation in Gen.Choose(1, 2)
        select (n, k, stride, dilation), at =>
    {
        var y = Conv1D(Zeros([1, 1, at.n]), Zeros([1, 1, at.k]), Same, at.stride, at.dilation);
        Assert.Equal(Enumerable.Range(0, at.n).Count(i => i % at.stride == 0), y.Shape[2]);
    }, times: 300);

    [Fact]
    public void An_odd_amount_of_same_padding_has_one_more_at_the_end() =>
        Assert.Equal(Tensor.Of([[[1, 2, 0]]]), Conv1D(Tensor.Of([[[0, 1, 2]]]), Tensor.Of([[[0, 1]]]), Same).Value);

    [Fact]
    public void Full_meets_every_overlap() =>
        Assert.Equal(Tensor.Of([[[3, 8, 14, 8, 3]]]), Conv1D(Tensor.Of([[[1, 2, 3]]]), Tensor.Of([[[1, 2, 3]]]), Full).Value);

    /// <summary>A mean pool as PyTorch documents it: windows that start inside the image or its padding before; the
    /// divisor counts the padding (count_include_pad) up to the padded image's end, or only the image.</summary>
    private static double[] AveragesByRule(double[] x, int k, int s, int p, bool ceil, bool countPadding)
    {
        var room = x.Length + 2 * p - k;
        var count = (ceil ? (int)Math.Ceiling((double)room / s) : (int)Math.Floor((double)room / s)) + 1;
        count -= ceil && (count - 1) * s >= x.Length + p ? 1 : 0;
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var (from, to) = (i * s - p, Math.Min(i * s - p + k, x.Length + p));
            var inside = Enumerable.Range(from, to - from).Where(at => at >= 0 && at < x.Length).ToArray();
            return inside.Sum(at => x[at]) / (countPadding ? to - from : inside.Length);
        })];
    }

    [Fact]
    public void An_average_pool_counts_as_PyTorch_does() => Law.ForAll(
        from n in Gen.Choose(1, 9)
        from k in Gen.Choose(1, 4)
        from s in Gen.Choose(1, 4)
        from p in Gen.Choose(0, k / 2)
        from ceil in Gen.Elements(true, false)
        from countPadding in Gen.Elements(true, false)
        where n + 2 * p - k > (ceil ? -s : -1)
        from x in Values.Real([1, 1, n])
        select (x, k, s, p, ceil, countPadding), at =>
    {
        var expected = AveragesByRule(at.x.ToDoubles(), at.k, at.s, at.p, at.ceil, at.countPadding);
        var given = AvgPool(at.x, at.k, at.s, at.p, at.ceil, at.countPadding).Value;
        Assert.Equal(expected.Length, given.Count);
        Assert.All(expected.Index(), pair => Assert.Equal(pair.Item, given.At(pair.Index), 1e-12));
        Assert.Equal(expected.Length, MaxPool(at.x, at.k, at.s, at.p, ceil: at.ceil).Shape[2]);
    }, times: 1000);

    [Fact]
    public void Global_pools_leave_one_number_a_channel()
    {
        var x = Tensor.Of([[[[1, 2], [3, 6]], [[-1, -2], [-3, -4]]]]);
        Assert.Equal(Tensor.Of([[6, -1]]), GlobalMaxPool(x).Value);
        Assert.Equal(Tensor.Of([[3, -2.5]]), GlobalAveragePool(x).Value);
    }
}
